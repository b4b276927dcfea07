package oap_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/testvectors"
	"github.com/safeconduct/safeconduct/passport/profile/oap"
)

// bothDialects is what newer guardrails write.
const bothDialects = `{"agent_id":"a1b2","allow":false,"assurance_level":"L2","created_at":"2026-11-28T06:00:00Z",` +
	`"decision_id":"local-1","expires_at":"2026-11-28T07:00:00Z","expires_in":3600,"issued_at":"2026-11-28T06:00:00Z",` +
	`"kid":"oap:local:dev-key","owner_id":"org_1","passport_digest":` +
	`"sha256:a30a6659c54f706f3103966b04dad32cad1f33891a6f08abf5e2c9bf3d47e3da","passport_id":"a1b2",` +
	`"policy_id":"unknown","prev_content_hash":null,"prev_decision_id":null,` +
	`"reasons":[{"code":"oap.passport_suspended","message":"x"}],"signature":"local-unsigned","verification_mode":"local"}`

// P14: a decision of both dialects is read where the two agree, and nowhere else.
func TestP14BothDialectsAgree(t *testing.T) {
	_, err := oap.ParseDecision([]byte(bothDialects), oap.Strict)
	require.NoError(t, err)
	// The clock of the guardrails turned between two members: the earlier end holds.
	turned := strings.Replace(bothDialects, "T07:00:00Z", "T07:00:01Z", 1)
	d, err := oap.ParseDecision([]byte(turned), oap.Strict)
	require.NoError(t, err)
	require.Equal(t, time.Date(2026, 11, 28, 7, 0, 0, 0, time.UTC), d.ExpiresAt.UTC())
	_, err = oap.ParseDecision([]byte(strings.Replace(turned, "T07:00:01Z", "T07:00:02Z", 1)), oap.Strict)
	require.ErrorContains(t, err, "/expires_at")
	for name, edit := range map[string][2]string{
		"/passport_id": {`"passport_id":"a1b2"`, `"passport_id":"b1b2"`},
		"/issued_at":   {`"issued_at":"2026-11-28T06:00:00Z"`, `"issued_at":"2026-11-28T06:00:01Z"`},
		"/expires_at":  {`"expires_in":3600`, `"expires_in":3601`},
		"/policy_id":   {`"verification_mode":"local"`, `"verification_mode":"api"`},
		"issued_at":    {`"issued_at":"2026-11-28T06:00:00Z",`, ``},
		"/wallet":      {`"allow"`, `"wallet":1,"allow"`},
	} {
		require.Contains(t, bothDialects, edit[0])
		_, err := oap.ParseDecision([]byte(strings.Replace(bothDialects, edit[0], edit[1], 1)), oap.Strict)
		require.ErrorContains(t, err, name)
	}
}

// P14: the chain that the guardrails wrote, and what is wrong with a changed one.
func TestP14LocalChain(t *testing.T) {
	var file struct {
		Cases []struct {
			ID, Kind, Text string
			Args           struct{ Passport string }
		}
	}
	require.NoError(t, json.Unmarshal(testvectors.Read(t, "oap", "cases.json"), &file))
	var chain []*oap.LocalDecision
	for _, c := range file.Cases {
		if c.Kind != "local-decision" {
			continue
		}
		d, err := oap.ParseLocalDecision([]byte(c.Text))
		require.NoError(t, err)
		var before *oap.LocalDecision
		if len(chain) > 0 {
			before = chain[len(chain)-1]
		}
		require.NoError(t, d.Follows(before), c.ID)
		p, err := oap.ParsePassport([]byte(c.Args.Passport), oap.Strict)
		require.NoError(t, err)
		require.Equal(t, d.PassportDigest, p.GuardrailsDigest())
		require.NotEqual(t, d.PassportDigest, p.Digest(), "their digest is not that of the specification")
		chain = append(chain, d)

		changed, err := oap.ParseLocalDecision([]byte(strings.Replace(c.Text, `"L2"`, `"L3"`, 1)))
		require.NoError(t, err)
		require.ErrorContains(t, changed.Follows(before), "the decision was changed")
	}
	require.Len(t, chain, 3)
	require.ErrorContains(t, chain[2].Follows(chain[0]), "does not follow")
	require.ErrorContains(t, chain[1].Follows(nil), "is missing")
}
