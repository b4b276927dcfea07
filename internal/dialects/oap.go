package main

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport/profile/oap"
)

// oapArgs is what the verifier of a document knows.
type oapArgs struct {
	Now       time.Time `json:"now"`
	Key       string    `json:"public_key_b64url"`
	Challenge string    `json:"challenge"`
	Domain    string    `json:"domain"`

	key did.PublicKey
}

// oapKinds are the kinds of documents: what each reading says of one. nil accepts.
var oapKinds = map[string]struct {
	strict, compat func(text []byte, a *oapArgs) error
}{
	"passport": {
		strict: func(text []byte, a *oapArgs) error {
			p, err := oap.ParsePassport(text, oap.Strict)
			if err != nil {
				return err
			}
			return p.Reliable(a.Now)
		},
		compat: func(text []byte, _ *oapArgs) error {
			_, err := oap.ParsePassport(text, oap.Compatible)
			return err
		},
	},
	"decision": {
		strict: func(text []byte, a *oapArgs) error {
			d, err := oap.ParseDecision(text, oap.Strict)
			if err != nil {
				return err
			}
			return d.Verify(a.key, a.Now)
		},
		compat: func(text []byte, a *oapArgs) error {
			d, err := oap.ParseDecision(text, oap.Compatible)
			if err != nil {
				return err
			}
			return d.VerifyAsPeer(a.key)
		},
	},
	"vc-passport": {
		strict: strictCredential(false),
		compat: func(text []byte, a *oapArgs) error { return oap.CredentialAsPeer(text, false, a.key) },
	},
	"vc-decision": {
		strict: strictCredential(true),
		compat: func(text []byte, a *oapArgs) error { return oap.CredentialAsPeer(text, true, a.key) },
	},
	"vp": {
		strict: func(text []byte, a *oapArgs) error {
			p, err := oap.ParsePresentation(text)
			if err != nil {
				return err
			}
			return p.Verify(oap.OneKey(a.key), a.Challenge, a.Domain, a.Now)
		},
		compat: func(text []byte, a *oapArgs) error {
			return oap.PresentationAsPeer(text, a.Challenge, a.Domain, a.key)
		},
	},
	"local-decision": {
		// Nobody has signed it: as a decision it proves nothing.
		strict: func(text []byte, a *oapArgs) error {
			d, err := oap.ParseLocalDecision(text)
			if err != nil {
				return err
			}
			return d.Verify(a.key, a.Now)
		},
		compat: func(text []byte, _ *oapArgs) error { return oap.LocalAsPeer(text) },
	},
}

func strictCredential(receipt bool) func([]byte, *oapArgs) error {
	return func(text []byte, a *oapArgs) error {
		c, err := oap.ParseCredential(text)
		switch {
		case err != nil:
			return err
		case receipt != (c.Decision != nil):
			return fmt.Errorf("%s a credential of another kind", oap.InvalidCredential)
		}
		return c.Verify(a.key, a.Now)
	}
}

func oapReader() reader {
	return func(q *request, _ bool) (answer, bool) {
		kind, ok := oapKinds[q.Kind]
		var args oapArgs
		if err := json.Unmarshal(q.Args, &args); err != nil || !ok {
			return answer{Strict: "undetermined args", Compat: "undetermined args"}, true
		}
		if raw, err := base64.RawURLEncoding.DecodeString(args.Key); err == nil && len(raw) > 0 {
			args.key, _ = did.NewPublicKey(did.Ed25519, raw)
		}
		a := answer{Strict: oapWord(kind.strict([]byte(q.Text), &args)), Compat: oapWord(kind.compat([]byte(q.Text),
			&args))}
		switch q.Kind {
		case "passport":
			a.Canonical = string(oap.Canonical([]byte(q.Text)))
		case "decision":
			if d, err := oap.ParseDecision([]byte(q.Text), oap.Compatible); err == nil {
				a.Canonical = string(d.Canonical())
			}
		}
		return a, true
	}
}

func oapWord(err error) string {
	var refused *oap.Error
	switch {
	case err == nil:
		return "accept"
	case !errors.As(err, &refused):
		return "refuse " + string(oap.InvalidCredential)
	case refused.Undetermined:
		return "undetermined " + refused.Word()
	}
	return "refuse " + refused.Word()
}
