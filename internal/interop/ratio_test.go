//go:build interop

package interop

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/credential/vcjwt"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/statuslist"
)

// micros is the time of one f: the best of some rounds, as the peer measures.
func micros(rounds, turns int, f func()) float64 {
	best := 0.0
	for round := range rounds {
		start := time.Now()
		for range turns {
			f()
		}
		if took := float64(time.Since(start).Nanoseconds()) / 1000 / float64(turns); round == 0 || took < best {
			best = took
		}
	}
	return best
}

// TestRatios prints how long the peer takes in units of ours, in one run on
// one machine. It asserts nothing: two processes on a busy machine are no
// measure to fail by. The peer is handed parsed JSON, ours the bytes.
func TestRatios(t *testing.T) {
	w := newWorld(t, credential.SuiteJCS)
	w.peer = startPeer(t)
	// About 1 % of the entries, scattered as random allocation does it.
	list, err := statuslist.New(statuslist.MinEntries, 1)
	require.NoError(t, err)
	for i, n := 0, 1; i < statuslist.MinEntries/100; i, n = i+1, (n*1_103_515_245+12_345)%(1<<31) {
		require.NoError(t, list.Set(n%statuslist.MinEntries, 1))
	}
	// A credential without status: the peer's own check has no list to load.
	pass := w.issue(t, passport.IssueOptions{})
	var doc m
	require.NoError(t, json.Unmarshal(unsigned(t, pass.Text()), &doc))
	delete(doc, "credentialStatus")
	text, err := json.Marshal(doc)
	require.NoError(t, err)
	ctx := context.Background()
	plain, err := credential.SignJSON(ctx, w.issuer, text, credential.SignOptions{Created: now})
	require.NoError(t, err)
	jwt, err := credential.SignJSON(ctx, w.issuer, text, credential.SignOptions{Format: vcjwt.Format()})
	require.NoError(t, err)
	key := w.issuer.PublicKey()
	check := func(raw []byte) func() {
		return func() {
			s, err := credential.Parse(raw, vcjwt.Format())
			if err == nil {
				err = s.CheckProof(0, key, did.AssertionMethod)
			}
			require.NoError(t, err)
		}
	}
	encoded := list.Encode(statuslist.Bitstring)
	const rounds, turns = 15, 20
	for _, c := range []struct {
		name  string
		ours  func()
		peers m
	}{
		{"decode a status list of 131,072 bits, 1 % set (goal 12)", func() {
			_, err := statuslist.Decode(encoded, statuslist.Bitstring, 1)
			require.NoError(t, err)
		}, m{"what": "decode-list", "type": "BitstringStatusListCredential", "document": m{"credentialSubject": m{"encodedList": encoded}}}},
		{"verify an eddsa-jcs-2022 credential (goal 2)", check(plain.Bytes()),
			m{"what": "verify-vc", "suite": credential.SuiteJCS, "document": json.RawMessage(plain.Bytes()), "now": now}},
		{"verify a vc+jwt credential (goal 3; the peer, jose, looks at the envelope alone)", check(jwt.Bytes()),
			m{"what": "verify-jwt", "token": jwt.Text(), "key": w.issuer.KeyID().Fragment()}},
	} {
		ours := micros(rounds, turns, c.ours)
		q := m{"do": "time", "rounds": rounds, "turns": turns}
		for k, v := range c.peers {
			q[k] = v
		}
		theirs := w.must(t, q).Micros
		t.Logf("%s: ours %.0f µs, the peer %.0f µs, ratio %.1f", c.name, ours, theirs, theirs/ours)
	}
}
