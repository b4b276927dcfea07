package verify_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/sequential"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// explained is one fault whose explanation is kept as a golden file.
type explained struct {
	name   string // of the file
	story  string // what was done wrong, for the reader of the file
	decide func(t *testing.T) (*verify.Decision, error)
}

// of makes a case of one fault in an otherwise good act.
func of(name, story string, f fault) explained {
	return explained{name, story, f.decide}
}

// shelved makes a case of an item of the shelf.
func shelved(name, item string) explained {
	return explained{name, item, func(t *testing.T) (*verify.Decision, error) {
		w := verifytest.NewWorld(t)
		for _, bad := range w.Shelf() {
			if bad.Name != item {
				continue
			}
			v := w.Verifier()
			_, err := v.Verify(ctx, bad.Good, bad.GoodRequest)
			require.NoError(t, err)
			if bad.Between != nil {
				bad.Between()
			}
			return v.Verify(ctx, bad.Bytes, bad.Request)
		}
		t.Fatalf("the shelf has no %q", item)
		return nil, nil
	}}
}

// asked changes intent and request alike.
func asked(f fault, edit func(in *passport.Intent)) fault {
	f.intent = edit
	f.ask = func(_ *verifytest.World, q *verify.Request) {
		in := passport.Intent{Act: passport.Act{Action: q.Action, Amount: q.Amount, Category: q.Category, Rail: q.Rail}}
		edit(&in)
		q.Act = in.Act
	}
	return f
}

func authority(edit func(*passport.Authority)) func(*verifytest.World, *passport.Passport) {
	return func(_ *verifytest.World, p *passport.Passport) { edit(&p.Authority) }
}

var explanations = []explained{
	of("request_no_audience", "the caller forgot to say who is asked", fault{ask: func(_ *verifytest.World, q *verify.Request) { q.Audience = "" }}),
	shelved("envelope_nothing", "nothing"),
	shelved("envelope_unknown_member", "unknown member"),
	shelved("envelope_unknown_context", "unknown context"),
	shelved("envelope_number_as_amount", "number as amount"),
	shelved("envelope_bare_passport", "bare passport"),
	shelved("anchor_stranger", "stranger's issuer"),
	of("anchor_ceiling", "the issuer is trusted for less", fault{config: func(_ *verifytest.World, c *verify.Config) {
		c.Anchors[0].Ceilings = []passport.Money{passport.MustMoney("10.00", "USD")}
	}}),
	of("anchor_actions", "the issuer is trusted for other acts", fault{config: func(_ *verifytest.World, c *verify.Config) {
		c.Anchors[0].Actions = []string{"data.*", "files.read"}
	}}),
	shelved("time_expired", "expired"),
	shelved("time_intent_ended", "intent ended"),
	shelved("time_lives_too_long", "lives too long"),
	shelved("proof_tampered_passport", "tampered passport"),
	shelved("proof_forged", "forged by a stranger's key"),
	shelved("proof_wrong_audience", "wrong audience"),
	shelved("proof_wrong_challenge", "wrong challenge"),
	shelved("proof_other_amount", "intent: other amount"),
	of("proof_unresolvable", "the issuer's key cannot be looked up", fault{config: func(_ *verifytest.World, c *verify.Config) {
		c.Resolver = did.ResolverFunc(func(context.Context, did.DID) (*did.Document, error) {
			return nil, fmt.Errorf("%w: no route to host", did.ErrUnavailable)
		})
	}}),
	shelved("delegation_widened_amount", "widened: amount"),
	shelved("delegation_widened_action", "widened: action"),
	shelved("delegation_too_deep", "too deep"),
	shelved("delegation_another_parent", "another parent"),
	shelved("delegation_stolen_chain", "stolen chain"),
	shelved("status_revoked", "revoked"),
	shelved("status_stale", "list stale"),
	shelved("status_gone", "list gone"),
	shelved("status_tampered", "list tampered"),
	of("status_rolled_back", "the list is older than one that was seen before a restart", fault{config: func(w *verifytest.World, c *verify.Config) {
		kept := newMarks()
		kept.use(c)
		err := kept.SaveMark(ctx, verify.Mark{
			MarkKey: verify.MarkKey{Kind: verify.ListMark, Issuer: w.Issuer.DID(), Name: verifytest.RevocationURL},
			AsOf:    w.Clock.Now().Add(time.Minute),
		})
		if err != nil {
			panic(err)
		}
	}}),
	shelved("status_early", "list of the future"),
	shelved("consent_missing", "consent missing"),
	shelved("consent_withdrawn", "consent withdrawn"),
	shelved("authority_tightest_link", "beyond the tightest link"),
	of("authority_currency", "a currency that is not granted", asked(fault{}, func(in *passport.Intent) { in.Amount = passport.MustMoney("1.00", "EUR") })),
	of("authority_action", "an action that is not granted",
		asked(fault{}, func(in *passport.Intent) { *in = passport.Intent{Act: passport.Act{Action: "files.delete"}} })),
	of("authority_denied", "an action that is denied", fault{pass: authority(func(a *passport.Authority) { a.DeniedActions = []string{"payments.*"} })}),
	of("authority_category", "a category that is not granted", asked(fault{}, func(in *passport.Intent) { in.Category = "gambling" })),
	of("authority_payee", "a payee that is not among those allowed", asked(fault{pass: authority(func(a *passport.Authority) {
		a.Payees = []string{"did:web:landlord.example", "https://shops.example/*"}
	})}, func(in *passport.Intent) { in.Payee = "https://shops.example.evil.example/1" })),
	of("authority_limit", "an attribute beyond its limit", asked(fault{pass: authority(func(a *passport.Authority) {
		a.Limits = []passport.Limit{passport.MaxOf("rows", 100)}
	})}, func(in *passport.Intent) { in.Attributes = object(`{"rows":101}`) })),
	of("authority_time_window", "on a Saturday, with a passport for weekdays", fault{pass: authority(func(a *passport.Authority) {
		a.TimeWindows = []passport.TimeWindow{{Days: []string{"mon", "fri"}, Start: "09:00", End: "17:00", TimeZone: "Europe/Berlin"}}
	})}),
	of("authority_region", "an act in another region",
		asked(fault{pass: authority(func(a *passport.Authority) { a.Regions = []string{"DE", "AT"} })}, func(in *passport.Intent) { in.Region = "FR" })),
	of("authority_assurance", "the principal is not identified well enough", fault{
		pass: authority(func(a *passport.Authority) { a.Assurance.Level = passport.L1 }),
		ask:  func(_ *verifytest.World, q *verify.Request) { q.MinAssurance = passport.L3 },
	}),
	of("policy_rule", "a rule of the host refuses", fault{config: func(_ *verifytest.World, c *verify.Config) {
		c.Policy = []verify.Rule{{ID: "not-on-saturdays", Check: func(verify.Facts) error { return errors.New("the shop is closed today") }}}
	}}),
	of("policy_obligation", "a person has to be asked first", fault{config: func(_ *verifytest.World, c *verify.Config) {
		c.Policy = []verify.Rule{{ID: "large", Check: func(verify.Facts) error {
			return &verify.Obligation{Kind: "ask_human", Detail: "more than 10 USD", Next: "https://shop.example/approve"}
		}}}
	}}),
	shelved("ledger_replay", "replayed"),
	shelved("ledger_conflict", "intent reused"),
	shelved("ledger_budget", "budget used up"),
	shelved("ledger_rate", "too often"),
	of("several_reasons", "three things at once: the list is gone, and the act is denied and too expensive", asked(fault{
		pass: authority(func(a *passport.Authority) { a.DeniedActions = []string{"payments.charge"} }),
		before: func(w *verifytest.World, _ *passport.Passport) {
			w.Lists.Fail(verifytest.RevocationURL, errors.New("404 not found"))
		},
	}, func(in *passport.Intent) { in.Amount = passport.MustMoney("99.00", "USD") })),
}

