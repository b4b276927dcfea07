// Package desk is what the playground does, without the page around it: it makes a passport and shows it, and judges what
// somebody pastes.
package desk

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"time"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/credential/vcjwt"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/statuslist"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/bundle"
	"github.com/safeconduct/safeconduct/verify/ledger"
	"github.com/safeconduct/safeconduct/verify/view"
)

// Question is what is on the desk.
type Question struct {
	Document string `json:"document"` // a passport, a presentation or a trust bundle
	Trust    string `json:"trust"`    // DIDs of issuers that are believed, or of who signs the bundle; between spaces
	Lists    string `json:"lists"`    // status lists, one a line
	Bundle   string `json:"bundle"`   // a trust bundle, in the place of lists
}

// Answer is what there is to see.
type Answer struct {
	Verdict string `json:"verdict"` // "" if the document could not be read
	Page    string `json:"page"`    // a page of its own, see view.Card
	Error   string `json:"error"`   // why there is none
}

// Made is a passport that was made here, with what a verifier must know.
type Made struct {
	Document string `json:"document"` // the presentation
	Passport string `json:"passport"`
	Trust    string `json:"trust"`
	Lists    string `json:"lists"`
}

var formats = []credential.Format{vcjwt.Format()}

// Make makes keys, which nobody keeps, a passport, and a presentation of it.
func Make(ctx context.Context, now time.Time) (*Made, error) {
	issuer, err := did.GenerateKey()
	if err != nil {
		return nil, err
	}
	agent, err := did.GenerateKey()
	if err != nil {
		return nil, err
	}
	const url = "https://issuer.example/status/1"
	list, err := statuslist.NewPublisher(statuslist.PublisherOptions{URL: url, Purpose: statuslist.Revocation})
	if err != nil {
		return nil, err
	}
	index, err := list.Allocate()
	if err != nil {
		return nil, err
	}
	entry, err := list.Entry(index)
	if err != nil {
		return nil, err
	}
	clock := func() time.Time { return now }
	pass, err := passport.Issue(ctx, issuer, &passport.Passport{
		Agent: agent.DID(), Name: "Procurement agent", HumanPrincipal: "mailto:ada@example.org",
		Status: []statuslist.Entry{entry},
		Authority: passport.Authority{
			Capabilities: []passport.Capability{{Action: "payments.charge"}, {Action: "catalog.search"}},
			Categories:   []string{"compute", "storage"},
			SpendLimits: []passport.SpendLimit{
				{Money: passport.MustMoney("50.00", "USD"), Per: passport.PerTransaction},
				{Money: passport.MustMoney("100.00", "USD"), Per: passport.PerDay},
			},
		},
	}, passport.IssueOptions{Now: clock})
	if err != nil {
		return nil, err
	}
	editions, err := list.Publish(ctx, issuer, statuslist.PublishOptions{Now: now})
	if err != nil {
		return nil, err
	}
	in := passport.Intent{Act: passport.Act{
		Action: "payments.charge", Amount: passport.MustMoney("12.50", "USD"), Category: "compute",
	}}
	shown, err := passport.Present(ctx, agent, passport.Chain{pass}, in, "did:web:shop.example",
		passport.PresentOptions{Now: clock})
	if err != nil {
		return nil, err
	}
	return &Made{string(shown.Bytes()), string(pass.Bytes()), issuer.DID().String(), string(editions[0].Raw)}, nil
}

// Judge reads the document and, if something is believed, says what a verifier would.
func Judge(ctx context.Context, q Question, now time.Time) (a Answer) {
	card, err := judge(ctx, q, now)
	if err == nil {
		var page bytes.Buffer
		if err = card.HTML(&page); err == nil {
			return Answer{Verdict: card.Summary()[0].Value.(string), Page: page.String()}
		}
	}
	if info, ierr := bundle.Inspect([]byte(q.Document)); ierr == nil {
		var text strings.Builder
		view.Printer{W: &text}.Page(view.Bundle(info, false))
		return Answer{Verdict: "A trust bundle, UNVERIFIED", Error: text.String()}
	}
	return Answer{Error: view.Plain(err.Error())}
}

func judge(ctx context.Context, q Question, now time.Time) (*view.Card, error) {
	raw := []byte(strings.TrimSpace(q.Document))
	c := &view.Card{Now: now, Document: raw}
	shown, err := passport.ReadShownUnverified(raw, formats...)
	if err != nil {
		return nil, err
	}
	for _, signed := range shown.Chain {
		p, err := passport.ReadUnverified(signed)
		if err != nil {
			return nil, err
		}
		c.Chain = append(c.Chain, p)
	}
	if len(c.Chain) == 0 {
		return nil, errors.New("there is no passport in it")
	}
	bare := shown.Intent == nil
	ask := verify.Request{Audience: shown.Audience}
	if bare {
		ask = verify.Request{Audience: "playground", Act: passport.Act{Action: firstAction(c.Chain[0])}}
	} else {
		ask.Act, ask.BodyDigest = shown.Intent.Act, shown.Intent.BodyDigest
	}
	c.Act = &ask.Act
	config, err := believed(ctx, q, now)
	if err != nil || config == nil {
		return c, err
	}
	config.InsecureAllowBarePassports = bare
	v, err := verify.New(*config)
	if err != nil {
		return nil, err
	}
	c.Report = v.Explain(ctx, raw, ask)
	return c, nil
}

// firstAction is something that a passport allows, to ask for.
func firstAction(p *passport.Passport) string {
	if len(p.Authority.Capabilities) == 0 {
		return "nothing"
	}
	return strings.ReplaceAll(p.Authority.Capabilities[0].Action, "*", "example")
}

// believed is how a verifier is set up; nil if nothing is believed.
func believed(ctx context.Context, q Question, now time.Time) (*verify.Config, error) {
	var trust []did.DID
	for _, text := range strings.Fields(q.Trust) {
		id, err := did.Parse(text)
		if err != nil {
			return nil, err
		}
		trust = append(trust, id)
	}
	if len(trust) == 0 {
		return nil, nil
	}
	clock := func() time.Time { return now }
	c := &verify.Config{Now: clock, Formats: formats, Ledger: ledger.NewMemory(ledger.Options{}), Resolver: did.KeyMethods()}
	if strings.TrimSpace(q.Bundle) != "" {
		b, err := bundle.Open(ctx, []byte(q.Bundle), bundle.Options{Signers: trust, Resolver: did.KeyMethods(), Now: clock})
		if err != nil {
			return nil, err
		}
		c.Anchors, c.Resolver, c.Status, c.Siblings = b.Anchors(), b, b, b
		return c, nil
	}
	for _, id := range trust {
		c.Anchors = append(c.Anchors, verify.Anchor{Issuer: id})
	}
	lists := lists{}
	for _, line := range strings.Split(q.Lists, "\n") {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		l, err := statuslist.ReadUnverified([]byte(line))
		if err != nil {
			return nil, err
		}
		lists[l.ID] = &statuslist.Fetched{Raw: []byte(line), At: now}
	}
	c.Status = lists
	return c, nil
}

// lists are the lists on the desk, by URL.
type lists map[string]*statuslist.Fetched

func (l lists) StatusList(_ context.Context, url string) (*statuslist.Fetched, error) {
	if f := l[url]; f != nil {
		return f, nil
	}
	return nil, verify.StatusUnavailable
}
