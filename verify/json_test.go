package verify_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

const mail = "mailto:ada@example.org"

// detailed is an act with everything that a decision shows.
func detailed(edit func(*fault)) fault {
	attributes := object(`{"rows":1e2, "to":"x"}`)
	f := fault{
		pass: func(_ *verifytest.World, p *passport.Passport) {
			p.HumanPrincipal, p.Name = mail, "Ada's \"buyer\""
			p.Authority.SpendLimits = []passport.SpendLimit{{Money: passport.MustMoney("80.00", "USD"), Per: passport.PerDay}}
		},
		intent: func(in *passport.Intent) { in.Attributes = attributes },
		ask:    func(_ *verifytest.World, q *verify.Request) { q.Attributes = attributes },
	}
	if edit != nil {
		edit(&f)
	}
	return f
}

// M6: a decision is one JSON text in the versioned form, as a value, as a
// pointer and within other data, and every amount is in it.
func TestM6DecisionMarshals(t *testing.T) {
	d, err := detailed(nil).decide(t)
	require.NoError(t, err)
	text, err := json.Marshal(d)
	require.NoError(t, err)
	for _, v := range []any{*d, struct{ D verify.Decision }{*d}, []any{*d}, map[string]any{"d": d}} {
		again, err := json.Marshal(v)
		require.NoError(t, err)
		require.Contains(t, string(again), string(text))
	}
	_, err = credential.ParseValue(string(text)) // strictly: no name is there twice
	require.NoError(t, err)
	var got struct {
		Version                   int
		Kind, MediaType, ID, Code string
		Verdict, At               string
		Steps                     []struct{ Name, Outcome string }
		Violations, Obligations   []any
		Subject                   struct {
			Proven                    bool
			PassportID, Agent, Issuer string
		}
		Passport  struct{ ID, HumanPrincipal, Name string }
		Chain     []struct{ ID string }
		Intent    map[string]any
		Authority struct {
			SpendLimits []struct{ Amount, Currency, Per string }
			Facets      []struct{ Facet, Kind string }
		}
		Hops []struct{ ID string }
	}
	require.NoError(t, json.Unmarshal(text, &got))
	require.Equal(t, 1, got.Version)
	require.Equal(t, "decision", got.Kind)
	require.Equal(t, verify.DecisionMediaType, got.MediaType)
	require.Equal(t, d.ID, got.ID)
	require.Equal(t, "allow", got.Verdict)
	require.Len(t, got.Steps, 8)
	require.NotNil(t, got.Violations, "an empty list, not null")
	require.NotNil(t, got.Obligations)
	require.True(t, got.Subject.Proven)
	require.Equal(t, d.Passport.ID, got.Subject.PassportID)
	require.Equal(t, d.Passport.Agent.String(), got.Subject.Agent)
	require.Equal(t, mail, got.Passport.HumanPrincipal)
	require.Equal(t, "Ada's \"buyer\"", got.Passport.Name)
	require.Len(t, got.Chain, 1)
	require.Len(t, got.Hops, 1)
	require.Equal(t, map[string]any{"amount": "12.50", "currency": "USD"}, got.Intent["amount"])
	require.Equal(t, map[string]any{"rows": 1e2, "to": "x"}, got.Intent["parameters"])
	require.Equal(t, "80.00", got.Authority.SpendLimits[0].Amount)
	require.NotEmpty(t, got.Authority.Facets)
}

// M6: so is every refusal, whatever is wrong, and it shows nothing as proven
// that a permission would; what hosts say in other encodings does not break it.
func TestM6RefusalsMarshal(t *testing.T) {
	w := verifytest.NewWorld(t)
	v := w.Verifier()
	for _, bad := range w.Shelf() {
		_, err := v.Verify(ctx, bad.Good, bad.GoodRequest)
		require.NoError(t, err, bad.Name)
		if bad.Between != nil {
			bad.Between()
		}
		rep := v.Explain(ctx, bad.Bytes, bad.Request)
		d, err := v.Verify(ctx, bad.Bytes, bad.Request)
		var r *verify.Refusal
		require.ErrorAs(t, err, &r, bad.Name)
		for _, v := range []json.Marshaler{*d, *r, *rep, d.Violations[0], d.Steps[0]} {
			text, err := v.MarshalJSON()
			require.NoError(t, err, bad.Name)
			require.True(t, json.Valid(text), "%s: %s", bad.Name, text)
			_, err = credential.ParseValue(string(text))
			require.NoError(t, err, bad.Name)
			var top map[string]any
			require.NoError(t, json.Unmarshal(text, &top))
			for _, member := range []string{"passport", "chain", "intent", "authority"} {
				require.NotContains(t, top, member, bad.Name)
			}
		}
	}
	d, _ := verify.Refuse(time.Time{}, &verify.Violation{
		Code: verify.LedgerUnavailable, Detail: "a\xff", Err: errors.New("b\xfe\n\x00\""), Hint: "<&>\u2028",
		Until: time.Date(2026, 11, 21, 9, 0, 0, 1, time.UTC),
	})
	text, err := json.Marshal(d)
	require.NoError(t, err)
	_, err = credential.ParseValue(string(text))
	require.NoError(t, err)
	require.Contains(t, string(text), `"until":"2026-11-21T09:00:01Z"`, "rounded up: nobody comes too early")
	require.Contains(t, string(text), `"at":""`)
}

