package registry_test

import (
	"context"
	"crypto"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/passport/registry"
	"github.com/safeconduct/safeconduct/store/sqlite"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/ledger"
	joined "github.com/safeconduct/safeconduct/verify/office"
	"github.com/safeconduct/safeconduct/verify/score"
)

func (o *office) bot(edit func(n *registry.NewAIP1)) (*registry.AIP1Agent, error) {
	n := registry.NewAIP1{
		Domain: "yourco.com", AgentName: "procurement-bot", AllowedActions: []string{"read_data", "transfer_funds"},
		DeniedActions: []string{"delete_all"}, PerTransaction: "100.00", PerDay: "1000.00",
	}
	edit(&n)
	return o.AIP1.Create(ctx, o.org.Admin(), n)
}

// acts makes a verifier that knows the bot's document, and asks it for an act.
func (o *office) acts(bot *registry.AIP1Agent, act passport.Act) *verify.Decision {
	pair, err := did.ParsePrivatePEM([]byte(bot.PrivateKey.Reveal()))
	require.NoError(o, err)
	url, err := bot.Document.ID().URL("keys-1")
	require.NoError(o, err)
	signer, err := did.NewSigner(url, pair.PrivateKey())
	require.NoError(o, err)
	web := did.ResolverFunc(func(_ context.Context, id did.DID) (*did.Document, error) {
		if id == bot.Document.ID() {
			return bot.Document, nil
		}
		return nil, did.ErrNotFound
	})
	shop, err := verify.New(verify.Config{
		Anchors: []verify.Anchor{{Issuer: o.issuer.DID()}}, Resolver: did.Mux{"key": did.KeyMethods(), "web": web},
		Status: o.Lists.Source(), Ledger: ledger.NewMemory(ledger.Options{}), Now: o.clock.Now,
	})
	require.NoError(o, err)
	o.clock.Advance(time.Second) // an edition is later than the one before
	p, err := o.Records.Get(ctx, registry.Root(), bot.Record.ID)
	require.NoError(o, err)
	signed, err := credential.Parse([]byte(o.credentialOf(p).Credential))
	require.NoError(o, err)
	shown, err := passport.Present(ctx, signer, passport.Chain{signed}, passport.Intent{Act: act}, "did:web:shop.example",
		passport.PresentOptions{Now: o.clock.Now})
	require.NoError(o, err)
	d, _ := shop.Verify(ctx, shown.Bytes(), verify.Request{Audience: "did:web:shop.example", Act: act})
	return d
}

func spends(action, amount, currency string) passport.Act {
	return passport.Act{Action: action, Amount: passport.MustMoney(amount, currency)}
}

// A1: an agent has its name, its key, its document and a passport that does what it
// says.
func TestA1Create(t *testing.T) {
	o := newOffice(t)
	bot, err := o.bot(func(*registry.NewAIP1) {})
	require.NoError(t, err)
	require.Equal(t, "did:web:yourco.com:agents:procurement-bot", bot.AgentID)
	require.Equal(t, "created", bot.Status)
	spki, err := base64.StdEncoding.DecodeString(bot.PublicKey)
	require.NoError(t, err)
	require.Equal(t, "MCow", bot.PublicKey[:4])
	public, err := x509.ParsePKIXPublicKey(spki)
	require.NoError(t, err)
	pair, err := did.ParsePrivatePEM([]byte(bot.PrivateKey.Reveal()))
	require.NoError(t, err)
	require.Equal(t, pair.PrivateKey().Public(), crypto.PublicKey(public))
	raw, err := json.Marshal(bot)
	require.NoError(t, err)
	require.NotContains(t, string(raw)+fmt.Sprintf("%v %+v %#v", bot, bot, bot), bot.PrivateKey.Reveal()[40:60])
	require.JSONEq(t, `{"agent_id": "did:web:yourco.com:agents:procurement-bot", "public_key": "`+bot.PublicKey+
		`", "status": "created"}`, string(raw))

	require.Equal(t, verify.Allow, o.acts(bot, spends("transfer_funds", "100.00", "USD")).Verdict)
	for code, act := range map[verify.Code]passport.Act{
		verify.AuthorityAmountExceeded:     spends("transfer_funds", "100.01", "USD"),
		verify.AuthorityCurrencyNotAllowed: spends("transfer_funds", "1.00", "EUR"),
		verify.AuthorityActionNotAllowed:   {Action: "send_email"},
		verify.AuthorityActionDenied:       {Action: "delete_all"},
	} {
		require.Contains(t, codesOf(o.acts(bot, act)), code)
	}
	_, err = o.bot(func(*registry.NewAIP1) {})
	require.ErrorIs(t, err, registry.Exists)
}

