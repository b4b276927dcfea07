package registry_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/passport/registry"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

const here = "https://issuer.example"

func (o *office) forJane(edit func(n *registry.NewForOwner)) (*registry.Made, error) {
	n := registry.NewForOwner{
		Pending: registry.PendingOwner{Email: "Jane@Example.com", DisplayName: "Jane Platform"},
		Profile: o.exporter(), Assurance: o.kyc(), Status: registry.Active,
	}
	edit(&n)
	return o.Records.IssueFor(ctx, o.org.Admin(), n)
}

func (o *office) ticket(p *registry.Record) string {
	_, secret, err := o.Records.Ticket(ctx, registry.Root(), p.ID)
	require.NoError(o, err)
	return secret.Reveal()
}

func (o *office) proof(key did.Signer, ticket string) []byte {
	raw, err := registry.ProveClaim(ctx, key, here, ticket)
	require.NoError(o, err)
	return raw
}

func noEdit(*registry.NewForOwner) {}

// P5: nothing is signed until somebody proves a DID; the level is kept, and the owner
// gets it.
func TestP5IssueForSomebodyWithoutAnAccount(t *testing.T) {
	o := newOffice(t)
	o.bank()
	p, err := o.forJane(noEdit)
	require.NoError(t, err)
	require.False(t, p.Claimed)
	require.Equal(t, o.org.ID, p.IssuedBy)
	require.Equal(t, passport.L4KYC, p.Level())
	require.Regexp(t, `^ap_user_`, p.Owner)
	require.Empty(t, p.Passport)
	_, err = o.Owners.Get(ctx, o.org.Admin(), p.Owner)
	require.ErrorIs(t, err, registry.NotFound, "the account is made at the claim")
	require.Contains(t, o.happened(), "record.claimable")

	ticket := o.ticket(p.Record)
	got, err := o.Records.Claim(ctx, registry.Claim{Ticket: ticket, Proof: o.proof(o.agent, ticket)})
	require.NoError(t, err)
	require.True(t, got.Claimed)
	require.Nil(t, got.Pending)
	require.Equal(t, p.ID, got.ID)
	require.Equal(t, p.Owner, got.Owner)
	require.Equal(t, passport.L4KYC, got.Level(), "claiming keeps the level")
	o.publish()
	require.NoError(t, o.does(o.credentialOf(got.Record), o.exports("1")))
	jane, err := o.Owners.Get(ctx, o.org.Admin(), p.Owner)
	require.NoError(t, err)
	require.Equal(t, "Jane Platform", jane.Name)
	require.Equal(t, "jane@example.com", jane.Email)
	require.Equal(t, passport.L4KYC, jane.Assured.Level)
	a, err := o.Agents.Get(ctx, o.org.Admin(), got.Agent)
	require.NoError(t, err)
	require.Equal(t, o.who.ID, a.ID, "who has a record already keeps it")
	_, err = o.Records.Get(ctx, jane.Actor(), p.ID)
	require.NoError(t, err)
}

// P5: with an agent it works while nobody has claimed it.
func TestP5WithAnAgentItWorksUnclaimed(t *testing.T) {
	o := newOffice(t)
	o.bank()
	p, err := o.forJane(func(n *registry.NewForOwner) { n.Agent = o.who.ID })
	require.NoError(t, err)
	o.publish()
	require.NoError(t, o.does(o.credentialOf(p.Record), o.exports("1")))
	got, err := o.Records.Claim(ctx, registry.Claim{Ticket: o.ticket(p.Record), Name: "Jane"})
	require.NoError(t, err)
	require.Equal(t, p.Passport, got.Passport, "nothing that is signed has changed")
	// One that proves another DID is bound to that.
	p, err = o.forJane(func(n *registry.NewForOwner) { n.Agent = o.who.ID })
	require.NoError(t, err)
	ticket, other := o.ticket(p.Record), verifytest.Key("other")
	got, err = o.Records.Claim(ctx, registry.Claim{Ticket: ticket, Proof: o.proof(other, ticket)})
	require.NoError(t, err)
	require.NotEqual(t, p.Passport, got.Passport)
	require.NotEqual(t, o.who.ID, got.Agent)
	o.clock.Advance(time.Second)
	o.publish()
	require.ErrorIs(t, o.does(o.credentialOf(p.Record), o.exports("1")), verify.StatusRevoked)
}

