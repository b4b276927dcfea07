package passport_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/statuslist"
)

// The wire format is a promise: what these documents were when they were first
// written they are byte for byte. A change of the format comes with new files
// here and a line in the changelog.
func TestWireFormat(t *testing.T) {
	docs := wireDocuments(t)
	files, err := os.ReadDir("testdata/wire")
	require.NoError(t, err)
	require.Len(t, files, len(docs))
	for _, f := range files {
		want, err := os.ReadFile(filepath.Join("testdata/wire", f.Name()))
		require.NoError(t, err)
		require.Equal(t, string(want), string(docs[f.Name()]), f.Name())
	}
}

// wireDocuments are documents of every kind, made with fixed keys, ids and
// instants. Ed25519 signs the same bytes with the same signature.
func wireDocuments(t *testing.T) map[string][]byte {
	ctx, docs := context.Background(), map[string][]byte{}
	issuer, agent, other := keyOf(t, 1), keyOf(t, 2), keyOf(t, 3)
	big, err := decode(largest(t))
	require.NoError(t, err)
	big.Agent, big.Issuer = agent.DID(), issuer.DID()
	big.TemplateID, big.Consent = "", passport.Consent{}
	big.DelegationDepth, big.ParentPassportID, big.ParentDigest = 0, "", ""
	for name, suite := range map[string]string{"jcs": "eddsa-jcs-2022", "rdfc": "eddsa-rdfc-2022"} {
		o := passport.IssueOptions{Now: at(instant), Suite: suite}
		root, err := passport.Issue(ctx, issuer, big, o)
		require.NoError(t, err)
		docs["passport-"+name+".json"] = root.Bytes()
		child := &passport.Passport{
			ID: "urn:safeconduct:passport:01JD7Z3F0K9Q6T4V8XW2Y5N1RD", Agent: other.DID(),
			ValidFrom: instant, ValidUntil: instant.Add(time.Hour),
			Authority: passport.Authority{}.InheritGrants(&big.Authority),
		}
		chain, err := passport.Delegate(ctx, passport.Chain{root}, agent, child, o)
		require.NoError(t, err)
		docs["delegated-"+name+".json"] = chain[1].Bytes()
		shown, err := passport.Present(ctx, other, chain, wireIntent(t), "did:web:shop.example",
			passport.PresentOptions{Now: at(instant), Suite: suite, Challenge: "0123456789abcdef"})
		require.NoError(t, err)
		docs["presentation-"+name+".json"] = shown.Bytes()
		publishWire(t, issuer, statuslist.PublishOptions{Now: instant, TTL: time.Hour, Suite: suite}, name, docs)
	}
	return docs
}

func wireIntent(t *testing.T) passport.Intent {
	return passport.Intent{
		ID: "urn:safeconduct:intent:01JD7Z3F0K9Q6T4V8XW2Y5N1RF",
		Act: passport.Act{
			Action: "payments.charge", Resource: "order/4711", Amount: passport.MustMoney("10.00", "USD"),
			Payee: "did:web:shop.example", Category: "compute", Rail: "tempo", Region: "DE",
			Attributes: object(t, `{"rows":10}`),
		},
		BodyDigest: passport.Digest([]byte("body")),
	}
}

func publishWire(t *testing.T, issuer did.Signer, o statuslist.PublishOptions, name string, docs map[string][]byte) {
	list, err := statuslist.NewPublisher(statuslist.PublisherOptions{
		URL: "https://issuer.example/status/1", Purpose: statuslist.Revocation,
		Also: map[statuslist.Encoding]string{statuslist.StatusList2021: "https://issuer.example/status/1-2021"},
	})
	require.NoError(t, err)
	editions, err := list.Publish(context.Background(), issuer, o)
	require.NoError(t, err)
	for _, e := range editions {
		kind := map[statuslist.Encoding]string{statuslist.Bitstring: "list-", statuslist.StatusList2021: "list2021-"}[e.Encoding]
		docs[kind+name+".json"] = e.Raw
	}
}