func codesOf(d *verify.Decision) (list []verify.Code) {
	for _, v := range d.Violations {
		list = append(list, v.Code)
	}
	return list
}

// A1: zero is zero, and what is not stated is nothing; AIP-1 takes both for "no limit".
func TestA1ZeroIsNotUnlimited(t *testing.T) {
	o := newOffice(t)
	for name, edit := range map[string]func(n *registry.NewAIP1){
		"zero": func(n *registry.NewAIP1) { n.PerTransaction, n.PerDay = "0", "0" },
		"none": func(n *registry.NewAIP1) { n.PerTransaction, n.PerDay = "", "" },
	} {
		bot, err := o.bot(func(n *registry.NewAIP1) { n.AgentName = name; edit(n) })
		require.NoError(t, err)
		require.NotEqual(t, verify.Allow, o.acts(bot, spends("transfer_funds", "0.01", "USD")).Verdict, name)
		require.Equal(t, verify.Allow, o.acts(bot, passport.Act{Action: "read_data"}).Verdict, name)
	}
	bot, err := o.bot(func(n *registry.NewAIP1) { n.AgentName, n.AllowedActions = "nothing", nil })
	require.NoError(t, err)
	require.Contains(t, codesOf(o.acts(bot, passport.Act{Action: "read_data"})), verify.AuthorityActionNotAllowed,
		"an empty allow-list allows nothing")
}

// A1: what is asked for, with one fault each.
func TestA1Refusals(t *testing.T) {
	other, err := did.GenerateKey()
	require.NoError(t, err)
	for name, c := range map[string]struct {
		edit   func(n *registry.NewAIP1)
		code   registry.Code
		member string
	}{
		"good":               {func(*registry.NewAIP1) {}, "", ""},
		"a name of its own":  {func(n *registry.NewAIP1) { n.AgentName = "" }, "", ""},
		"the host's key":     {func(n *registry.NewAIP1) { n.Key = other.PublicKey() }, "", ""},
		"in euro":            {func(n *registry.NewAIP1) { n.Currency = "EUR" }, "", ""},
		"a framework":        {func(n *registry.NewAIP1) { n.FrameworkID = "crewai" }, "", ""},
		"no domain":          {func(n *registry.NewAIP1) { n.Domain = "" }, registry.BadRequest, "Domain"},
		"a port":             {func(n *registry.NewAIP1) { n.Domain = "x.example:8080" }, registry.BadRequest, "Domain"},
		"an address":         {func(n *registry.NewAIP1) { n.Domain = "127.0.0.1" }, registry.BadRequest, "Domain"},
		"a number":           {func(n *registry.NewAIP1) { n.Domain = "2130706433" }, registry.BadRequest, "Domain"},
		"an empty label":     {func(n *registry.NewAIP1) { n.Domain = "yourco..com" }, registry.BadRequest, "Domain"},
		"a dot at the end":   {func(n *registry.NewAIP1) { n.Domain = "yourco.com." }, registry.BadRequest, "Domain"},
		"a hyphen at an end": {func(n *registry.NewAIP1) { n.Domain = "-yourco.com" }, registry.BadRequest, "Domain"},
		"the folder above":   {func(n *registry.NewAIP1) { n.AgentName = ".." }, registry.BadRequest, "AgentName"},
		"the folder itself":  {func(n *registry.NewAIP1) { n.AgentName = "." }, registry.BadRequest, "AgentName"},
		"dots in the name":   {func(n *registry.NewAIP1) { n.AgentName = "a.b" }, "", ""},
		"a path in the name": {func(n *registry.NewAIP1) { n.AgentName = "a:b" }, registry.BadRequest, "AgentName"},
		"a sign":             {func(n *registry.NewAIP1) { n.PerDay = "-1" }, registry.BadRequest, "PerDay"},
		"a third of a cent":  {func(n *registry.NewAIP1) { n.PerTransaction = "1.005" }, registry.BadRequest, "PerTransaction"},
		"a currency of none": {func(n *registry.NewAIP1) { n.Currency = "XXX9" }, registry.BadRequest, "PerTransaction"},
		"an action of none":  {func(n *registry.NewAIP1) { n.AllowedActions = []string{"Read Data"} }, registry.BadRequest, ""},
		"all actions":        {func(n *registry.NewAIP1) { n.AllowedActions = []string{"*"} }, registry.BadRequest, ""},
	} {
		o := newOffice(t)
		bot, err := o.bot(c.edit)
		if c.code == "" {
			require.NoError(t, err, name)
			require.Equal(t, bot.PrivateKey.Reveal() == "", name == "the host's key", name)
			continue
		}
		require.ErrorIs(t, err, c.code, name)
		var e *registry.Error
		require.ErrorAs(t, err, &e)
		require.Equal(t, c.member, e.Member, name)
	}
}