// P5: who may, and what is needed, with one fault each.
func TestP5Refusals(t *testing.T) {
	o := newOffice(t)
	_, err := o.forJane(noEdit)
	require.ErrorIs(t, err, registry.Forbidden, "org_cannot_issue")
	_, err = o.Orgs.SetIssuesForOthers(ctx, registry.Root(), o.org.ID, true)
	require.NoError(t, err)
	_, err = o.forJane(func(n *registry.NewForOwner) { n.Assurance = registry.Attestation{} })
	require.ErrorIs(t, err, registry.Forbidden, "no provider")
	o.bank()
	for name, c := range map[string]struct {
		edit func(n *registry.NewForOwner)
		code registry.Code
	}{
		"good":                  {noEdit, ""},
		"no level":              {func(n *registry.NewForOwner) { n.Assurance = registry.Attestation{} }, ""},
		"no address":            {func(n *registry.NewForOwner) { n.Pending.Email = "" }, ""},
		"no such provider":      {func(n *registry.NewForOwner) { n.Assurance.Level = passport.L4FIN }, registry.InvalidAssurance},
		"a level that is set":   {func(n *registry.NewForOwner) { n.Authority.Assurance.Level = "L4FIN" }, registry.InvalidAssurance},
		"no role":               {func(n *registry.NewForOwner) { n.Role = "" }, registry.BadRequest},
		"no description":        {func(n *registry.NewForOwner) { n.Description = "" }, registry.BadRequest},
		"no regions":            {func(n *registry.NewForOwner) { n.Authority.Regions = nil }, registry.BadRequest},
		"no contact":            {func(n *registry.NewForOwner) { n.Contact = "" }, registry.BadRequest},
		"an address of nothing": {func(n *registry.NewForOwner) { n.Pending.Email = "jane" }, registry.BadRequest},
		"another organisation":  {func(n *registry.NewForOwner) { n.Org = "ap_org_x" }, registry.NotFound},
		"it begins as revoked":  {func(n *registry.NewForOwner) { n.Status = registry.Revoked }, registry.BadRequest},
	} {
		_, err := o.forJane(c.edit)
		if c.code == "" {
			require.NoError(t, err, name)
		} else {
			require.ErrorIs(t, err, c.code, name)
		}
	}
	before := len(o.happened())
	_, err = o.forJane(func(n *registry.NewForOwner) { n.Pending.Email = "" })
	require.NoError(t, err)
	require.NotContains(t, o.happened()[before:], "record.claimable", "no address, no mail")
	_, err = o.Records.IssueFor(ctx, o.owner("x@example.org").Actor(), registry.NewForOwner{})
	require.ErrorIs(t, err, registry.Forbidden)
}

// P5: a ticket is good once, and every failure of one is the same answer.
func TestP5Tickets(t *testing.T) {
	o := newOffice(t)
	o.bank()
	p, err := o.forJane(noEdit)
	require.NoError(t, err)
	for _, by := range []registry.Actor{o.org.Admin(), {}} {
		_, _, err = o.Records.Ticket(ctx, by, p.ID)
		require.Error(t, err, "tickets are the host's")
	}
	first := o.ticket(p.Record)
	second := o.ticket(p.Record)
	claim := func(ticket string) error {
		_, err := o.Records.Claim(ctx, registry.Claim{Ticket: ticket, Proof: o.proof(o.agent, ticket)})
		return err
	}
	var answers []string
	for name, ticket := range map[string]string{
		"the one before": first, "nothing": "", "a typo": second + "0", "of another record": "ap_x" + second[strings.Index(second, "."):],
		"no secret": p.ID,
	} {
		err := claim(ticket)
		require.ErrorIs(t, err, registry.Unauthenticated, name)
		answers = append(answers, err.Error())
	}
	o.clock.Advance(7 * 24 * time.Hour)
	err = claim(second)
	require.ErrorIs(t, err, registry.Unauthenticated, "it is over")
	answers = append(answers, err.Error())
	third := o.ticket(p.Record)
	require.NoError(t, claim(third))
	err = claim(third)
	require.ErrorIs(t, err, registry.Unauthenticated, "it was used")
	for _, a := range append(answers, err.Error()) {
		require.Equal(t, err.Error(), a)
	}
	_, _, err = o.Records.Ticket(ctx, registry.Root(), p.ID)
	require.ErrorIs(t, err, registry.InvalidTransition)
}

