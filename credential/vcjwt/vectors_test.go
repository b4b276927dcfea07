package vcjwt_test

import (
	"encoding/json"
	"math/rand"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/credential/vcjwt"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/testvectors"
)

// SIG-20: no vector of Wycheproof is a token of ours, though many are valid
// for somebody: none is signed with EdDSA. go-jose, told the same, agrees.
func TestSIG20Wycheproof(t *testing.T) {
	key := fixedKey(t, 1).PublicKey()
	for file, want := range map[string]int{"json_web_signature_test.json": 401, "json_web_key_test.json": 26, "json_web_crypto_test.json": 83} {
		var suite struct {
			TestGroups []struct {
				Tests []struct {
					TcID     int
					JWS, JWE any
				}
			}
		}
		require.NoError(t, json.Unmarshal(testvectors.Read(t, "wycheproof", file), &suite))
		n := 0
		for _, g := range suite.TestGroups {
			for _, c := range g.Tests {
				n++
				for _, form := range []any{c.JWS, c.JWE} {
					text, ok := form.(string)
					if !ok {
						b, err := json.Marshal(form)
						require.NoError(t, err)
						text = string(b)
					}
					for _, kind := range []credential.Kind{credential.KindCredential, credential.KindPresentation} {
						_, err := vcjwt.Format().Open([]byte(text), kind)
						require.Error(t, err, "%s %d", file, c.TcID)
					}
					_, err := judge(text, key)
					require.Error(t, err, "%s %d", file, c.TcID)
				}
			}
		}
		require.Equal(t, want, n, file)
	}
}

// verdict opens and checks as a verifier does.
func verdict(text string, key did.PublicKey) ([]byte, error) {
	env, err := vcjwt.Format().Open([]byte(text), credential.KindCredential)
	if err != nil {
		return nil, err
	}
	return []byte(env.Payload()), env.Check(key)
}

// Our check against go-jose on tokens with changes: what we accept it accepts,
// with the same payload, and the only tokens that it alone accepts are the good
// one in another spelling, or headers that it reads more kindly.
func TestAgreesWithGoJose(t *testing.T) {
	key := fixedKey(t, 1)
	pub := key.PublicKey()
	good := token(t, key, goodHeader(key, "vc+jwt"), `{"a":"b"}`)
	rng := rand.New(rand.NewSource(1))
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/ \n\r~"
	both, alone := 0, 0
	for range 20_000 {
		text := []byte(good)
		for range rng.Intn(3) {
			at, c := rng.Intn(len(text)), letters[rng.Intn(len(letters))]
			switch rng.Intn(4) {
			case 0:
				text[at] = c
			case 1:
				text = append(text[:at], text[at+1:]...)
			case 2:
				text = append(text[:at], append([]byte{c}, text[at:]...)...)
			case 3:
				text[len(text)-1] = c
			}
		}
		ours, err := verdict(string(text), pub)
		theirs, theirErr := judge(string(text), pub)
		switch {
		case err == nil:
			both++
			require.NoError(t, theirErr, "%s", text)
			require.Equal(t, string(theirs), string(ours))
			require.Equal(t, good, string(text), "there is one text of it")
		case theirErr == nil:
			alone++
			require.Equal(t, `{"a":"b"}`, string(theirs), "%s", text)
			require.Equal(t, malformed, codeOf(t, err), "%s", text)
		}
	}
	require.Greater(t, both, 5_000)
	require.Greater(t, alone, 10, "go-jose takes other spellings")

	// Headers signed rightly: where only one accepts, it is go-jose.
	for _, h := range []string{
		goodHeader(key, "vc+jwt"), goodHeader(key, "vp+jwt"), goodHeader(key, "JWT"),
		`{"alg":"none"}`, `{"alg":"HS256"}`, `{"alg":"Ed25519"}`, `{"alg":"EdDSA"}`, `{"alg":"EdDSA","alg":"EdDSA"}`,
		strings.TrimSuffix(goodHeader(key, "vc+jwt"), "}") + `,"crit":["b64"],"b64":false}`,
		strings.TrimSuffix(goodHeader(key, "vc+jwt"), "}") + `,"crit":["b64"],"b64":true}`,
		strings.TrimSuffix(goodHeader(key, "vc+jwt"), "}") + `,"crit":[]}`,
	} {
		text := token(t, key, h, `{}`)
		if _, err := verdict(text, pub); err == nil {
			_, err := judge(text, pub)
			require.NoError(t, err, h)
		}
	}
}
