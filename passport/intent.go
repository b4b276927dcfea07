package passport

import (
	"strings"
	"time"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/internal/datetime"
	"github.com/safeconduct/safeconduct/internal/jcs"
	"github.com/safeconduct/safeconduct/internal/jsonwrite"
	"github.com/safeconduct/safeconduct/internal/multibase"
	"github.com/safeconduct/safeconduct/internal/strictjson"
)

// Intent is what an agent says it is about to do, signed with the
// presentation. The verifier compares every member with its own question;
// absent is not the same as present.
type Intent struct {
	ID         string // urn:safeconduct:intent:<ULID>; empty for Present: a new one. It is the idempotency key
	PassportID string // the leaf's; empty for Present: filled in

	Act

	BodyDigest string // digest of the message body, see Digest; empty: no body

	IssuedAt  time.Time // zero for Present: now
	ExpiresAt time.Time // zero for Present: IssuedAt + 5 minutes
}

// ReadIntentUnverified reads an intent object, proven or not. It checks form
// only, not whether the intent is still valid or lives too long. Errors are
// [*Error] with the code envelope.malformed and the place.
func ReadIntentUnverified(v credential.Value) (*Intent, error) {
	both := &struct { // in one piece of memory
		Intent
		reader
	}{reader: newReader(0)}
	in, r := &both.Intent, &both.reader
	if v.Kind() != strictjson.Object {
		return nil, invalid(v.Path(), "want an intent as an object, not %s", v.Kind())
	}
	var typ string
	for name, m := range v.Members() {
		switch name {
		case "id":
			in.ID = r.iri(m)
		case "type":
			typ = r.oneOf(m, IntentType)
		case "passportId":
			in.PassportID = r.iri(m)
		case "bodyDigest":
			in.BodyDigest = r.digest(m)
		case "issuedAt":
			in.IssuedAt = r.instant(m)
		case "expiresAt":
			in.ExpiresAt = r.instant(m)
		default:
			if !in.Act.member(r, name, m) {
				r.unknown(m, name, "an intent")
			}
		}
	}
	switch {
	case r.err != nil:
	case typ == "" || in.ID == "" || in.PassportID == "" || in.Action == "" || in.IssuedAt.IsZero() || in.ExpiresAt.IsZero():
		r.fail(v, "an intent has id, type, passportId, action, issuedAt and expiresAt; missing here: %s", in.missing(typ))
	case len(in.ID) != len(IntentURN)+26 || in.ID[:len(IntentURN)] != IntentURN || !isULID(in.ID[len(IntentURN):]):
		r.fail(v, "id %.80q is not %s followed by a ULID in upper case", in.ID, IntentURN)
	case !in.ExpiresAt.After(in.IssuedAt):
		r.fail(v, "the intent expires when it is issued or before")
	}
	if r.err != nil {
		return nil, r.err
	}
	return in, nil
}

// missing names what an intent lacks.
func (in *Intent) missing(typ string) string {
	var out []string
	for _, f := range []struct {
		name  string
		there bool
	}{{"id", in.ID != ""}, {"type", typ != ""}, {"passportId", in.PassportID != ""}, {"action", in.Action != ""},
		{"issuedAt", !in.IssuedAt.IsZero()}, {"expiresAt", !in.ExpiresAt.IsZero()}} {
		if !f.there {
			out = append(out, f.name)
		}
	}
	return strings.Join(out, ", ")
}

func (in *Intent) appendJSON(w *jsonwrite.Writer) {
	w.BeginObject()
	w.Member("id", in.ID)
	w.Member("type", IntentType)
	w.Member("passportId", in.PassportID)
	in.Act.appendMembers(w)
	w.Member("bodyDigest", in.BodyDigest)
	w.Member("issuedAt", datetime.Format(in.IssuedAt))
	w.Member("expiresAt", datetime.Format(in.ExpiresAt))
	w.EndObject()
}

// check reads the intent back by the rules of every reader.
func (in *Intent) check() error {
	var w jsonwrite.Writer
	in.appendJSON(&w)
	v, err := credential.ParseValue(string(w.Buf))
	if err == nil {
		_, err = ReadIntentUnverified(v)
	}
	return below("/intent", err)
}

func (in *Intent) complete(leaf *Passport, now time.Time) (err error) {
	now = now.UTC().Truncate(time.Second)
	if in.ID == "" {
		if in.ID, err = newID(IntentURN, now); err != nil {
			return err
		}
	}
	if in.PassportID == "" {
		in.PassportID = leaf.ID
	}
	if in.PassportID != leaf.ID {
		return invalid("/intent/passportId", "the intent is for %.80q, the passport is %.80q", in.PassportID, leaf.ID)
	}
	if in.IssuedAt.IsZero() {
		in.IssuedAt = now
	}
	if in.ExpiresAt.IsZero() {
		in.ExpiresAt = in.IssuedAt.Add(5 * time.Minute)
	}
	return nil
}

// IntentContent returns the digest of what an intent object asks for: its JCS
// form without issuedAt and expiresAt, so that the same act asked for again
// later has the same content.
func IntentContent(v credential.Value) string {
	var space [512]byte // most intents fit
	return multibase.Digest(jcs.AppendEdited(space[:0], v, jcs.Edit{Name: "expiresAt"}, jcs.Edit{Name: "issuedAt"}))
}
