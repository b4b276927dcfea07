package credential

import (
	"time"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/internal/jsonwrite"
)

// marshal writes the credential as JSON text, members in the order in which
// the specification introduces them.
func (c *Credential) marshal(signer did.Signer) ([]byte, error) {
	if c.Version < 0 || c.Version > 2 {
		return nil, fault(code.RequestInvalid, "", "version %d of the data model is not known, want 1 or 2", c.Version)
	}
	w := jsonwrite.Writer{Buf: make([]byte, 0, 4096)}
	w.BeginObject()
	cx := c.Context
	if len(cx) == 0 {
		cx = []string{ContextV2}
		if c.Version == 1 {
			cx = []string{ContextV1, "https://w3id.org/security/data-integrity/v2"}
		}
	}
	w.Strings("@context", cx)
	w.Member("id", c.ID)
	types := c.Type
	if len(types) == 0 {
		types = []string{TypeCredential}
	}
	w.Strings("type", types)
	value(&w, "name", c.Name)
	value(&w, "description", c.Description)
	c.Issuer.append(&w, signer)
	from, until := "validFrom", "validUntil"
	if c.Version == 1 {
		from, until = "issuanceDate", "expirationDate"
	}
	if !c.ValidFrom.IsZero() {
		w.Member(from, instant(c.ValidFrom))
	}
	if !c.ValidUntil.IsZero() {
		w.Member(until, instant(c.ValidUntil))
	}
	values(&w, "credentialSubject", c.Subjects)
	values(&w, "credentialStatus", c.Status)
	values(&w, "credentialSchema", c.Schema)
	values(&w, "refreshService", c.RefreshService)
	values(&w, "termsOfUse", c.TermsOfUse)
	values(&w, "evidence", c.Evidence)
	values(&w, "relatedResource", c.RelatedResource)
	for _, m := range c.Extra {
		if m.Name == "proof" {
			return nil, fault(code.RequestInvalid, "/proof", "a proof is made by signing, it is not a member of the content")
		}
		value(&w, m.Name, m.Value)
	}
	w.EndObject()
	return w.Buf, nil
}

func (is *Issuer) append(w *jsonwrite.Writer, signer did.Signer) {
	id := is.ID
	if id == "" {
		id = signer.KeyID().DID().String()
	}
	if !is.Name.Exists() && !is.Description.Exists() && len(is.Extra) == 0 {
		w.Member("issuer", id)
		return
	}
	w.Name("issuer")
	w.BeginObject()
	w.Member("id", id)
	value(w, "name", is.Name)
	value(w, "description", is.Description)
	for _, m := range is.Extra {
		value(w, m.Name, m.Value)
	}
	w.EndObject()
}

// instant writes an instant without loss: in UTC, with a fraction if it has one.
func instant(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.999999999Z") }

func value(w *jsonwrite.Writer, name string, v Value) {
	if v.Exists() {
		w.Name(name)
		w.Raw(v.Raw())
	}
}

// values writes one value as it is, several as an array.
func values(w *jsonwrite.Writer, name string, vs []Value) {
	switch len(vs) {
	case 0:
	case 1:
		value(w, name, vs[0])
	default:
		w.Name(name)
		w.BeginArray()
		for _, v := range vs {
			w.Raw(v.Raw())
		}
		w.EndArray()
	}
}
