package peer

import (
	"fmt"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/passport/profile/oap"
	"github.com/safeconduct/safeconduct/vectors"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/policy/packs"
)

// dialectKind reads a document of another system, strictly.
func dialectKind(q *question) (vectors.Answer, error) {
	var in struct{ Dialect string }
	if err := q.read(&in); err != nil {
		return vectors.Answer{}, err
	}
	read := dialects[in.Dialect]
	if read == nil {
		return vectors.Answer{Unsupported: true}, nil
	}
	return read(q)
}

// dialects are the systems whose documents are read.
var dialects = map[string]func(*question) (vectors.Answer, error){
	"grantex": readGrantex, "aip1": readAIP1, "oap": readOAP, "policies": judgePack,
}

// readOAP says what a document of the Open Agent Passport means.
func readOAP(q *question) (vectors.Answer, error) {
	var in struct{ Document, Text, Key, Challenge, Domain string }
	if err := q.read(&in); err != nil {
		return vectors.Answer{}, err
	}
	var key did.PublicKey
	if in.Key != "" {
		if err := key.UnmarshalText([]byte(in.Key)); err != nil {
			return vectors.Answer{}, &broken{err}
		}
	}
	text := []byte(in.Text)
	switch in.Document {
	case "passport":
		p, err := oap.ParsePassport(text, oap.Strict)
		if err == nil {
			err = p.Reliable(q.now)
		}
		if err != nil {
			return vectors.Answer{}, err
		}
		return accept(object{"digest": p.Digest()})
	case "decision":
		d, err := oap.ParseDecision(text, oap.Strict)
		if err == nil {
			err = d.Verify(key, q.now)
		}
		if err != nil {
			return vectors.Answer{}, err
		}
		return accept(object{"allow": d.Allow, "canonical": string(d.Canonical())})
	case "credential":
		c, err := oap.ParseCredential(text)
		if err == nil {
			err = c.Verify(key, q.now)
		}
		if err != nil {
			return vectors.Answer{}, err
		}
		return accept(nil)
	case "presentation":
		p, err := oap.ParsePresentation(text)
		if err == nil {
			err = p.Verify(oap.OneKey(key), in.Challenge, in.Domain, q.now)
		}
		if err != nil {
			return vectors.Answer{}, err
		}
		return accept(nil)
	}
	return vectors.Answer{}, brokenf("a document of the kind %q", in.Document)
}

// judgePack judges an act by a published pack.
func judgePack(q *question) (vectors.Answer, error) {
	var in struct {
		Pack   string
		Holder struct {
			Status                string
			Assurance             passport.Level
			Capabilities, Regions []string
		}
		Limits, Context, State string // as text: amounts are read as they are written
	}
	if err := q.read(&in); err != nil {
		return vectors.Answer{}, err
	}
	pack, err := packs.Published(in.Pack)
	if err != nil {
		return vectors.Answer{}, &broken{err}
	}
	act := packs.Act{Now: q.now, Holder: packs.Holder{Status: in.Holder.Status, Assurance: in.Holder.Assurance,
		Capabilities: in.Holder.Capabilities, Regions: in.Holder.Regions}}
	for _, part := range []struct {
		to   *credential.Value
		from string
	}{{&act.Limits, in.Limits}, {&act.Context, in.Context}, {&act.State, in.State}} {
		if part.from == "" {
			continue
		}
		if *part.to, err = credential.ParseValue(part.from); err != nil {
			return vectors.Answer{}, err
		}
	}
	if v := pack.Judge(packs.Strict, &act); !v.Allowed() {
		return vectors.Answer{}, fmt.Errorf("%w", verify.Code("policy."+v.Code))
	}
	return accept(nil)
}
