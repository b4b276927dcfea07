package peer

import (
	"crypto/ed25519"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport/profile/aip1"
	"github.com/safeconduct/safeconduct/passport/profile/grantex"
	"github.com/safeconduct/safeconduct/passport/profile/oap"
	"github.com/safeconduct/safeconduct/vectors"
	"github.com/safeconduct/safeconduct/verify"
)

// readGrantex verifies a passport of Grantex.
func readGrantex(q *question) (vectors.Answer, error) {
	var in struct {
		Text, Keys string
		Issuers    []string
	}
	if err := q.read(&in); err != nil {
		return vectors.Answer{}, err
	}
	keys, err := grantex.ParseKeySet([]byte(in.Keys))
	if err != nil {
		return vectors.Answer{}, &broken{err}
	}
	v := &grantex.Verifier{Keys: keys, Issuers: in.Issuers}
	p, err := v.Verify(in.Text, q.now)
	if err != nil {
		return vectors.Answer{}, err
	}
	return accept(object{"id": p.ID, "agent": p.Agent, "amount": p.MaxAmount.Amount, "currency": p.MaxAmount.Currency})
}

// readAIP1 verifies an envelope of AIP-1 with its mandate.
func readAIP1(q *question) (vectors.Answer, error) {
	var in struct{ Text, Mandate, Key, IssuerKey string }
	if err := q.read(&in); err != nil {
		return vectors.Answer{}, err
	}
	v := &aip1.Verifier{RequireMandate: true}
	for _, k := range []struct {
		text string
		into *ed25519.PublicKey
	}{{in.Key, &v.Key}, {in.IssuerKey, &v.IssuerKey}} {
		var key did.PublicKey
		if err := key.UnmarshalText([]byte(k.text)); err != nil {
			return vectors.Answer{}, &broken{err}
		}
		*k.into = ed25519.PublicKey(key.Bytes())
	}
	e, err := v.Verify(in.Text, in.Mandate, q.now)
	if err != nil {
		return vectors.Answer{}, err
	}
	return accept(object{"canonical": string(e.Canonical())})
}

// oapConfig says that presentations of the Open Agent Passport are taken, and with which keys.
type oapConfig struct{ Issuer, Method, Credentials, Holders string }

func (c *oapConfig) dialect() (verify.Dialect, error) {
	issuer, err := did.Parse(c.Issuer)
	if err != nil {
		return nil, err
	}
	pinned := func(text string) (oap.Keys, error) {
		var key did.PublicKey
		err := key.UnmarshalText([]byte(text))
		return func(method string) did.PublicKey {
			if method != c.Method {
				return did.PublicKey{}
			}
			return key
		}, err
	}
	d := &oap.Dialect{Issuer: issuer}
	if d.Credentials, err = pinned(c.Credentials); err != nil {
		return nil, err
	}
	d.Holders, err = pinned(c.Holders)
	return d, err
}
