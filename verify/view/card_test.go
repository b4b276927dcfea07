package view_test

import (
	"bytes"
	"context"
	"encoding/xml"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/verifytest"
	"github.com/safeconduct/safeconduct/verify/view"
)

// cards are one passport in the states that it can be seen in.
func cards(t testing.TB) map[string]*view.Card {
	w := verifytest.NewWorld(t)
	root := w.Passport(func(p *passport.Passport) {
		p.ID, p.Name = "urn:safeconduct:passport:01KQZ3E5P4M8T6W2A9B7C1D0XY", "Procurement agent"
		p.Issuer, p.Authority.MaxDelegationDepth = w.Issuer.KeyID().DID(), 1
		p.Authority.Categories = []string{"compute", "storage"}
	})
	child := *root
	child.ID, child.Issuer, child.Agent, child.Name = "urn:safeconduct:passport:01KQZ3E5P4M8T6W2A9B7C1D0XZ", root.Agent,
		verifytest.Key("sub").DID(), "Price finder"
	child.Authority.MaxDelegationDepth = 0
	child.Authority.Categories = []string{"compute"}
	chain := []*passport.Passport{root, &child}
	// Step at is the one that decides; those after it are not reached unless it passed.
	steps := func(at int, last verify.Outcome, age time.Duration) (out []verify.Step) {
		for i, name := range []verify.StepName{verify.StepEnvelope, verify.StepAnchor, verify.StepTime, verify.StepProof,
			verify.StepDelegation, verify.StepStatus, verify.StepAuthority, verify.StepLedger} {
			s := verify.Step{Name: name, Outcome: verify.Passed}
			if i == 5 {
				s.DataAge = age
			}
			switch {
			case i == at:
				s.Outcome = last
			case i > at && last != verify.Passed:
				s.Outcome = verify.NotReached
			}
			out = append(out, s)
		}
		return out
	}
	budget := verify.Budget{Name: "3 acts per hour", Rate: true, Limit: verify.Count(3),
		Used:  verify.Used{Spent: verify.Count(1), Held: verify.Count(1), Open: 1},
		Until: w.Clock.Now().Add(8*time.Hour + 40*time.Minute)}
	full := verify.Budget{Name: "5 files per day", Rate: true, Limit: verify.Count(5), Used: verify.Used{Spent: verify.Count(5)},
		Until: w.Clock.Now().Add(20 * time.Hour)}
	act := passport.Act{Action: "payments.charge", Amount: passport.MustMoney("12.50", "USD"), Category: "compute"}
	now := w.Clock.Now().Add(8 * time.Hour)
	return map[string]*view.Card{
		"unverified": {Chain: chain[:1], Now: now, Document: []byte(`{"id":"x"}`)},
		"allowed": {Chain: chain, Act: &act, Now: now, Budgets: []verify.Budget{budget, full},
			Decision: &verify.Decision{Verdict: verify.Allow, Chain: chain, Passport: &child, Steps: steps(7, verify.Passed, 3*time.Hour)}},
		"denied": {Chain: chain, Act: &act, Now: now, Report: &verify.Report{WouldBe: verify.Deny, Steps: steps(6, verify.Failed, time.Hour),
			Violations: []verify.Violation{{Code: verify.AuthorityAmountExceeded, Detail: "it is more than one payment may be", Limit: "10.00 USD",
				Actual: "12.50 USD", Hint: "ask for less", Until: now.Add(time.Hour)}}}},
		"undetermined": {Chain: chain, Now: now, Report: &verify.Report{WouldBe: verify.Undetermined, Steps: steps(5, verify.StepUndetermined, 0),
			Violations: []verify.Violation{{Code: verify.StatusUnavailable, Detail: "no list"}}}},
		"nothing": {},
	}
}

// draw draws a card in every way.
func draw(t testing.TB, c *view.Card) map[string]string {
	t.Helper()
	out := map[string]string{}
	for ending, to := range map[string]func(io.Writer) error{".html": c.HTML, ".svg": c.SVG, ".mmd": c.Mermaid} {
		var b bytes.Buffer
		require.NoError(t, to(&b))
		out[ending] = b.String()
	}
	var b bytes.Buffer
	view.Printer{W: &b}.Card(c)
	out[".txt"] = b.String()
	return out
}

// The pictures are as they were looked at, in a browser at 360 and 1,440 pixels, light and dark, and in a terminal.
func TestCards(t *testing.T) {
	for name, c := range cards(t) {
		for ending, got := range draw(t, c) {
			file := filepath.Join("testdata", name+ending)
			if os.Getenv("UPDATE_GOLDEN") != "" {
				require.NoError(t, os.MkdirAll("testdata", 0o755))
				require.NoError(t, os.WriteFile(file, []byte(got), 0o644))
			}
			want, err := os.ReadFile(file)
			require.NoError(t, err)
			require.Equal(t, string(want), got, file)
		}
	}
}

// A card is right for whoever sees no colours, or nothing: a verdict and each stamp are words and signs, a picture has
// them in its description, and a terminal needs 80 columns.
func TestCardsWithoutColours(t *testing.T) {
	for name, word := range map[string]string{"allowed": "ALLOWED", "denied": "DENIED", "undetermined": "UNDETERMINED", "unverified": "UNVERIFIED"} {
		drawn := draw(t, cards(t)[name])
		for _, ending := range []string{".html", ".svg", ".txt"} {
			require.Contains(t, drawn[ending], word, name+ending)
		}
		_, desc, _ := strings.Cut(drawn[".svg"], "<desc")
		desc, _, _ = strings.Cut(desc, "</desc>")
		require.Contains(t, desc, word)
		if name == "allowed" {
			require.Contains(t, desc, "step status: passed, evidence 3h0m0s old")
			require.Contains(t, desc, "took away: categories")
			require.Contains(t, desc, "held by 1 open act")
		}
		require.NotContains(t, drawn[".txt"], "\x1b")
		for _, line := range strings.Split(drawn[".txt"], "\n") {
			require.LessOrEqual(t, utf8.RuneCountInString(line), 80, line)
		}
	}
	require.NotContains(t, draw(t, cards(t)["undetermined"])[".html"], ">ALLOWED")
}