// P5: of many who have the ticket one claims it.
func TestP5TwoClaims(t *testing.T) {
	o := newOffice(t)
	o.bank()
	p, err := o.forJane(noEdit)
	require.NoError(t, err)
	ticket := o.ticket(p.Record)
	var all sync.WaitGroup
	errs := make([]error, 6)
	for i := range errs {
		proof := o.proof(verifytest.Key(fmt.Sprint("claimant ", i)), ticket)
		all.Go(func() { _, errs[i] = o.Records.Claim(ctx, registry.Claim{Ticket: ticket, Proof: proof}) })
	}
	all.Wait()
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
		} else {
			require.ErrorIs(t, err, registry.Unauthenticated)
		}
	}
	require.Equal(t, 1, won)
}

// P5: the proof is for this office, this ticket and these keys.
func TestP5AClaimProvesItsDID(t *testing.T) {
	o := newOffice(t)
	o.bank()
	p, err := o.forJane(noEdit)
	require.NoError(t, err)
	ticket := o.ticket(p.Record)
	good := o.proof(o.agent, ticket)
	elsewhere, err := registry.ProveClaim(ctx, o.agent, "https://other.example", ticket)
	require.NoError(t, err)
	for name, proof := range map[string][]byte{
		"none":              nil,
		"not a document":    []byte("x"),
		"another ticket":    o.proof(o.agent, ticket+"x"),
		"another office":    elsewhere,
		"another holder":    bytes.Replace(good, []byte(`"holder":"`+o.agent.DID().String()), []byte(`"holder":"`+o.issuer.DID().String()), 1),
		"another signature": bytes.Replace(good, []byte(`"proofValue":"z`), []byte(`"proofValue":"z2`), 1),
	} {
		_, err := o.Records.Claim(ctx, registry.Claim{Ticket: ticket, Proof: proof})
		require.ErrorIs(t, err, registry.BadRequest, name)
	}
	_, err = o.Records.Claim(ctx, registry.Claim{Ticket: ticket, Proof: good})
	require.NoError(t, err, "no fault has used the ticket up")
}

// P5: "claim lowers assurance": neither that of the record nor that of an owner who has
// a higher one.
func TestP5AClaimLowersNoAssurance(t *testing.T) {
	o := newOffice(t)
	o.bank()
	p, err := o.forJane(noEdit)
	require.NoError(t, err)
	jane, err := o.Owners.Create(ctx, o.org.Admin(), registry.NewOwner{Name: "Jane", Email: "jane@example.com"})
	require.NoError(t, err)
	require.Equal(t, p.Owner, jane.ID)
	fin := o.kyc()
	fin.Type, fin.Level = "financial", passport.L4FIN
	_, err = o.Owners.Attest(ctx, o.org.Admin(), jane.ID, fin)
	require.NoError(t, err)
	low, err := o.forJane(func(n *registry.NewForOwner) { n.Assurance = registry.Attestation{} })
	require.NoError(t, err)
	for _, p := range []*registry.Made{p, low} {
		ticket := o.ticket(p.Record)
		got, err := o.Records.Claim(ctx, registry.Claim{Ticket: ticket, Proof: o.proof(o.agent, ticket)})
		require.NoError(t, err)
		require.Equal(t, p.Level(), got.Level())
		jane, err = o.Owners.Get(ctx, o.org.Admin(), jane.ID)
		require.NoError(t, err)
		require.Equal(t, passport.L4FIN, jane.Assured.Level)
	}
}

// P5: neither ticket nor address is in any event, line or answer.
func TestP5TicketsDoNotShow(t *testing.T) {
	o := newOffice(t)
	o.bank()
	p, err := o.forJane(noEdit)
	require.NoError(t, err)
	_, secret, err := o.Records.Ticket(ctx, registry.Root(), p.ID)
	require.NoError(t, err)
	ticket := secret.Reveal()
	_, err = o.Records.Claim(ctx, registry.Claim{Ticket: ticket})
	require.Error(t, err)
	made, err2 := o.Records.Claim(ctx, registry.Claim{Ticket: ticket, Proof: o.proof(o.agent, ticket)})
	require.NoError(t, err2)
	lines, err2 := o.Audit.List(ctx, o.org.Admin(), "", 0, 0)
	require.NoError(t, err2)
	events, err2 := o.Events.Read(ctx, registry.Root(), 0, 1000)
	require.NoError(t, err2)
	raw, err2 := json.Marshal([]any{lines, events, secret, o.credentialOf(made.Record)})
	require.NoError(t, err2)
	shown := string(raw) + err.Error() + fmt.Sprintf("%v %+v %#v", secret, secret, secret)
	require.NotContains(t, shown, ticket[len(ticket)-30:])
	require.NotContains(t, strings.ToLower(shown), "jane@example.com")
	require.NotContains(t, shown, "ver_123")
}
