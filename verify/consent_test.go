package verify_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/statuslist"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/ledger"
	"github.com/safeconduct/safeconduct/verify/policy"
	"github.com/safeconduct/safeconduct/verify/policy/eprospera"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// willing is a world in which a person has signed a Manifestation of Will and
// an Agent Key stands on it.
type willing struct {
	*verifytest.World
	person *did.KeyPair
	will   *credential.Signed
	bits   *statuslist.Publisher
	pass   *credential.Signed
}

const willURL = "https://person.example/status/will"

func newWilling(t *testing.T, edit func(*passport.Manifestation), scopes ...string) *willing {
	t.Helper()
	w := &willing{World: verifytest.NewWorld(t), person: verifytest.Key("person")}
	var err error
	w.bits, err = statuslist.NewPublisher(statuslist.PublisherOptions{URL: willURL, Purpose: statuslist.Revocation})
	require.NoError(t, err)
	require.NoError(t, w.bits.Claim(3))
	entry, err := w.bits.Entry(3)
	require.NoError(t, err)
	w.publish(t)
	m := passport.Manifestation{StatementDigest: passport.Digest([]byte("I will")), ValidFrom: w.Clock.Now().Add(-time.Hour), Status: []statuslist.Entry{entry}}
	if edit != nil {
		edit(&m)
	}
	w.will, err = passport.IssueManifestation(ctx, w.person, m, passport.IssueOptions{Now: w.Clock.Now})
	require.NoError(t, err)
	if len(scopes) == 0 {
		scopes = []string{eprospera.ApplicationCreate, eprospera.EntityRead}
	}
	w.pass = w.Issue(w.Passport(func(p *passport.Passport) {
		p.HumanPrincipal = w.person.DID().String()
		p.Authority = passport.Authority{}
		for _, s := range scopes {
			p.Authority.Capabilities = append(p.Authority.Capabilities, passport.Capability{Action: s})
		}
		p.Consent, err = passport.ConsentTo(w.will)
		require.NoError(t, err)
	}))
	return w
}

func (w *willing) publish(t *testing.T) {
	t.Helper()
	list, err := w.bits.Publish(ctx, w.person, statuslist.PublishOptions{Now: w.Clock.Now()})
	require.NoError(t, err)
	w.Lists.Put(willURL, list[0].Raw)
}

func (w *willing) show(t *testing.T, pass *credential.Signed, action string, siblings ...*credential.Signed) []byte {
	t.Helper()
	return w.Present(pass, passport.Intent{Act: passport.Act{Action: action}}, func(o *passport.PresentOptions) { o.Siblings = siblings })
}

func create(edits ...func(*verify.Request)) verify.Request {
	q := verify.Request{Audience: verifytest.Audience, Operation: "POST /legal_entity_applications",
		Act: passport.Act{Action: eprospera.ApplicationCreate}, CredentialKind: eprospera.AgentKey, Discharges: []string{verify.SignAgreement}}
	for _, e := range edits {
		e(&q)
	}
	return q
}

func read() verify.Request {
	return verify.Request{Audience: verifytest.Audience, Operation: "GET /legal_entities/{id}",
		Act: passport.Act{Action: eprospera.EntityRead}, CredentialKind: eprospera.AgentKey}
}

func scoped(c *verify.Config) { c.Operations = policy.Scopes{Registry: eprospera.First()} }

// E3: a write needs a passport that stands on a Manifestation of Will; a read
// does not.
func TestE3WritesNeedConsent(t *testing.T) {
	w := newWilling(t, nil)
	_, err := w.Verifier(scoped).Verify(ctx, w.show(t, w.pass, eprospera.ApplicationCreate, w.will), create())
	require.NoError(t, err)

	plain := w.Issue(w.Passport(func(p *passport.Passport) {
		p.Authority = passport.Authority{Capabilities: []passport.Capability{{Action: eprospera.ApplicationCreate}, {Action: eprospera.EntityRead}}}
	}))
	_, err = w.Verifier(scoped).Verify(ctx, w.show(t, plain, eprospera.ApplicationCreate), create())
	verifytest.AssertDenied(t, err, verify.ConsentMissing)
	_, err = w.Verifier(scoped).Verify(ctx, w.show(t, plain, eprospera.EntityRead), read())
	require.NoError(t, err)
}