// A5: results by DID, in the words of AIP-1; the span is an hour; no delay within the
// process.
func TestA5ByDID(t *testing.T) {
	o := newOffice(t)
	bot, err := o.bot(func(*registry.NewAIP1) {})
	require.NoError(t, err)
	read := passport.Act{Action: "read_data"}
	require.Equal(t, verify.Allow, o.acts(bot, read).Verdict)
	s, err := o.AIP1.Suspend(ctx, o.org.Admin(), "", bot.AgentID, registry.Suspension{Reason: "investigating anomaly"})
	require.NoError(t, err)
	require.Equal(t, o.clock.Now().Add(time.Hour), s.SuspendedUntil)
	raw, err := json.Marshal(s)
	require.NoError(t, err)
	require.JSONEq(t, `{"agent_id": "`+bot.AgentID+`", "status": "suspended", "reason": "investigating anomaly",
		"suspended_until": "`+o.clock.Now().Add(time.Hour).Format(time.RFC3339)+`"}`, string(raw))
	require.Equal(t, []verify.Code{verify.StatusSuspended}, codesOf(o.acts(bot, read)))
	s, err = o.AIP1.Reinstate(ctx, o.org.Admin(), "", bot.AgentID, "")
	require.NoError(t, err)
	require.True(t, s.Reinstated)
	require.Equal(t, registry.Active, s.Status)
	require.Equal(t, verify.Allow, o.acts(bot, read).Verdict)
	s, err = o.AIP1.Revoke(ctx, o.org.Admin(), "", bot.AgentID, "compromised credentials")
	require.NoError(t, err)
	require.Equal(t, registry.Revoked, s.Status)
	require.Equal(t, "compromised credentials", s.Reason)
	_, err = o.AIP1.Suspend(ctx, o.org.Admin(), "", bot.AgentID, registry.Suspension{})
	require.ErrorIs(t, err, registry.InvalidTransition, "a suspension never overwrites a revocation")
	require.Equal(t, []verify.Code{verify.StatusRevoked}, codesOf(o.acts(bot, read)))
	stranger, err := o.Orgs.Create(ctx, registry.Root(), registry.NewOrg{Name: "Stranger"})
	require.NoError(t, err)
	_, foreign := o.AIP1.Revoke(ctx, stranger.Admin(), "", bot.AgentID, "")
	_, nobodys := o.AIP1.Revoke(ctx, stranger.Admin(), "", "did:web:x.example", "")
	require.ErrorIs(t, foreign, registry.NotFound)
	require.Equal(t, nobodys.Error(), foreign.Error())
}

// A5: a revoked agent is reopened by its owner alone, named in the log; what was revoked
// stays so.
func TestA5ReinstateReopensForNewPassportsOnly(t *testing.T) {
	o := newOffice(t)
	ada := o.owner("ada@example.org")
	bot, err := o.AIP1.Create(ctx, ada.Actor(), registry.NewAIP1{Domain: "ada.example", AllowedActions: []string{"read_data"}})
	require.NoError(t, err)
	agent := bot.Record.Agent
	old := o.credentialOf(bot.Record)
	_, err = o.Agents.Revoke(ctx, o.org.Admin(), agent, "stolen")
	require.NoError(t, err)
	_, _, key := o.key(allScopes...)
	for _, by := range []registry.Actor{o.org.Admin(), registry.Root(), key} {
		_, err = o.Agents.Reinstate(ctx, by, agent, "")
		require.ErrorIs(t, err, registry.Forbidden)
	}
	_, err = o.Agents.Reinstate(ctx, o.owner("bob@example.org").Actor(), agent, "")
	require.ErrorIs(t, err, registry.NotFound)
	out, err := o.Agents.Reinstate(ctx, ada.Actor(), agent, "the key was found")
	require.NoError(t, err)
	require.True(t, out.Reopened)
	require.Equal(t, registry.Active, out.Status)
	lines, err := o.Audit.List(ctx, o.org.Admin(), "", 0, 1000)
	require.NoError(t, err)
	last := lines[len(lines)-1]
	require.Equal(t, "agent.reopened", last.Action)
	require.Equal(t, "owner "+ada.ID, last.By)
	require.Contains(t, string(last.Data), "stolen")
	got, err := o.Passports.Get(ctx, o.org.Admin(), old.ID)
	require.NoError(t, err)
	require.Equal(t, registry.Revoked, got.Status)
	require.Equal(t, []verify.Code{verify.StatusRevoked}, codesOf(o.acts(bot, passport.Act{Action: "read_data"})))
	_, err = o.Records.Renew(ctx, ada.Actor(), bot.Record.ID)
	require.NoError(t, err)
	require.Equal(t, verify.Allow, o.acts(bot, passport.Act{Action: "read_data"}).Verdict)
	_, err = o.Agents.Reinstate(ctx, ada.Actor(), agent, "")
	require.ErrorIs(t, err, registry.InvalidTransition, "there is nothing to reinstate")
}

