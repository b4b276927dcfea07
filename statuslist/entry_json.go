package statuslist

import (
	"strconv"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/internal/jsonwrite"
)

// MarshalJSON returns the entry as it stands in credentialStatus. It fails,
// with status.invalid, on what [ParseEntry] would refuse. A size of 1 and
// absent members are left out.
func (e Entry) MarshalJSON() ([]byte, error) {
	if err := e.check(""); err != nil {
		return nil, err
	}
	var w jsonwrite.Writer
	w.BeginObject()
	w.Member("id", e.ID)
	w.Member("type", e.Encoding.String()+entrySuffix)
	w.Member("statusPurpose", string(e.Purpose))
	w.Member("statusListIndex", strconv.Itoa(e.Index))
	w.Member("statusListCredential", e.URL)
	if e.Size > 1 {
		w.Name("statusSize")
		w.Int(int64(e.Size))
	}
	if e.Messages != nil {
		w.Name("statusMessage")
		w.BeginArray()
		for value, m := range e.Messages {
			w.BeginObject()
			w.Member("status", "0x"+strconv.FormatInt(int64(value), 16))
			w.Name("message")
			w.String(m)
			w.EndObject()
		}
		w.EndArray()
	}
	if len(e.References) == 1 {
		w.Member("statusReference", e.References[0])
	} else {
		w.Strings("statusReference", e.References)
	}
	w.EndObject()
	return w.Buf, nil
}

// Value returns the entry as a member of [credential.Credential.Status]. It
// fails as [Entry.MarshalJSON] does.
func (e Entry) Value() (credential.Value, error) {
	text, err := e.MarshalJSON()
	if err != nil {
		return credential.Value{}, err
	}
	return credential.ParseValue(string(text))
}
