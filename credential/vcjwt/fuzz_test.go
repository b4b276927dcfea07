package vcjwt_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/credential/vcjwt"
)

// FuzzOpen looks for panics, for errors without a code, for two texts of one
// token, and for tokens that we accept and go-jose does not.
func FuzzOpen(f *testing.F) {
	key := fixedKey(f, 1)
	good := token(f, key, goodHeader(key, "vc+jwt"), plainVC)
	for _, s := range []string{good, good + "\n", good[:len(good)-1], "..", "eyJ", "e30.e30.", strings.Repeat(".", 100), "{}", ""} {
		f.Add([]byte(s))
	}
	f.Add([]byte(token(f, key, goodHeader(key, "vp+jwt"), plainVP)))
	f.Add([]byte(token(f, key, `{"alg":"EdDSA","kid":"did:example:a#k","typ":"vc+jwt","crit":[]}`, "{}")))
	pub := key.PublicKey()
	f.Fuzz(func(t *testing.T, raw []byte) {
		for _, kind := range []credential.Kind{credential.KindCredential, credential.KindPresentation} {
			env, err := vcjwt.Format().Open(raw, kind)
			if err != nil {
				if !errors.Is(err, credential.ErrNotThisFormat) {
					codeOf(t, err)
				}
				continue
			}
			require.Equal(t, string(raw), string(env.AppendText(nil)))
			parts := strings.Split(string(raw), ".")
			require.Len(t, parts, 3)
			require.Equal(t, parts[1], b64(env.Payload()), "one text for each payload")
			if env.Check(pub) == nil {
				payload, err := judge(string(raw), pub)
				require.NoError(t, err)
				require.Equal(t, string(payload), env.Payload())
			}
		}
		_, err := credential.Parse(raw, vcjwt.Format())
		if err != nil {
			codeOf(t, err)
		}
		if _, err = credential.ParsePresentation(raw, vcjwt.Format()); err != nil {
			codeOf(t, err)
		}
	})
}