// A17: the list and one agent, in the shapes of AIP-1.
func TestA17ListAndGet(t *testing.T) {
	o := newOffice(t)
	bot, err := o.bot(func(*registry.NewAIP1) {})
	require.NoError(t, err)
	o.clock.Advance(time.Second)
	_, err = o.bot(func(n *registry.NewAIP1) { n.AgentName, n.PerTransaction = "data-reader", "0" })
	require.NoError(t, err)
	page, err := o.AIP1.List(ctx, o.org.Admin(), registry.RecordQuery{})
	require.NoError(t, err)
	raw, err := json.Marshal(page)
	require.NoError(t, err)
	require.JSONEq(t, `{"total": 2, "agents": [
		{"id": "did:web:yourco.com:agents:data-reader", "domain": "yourco.com", "name": "data-reader", "status": "active",
		 "trust_score": 0, "allowed_actions": ["read_data", "transfer_funds"], "denied_actions": ["delete_all"],
		 "monetary_limit_txn": 0, "currency": "USD", "revoked": false},
		{"id": "did:web:yourco.com:agents:procurement-bot", "domain": "yourco.com", "name": "procurement-bot",
		 "status": "active", "trust_score": 0, "allowed_actions": ["read_data", "transfer_funds"],
		 "denied_actions": ["delete_all"], "monetary_limit_txn": 100.00, "currency": "USD", "revoked": false}]}`, string(raw))
	_, err = o.AIP1.Revoke(ctx, o.org.Admin(), "", bot.AgentID, "")
	require.NoError(t, err)
	one, err := o.AIP1.Get(ctx, o.org.Admin(), "", bot.AgentID)
	require.NoError(t, err)
	require.True(t, one.Revoked)
	require.Equal(t, registry.Revoked, one.Status)
	require.Equal(t, &registry.AIP1History{Revocations: 1}, one.History)
	_, err = o.AIP1.Get(ctx, o.org.Admin(), "", "did:web:yourco.com:agents:nobody")
	require.ErrorIs(t, err, registry.NotFound)
}

type scores map[string]score.History

func (s scores) History(_ context.Context, agent string) (score.History, error) { return s[agent], nil }

// A17, A7: the history and the score are those of the verifiers.
func TestA17History(t *testing.T) {
	o := newOffice(t)
	var h score.History
	for range 138 {
		h.Count(o.clock.Now(), score.Totals{Allowed: 1})
	}
	h.Count(o.clock.Now(), score.Totals{Violations: 3})
	db, err := sqlite.Open(ctx, sqlite.Memory, sqlite.Options{InsecureNoSync: true})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	o.Registry, err = registry.Open(registry.Config{
		Store: db.Registry(), Issuer: o.issuer, BaseURL: here, Now: o.clock.Now,
		Reputation: joined.Reputation(scores{"did:web:yourco.com:agents:procurement-bot": h}, nil),
	})
	require.NoError(t, err)
	o.org, err = o.Orgs.Create(ctx, registry.Root(), registry.NewOrg{Name: "Example Ltd"})
	require.NoError(t, err)
	bot, err := o.bot(func(*registry.NewAIP1) {})
	require.NoError(t, err)
	one, err := o.AIP1.Get(ctx, o.org.Admin(), "", bot.AgentID)
	require.NoError(t, err)
	require.Equal(t, &registry.AIP1History{TotalIntents: 141, SuccessfulIntents: 138, Violations: 3}, one.History)
	require.Equal(t, score.Bayesian{}.Score(h, o.clock.Now()).Value, one.TrustScore)
	require.Positive(t, one.TrustScore)
}

