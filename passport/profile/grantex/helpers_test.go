package grantex_test

import (
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/passport/profile/grantex"
)

// edit changes a text in the object around the JWT.
func edit(header, old, new string) string {
	return recode(header, func(text string) string {
		if !strings.Contains(text, old) {
			panic("there is no " + old)
		}
		return strings.Replace(text, old, new, 1)
	})
}

// recode changes the JSON text of the object.
func recode(header string, change func(string) string) string {
	raw, err := base64.RawURLEncoding.DecodeString(header)
	if err != nil {
		panic(err)
	}
	return base64.RawURLEncoding.EncodeToString([]byte(change(string(raw))))
}

// mint changes what is signed, the claims and the header of the JWT, and signs it
// again: what an issuer could do, and Emit does not.
func mint(header string, claims func(string) string, jose func(string) string) string {
	return recode(header, func(text string) string {
		_, rest, _ := strings.Cut(text, `"proofValue":"`)
		token, _, _ := strings.Cut(rest, `"`)
		parts := strings.Split(token, ".")
		part := func(i int, change func(string) string) string {
			raw, err := base64.RawURLEncoding.DecodeString(parts[i])
			if err != nil {
				panic(err)
			}
			if change == nil {
				return parts[i]
			}
			return base64.RawURLEncoding.EncodeToString([]byte(change(string(raw))))
		}
		message := part(0, jose) + "." + part(1, claims)
		signature := ed25519.Sign(signer.Key.(ed25519.PrivateKey), []byte(message))
		return strings.Replace(text, token, message+"."+base64.RawURLEncoding.EncodeToString(signature), 1)
	})
}

// both changes the object and the claims alike.
func both(header, old, new string) string {
	return mint(edit(header, old, new), swap(old, new), nil)
}

func swap(old, new string) func(string) string {
	return func(text string) string {
		if !strings.Contains(text, old) {
			panic("there is no " + old)
		}
		return strings.Replace(text, old, new, 1)
	}
}

// emit signs a passport with the key of signer.
func emit(t testing.TB, change func(*grantex.Passport)) string {
	t.Helper()
	p := plain()
	if change != nil {
		change(&p)
	}
	header, err := grantex.Emit(signer, p)
	require.NoError(t, err)
	return header
}

// in is a verifier that knows the issuer and its key.
func in(r grantex.Reading) *grantex.Verifier {
	return &grantex.Verifier{Reading: r, Keys: pinned(signer), Issuers: []string{issuer}}
}

// word is what a reading says: accept, or the code, and "?" for undetermined.
func word(v *grantex.Verifier, header string) string {
	_, err := v.Verify(header, now)
	var refused *grantex.Error
	switch {
	case err == nil:
		return "accept"
	case !errors.As(err, &refused):
		return err.Error()
	case refused.Undetermined:
		return "? " + string(refused.Code)
	}
	return string(refused.Code)
}