func TestE3ConsentFaults(t *testing.T) {
	foreign := func(t *testing.T, w *willing) *credential.Signed {
		s, err := passport.IssueManifestation(ctx, verifytest.Key("somebody else"),
			passport.Manifestation{StatementDigest: passport.Digest(nil), ID: w.will.Unverified().ID}, passport.IssueOptions{Now: w.Clock.Now})
		require.NoError(t, err)
		return s
	}
	reissue := func(t *testing.T, w *willing, will *credential.Signed, principal string) *credential.Signed {
		return w.Issue(w.Passport(func(p *passport.Passport) {
			p.HumanPrincipal = principal
			p.Authority = passport.Authority{Capabilities: []passport.Capability{{Action: eprospera.ApplicationCreate}}}
			var err error
			p.Consent, err = passport.ConsentTo(will)
			require.NoError(t, err)
		}))
	}
	for name, c := range map[string]struct {
		edit func(*passport.Manifestation)
		make func(*testing.T, *willing) (*credential.Signed, []*credential.Signed)
		move time.Duration
		want verify.Code
	}{
		"not there": {make: func(_ *testing.T, w *willing) (*credential.Signed, []*credential.Signed) { return w.pass, nil }, want: verify.ConsentMissing},
		"another edition": {make: func(t *testing.T, w *willing) (*credential.Signed, []*credential.Signed) {
			again, err := passport.IssueManifestation(ctx, w.person,
				passport.Manifestation{ID: w.will.Unverified().ID, StatementDigest: passport.Digest([]byte("other"))}, passport.IssueOptions{Now: w.Clock.Now})
			require.NoError(t, err)
			return w.pass, []*credential.Signed{again}
		}, want: verify.ConsentInvalid},
		"by somebody else": {make: func(t *testing.T, w *willing) (*credential.Signed, []*credential.Signed) {
			f := foreign(t, w)
			return reissue(t, w, f, w.person.DID().String()), []*credential.Signed{f}
		}, want: verify.ConsentSubjectMismatch},
		"about the principal, by somebody else": {make: func(t *testing.T, w *willing) (*credential.Signed, []*credential.Signed) {
			mallory := verifytest.Key("mallory")
			text := w.will.Text()
			text = text[:strings.LastIndex(text, `,"proof":`)] + "}"
			text = strings.Replace(text, `"issuer":"`+w.person.DID().String(), `"issuer":"`+mallory.DID().String(), 1)
			other, err := credential.SignJSON(ctx, mallory, []byte(text), credential.SignOptions{})
			require.NoError(t, err)
			return reissue(t, w, other, w.person.DID().String()), []*credential.Signed{other}
		}, want: verify.ConsentSubjectMismatch},
		"no principal": {make: func(t *testing.T, w *willing) (*credential.Signed, []*credential.Signed) {
			return reissue(t, w, w.will, ""), []*credential.Signed{w.will}
		}, want: verify.ConsentSubjectMismatch},
		"ended":   {edit: func(m *passport.Manifestation) { m.ValidUntil = m.ValidFrom.Add(time.Hour) }, want: verify.ConsentExpired},
		"not yet": {edit: func(m *passport.Manifestation) { m.ValidFrom = m.ValidFrom.Add(2 * time.Hour) }, want: verify.ConsentInvalid},
		"tampered": {make: func(t *testing.T, w *willing) (*credential.Signed, []*credential.Signed) {
			text := w.will.Text()
			broken, err := credential.Parse([]byte(strings.Replace(text, passport.Digest([]byte("I will")), passport.Digest([]byte("I won't")), 1)))
			require.NoError(t, err)
			return reissue(t, w, broken, w.person.DID().String()), []*credential.Signed{broken}
		}, want: verify.ConsentInvalid},
		"unsigned": {make: func(t *testing.T, w *willing) (*credential.Signed, []*credential.Signed) {
			text := w.will.Text()
			broken, err := credential.Parse([]byte(text[:strings.LastIndex(text, `,"proof":`)] + "}"))
			require.NoError(t, err)
			return reissue(t, w, broken, w.person.DID().String()), []*credential.Signed{broken}
		}, want: verify.ConsentInvalid},
		"signed by a stranger": {make: func(t *testing.T, w *willing) (*credential.Signed, []*credential.Signed) {
			text := w.will.Text()
			other, err := credential.SignJSON(ctx, verifytest.Key("mallory"), []byte(text[:strings.LastIndex(text, `,"proof":`)]+"}"), credential.SignOptions{})
			require.NoError(t, err)
			return reissue(t, w, other, w.person.DID().String()), []*credential.Signed{other}
		}, want: verify.ConsentInvalid},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWilling(t, c.edit)
			pass, siblings := w.pass, []*credential.Signed{w.will}
			if c.make != nil {
				pass, siblings = c.make(t, w)
			}
			_, err := w.Verifier(scoped).Verify(ctx, w.show(t, pass, eprospera.ApplicationCreate, siblings...), create())
			verifytest.AssertDenied(t, err, c.want)
		})
	}
}

