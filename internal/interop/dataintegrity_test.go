//go:build interop

package interop

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/statuslist"
)

// suites are those that both sides sign with. One more suite is one more row.
var suites = []string{credential.SuiteJCS, credential.SuiteRDFC}

// change is something done to a signed document on its way. It returns the
// same text if it cannot be done to that document.
type change struct {
	name string
	do   func(text string) string
}

func replace(old, new string) func(string) string {
	return func(text string) string { return strings.Replace(text, old, new, 1) }
}

// spoil changes one character of the last proofValue.
func spoil(text string) string {
	at := strings.LastIndex(text, `"proofValue":"z`) + len(`"proofValue":"z`) + 20
	c := byte('A')
	if text[at] == c {
		c = 'B'
	}
	return text[:at] + string(c) + text[at+1:]
}

// inLast does a change at the last place where old stands: the outer proof.
func inLast(old, new string) func(string) string {
	return func(text string) string {
		at := strings.LastIndex(text, old)
		if at < 0 {
			return text
		}
		return text[:at] + new + text[at+len(old):]
	}
}

var changes = []change{
	{"byte in the subject", replace("50.00", "90.00")},
	{"byte in a text", replace("Ada's", "Eva's")},
	{"member of the subject removed", replace(`"deniedActions":["data.delete"],`, "")},
	{"capability added", replace(`{"action":"data.*"}`, `{"action":"data.*"},{"action":"admin.*"}`)},
	{"time moved", replace("2026-11-22T09:00:00Z", "2027-11-22T09:00:00Z")},
	{"status index", replace(`"4711"`, `"4713"`)},
	{"status removed", replace("BitstringStatusListEntry", "BitstringStatusListEntri")},
	{"proofValue", spoil},
	{"proofValue in another base", inLast(`"proofValue":"z`, `"proofValue":"u`)},
	{"proof option changed", inLast(`"created":"2026-11-21`, `"created":"2026-11-20`)},
	{"proof option added", inLast(`"proofValue"`, `"nonce":"n","proofValue"`)},
	{"proof purpose", inLast(`"proofPurpose":"a`, `"proofPurpose":"capabilityInvocation","x":"a`)},
	{"cryptosuite from jcs to rdfc", inLast(`"eddsa-jcs-2022"`, `"eddsa-rdfc-2022"`)},
	{"cryptosuite from rdfc to jcs", inLast(`"eddsa-rdfc-2022"`, `"eddsa-jcs-2022"`)},
	{"proof type", inLast(`"DataIntegrityProof"`, `"Ed25519Signature2020"`)},
	{"another key", inLast(`"verificationMethod":"did:key:z6Mk`, `"verificationMethod":"did:key:z6Mj`)},
	{"context appended", replace(`"https://w3id.org/safeconduct/v1"]`, `"https://w3id.org/safeconduct/v1","https://w3id.org/security/multikey/v1"]`)},
	{"context removed", replace(`,"https://w3id.org/safeconduct/v1"]`, `]`)},
	{"proof context shortened", inLast(`,"https://w3id.org/safeconduct/v1"]`, `]`)},
	{"proof removed", func(text string) string { return text[:strings.LastIndex(text, `,"proof":`)] + "}" }},
	{"challenge", inLast(challenge, "another-"+challenge)},
	{"domain", inLast(`"domain":"`+shop+`"`, `"domain":"did:web:evil.example"`)},
	{"holder", replace(`"holder":"did:key:z6Mk`, `"holder":"did:key:z6Mj`)},
	{"intent", replace(`"12.50"`, `"12.49"`)},
}

// difference is a change that one side lets through, with the reason. The
// test fails as well when such a change is refused after all.
type difference struct{ suite, document, change, by, reason string }

var differences = []difference{
	{credential.SuiteJCS, "credential", "context appended", "peer",
		"the cryptosuite asks that the document's contexts begin with the proof's; we want them equal"},
	{credential.SuiteJCS, "presentation", "context appended", "peer", "as for credentials"},
	{credential.SuiteRDFC, "credential", "context appended", "peer", "the suite signs statements, and a context that no member needs adds none"},
	{credential.SuiteRDFC, "credential", "context appended", "us", "as the peer: the context is pinned and the statements are those that were signed"},
	{credential.SuiteRDFC, "presentation", "context appended", "peer", "as for credentials"},
	{credential.SuiteRDFC, "presentation", "context appended", "us", "as for credentials"},
}