// A2: what was found, in the words of AIP-1; a refusal always says why.
func TestA2View(t *testing.T) {
	o := newOffice(t)
	bot, err := o.bot(func(*registry.NewAIP1) {})
	require.NoError(t, err)
	view := func(act passport.Act, opts joined.AIP1ViewOptions) joined.AIP1Decision {
		v := joined.AIP1View(o.acts(bot, act), opts)
		v.LatencyMS = 0
		return v
	}
	good := joined.AIP1Decision{
		Verified: true, Tier: "tier_2", SignatureValid: true, WithinBoundaries: true, AttestationMatch: true,
		TrustScore: 0.847, Errors: []joined.AIP1Error{}, Detail: "All checks passed",
	}
	read := passport.Act{Action: "read_data"}
	require.Equal(t, good, view(read, joined.AIP1ViewOptions{TrustScore: 0.847}))
	require.False(t, view(read, joined.AIP1ViewOptions{Unsigned: true}).SignatureValid)
	require.Equal(t, "tier_0", view(read, joined.AIP1ViewOptions{ClaimedTier: "tier_0"}).ClaimedTier)
	v := view(passport.Act{Action: "delete_all"}, joined.AIP1ViewOptions{})
	require.True(t, v.SignatureValid && v.AttestationMatch && !v.WithinBoundaries && !v.Verified && !v.Revoked)
	require.Contains(t, v.Errors, joined.AIP1Error{Code: "AIP-E201", Name: "ACTION_DENIED"})
	v = view(spends("transfer_funds", "5200.00", "USD"), joined.AIP1ViewOptions{})
	require.Equal(t, []joined.AIP1Error{{Code: "AIP-E202", Name: "MONETARY_LIMIT"}}, v.Errors)
	raw, err := json.Marshal(v)
	require.NoError(t, err)
	for _, member := range []string{"verified", "tier", "signature_valid", "within_boundaries", "attestation_match",
		"revoked", "trust_score", "latency_ms", "errors", "detail"} {
		require.Contains(t, string(raw), `"`+member+`":`)
	}
	// "revoked reads false while the errors say E400"
	_, err = o.AIP1.Revoke(ctx, o.org.Admin(), "", bot.AgentID, "")
	require.NoError(t, err)
	v = view(read, joined.AIP1ViewOptions{})
	require.True(t, v.Revoked)
	require.Equal(t, []joined.AIP1Error{{Code: "AIP-E400", Name: "AGENT_REVOKED"}}, v.Errors)
}

// A4: whatever refuses has a code and a name, and what was not reached is not valid.
func TestA4NoRefusalIsSilent(t *testing.T) {
	for _, info := range verify.Codes() {
		d, _ := verify.Refuse(time.Now(), info.Code)
		v := joined.AIP1View(d, joined.AIP1ViewOptions{})
		require.False(t, v.Verified || v.SignatureValid || v.WithinBoundaries || v.AttestationMatch, info.Code)
		require.NotEmpty(t, v.Errors, info.Code)
		require.Regexp(t, `^AIP-E[1-5]`, v.Errors[0].Code)
		require.NotEmpty(t, v.Errors[0].Name)
		require.NotEmpty(t, v.Detail)
	}
	require.NotEmpty(t, joined.AIP1View(&verify.Decision{}, joined.AIP1ViewOptions{}).Errors)
}

// P12: one shape, with a stable code, and nothing of the inside.
func TestP12View(t *testing.T) {
	o := newOffice(t)
	_, err := o.Passports.Get(ctx, o.org.Admin(), "x")
	v := registry.P12View(err, "")
	require.Equal(t, 404, v.Status)
	require.Regexp(t, `^req_[0-9A-Z]{26}$`, v.RequestID)
	raw, err := json.Marshal(registry.P12View(err, "req_1"))
	require.NoError(t, err)
	require.JSONEq(t, `{"success": false, "error": "there is no such passport", "code": "NOT_FOUND", "requestId": "req_1"}`, string(raw))
	_, err = o.Agents.Create(ctx, o.org.Admin(), registry.NewAgent{Name: "twin", DID: o.agent.DID()})
	require.Equal(t, o.who.ID, registry.P12View(err, "").ExistingID)
	v = registry.P12View(fmt.Errorf("pq: password for user x"), "")
	require.Equal(t, 500, v.Status)
	require.Equal(t, "internal error", v.Error)
	require.Equal(t, registry.Internal, v.Code)
}