// E4: withdrawing it stops every passport that names it, at once; by policy
// only what writes. A new one revives nothing.
func TestE4WithdrawingStopsAll(t *testing.T) {
	w := newWilling(t, nil)
	v := w.Verifier(scoped)
	lenient := w.Verifier(scoped, func(c *verify.Config) {
		c.Operations = policy.Scopes{Registry: eprospera.First(), ReadsOutliveConsent: true}
	})
	w.Clock.Advance(time.Minute)
	require.NoError(t, w.bits.Set(3, 1))
	w.publish(t)
	_, err := v.Verify(ctx, w.show(t, w.pass, eprospera.ApplicationCreate, w.will), create())
	verifytest.AssertDenied(t, err, verify.ConsentRevoked)
	_, err = v.Verify(ctx, w.show(t, w.pass, eprospera.EntityRead, w.will), read())
	verifytest.AssertDenied(t, err, verify.ConsentRevoked)
	_, err = lenient.Verify(ctx, w.show(t, w.pass, eprospera.ApplicationCreate, w.will), create())
	verifytest.AssertDenied(t, err, verify.ConsentRevoked)
	_, err = lenient.Verify(ctx, w.show(t, w.pass, eprospera.EntityRead, w.will), read())
	require.NoError(t, err)

	again, err := passport.IssueManifestation(ctx, w.person,
		passport.Manifestation{StatementDigest: passport.Digest([]byte("again"))}, passport.IssueOptions{Now: w.Clock.Now})
	require.NoError(t, err)
	_, err = v.Verify(ctx, w.show(t, w.pass, eprospera.ApplicationCreate, w.will, again), create())
	verifytest.AssertDenied(t, err, verify.ConsentRevoked)
}

// An unknown status of the consent is undetermined, and no permission.
func TestE4StatusUnknown(t *testing.T) {
	w := newWilling(t, nil)
	w.Lists.Fail(willURL, errors.New("gone"))
	d, err := w.Verifier(scoped).Verify(ctx, w.show(t, w.pass, eprospera.ApplicationCreate, w.will), create())
	verifytest.AssertDenied(t, err, verify.StatusUnavailable)
	require.Equal(t, verify.Undetermined, d.Verdict)
}

// The consent may also come from Config.Siblings, and is judged all the same.
func TestConsentFromSiblings(t *testing.T) {
	w := newWilling(t, nil)
	from := func(s *credential.Signed) func(*verify.Config) {
		return func(c *verify.Config) {
			c.Siblings = verify.SiblingFunc(func(_ context.Context, id, digest string) ([]byte, error) {
				if id == w.will.Unverified().ID {
					return s.Bytes(), nil
				}
				return nil, errors.New("no such thing")
			})
		}
	}
	_, err := w.Verifier(scoped, from(w.will)).Verify(ctx, w.show(t, w.pass, eprospera.ApplicationCreate), create())
	require.NoError(t, err)
	other, err := passport.IssueManifestation(ctx, w.person,
		passport.Manifestation{ID: w.will.Unverified().ID, StatementDigest: passport.Digest([]byte("x"))}, passport.IssueOptions{Now: w.Clock.Now})
	require.NoError(t, err)
	_, err = w.Verifier(scoped, from(other)).Verify(ctx, w.show(t, w.pass, eprospera.ApplicationCreate), create())
	verifytest.AssertDenied(t, err, verify.ConsentInvalid)
}