// logged returns what a program's log has of a value.
func logged(t *testing.T, v any) (text string, members map[string]any) {
	t.Helper()
	var b bytes.Buffer
	slog.New(slog.NewJSONHandler(&b, nil)).Info("m", "v", v)
	var line struct{ V map[string]any }
	require.NoError(t, json.Unmarshal(b.Bytes(), &line), b.String())
	return b.String(), line.V
}

// M6: a log of a decision, of a refusal or of parts of them names codes and
// identifiers, and no personal data, be it a value or a pointer.
func TestM6LogsHoldNoPersonalData(t *testing.T) {
	allowed, err := detailed(nil).decide(t)
	require.NoError(t, err)
	refused, err := detailed(func(f *fault) {
		f.config = func(_ *verifytest.World, c *verify.Config) { c.Anchors[0].Actions = []string{"data.*"} }
	}).decide(t)
	var r *verify.Refusal
	require.ErrorAs(t, err, &r)
	for name, v := range map[string]any{
		"decision": *allowed, "pointer": allowed, "refused": *refused, "refusal": *r, "refusal's pointer": r,
		"violation": r.Violations[0], "step": allowed.Steps[5], "subject": allowed.Subject,
		// E6: and what a host logs of it by itself.
		"passport": *allowed.Passport, "passport's pointer": allowed.Passport, "intent": *allowed.Intent, "intent's pointer": allowed.Intent,
	} {
		text, members := logged(t, v)
		require.NotEmpty(t, members, name)
		for _, personal := range []string{mail, "buyer", "12.50"} {
			require.NotContains(t, text, personal, name)
		}
	}
	_, members := logged(t, *allowed)
	require.Equal(t, "allow", members["verdict"])
	_, members = logged(t, err)
	require.Equal(t, "anchor.out_of_scope", members["code"])
}

// M7: whose act was refused is told as proven once step 4 has passed, before
// that as claimed, and not at all where nothing could be read.
func TestM7SubjectOfARefusal(t *testing.T) {
	tampered := replace(`"50.00"`, `"90.00"`)
	set := func(w *verifytest.World, p *passport.Passport) { w.Lists.Set(p.Status[0], 1) }
	assured := func(_ *verifytest.World, q *verify.Request) { q.MinAssurance = passport.L4FIN }
	elsewhere := func(_ *verifytest.World, q *verify.Request) { q.Audience = "did:web:x.example" }
	for name, c := range map[string]struct {
		fault fault
		word  string
	}{
		"revoked":            {fault{before: set}, "proven"},
		"assured too little": {fault{ask: assured}, "proven"},
		"the ledger is down": {fault{config: func(_ *verifytest.World, c *verify.Config) { c.Ledger = broken{} }}, "proven"},
		"allowed":            {fault{}, "proven"},
		"tampered":           {fault{bytes: tampered}, "claimed"},
		"other audience":     {fault{ask: elsewhere}, "claimed"},
		"expired": {fault{before: func(w *verifytest.World, p *passport.Passport) {
			w.Clock.Set(p.ValidUntil)
		}}, "claimed"},
		"untrusted issuer": {fault{config: func(_ *verifytest.World, c *verify.Config) {
			c.Anchors = []verify.Anchor{{Issuer: verifytest.Key("somebody").DID()}}
		}}, "claimed"},
		"no document":  {fault{bytes: func(*verifytest.World, []byte) []byte { return []byte("{") }}, ""},
		"bad question": {fault{ask: func(_ *verifytest.World, q *verify.Request) { q.Audience = "" }}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			d, err := c.fault.decide(t)
			_, members := logged(t, *d)
			var r *verify.Refusal
			if errors.As(err, &r) {
				require.Equal(t, d.Subject, r.Subject)
				require.Equal(t, d.ID, r.ID)
				_, ofError := logged(t, err)
				require.Equal(t, members[c.word], ofError[c.word])
			}
			if c.word == "" {
				require.True(t, d.Subject.IsZero())
				require.NotContains(t, members, "proven")
				require.NotContains(t, members, "claimed")
				return
			}
			require.Equal(t, c.word == "proven", d.Subject.Proven)
			require.Equal(t, map[string]any{
				"passport": d.Subject.Passport, "agent": verifytest.Key("agent").DID().String(),
				"issuer": verifytest.Key("issuer").DID().String(),
			}, members[c.word])
			require.NotContains(t, members, map[string]string{"proven": "claimed", "claimed": "proven"}[c.word])
		})
	}
}

// The report of a dry run has the same words.
func TestE10ReportMarshals(t *testing.T) {
	w := verifytest.NewWorld(t)
	w.Lists.Fail(verifytest.RevocationURL, errGone)
	raw := w.Present(w.Issue(w.Passport()), w.Intent())
	rep := w.Verifier().Explain(ctx, raw, w.Request())
	text, err := json.Marshal(*rep)
	require.NoError(t, err)
	var got struct {
		Kind, MediaType, WouldBe string
		Permits, Audit           bool
		Missing                  []verify.Code
		Subject                  struct{ Proven bool }
		Hops                     []struct{ Narrows []any }
	}
	require.NoError(t, json.Unmarshal(text, &got))
	require.Equal(t, "report", got.Kind)
	require.Equal(t, verify.ReportMediaType, got.MediaType)
	require.Equal(t, "undetermined", got.WouldBe)
	require.False(t, got.Permits)
	require.Equal(t, []verify.Code{verify.StatusUnavailable}, got.Missing)
	require.True(t, got.Subject.Proven)
	require.Len(t, got.Hops, 1)
	rep = w.Verifier().Audit(ctx, raw, w.Request(), w.Clock.Now())
	require.True(t, rep.Audit)
}
