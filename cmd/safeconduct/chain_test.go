package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/statuslist"
)

// A chain that was delegated with the library is shown and decided on with the
// command: one -passport for each link, the root first.
func TestDelegatedChain(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	now := func() time.Time { return time.Unix(1795251600, 0) } // as call has it
	file := func(name string, raw []byte) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, raw, 0o600))
		return path
	}
	key := func() *did.KeyPair {
		k, err := did.GenerateKey()
		require.NoError(t, err)
		return k
	}
	issuer, agent, helper := key(), key(), key()
	grant := passport.Authority{Capabilities: []passport.Capability{{Action: "files.read"}}, MaxDelegationDepth: 1}
	root, err := passport.Issue(ctx, issuer, &passport.Passport{
		Agent: agent.DID(), Authority: grant,
		Status: []statuslist.Entry{{URL: "https://issuer.example/1", Purpose: statuslist.Revocation, Index: 3}},
	}, passport.IssueOptions{Now: now})
	require.NoError(t, err)
	chain, err := passport.Delegate(ctx, passport.Chain{root}, agent,
		&passport.Passport{Agent: helper.DID(), Authority: grant}, passport.IssueOptions{Now: now})
	require.NoError(t, err)
	list, err := statuslist.NewPublisher(statuslist.PublisherOptions{URL: "https://issuer.example/1", Purpose: statuslist.Revocation})
	require.NoError(t, err)
	published, err := list.Publish(ctx, issuer, statuslist.PublishOptions{Now: now()})
	require.NoError(t, err)
	require.NoError(t, published.PutTo(ctx, statuslist.Dir(dir)))

	show := func(links ...string) (int, string, string) {
		args := []string{"present", "-key", file("helper.key", helper.PrivatePEM()), "-audience", "x", "-action", "files.read"}
		for _, l := range links {
			args = append(args, "-passport", l)
		}
		var out bytes.Buffer
		exit, stderr := call(t, "", &out, args...)
		return exit, out.String(), stderr
	}
	first, second := file("root.json", chain[0].Bytes()), file("child.json", chain[1].Bytes())
	exit, shown, stderr := show(first, second)
	require.Zero(t, exit, stderr)
	require.Empty(t, stderr)
	verifyArgs := []string{"verify", "-json", "-trust", issuer.DID().String(), "-lists", dir, "-audience", "x", "-action", "files.read", "-"}
	var out bytes.Buffer
	exit, stderr = call(t, shown, &out, verifyArgs...)
	require.Zero(t, exit, stderr)
	var d struct {
		Chain    []any
		Passport struct {
			Agent string
			Depth int `json:"delegationDepth"`
		}
	}
	require.NoError(t, json.Unmarshal(out.Bytes(), &d))
	require.Len(t, d.Chain, 2)
	require.Equal(t, helper.DID().String(), d.Passport.Agent)
	require.Equal(t, 1, d.Passport.Depth)

	// The root's holder cannot be impersonated, and the child alone is nothing.
	exit, _, _ = show(first)
	require.Equal(t, exitDenied, exit)
	exit, _, stderr = show(second)
	require.Equal(t, exitDenied, exit)
	require.Contains(t, stderr, "child.json is link 1 of a chain; name the passports above it first, root first")
	alone, err := passport.Present(ctx, helper, chain[1:],
		passport.Intent{Act: passport.Act{Action: "files.read"}, IssuedAt: now(), ExpiresAt: now().Add(time.Minute)}, "x", passport.PresentOptions{Now: now})
	require.NoError(t, err)
	verifyArgs[3] = agent.DID().String() // even of somebody who trusts the agent in between
	exit, stderr = call(t, string(alone.Bytes()), &out, append([]string{"verify"}, verifyArgs[2:]...)...)
	require.Equal(t, exitDenied, exit)
	require.Contains(t, stderr, "do not add this agent to -trust")
}