// E5: only the acceptance of the kind that the application asks for lifts the
// obligation; else it is met by the caller or refuses, and is told.
func TestE5Agreements(t *testing.T) {
	w := newWilling(t, nil)
	accept := func(kind string, by did.Signer) *credential.Signed {
		s, err := passport.IssueAcceptance(ctx, by,
			passport.Acceptance{Agreement: "https://eprospera.example/aoc", Version: "3", Kind: kind,
				TextDigest: passport.Digest([]byte("text"))}, passport.IssueOptions{Now: w.Clock.Now})
		require.NoError(t, err)
		return s
	}
	decide := func(discharged bool, siblings ...*credential.Signed) (*verify.Decision, error) {
		attributes := object(`{"residencyType":"Resident"}`)
		raw := w.Present(w.pass, passport.Intent{Act: passport.Act{Action: eprospera.ApplicationCreate,
			Attributes: attributes}}, func(o *passport.PresentOptions) {
			o.Siblings = append([]*credential.Signed{w.will}, siblings...)
		})
		return w.Verifier(scoped).Verify(ctx, raw, create(func(q *verify.Request) {
			q.Attributes = attributes
			if !discharged {
				q.Discharges = nil
			}
		}))
	}
	d, err := decide(false)
	verifytest.AssertDenied(t, err, verify.PolicyObligationUnmet)
	require.Equal(t, []verify.Obligation{{Kind: verify.SignAgreement, Detail: "Resident"}}, d.Obligations)
	d, err = decide(true)
	require.NoError(t, err)
	require.Len(t, d.Obligations, 1)
	d, err = decide(false, accept(eprospera.Resident, w.person))
	require.NoError(t, err)
	require.Empty(t, d.Obligations)
	_, err = decide(false, accept(eprospera.EResident, w.person))
	verifytest.AssertDenied(t, err, verify.PolicyObligationUnmet)
	_, err = decide(false, accept(eprospera.Resident, verifytest.Key("mallory")))
	verifytest.AssertDenied(t, err, verify.PolicyObligationUnmet)
}

// A rule of the host may raise an obligation.
func TestObligationOfARule(t *testing.T) {
	ask := func(c *verify.Config) {
		c.Policy = []verify.Rule{{ID: "human", Check: func(verify.Facts) error { return &verify.Obligation{Kind: "ask_human", Next: "call Ada"} }}}
	}
	w := verifytest.NewWorld(t)
	pass := w.Issue(w.Passport())
	d, err := w.Verifier(ask).Verify(ctx, w.Present(pass, w.Intent()), w.Request())
	verifytest.AssertDenied(t, err, verify.PolicyObligationUnmet)
	require.Equal(t, "call Ada", d.Violations[0].Hint)
	d, err = w.Verifier(ask).Verify(ctx, w.Present(pass, w.Intent()), w.Request(func(q *verify.Request) { q.Discharges = []string{"ask_human"} }))
	require.NoError(t, err)
	require.Equal(t, "ask_human", d.Obligations[0].Kind)
}

// E1: a passport acts for its principal's account only.
func TestE1ResourceOwner(t *testing.T) {
	w := newWilling(t, nil)
	owned := func(owner string) error {
		_, err := w.Verifier(scoped).Verify(ctx, w.show(t, w.pass, eprospera.EntityRead, w.will),
			func() verify.Request { q := read(); q.ResourceOwner = owner; return q }())
		return err
	}
	require.NoError(t, owned(w.person.DID().String()))
	verifytest.AssertDenied(t, owned("did:web:somebody.example"), verify.AuthorityResourceNotAllowed)
}

// E8: provenance is a condition on the request, and a missing one refuses.
func TestE8Provenance(t *testing.T) {
	w := verifytest.NewWorld(t)
	pass := w.Issue(w.Passport(func(p *passport.Passport) {
		p.Authority = passport.Authority{Capabilities: []passport.Capability{{Action: eprospera.ApplicationRead,
			Params: []passport.Param{{Name: "provenance", Kind: passport.ParamStrings, Strings: []string{"api"}}}}}}
	}))
	decide := func(attributes credential.Value) error {
		raw := w.Present(pass, passport.Intent{Act: passport.Act{Action: eprospera.ApplicationRead, Attributes: attributes}})
		_, err := w.Verifier().Verify(ctx, raw,
			verify.Request{Audience: verifytest.Audience, Act: passport.Act{Action: eprospera.ApplicationRead, Attributes: attributes}})
		return err
	}
	require.NoError(t, decide(object(`{"provenance":"api"}`)))
	verifytest.AssertDenied(t, decide(object(`{"provenance":"portal"}`)), verify.AuthorityLimitExceeded)
	verifytest.AssertDenied(t, decide(credential.Value{}), verify.AuthorityAttributeMissing)
}