func known(suite, document, change, by string) bool {
	for _, d := range differences {
		if d.suite == suite && d.document == document && d.change == change && d.by == by {
			return true
		}
	}
	return false
}

// tamper has both sides look at every change of a good document.
func tamper(t *testing.T, suite, document, good string, ours func(raw []byte) error, theirs func(raw json.RawMessage) answer) {
	require.NoError(t, ours([]byte(good)))
	require.True(t, theirs(json.RawMessage(good)).OK)
	done := 0
	for _, c := range changes {
		text := c.do(good)
		if text == good {
			continue
		}
		done++
		require.True(t, json.Valid([]byte(text)), "%s: %s", c.name, text)
		if err := ours([]byte(text)); (err == nil) != known(suite, document, c.name, "us") {
			t.Errorf("%s, %s with %s: we say %v", suite, document, c.name, err)
		}
		if a := theirs(json.RawMessage(text)); a.OK != known(suite, document, c.name, "peer") {
			t.Errorf("%s, %s with %s: the peer says %v %s", suite, document, c.name, a.OK, a.Error)
		}
	}
	require.GreaterOrEqual(t, done, 8)
}

func TestDataIntegrity(t *testing.T) {
	p := startPeer(t)
	for _, suite := range suites {
		t.Run(suite, func(t *testing.T) {
			w := newWorld(t, suite)
			w.peer = p
			verifyVC := func(raw json.RawMessage) answer {
				return w.ask(t, m{"do": "verify-vc", "suite": suite, "document": raw, "documents": w.documents(), "now": now})
			}
			verifyVP := func(raw json.RawMessage) answer {
				return w.ask(t, m{"do": "verify-vp", "suite": suite, "document": raw, "documents": w.documents(),
					"now": now, "challenge": challenge, "domain": shop})
			}
			decide := func(raw []byte) error { return w.decide(t, raw) }
			ourVC := func(raw []byte) error { return w.ourVC(t, raw) }

			pass := w.issue(t, passport.IssueOptions{Suite: suite})
			shown := w.present(t, pass, passport.PresentOptions{Suite: suite})

			t.Run("they verify ours", func(t *testing.T) {
				a := verifyVC(pass.Bytes())
				require.True(t, a.OK, a.Error)
				a = verifyVP(shown.Bytes())
				require.True(t, a.OK, a.Error)
				for _, other := range []m{{"challenge": challenge + "x", "domain": shop}, {"challenge": challenge, "domain": "did:web:other.example"}} {
					q := m{"do": "verify-vp", "suite": suite, "document": json.RawMessage(shown.Bytes()), "documents": w.documents(), "now": now}
					for k, v := range other {
						q[k] = v
					}
					require.False(t, w.ask(t, q).OK, "%v", other)
				}
			})

			theirPass := w.must(t, m{"do": "sign-vc", "suite": suite, "seed": w.issuer.seed,
				"document": unsigned(t, pass.Text()), "created": now, "now": now}).Document
			signed, err := credential.Parse(theirPass)
			require.NoError(t, err)
			withTheirs := w.present(t, signed, passport.PresentOptions{Suite: suite})
			theirShown := w.must(t, m{"do": "sign-vp", "suite": suite, "seed": w.agent.seed,
				"document": unsigned(t, withTheirs.Text()), "created": now, "now": now, "challenge": challenge, "domain": shop}).Document

			t.Run("we verify theirs", func(t *testing.T) {
				require.NoError(t, ourVC(theirPass))
				require.NoError(t, decide(withTheirs.Bytes()), "their passport, our presentation")
				require.NoError(t, decide(theirShown), "their passport, their presentation")
			})

			t.Run("both refuse what was changed", func(t *testing.T) {
				tamper(t, suite, "credential", pass.Text(), ourVC, verifyVC)
				tamper(t, suite, "credential", string(theirPass), ourVC, verifyVC)
				tamper(t, suite, "presentation", shown.Text(), decide, verifyVP)
				tamper(t, suite, "presentation", string(theirShown), decide, verifyVP)
			})

			t.Run("their list", func(t *testing.T) { theirLists(t, w, suite, shown) })
			t.Run("our list", func(t *testing.T) { ourLists(t, w, suite, pass, verifyVC) })
		})
	}
}

