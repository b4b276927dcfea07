package peer

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"strings"
	"time"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/credential/vcjwt"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/did/didweb"
	"github.com/safeconduct/safeconduct/internal/jcs"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/statuslist"
	"github.com/safeconduct/safeconduct/vectors"
)

// text is a document: as text, or as base64 where it is not UTF-8.
type text struct{ Text, Base64 string }

func (t text) bytes() (string, error) {
	if t.Base64 == "" {
		return t.Text, nil
	}
	raw, err := base64.StdEncoding.DecodeString(t.Base64)
	if err != nil {
		return "", &broken{err}
	}
	return string(raw), nil
}

func jsonKind(q *question) (vectors.Answer, error) {
	_, err := q.value()
	return checked(err)
}

func (q *question) value() (credential.Value, error) {
	var in text
	if err := q.read(&in); err != nil {
		return credential.Value{}, err
	}
	raw, err := in.bytes()
	if err != nil {
		return credential.Value{}, err
	}
	return credential.ParseValue(raw)
}

func jcsKind(q *question) (vectors.Answer, error) {
	v, err := q.value()
	if err != nil {
		return vectors.Answer{}, err
	}
	canonical := jcs.Append(nil, v)
	return accept(object{"canonical": string(canonical), "sha256": sum(canonical)})
}

func sum(b []byte) string {
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:])
}

func rdfcKind(q *question) (vectors.Answer, error) {
	var in struct{ Document string }
	if err := q.read(&in); err != nil {
		return vectors.Answer{}, err
	}
	v, err := credential.ParseValue(in.Document)
	if err != nil {
		return vectors.Answer{}, err
	}
	quads, err := nquads(v)
	if err != nil {
		return vectors.Answer{}, err
	}
	return accept(object{"nquads": string(quads), "sha256": sum(quads)})
}

func didKind(q *question) (vectors.Answer, error) {
	var in struct{ Op, DID, URL, Purpose, Document string }
	if err := q.read(&in); err != nil {
		return vectors.Answer{}, err
	}
	switch in.Op {
	case "parse":
		d, err := did.Parse(in.DID)
		if err != nil {
			return refused("envelope.malformed")
		}
		return accept(object{"method": d.Method()})
	case "location":
		d, err := did.Parse(in.DID)
		if err != nil {
			return refused("envelope.malformed")
		}
		u, err := didweb.URL(d)
		if err != nil {
			return refused("proof.key_not_authorized")
		}
		return accept(object{"url": u})
	case "key":
		id, err := did.ParseURL(in.URL)
		if err != nil {
			return refused("proof.key_not_authorized")
		}
		var r did.Resolver = did.KeyMethods()
		if in.Document != "" {
			doc, err := did.ParseDocument([]byte(in.Document))
			if err != nil {
				return vectors.Answer{}, credential.KeyError(err, "")
			}
			static, err := did.NewStatic(doc)
			if err != nil {
				return vectors.Answer{}, &broken{err}
			}
			r = static
		}
		key, err := did.ResolveKey(context.Background(), r, id, did.Relationship(in.Purpose), q.now)
		if err != nil {
			return vectors.Answer{}, credential.KeyError(err, "")
		}
		return accept(object{"publicKeyMultibase": key.Multikey()})
	}
	return vectors.Answer{}, brokenf("no operation %q", in.Op)
}

func refused(code string) (vectors.Answer, error) {
	return vectors.Answer{Verdict: "refuse", Codes: []string{code}}, nil
}

func proofKind(q *question) (vectors.Answer, error) {
	var in struct{ Document, Is, Purpose string }
	if err := q.read(&in); err != nil {
		return vectors.Answer{}, err
	}
	purpose, ctx := did.Relationship(in.Purpose), context.Background()
	var err error
	var doc interface {
		CheckProofs(context.Context, did.Resolver, did.Relationship, time.Time) error
	}
	if in.Is == "presentation" {
		doc, err = credential.ParsePresentation([]byte(in.Document), vcjwt.Format())
	} else {
		doc, err = credential.Parse([]byte(in.Document), vcjwt.Format())
	}
	if err != nil {
		return vectors.Answer{}, err
	}
	if err := doc.CheckProofs(ctx, did.KeyMethods(), purpose, q.now); err != nil {
		return vectors.Answer{}, err
	}
	steps, err := intermediates(in.Document)
	if err != nil {
		return vectors.Answer{}, err
	}
	return accept(object{"steps": steps})
}

func passportKind(q *question) (vectors.Answer, error) {
	var in struct{ Document string }
	if err := q.read(&in); err != nil {
		return vectors.Answer{}, err
	}
	s, err := credential.Parse([]byte(in.Document))
	if err != nil {
		return vectors.Answer{}, err
	}
	p, err := passport.ReadUnverified(s)
	if err != nil {
		return vectors.Answer{}, err
	}
	return accept(object{
		"id": p.ID, "issuer": p.Issuer.String(), "agent": p.Agent.String(), "depth": p.DelegationDepth,
		"validFrom": p.ValidFrom.Unix(), "validUntil": p.ValidUntil.Unix(), "entries": len(p.Status),
	})
}

func statusKind(q *question) (vectors.Answer, error) {
	var in struct {
		Op, EncodedList, Encoding, Document string
		Size, Index                         int
		Entry                               json.RawMessage
	}
	if err := q.read(&in); err != nil {
		return vectors.Answer{}, err
	}
	switch in.Op {
	case "decode":
		e, size := statuslist.Bitstring, in.Size
		if in.Encoding == "StatusList2021" {
			e = statuslist.StatusList2021
		}
		if size == 0 {
			size = 1
		}
		l, err := statuslist.Decode(in.EncodedList, e, size)
		if err != nil {
			return vectors.Answer{}, err
		}
		status, err := l.Get(in.Index)
		if err != nil {
			return vectors.Answer{}, err
		}
		return accept(object{"status": status})
	case "entry":
		e, err := entryOf(in.Entry)
		if err != nil {
			return vectors.Answer{}, err
		}
		return accept(object{"index": e.Index, "size": max(e.Size, 1), "purpose": string(e.Purpose)})
	case "list":
		s, err := (credential.Parser{StatusList: true}).Credential([]byte(in.Document))
		if err != nil {
			return vectors.Answer{}, err
		}
		l, err := statuslist.ParseCredential(s)
		if err != nil {
			return vectors.Answer{}, err
		}
		e, err := entryOf(in.Entry)
		if err != nil {
			return vectors.Answer{}, err
		}
		r, err := l.Status(e)
		if err != nil {
			return vectors.Answer{}, err
		}
		return accept(object{"status": r.Value})
	}
	return vectors.Answer{}, brokenf("no operation %q", in.Op)
}

func entryOf(raw json.RawMessage) (statuslist.Entry, error) {
	v, err := credential.ParseValue(strings.TrimSpace(string(raw)))
	if err != nil {
		return statuslist.Entry{}, err
	}
	return statuslist.ParseEntry(v)
}
