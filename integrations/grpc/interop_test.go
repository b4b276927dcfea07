//go:build interop

package verifygrpc_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
)

// said is what the client in Node prints.
type said struct {
	Digest, Text string
	Code         int
	Details      []byte
}

func (s *shop) node(presentation string, cents string) (out said, err error) {
	cmd := exec.Command("node", "interop/client.mjs", s.addr, cents)
	cmd.Env = append(os.Environ(), "PRESENTATION="+presentation)
	cmd.Stderr = os.Stderr
	text, runErr := cmd.Output()
	require.NoError(s.t, runErr, string(text))
	require.NoError(s.t, json.Unmarshal(text, &out), string(text))
	if out.Code != 0 {
		p := &spb.Status{}
		require.NoError(s.t, proto.Unmarshal(out.Details, p))
		err = status.FromProto(p).Err()
	}
	return out, err
}

// The client in Node computes what is bound by itself and is let through, once; without
// a passport, with another message and for too much it is refused, with words and with
// details.
func TestNodeClient(t *testing.T) {
	if _, err := os.Stat("interop/node_modules"); err != nil {
		t.Fatal("interop/node_modules is missing: npm ci")
	}
	s := newShop(t)
	out, err := s.node("", "1250")
	s.refused(err, verify.EnvelopeMissing, codes.Unauthenticated)
	require.Contains(t, out.Text, "needs an agent's passport")
	show := func(amount, digest string) string {
		return string(s.PresentChain(s.Agent, s.client.Chain, passport.Intent{Act: passport.Act{
			Action: "payments.charge", Amount: passport.MustMoney(amount, "USD"), Category: "compute", Rail: "tempo",
		}, BodyDigest: digest}))
	}
	shown := show("12.50", out.Digest)
	_, err = s.node(shown, "1251")
	s.refused(err, verify.ProofIntentMismatch, codes.Unauthenticated)
	_, err = s.node(shown, "1250")
	require.NoError(t, err)
	s.ran.Store(0)
	_, err = s.node(shown, "1250")
	s.refused(err, verify.LedgerReplay, codes.Unauthenticated)
	out, _ = s.node("", "6000")
	out, err = s.node(show("60.00", out.Digest), "6000")
	p := s.refused(err, verify.AuthorityAmountExceeded, codes.PermissionDenied)
	require.Equal(t, "50.00 USD", p.Reasons[0].Limit)
	require.Contains(t, out.Text, "limit: 50.00 USD; actual: 60.00 USD")
}