// ourLists: the peer verifies and reads both encodings, and minds the bit.
func ourLists(t *testing.T, w *world, suite string, pass *credential.Signed, verifyVC func(json.RawMessage) answer) {
	for typ, list := range map[string]*credential.Signed{"BitstringStatusListCredential": w.list, "StatusList2021Credential": w.list21} {
		a := verifyVC(list.Bytes())
		require.True(t, a.OK, "%s: %s", typ, a.Error)
		read := w.must(t, m{"do": "read-list", "type": typ, "document": json.RawMessage(list.Bytes())})
		require.Equal(t, others, read.Set, typ)
		require.Equal(t, statuslist.MinEntries, read.Length, typ)
		for _, spoiled := range []string{spoil(list.Text()),
			strings.Replace(list.Text(), `"revocation"`, `"suspension"`, 1),
			strings.Replace(list.Text(), "https://issuer.example/status/1", "https://issuer.example/status/2", 1)} {
			require.NotEqual(t, list.Text(), spoiled)
			require.False(t, verifyVC(json.RawMessage(spoiled)).OK, typ)
			require.Error(t, w.ourVC(t, []byte(spoiled)), typ)
		}
	}
	require.NoError(t, w.publisher.Set(taken, 1))
	w.publish(t, suite)
	a := verifyVC(pass.Bytes())
	require.False(t, a.OK)
	require.Contains(t, a.Error, "status bit is set")
	shown := w.present(t, pass, passport.PresentOptions{Suite: suite})
	require.ErrorContains(t, w.decide(t, shown.Bytes()), "status.revoked")
}

// theirLists: we verify and read what the peer encoded and signed, and the
// whole verifier decides by it.
func theirLists(t *testing.T, w *world, suite string, shown *credential.Presentation) {
	ours := w.published[listURL]
	defer func() { w.published[listURL] = ours }()
	for _, c := range []struct {
		typ, url string
		base     *credential.Signed
	}{{"BitstringStatusListCredential", listURL, w.list}, {"StatusList2021Credential", list2021, w.list21}} {
		sign := func(set []int) json.RawMessage {
			made := w.must(t, m{"do": "make-list", "type": c.typ, "id": c.url, "length": statuslist.MinEntries, "set": set, "purpose": "revocation"}).Document
			var doc m
			require.NoError(t, json.Unmarshal(made, &doc))
			doc["issuer"] = w.issuer.DID().String()
			if c.typ == "StatusList2021Credential" {
				doc["issuanceDate"] = "2026-11-21T09:00:00Z"
				doc["@context"] = append(doc["@context"].([]any), "https://w3id.org/security/data-integrity/v2")
			} else {
				doc["validFrom"], doc["validUntil"] = "2026-11-21T09:00:00Z", "2026-11-22T09:00:00Z"
			}
			return w.must(t, m{"do": "sign-vc", "suite": suite, "seed": w.issuer.seed, "document": doc, "created": now, "now": now}).Document
		}
		raw := sign(others)
		require.NoError(t, w.ourVC(t, raw), c.typ)
		require.Error(t, w.ourVC(t, []byte(spoil(string(raw)))), c.typ)
		parsed, err := credential.Parser{StatusList: true}.Credential(raw)
		require.NoError(t, err, c.typ)
		list, err := statuslist.ParseCredential(parsed)
		require.NoError(t, err, c.typ)
		bits, err := statuslist.Decode(parsed.Unverified().Subjects[0].Get("encodedList").Str(), list.Encoding, 1)
		require.NoError(t, err)
		var set []int
		for i := range bits.Len() {
			if v, _ := bits.Get(i); v != 0 {
				set = append(set, i)
			}
		}
		require.Equal(t, others, set, c.typ)
		if c.typ == "BitstringStatusListCredential" {
			w.put(listURL, raw)
			require.NoError(t, w.decide(t, shown.Bytes()))
			w.put(listURL, sign([]int{taken}))
			require.ErrorContains(t, w.decide(t, shown.Bytes()), "status.revoked")
		}
	}
}
