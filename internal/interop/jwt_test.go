//go:build interop

package interop

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/credential/vcjwt"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
)

// jwtChanges are done to a token; those of spelling are refused by us alone.
var jwtChanges = []struct {
	name   string
	do     func(header, payload, signature string) string
	peerOK string // why the peer takes it; "" if it must refuse

}{
	{name: "byte of the header", do: func(h, p, s string) string { return flip(h, 20) + "." + p + "." + s }},
	{name: "byte of the payload", do: func(h, p, s string) string { return h + "." + flip(p, 500) + "." + s }},
	{name: "byte of the signature", do: func(h, p, s string) string { return h + "." + p + "." + flip(s, 40) }},
	{name: "signature removed", do: func(h, p, s string) string { return h + "." + p + "." }},
	{name: "alg none", do: func(h, p, s string) string { return jsonBase64(`{"alg":"none","typ":"vc+jwt"}`) + "." + p + "." }},
	{name: "padding", do: func(h, p, s string) string { return h + "." + p + "." + s + "==" }, peerOK: "the signature's decoder takes padding"},
	{name: "unused bits", do: func(h, p, s string) string { return h + "." + p + "." + s[:85] + string(s[85]+1) }, peerOK: "the decoder ignores unused bits"},
	{name: "line feed behind", do: func(h, p, s string) string { return h + "." + p + "." + s + "\n" }, peerOK: "the decoder skips white space"},
	{name: "fourth segment", do: func(h, p, s string) string { return h + "." + p + "." + s + "." }},
}

// flip changes one character into another of the alphabet.
func flip(segment string, at int) string {
	c := "A"
	if segment[at] == 'A' {
		c = "B"
	}
	return segment[:at] + c + segment[at+1:]
}

func TestJWT(t *testing.T) {
	w := newWorld(t, credential.SuiteJCS)
	w.peer = startPeer(t)
	ctx := context.Background()
	multikey := func(p party) string { return p.KeyID().Fragment() }
	theirs := func(token, typ string, key party, more m) answer {
		q := m{"do": "verify-jwt", "token": token, "typ": typ, "key": multikey(key), "now": now}
		for k, v := range more {
			q[k] = v
		}
		return w.ask(t, q)
	}
	forShop := m{"audience": shop, "nonce": challenge}
	ourVC := func(token string) error {
		s, err := credential.Parse([]byte(token), vcjwt.Format())
		if err != nil {
			return err
		}
		return s.CheckProofs(ctx, did.KeyMethods(), did.AssertionMethod, time.Time{})
	}

	pass := w.issue(t, passport.IssueOptions{Format: vcjwt.Format()})
	shown := w.present(t, pass, passport.PresentOptions{Format: vcjwt.Format()})

	// They verify ours.
	a := theirs(pass.Text(), "vc+jwt", w.issuer, nil)
	require.True(t, a.OK, a.Error)
	require.JSONEq(t, pass.UnverifiedValue().Raw(), string(a.Document))
	a = theirs(shown.Text(), "vp+jwt", w.agent, forShop)
	require.True(t, a.OK, a.Error)
	require.False(t, theirs(pass.Text(), "vp+jwt", w.issuer, nil).OK, "typ")
	require.False(t, theirs(pass.Text(), "vc+jwt", w.agent, nil).OK, "key")
	require.False(t, theirs(shown.Text(), "vp+jwt", w.agent, m{"audience": "did:web:other.example", "nonce": challenge}).OK)
	require.False(t, theirs(shown.Text(), "vp+jwt", w.agent, m{"audience": shop, "nonce": "another"}).OK)

	// We verify theirs: the same payloads, signed by jose.
	sign := func(payload string, typ string, key party) string {
		return w.must(t, m{"do": "sign-jwt", "typ": typ, "seed": key.seed, "document": json.RawMessage(payload)}).Token
	}
	theirPass := sign(pass.UnverifiedValue().Raw(), "vc+jwt", w.issuer)
	require.NotEqual(t, pass.Text(), theirPass, "jose writes its header in another order")
	require.NoError(t, ourVC(theirPass))
	signed, err := credential.Parse([]byte(theirPass), vcjwt.Format())
	require.NoError(t, err)
	require.NoError(t, w.decide(t, w.present(t, signed, passport.PresentOptions{}).Bytes()), "their vc+jwt in our Data Integrity presentation")
	ours := w.present(t, signed, passport.PresentOptions{Format: vcjwt.Format()})
	require.NoError(t, w.decide(t, ours.Bytes()), "their vc+jwt in our vp+jwt")
	parts := strings.Split(ours.Text(), ".")
	theirShown := sign(decode(t, parts[1]), "vp+jwt", w.agent)
	require.NoError(t, w.decide(t, []byte(theirShown)), "their vc+jwt in their vp+jwt")
	require.Error(t, ourVC(sign(pass.UnverifiedValue().Raw(), "JWT", w.issuer)), "typ")
	require.Error(t, ourVC(sign(pass.UnverifiedValue().Raw(), "vc+jwt", w.agent)), "another's key")

	// Both refuse what was changed.
	for _, c := range jwtChanges {
		for _, token := range []string{pass.Text(), theirPass} {
			parts := strings.Split(token, ".")
			changed := c.do(parts[0], parts[1], parts[2])
			require.NotEqual(t, token, changed)
			require.Error(t, ourVC(changed), c.name)
			a := theirs(changed, "vc+jwt", w.issuer, nil)
			require.Equal(t, c.peerOK != "", a.OK, "%s: %s", c.name, a.Error)
		}
		for _, token := range []string{shown.Text(), theirShown} {
			parts := strings.Split(token, ".")
			changed := c.do(parts[0], parts[1], parts[2])
			require.Error(t, w.decide(t, []byte(changed)), c.name)
			a := theirs(changed, "vp+jwt", w.agent, forShop)
			require.Equal(t, c.peerOK != "", a.OK, "%s: %s", c.name, a.Error)
		}
	}
}