// A Decision explains itself: each of these is to be read as a person would
// who has to find out what went wrong. UPDATE_GOLDEN=1 writes the files anew.
func TestExplainGolden(t *testing.T) {
	sequential.Long(t)
	seen := map[string]bool{}
	for _, e := range explanations {
		require.False(t, seen[e.name], e.name)
		seen[e.name] = true
		t.Run(e.name, func(t *testing.T) {
			d, err := e.decide(t)
			require.Error(t, err)
			requireConsistent(t, d, err)
			got := explanation(e, d, err)
			file := filepath.Join("testdata", "explain", e.name+".txt")
			if os.Getenv("UPDATE_GOLDEN") != "" {
				require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
				require.NoError(t, os.WriteFile(file, []byte(got), 0o644))
			}
			want, err := os.ReadFile(file)
			require.NoError(t, err)
			require.Equal(t, string(want), got)
		})
	}
	require.GreaterOrEqual(t, len(seen), 30)
	files, err := os.ReadDir(filepath.Join("testdata", "explain"))
	require.NoError(t, err)
	require.Len(t, files, len(seen), "a golden file without a case")
}

// explanation writes a decision with all that it says about each reason.
func explanation(e explained, d *verify.Decision, err error) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\n%s\n", e.story, err)
	for _, s := range d.Steps {
		if s.Outcome != verify.Passed && s.Outcome != verify.NotReached {
			fmt.Fprintf(&b, "\nstep    %s: %s\n", s.Name, s.Outcome)
		}
		for _, vio := range d.Violations {
			if vio.Step != s.Name {
				continue
			}
			for _, line := range []struct{ name, text string }{
				{"code", string(vio.Code)}, {"path", vio.Path}, {"detail", vio.Detail}, {"limit", vio.Limit}, {"actual", vio.Actual}, {"hint", vio.Hint},
			} {
				if line.text != "" {
					fmt.Fprintf(&b, "%-7s %s\n", line.name, line.text)
				}
			}
			if !vio.Until.IsZero() {
				fmt.Fprintf(&b, "%-7s %s\n", "until", vio.Until.UTC().Format(time.RFC3339))
			}
			if vio.Err != nil {
				fmt.Fprintf(&b, "%-7s %s\n", "cause", vio.Err)
			}
		}
	}
	return masked(b.String())
}

var (
	ulids   = regexp.MustCompile(`urn:safeconduct:([a-z]+):[0-9A-HJKMNP-TV-Z]{26}`)
	digests = regexp.MustCompile(`uEi[A-Za-z0-9_-]{43}`)
)

// masked replaces what differs from run to run, and gives the parties their
// names.
func masked(s string) string {
	for _, name := range []string{"issuer", "agent", "child", "grandchild", "great-grandchild", "mallory", "principal ada", "principal eve"} {
		id := verifytest.Key(name).DID()
		s = strings.ReplaceAll(s, id.String()+"#"+id.SpecificID(), "<key of "+name+">")
		s = strings.ReplaceAll(s, id.String(), "<"+name+">")
	}
	s = ulids.ReplaceAllString(s, "<$1>")
	return digests.ReplaceAllString(s, "<digest>")
}
