//go:build interop

package interop

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/credential/vcjwt"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/statuslist"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/ledger"
)

const (
	shop      = "did:web:shop.example"
	challenge = "a-challenge-of-32-characters-000"
	listURL   = "https://issuer.example/status/1"
	list2021  = "https://issuer.example/status/1-2021"
	taken     = 4711 // the passport's place on the list
)

var now = time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)

func clock() time.Time { return now }

// party is somebody whose key both sides have.
type party struct {
	*did.KeyPair
	seed string
}

func newParty(t testing.TB, name string) party {
	sum := sha256.Sum256([]byte(name))
	key, err := did.NewKeyPair(ed25519.NewKeyFromSeed(sum[:]))
	require.NoError(t, err)
	return party{key, base64.RawURLEncoding.EncodeToString(sum[:])}
}

// world has an issuer, an agent and the issuer's list in both encodings.
type world struct {
	*peer
	issuer, agent party
	publisher     *statuslist.Publisher
	list, list21  *credential.Signed
	editions      int
	published     statuslist.Static
}

func newWorld(t testing.TB, suite string) *world {
	w := &world{issuer: newParty(t, "issuer"), agent: newParty(t, "agent"), published: statuslist.Static{}}
	var err error
	w.publisher, err = statuslist.NewPublisher(statuslist.PublisherOptions{URL: listURL,
		Also: map[statuslist.Encoding]string{statuslist.StatusList2021: list2021}, Purpose: statuslist.Revocation})
	require.NoError(t, err)
	require.NoError(t, w.publisher.Claim(taken))
	for _, i := range others {
		require.NoError(t, w.publisher.Claim(i))
		require.NoError(t, w.publisher.Set(i, 1))
	}
	w.publish(t, suite)
	return w
}

// others are the revoked neighbours: both ends of bytes and of the list.
var others = []int{0, 7, 8, 4710, 4712, 131071}

func (w *world) publish(t testing.TB, suite string) {
	w.editions++ // each is later than the one before, and none is in the future
	editions, err := w.publisher.Publish(context.Background(), w.issuer, statuslist.PublishOptions{
		Now: now.Add(time.Duration(w.editions)*time.Second - time.Minute), Suite: suite,
		ValidFor: 50 * 365 * 24 * time.Hour, // the peer judges a list by its own clock, whatever it is told
	})
	require.NoError(t, err)
	for i, list := range []**credential.Signed{&w.list, &w.list21} {
		*list, err = credential.Parser{StatusList: true}.Credential(editions[i].Raw)
		require.NoError(t, err)
		w.put(editions[i].URL, editions[i].Raw)
	}
}

func (w *world) put(url string, raw []byte) {
	w.published[url] = &statuslist.Fetched{Raw: raw, At: now}
}

// documents are what the peer may load: the lists.
func (w *world) documents() m {
	docs := m{}
	for url, f := range w.published {
		docs[url] = json.RawMessage(f.Raw)
	}
	return docs
}

func (w *world) issue(t testing.TB, o passport.IssueOptions) *credential.Signed {
	entry, err := w.publisher.Entry(taken)
	require.NoError(t, err)
	o.Now = clock
	s, err := passport.Issue(context.Background(), w.issuer, &passport.Passport{
		Agent: w.agent.DID(), Name: "Ada's buyer — ünïcödé 🛒", HumanPrincipal: "mailto:ada@example.org",
		Status: []statuslist.Entry{entry},
		Authority: passport.Authority{
			Capabilities:   []passport.Capability{{Action: "payments.charge"}, {Action: "data.*"}},
			DeniedActions:  []string{"data.delete"},
			Categories:     []string{"compute", "api-call"},
			Rails:          []string{"tempo"},
			MaxTransaction: passport.MustMoney("50.00", "USD"),
			Limits:         []passport.Limit{passport.MaxOf("tokens", 100_000), passport.Allow("streaming")},
			Regions:        []string{"DE", "FR-75"},
		},
	}, o)
	require.NoError(t, err)
	return s
}

func (w *world) present(t testing.TB, pass *credential.Signed, o passport.PresentOptions) *credential.Presentation {
	o.Now, o.Challenge = clock, challenge
	vp, err := passport.Present(context.Background(), w.agent, passport.Chain{pass}, passport.Intent{
		Act: passport.Act{Action: "payments.charge", Amount: passport.MustMoney("12.50", "USD"), Category: "compute", Rail: "tempo", Region: "DE"},
	}, shop, o)
	require.NoError(t, err)
	return vp
}

// decide asks the whole verifier.
func (w *world) decide(t testing.TB, presented []byte) error {
	v, err := verify.New(verify.Config{
		Anchors: []verify.Anchor{{Issuer: w.issuer.DID()}}, Resolver: did.KeyMethods(), Status: w.published,
		Ledger: ledger.NewMemory(ledger.Options{}), Now: clock,
		Formats: []credential.Format{vcjwt.Format()},
	})
	require.NoError(t, err)
	_, err = v.Verify(context.Background(), presented, verify.Request{
		Audience: shop, Nonce: challenge,
		Act: passport.Act{Action: "payments.charge", Amount: passport.MustMoney("12.50", "USD"), Category: "compute", Rail: "tempo", Region: "DE"},
	})
	return err
}

// ourVC is our opinion of a credential and its list.
func (w *world) ourVC(t testing.TB, raw []byte) error {
	s, err := credential.Parser{StatusList: true}.Credential(raw)
	if err != nil {
		return err
	}
	return s.CheckProofs(context.Background(), did.KeyMethods(), did.AssertionMethod, time.Time{})
}

// unsigned is a document of ours without its proof, for the peer to sign.
func unsigned(t testing.TB, text string) json.RawMessage {
	var doc map[string]json.RawMessage
	require.NoError(t, json.Unmarshal([]byte(text), &doc))
	delete(doc, "proof")
	out, err := json.Marshal(doc)
	require.NoError(t, err)
	return out
}

func jsonBase64(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }

func decode(t testing.TB, segment string) string {
	raw, err := base64.RawURLEncoding.DecodeString(segment)
	require.NoError(t, err)
	return string(raw)
}
