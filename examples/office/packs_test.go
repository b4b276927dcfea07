package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/testvectors"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/passport/registry"
	"github.com/safeconduct/safeconduct/verify/policy/packs"
)

// packCase is an act of the shared vectors.
type packCase struct {
	ID, Pack string
	Passport struct {
		Status       string
		Level        passport.Level `json:"assurance_level"`
		Capabilities []string
		Regions      []string
	}
	Limits, Context, State json.RawMessage
	Derived, Strict        struct {
		Allow bool
		Code  string
	}
}

// P13: every published pack answers over the wire: what it allows of its recorded examples, and what it denies of the
// same passport.
func TestP13EveryPackOverTheWire(t *testing.T) {
	var file struct{ Cases []packCase }
	require.NoError(t, json.Unmarshal(testvectors.Read(t, "policies", "cases.json"), &file))
	by := map[string][]packCase{}
	for _, c := range file.Cases {
		by[c.Pack] = append(by[c.Pack], c)
	}
	now := time.Date(2026, 11, 28, 7, 0, 0, 0, time.UTC) // of the examples
	o := newTestOffice(t)
	o.clock.Advance(now.Sub(o.clock.Now()))
	x := o.tenants[0]
	_, err := o.office.Orgs.SetProviders(ctx, x.org.Admin(), x.org.ID, []registry.Provider{
		{Type: "kyc", Level: passport.L4KYC, Standard: "s"},
	})
	require.NoError(t, err)
	_, err = o.office.Owners.Attest(ctx, x.org.Admin(), x.owner.ID, registry.Attestation{
		Type: "kyc", Level: passport.L4KYC,
		Proof: registry.Proof{VerificationID: "ver_1", VerifiedAt: o.clock.Now()},
	})
	require.NoError(t, err)
	call := func(t *testing.T, status int, path string, body any) map[string]any {
		t.Helper()
		text, err := json.Marshal(body)
		require.NoError(t, err)
		a := o.ask(bearer(x.apk), "POST", "/aport"+path, string(text))
		require.Equal(t, status, a.status, a.body)
		return a.object(t)
	}
	for _, id := range packs.IDs() {
		t.Run(id, func(t *testing.T) {
			var good *packCase
			for i, c := range by[id] {
				if c.Strict.Allow && c.Derived.Allow {
					good = &by[id][i]
					break
				}
			}
			require.NotNil(t, good)
			capabilities := []map[string]string{}
			for _, name := range good.Passport.Capabilities {
				capabilities = append(capabilities, map[string]string{"id": name})
			}
			profile := map[string]any{
				"name": "n", "role": "agent", "description": "d", "owner_id": x.owner.ID, "status": "active",
				"capabilities": capabilities, "limits": map[string]any{good.Passport.Capabilities[0]: good.Limits},
			}
			if bytes.Contains(good.Context, []byte(`"region"`)) { // else the act would have to state its own
				profile["regions"] = good.Passport.Regions
			}
			made := call(t, 201, "/api/passports/create", profile)["data"].(map[string]any)
			agent := made["agent_id"].(string)
			o.clock.Advance(time.Second)
			limits, err := json.Marshal(made["limits"].(map[string]any)[good.Passport.Capabilities[0]])
			require.NoError(t, err)
			require.JSONEq(t, string(good.Limits), string(limits), "it is shown as it was stated")
			ask := func(c *packCase) (bool, string) {
				t.Helper()
				var context map[string]json.RawMessage
				require.NoError(t, json.Unmarshal(c.Context, &context))
				context["agent_id"] = json.RawMessage(fmt.Sprintf("%q", agent))
				d := call(t, 200, "/api/verify/policy/"+id, map[string]any{"context": context})["decision"].(map[string]any)
				return d["allow"].(bool), fmt.Sprint(d["reasons"])
			}
			allow, reasons := ask(good)
			require.True(t, allow, "%s: %s", good.ID, reasons)
			twins := 0
			for _, c := range by[id] {
				if c.Strict.Allow || c.Derived.Allow || c.Strict.Code != c.Derived.Code ||
					string(c.Limits) != string(good.Limits) || string(c.State) != string(good.State) ||
					fmt.Sprint(c.Passport) != fmt.Sprint(good.Passport) {
					continue
				}
				twins++
				allow, reasons := ask(&c)
				require.False(t, allow, c.ID)
				require.Contains(t, reasons, c.Strict.Code, c.ID)
			}
			require.NotZero(t, twins, "a denied twin")
		})
	}
}