// WEB-12, STO-15: what a document says stays text, in every picture, and no picture fetches or runs anything.
func TestCardsOfStrangers(t *testing.T) {
	evil := `</text><script>alert(1)</script>"'&]|;` + "\n\x1b[2J\u202eALLOWED`%%{init}%%"
	for name, c := range cards(t) {
		if len(c.Chain) == 0 {
			continue
		}
		p := *c.Chain[0]
		p.Name, p.HumanPrincipal, p.Role = evil, evil, evil
		p.Authority.Payees = []string{evil, "shop"}
		chain := []*passport.Passport{&p}
		for _, link := range c.Chain[1:] { // takes the payee away, so that the diagram of the chain says its name
			below := *link
			below.Authority.Payees = []string{"shop"}
			chain = append(chain, &below)
		}
		c.Chain = chain
		if c.Decision != nil {
			c.Decision.Chain = c.Chain
		}
		if c.Report != nil {
			c.Report.Violations = append(c.Report.Violations, verify.Violation{Code: verify.Code(evil), Detail: evil, Limit: evil})
		}
		c.Act = &passport.Act{Action: evil}
		if len(c.Budgets) > 0 {
			c.Budgets[0].Name = evil
		}
		for ending, got := range draw(t, c) {
			if ending != ".txt" {
				require.NotContains(t, got, "<script", name+ending)
			}
			require.NotContains(t, got, "\x1b", name+ending)
			require.NotContains(t, got, "\u202e", name+ending)
			require.NotContains(t, got, "\nALLOWED", name+ending)
			if ending == ".svg" || ending == ".html" {
				require.Empty(t, regexp.MustCompile(`(?i)(\b(src|href|url)|@import|\son\w+)\s*[=(]`).FindString(got), name+ending)
				require.NotRegexp(t, `https?://[^"<]*["<]`, strings.ReplaceAll(got, "http://www.w3.org/2000/svg", ""), name+ending)
			}
			if ending == ".svg" {
				d := xml.NewDecoder(strings.NewReader(got))
				for {
					if _, err := d.Token(); err == io.EOF {
						break
					} else {
						require.NoError(t, err)
					}
				}
			}
			if ending == ".mmd" {
				for _, line := range strings.Split(strings.TrimSpace(got), "\n")[2:] { // after the title
					require.Regexp(t, `^  n\d+(\["[^"]*"\]| -->\|"[^"]*"\| n\d+)$`, line)
				}
			}
		}
	}
}

// decided is the card of a decision that was made: an agent gave a part of its authority to another, which has paid once,
// has a payment open, and asks for a third one.
func decided(t *testing.T) *view.Card {
	t.Helper()
	ctx := context.Background()
	w := verifytest.NewWorld(t)
	usd := func(amount string) passport.Money { return passport.MustMoney(amount, "USD") }
	aDay := func(amount string) []passport.SpendLimit {
		return []passport.SpendLimit{{Money: usd(amount), Per: passport.PerDay}}
	}
	family := w.Family(func(p *passport.Passport) {
		p.ID, p.Name = "urn:safeconduct:passport:01KQZ3E5P4M8T6W2A9B7C1D0XY", "Procurement agent"
		p.Authority.Categories = []string{"compute", "storage"}
		p.Authority.SpendLimits = aDay("200.00")
	})
	chain := family.Delegate(family.Chain(0), func(p *passport.Passport) {
		p.ID, p.Name = "urn:safeconduct:passport:01KQZ3E5P4M8T6W2A9B7C1D0XZ", "Price finder"
		p.Authority.Capabilities = []passport.Capability{{Action: "payments.charge"}}
		p.Authority.Categories = []string{"compute"}
		p.Authority.MaxTransaction = usd("25.00")
		p.Authority.SpendLimits = aDay("60.00")
		p.Authority.MaxDelegationDepth = 0
	})
	v := w.Verifier()
	pay := func(after time.Duration, amount string) *verify.Decision {
		w.Clock.Advance(after)
		in := w.Intent(func(in *passport.Intent) { in.Amount = usd(amount) })
		d, err := v.Verify(ctx, family.Present(chain, in), w.Request(func(q *verify.Request) { q.Amount = usd(amount) }))
		verifytest.AssertAllowed(t, err)
		return d
	}
	require.NoError(t, pay(time.Hour, "18.00").Commit(ctx))
	pay(90*time.Minute, "9.00")
	d := pay(time.Minute, "12.50")
	budgets, err := v.Budgets(ctx, d.Chain)
	require.NoError(t, err)
	return &view.Card{Decision: d, Chain: d.Chain, Act: &d.Intent.Act, Now: w.Clock.Now(), Budgets: budgets}
}

// The README opens with a real card.
func TestREADMEShowsACard(t *testing.T) {
	want := draw(t, decided(t))[".svg"]
	const file = "../../docs/card.svg"
	if os.Getenv("UPDATE_GOLDEN") != "" {
		require.NoError(t, os.WriteFile(file, []byte(want), 0o644))
	}
	got, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, want, string(got))
	readme, err := os.ReadFile("../../README.md")
	require.NoError(t, err)
	require.Contains(t, string(readme), "(docs/card.svg)")
}
