package main

import (
	"bytes"
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

// A consent that was signed with the library is shown beside the passport, or
// found in a trust bundle.
func TestConsent(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	now := func() time.Time { return time.Unix(1795251600, 0) } // as call has it
	path := func(name string) string { return filepath.Join(dir, name) }
	file := func(name string, raw []byte) string {
		require.NoError(t, os.WriteFile(path(name), raw, 0o600))
		return path(name)
	}
	var keys [3]*did.KeyPair
	for i := range keys {
		k, err := did.GenerateKey()
		require.NoError(t, err)
		keys[i] = k
	}
	issuer, agent, person := keys[0], keys[1], keys[2]
	consent, err := passport.IssueManifestation(ctx, person, passport.Manifestation{
		StatementDigest: passport.Digest([]byte("they may read my files")), ValidFrom: now(),
		Status: []statuslist.Entry{{URL: "https://ada.example/1", Purpose: statuslist.Revocation, Index: 7}},
	}, passport.IssueOptions{Now: now})
	require.NoError(t, err)
	ref, err := passport.ConsentTo(consent)
	require.NoError(t, err)
	root, err := passport.Issue(ctx, issuer, &passport.Passport{
		Agent: agent.DID(), HumanPrincipal: person.DID().String(), Consent: ref,
		Authority: passport.Authority{
			Capabilities: []passport.Capability{{Action: "files.read"}}, Assurance: passport.Assurance{Level: passport.L2},
		},
		Status: []statuslist.Entry{{URL: "https://issuer.example/1", Purpose: statuslist.Revocation, Index: 3}},
	}, passport.IssueOptions{Now: now})
	require.NoError(t, err)
	for url, signer := range map[string]*did.KeyPair{"https://issuer.example/1": issuer, "https://ada.example/1": person} {
		list, err := statuslist.NewPublisher(statuslist.PublisherOptions{URL: url, Purpose: statuslist.Revocation})
		require.NoError(t, err)
		published, err := list.Publish(ctx, signer, statuslist.PublishOptions{Now: now()})
		require.NoError(t, err)
		require.NoError(t, published.PutTo(ctx, statuslist.Dir(dir)))
	}
	key := file("agent.key", agent.PrivatePEM())
	rootFile, consentFile := file("root.json", root.Bytes()), file("consent.json", consent.Bytes())

	do := func(want int, args ...string) string {
		t.Helper()
		exit, stderr := call(t, "", &bytes.Buffer{}, args...)
		require.Equal(t, want, exit, stderr)
		return stderr
	}
	show := []string{"present", "-key", key, "-passport", rootFile, "-audience", "x", "-action", "files.read", "-o", path("shown.json")}
	verify := []string{"verify", "-audience", "x", "-action", "files.read", path("shown.json")}
	byFiles := append(verify[:len(verify):len(verify)], "-trust", issuer.DID().String(), "-lists", dir)

	do(exitAllowed, show...)
	require.Contains(t, do(exitDenied, byFiles...), "consent.missing")
	do(exitAllowed, append(show[:len(show):len(show)], "-consent", consentFile)...)
	do(exitAllowed, byFiles...)
	do(exitDenied, append(byFiles, "-min-assurance", "L2")...)
	do(exitAllowed, append(byFiles, "-min-assurance", "L2", "-trust-assurance", "L2")...)

	// Shown without it again, and found in the bundle.
	do(exitAllowed, show...)
	do(exitAllowed, "bundle", "create", "-key", file("operator.key", issuer.PrivatePEM()), "-id", "https://ops.example/t", "-sequence", "1",
		"-trust", issuer.DID().String(), "-lists", dir, "-credential", consentFile, "-o", path("trust.bundle"))
	byBundle := append(verify[:len(verify):len(verify)], "-bundle", path("trust.bundle"), "-bundle-signer", issuer.DID().String())
	do(exitAllowed, byBundle...)

	// Whose resource it is, and how well the person is known.
	do(exitAllowed, append(byBundle, "-owner", person.DID().String())...)
	do(exitDenied, append(byBundle, "-owner", "mailto:eve@example.org")...)
	require.Contains(t, do(exitDenied, append(byBundle, "-min-assurance", "L2")...), "authority.assurance_insufficient")
	do(exitUsage, append(byBundle, "-min-assurance", "high")...)
}