// E10: a dry run tells everything that is missing and uses nothing up.
func TestE10Explain(t *testing.T) {
	w := newWilling(t, nil, eprospera.EntityRead)
	ledger := ledger.NewMemory(ledger.Options{})
	v := w.Verifier(scoped, func(c *verify.Config) { c.Ledger = ledger })
	q := create(func(q *verify.Request) { q.Discharges = nil })
	rep := v.Explain(ctx, w.show(t, w.pass, eprospera.ApplicationCreate), q)
	require.Equal(t, verify.Deny, rep.WouldBe)
	var found []verify.Code
	for _, vio := range rep.Violations {
		found = append(found, vio.Code)
	}
	require.Equal(t, []verify.Code{verify.ConsentMissing, verify.PolicyObligationUnmet, verify.AuthorityScopeMissing}, found)
	require.Len(t, rep.Hops, 1)
	require.Empty(t, ledger.Records())

	raw := w.show(t, w.pass, eprospera.EntityRead, w.will)
	for range 3 {
		require.Equal(t, verify.Allow, v.Explain(ctx, raw, read()).WouldBe)
	}
	_, err := v.Verify(ctx, raw, read())
	require.NoError(t, err, "explaining has not used the nonce")
	require.Equal(t, verify.LedgerReplay, v.Explain(ctx, raw, read()).Code())
}

// What the root lacks, a delegate cannot bring.
func TestDelegateCannotSupplyTheConsent(t *testing.T) {
	w := newWilling(t, nil)
	root := w.Passport(func(p *passport.Passport) {
		p.HumanPrincipal = w.person.DID().String()
		p.Authority = passport.Authority{MaxDelegationDepth: 1, Capabilities: []passport.Capability{{Action: eprospera.ApplicationCreate}}}
	})
	plain := w.Issue(root)
	_, err := w.Verifier(scoped).Verify(ctx, w.show(t, plain, eprospera.ApplicationCreate, w.will), create())
	verifytest.AssertDenied(t, err, verify.ConsentMissing)
	consent, err := passport.ConsentTo(w.will)
	require.NoError(t, err)
	sock := verifytest.Key("sock")
	chain, err := passport.Delegate(ctx, passport.Chain{plain}, w.Agent,
		&passport.Passport{Agent: sock.DID(), Consent: consent,
			Authority: passport.Authority{}.InheritGrants(&root.Authority)}, passport.IssueOptions{Now: w.Clock.Now})
	require.NoError(t, err)
	_, err = w.Verifier(scoped).Verify(ctx, w.PresentChain(sock, chain,
		passport.Intent{Act: passport.Act{Action: eprospera.ApplicationCreate}},
		func(o *passport.PresentOptions) { o.Siblings = []*credential.Signed{w.will} }), create())
	require.Error(t, err, "the child may do what its parent may not")
}

// The leniency for withdrawn Manifestations is not one for agreements.
func TestWithdrawnAcceptanceLiftsNothing(t *testing.T) {
	w := newWilling(t, nil)
	e, err := w.bits.Entry(3)
	require.NoError(t, err)
	acc, err := passport.IssueAcceptance(ctx, w.person,
		passport.Acceptance{Agreement: "https://x.example/a", Version: "1", Kind: "terms",
			TextDigest: passport.Digest(nil), Status: []statuslist.Entry{e}}, passport.IssueOptions{Now: w.Clock.Now})
	require.NoError(t, err)
	w.Clock.Advance(time.Minute)
	require.NoError(t, w.bits.Set(3, 1))
	w.publish(t)
	pass := w.Issue(w.Passport(func(p *passport.Passport) {
		p.HumanPrincipal = w.person.DID().String()
		p.Authority = passport.Authority{Capabilities: []passport.Capability{{Action: eprospera.EntityRead}}}
	}))
	for _, drop := range []bool{false, true} {
		v := w.Verifier(scoped, func(c *verify.Config) {
			c.Operations = policy.Scopes{Registry: eprospera.First(), ReadsOutliveConsent: drop}
			c.Policy = []verify.Rule{{ID: "terms", Check: func(verify.Facts) error { return &verify.Obligation{Kind: verify.SignAgreement, Detail: "terms"} }}}
		})
		_, err = v.Verify(ctx, w.show(t, pass, eprospera.EntityRead, acc), read())
		require.Error(t, err, "a withdrawn acceptance lifts nothing")
	}
}
