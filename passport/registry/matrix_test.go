package registry_test

import (
	"errors"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/passport/registry"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// target is what the calls of the matrix are about.
type target struct {
	org, owner, agent, grant, bare, passport, record, pending, key, principal string // bare is a grant without a budget
	will, agentKey                                                            string
}

// nobodys has the form of a target, and is nobody's.
var nobodys = target{
	org: "ap_org_01M7YNAYM0WFH2R27YX843KRGR", owner: "ap_user_01M7YNAYM0WFH2R27YX843KRGR",
	agent: "ag_01M7YNAYM0WFH2R27YX843KRGR", grant: "grnt_01M7YNAYM0WFH2R27YX843KRGR", bare: "grnt_01M7YNAYM0WFH2R27YX843KRGS",
	passport: "urn:safeconduct:passport:01M7YNAYM0WFH2R27YX843KRGR", record: "ap_01M7YNAYM0WFH2R27YX843KRGR",
	pending: "ap_01M7YNAYM0WFH2R27YX843KRGS", key: "apk_01M7YNAYM0WFH2R27YX843KRGR", principal: "mailto:nobody@example.org",
	will: "urn:safeconduct:manifestation:01M7YNAYM0WFH2R27YX843KRGR", agentKey: "agk_01M7YNAYM0WFH2R27YX843KRGR",
}

// kinds of actors, in the order of a row: whoever is not said anything of may call.
var actorKinds = []string{
	"nobody",         // the zero Actor
	"root",           // the office
	"admin",          // of the organisation that it is about
	"key",            // of that, with every scope
	"weak key",       // with every scope but the one that is needed
	"owner",          // whose agent, passport and record it is
	"peer",           // another owner of the organisation
	"stranger",       // the admin of another organisation
	"stranger's key", // with every scope
	"stranger's owner",
}

// answers say who gets which code; who is not named may.
type answers map[string]registry.Code

func (a answers) but(more answers) answers {
	a = maps.Clone(a)
	maps.Copy(a, more)
	return a
}

// all gives many kinds of actors the same code.
func all(code registry.Code, kinds ...string) answers {
	a := answers{}
	for _, k := range kinds {
		a[k] = code
	}
	return a
}

var (
	strangers = []string{"stranger", "stranger's key", "stranger's owner"}

	// tenants: the organisation's own, and of its admin and keys.
	tenants = answers{
		"nobody": registry.Unauthenticated, "weak key": registry.MissingScope,
		"owner": registry.Forbidden, "peer": registry.Forbidden,
	}.but(all(registry.NotFound, strangers...))
	// owned: the owner's, too.
	owned = answers{
		"nobody": registry.Unauthenticated, "weak key": registry.MissingScope, "peer": registry.NotFound,
	}.but(all(registry.NotFound, strangers...))
	// hidden: likewise, and no owner is told that there is something.
	hidden = tenants.but(answers{"owner": registry.NotFound, "peer": registry.NotFound})
	// roots: the office's alone. Nobody is told whether it is there.
	roots = all(registry.Forbidden, actorKinds...).but(answers{
		"nobody": registry.Unauthenticated, "weak key": registry.MissingScope, "root": "",
	})
	// rootsOwn: likewise, and no scope of a key is asked for.
	rootsOwn = all(registry.Forbidden, actorKinds...).but(answers{"root": ""})
	// personal: the owner's alone, and neither the organisation's nor the office's.
	personal = owned.but(all(registry.Forbidden, "root", "admin", "key"))
	// unnamed: likewise, of what is named by its own id: whoever is not the owner looks among their own.
	unnamed = owned.but(all(registry.NotFound, "root", "admin")).but(all(registry.Forbidden, "key", "stranger's key"))
	// listsOwn: owners list what is theirs.
	listsOwn = tenants.but(answers{"owner": "", "peer": ""})
	// drawn: what an owner has made, and the organisation alone changes.
	drawn = owned.but(answers{"owner": registry.Forbidden})
	// agentNamed: what is not there is told of the member that names it.
	agentNamed = all(registry.InvalidAgent, append(strangers, "peer")...)
)

// row is one call of the matrix.
type row struct {
	scope   registry.Scope
	answers answers
	call    func(o *office, by registry.Actor, t target) error
}

func does[T any](_ T, err error) error { return err }

func twice[T, U any](_ T, _ U, err error) error { return err }

// matrix are all exported calls that have an Actor.
var matrix = map[string]row{
	"Import": {registry.ScopeIssue, roots, func(o *office, by registry.Actor, t target) error {
		return does(o.Import(ctx, by, registry.Import{Source: "x", Org: t.org, Records: each(), Apply: true}))
	}},
	"Stats": {registry.ScopeRead, roots, func(o *office, by registry.Actor, _ target) error {
		return does(o.Stats(ctx, by, "x"))
	}},
	"Orgs.Create": {registry.ScopeIssue, roots, func(o *office, by registry.Actor, _ target) error {
		return does(o.Orgs.Create(ctx, by, registry.NewOrg{Name: "x"}))
	}},
	"Orgs.Get": {registry.ScopeRead, tenants, func(o *office, by registry.Actor, t target) error {
		return does(o.Orgs.Get(ctx, by, t.org))
	}},
	"Orgs.Pause": {registry.ScopeUpdate, tenants.but(answers{"key": registry.Forbidden}), func(o *office, by registry.Actor, t target) error {
		return does(o.Orgs.Pause(ctx, by, t.org, ""))
	}},
	"Orgs.Resume": {registry.ScopeUpdate, tenants.but(answers{"key": registry.Forbidden}), func(o *office, by registry.Actor, t target) error {
		_, _ = o.Orgs.Pause(ctx, registry.Root(), o.org.ID, "")
		return does(o.Orgs.Resume(ctx, by, t.org, ""))
	}},
	"Orgs.SetIssuesForOthers": {registry.ScopeUpdate, roots, func(o *office, by registry.Actor, t target) error {
		return does(o.Orgs.SetIssuesForOthers(ctx, by, t.org, true))
	}},
	"Orgs.SetProviders": {
		registry.ScopeUpdate, tenants.but(answers{"key": registry.Forbidden}),
		func(o *office, by registry.Actor, t target) error {
			return does(o.Orgs.SetProviders(ctx, by, t.org, []registry.Provider{{Type: "kyc", Level: passport.L4KYC}}))
		},
	},
	"Owners.Create": {registry.ScopeIssue, tenants, func(o *office, by registry.Actor, t target) error {
		return does(o.Owners.Create(ctx, by, registry.NewOwner{Org: t.org, Name: "x"}))
	}},
	"Owners.Get": {registry.ScopeRead, owned, func(o *office, by registry.Actor, t target) error {
		return does(o.Owners.Get(ctx, by, t.owner))
	}},
	"Owners.List": {registry.ScopeListAgents, tenants, func(o *office, by registry.Actor, t target) error {
		return does(o.Owners.List(ctx, by, registry.OwnerQuery{Org: t.org}))
	}},
	"Owners.Attest": {registry.ScopeIssue, tenants.but(answers{"peer": registry.NotFound}), func(o *office, by registry.Actor, t target) error {
		return does(o.Owners.Attest(ctx, by, t.owner, o.kyc()))
	}},
	"Owners.Erase": {
		registry.ScopeUpdate, tenants.but(answers{"key": registry.Forbidden}),
		func(o *office, by registry.Actor, t target) error {
			return does(o.Owners.Erase(ctx, by, registry.Erasure{Org: t.org, Owner: t.owner}))
		},
	},
	"Agents.Create": {registry.ScopeIssue, tenants.but(answers{"owner": "", "peer": ""}), func(o *office, by registry.Actor, t target) error {
		return does(o.Agents.Create(ctx, by, registry.NewAgent{Org: t.org, Name: "x", DID: verifytest.Key("x").DID()}))
	}},
	"Agents.Get": {registry.ScopeRead, owned, func(o *office, by registry.Actor, t target) error {
		return does(o.Agents.Get(ctx, by, t.agent))
	}},
	"Agents.List": {registry.ScopeListAgents, tenants.but(answers{"owner": "", "peer": ""}),
		func(o *office, by registry.Actor, t target) error {
			return does(o.Agents.List(ctx, by, registry.AgentQuery{Org: t.org}))
		}},
	"Agents.Update": {registry.ScopeUpdate, owned, func(o *office, by registry.Actor, t target) error {
		return does(o.Agents.Update(ctx, by, t.agent, registry.AgentPatch{Name: ptr("y")}))
	}},
	"Agents.Suspend": {registry.ScopeUpdate, owned, func(o *office, by registry.Actor, t target) error {
		return does(o.Agents.Suspend(ctx, by, t.agent, registry.Suspension{}))
	}},
	"Agents.Resume": {registry.ScopeUpdate, owned.but(answers{"owner": registry.Forbidden}), func(o *office, by registry.Actor, t target) error {
		_, err := o.Agents.Suspend(ctx, registry.Root(), o.target.agent, registry.Suspension{})
		require.NoError(o, err)
		return does(o.Agents.Resume(ctx, by, t.agent, ""))
	}},
	"Agents.Revoke": {registry.ScopeUpdate, owned, func(o *office, by registry.Actor, t target) error {
		return does(o.Agents.Revoke(ctx, by, t.agent, ""))
	}},
	"Agents.Reinstate": {
		registry.ScopeUpdate, owned.but(all(registry.Forbidden, "root", "admin", "key")),
		func(o *office, by registry.Actor, t target) error {
			_, err := o.Agents.Revoke(ctx, registry.Root(), o.target.agent, "")
			require.NoError(o, err)
			return does(o.Agents.Reinstate(ctx, by, t.agent, ""))
		},
	},
	"AIP1.Create": {
		registry.ScopeIssue, tenants.but(answers{"owner": "", "peer": ""}),
		func(o *office, by registry.Actor, t target) error {
			return does(o.AIP1.Create(ctx, by, registry.NewAIP1{Org: t.org, Domain: "yourco.com"}))
		},
	},
	"AIP1.Get": {registry.ScopeRead, owned, func(o *office, by registry.Actor, t target) error {
		return does(o.AIP1.Get(ctx, by, t.org, o.didOf(t)))
	}},
	"AIP1.List": {
		registry.ScopeListAgents, tenants.but(answers{"owner": "", "peer": ""}),
		func(o *office, by registry.Actor, t target) error {
			return does(o.AIP1.List(ctx, by, registry.RecordQuery{Org: t.org}))
		},
	},
	"AIP1.Suspend": {registry.ScopeUpdate, owned, func(o *office, by registry.Actor, t target) error {
		return does(o.AIP1.Suspend(ctx, by, t.org, o.didOf(t), registry.Suspension{}))
	}},
	"AIP1.Revoke": {registry.ScopeUpdate, owned, func(o *office, by registry.Actor, t target) error {
		return does(o.AIP1.Revoke(ctx, by, t.org, o.didOf(t), ""))
	}},
	"AIP1.Reinstate": {
		registry.ScopeUpdate, owned.but(all(registry.Forbidden, "root", "admin", "key")),
		func(o *office, by registry.Actor, t target) error {
			_, err := o.Agents.Revoke(ctx, registry.Root(), o.target.agent, "")
			require.NoError(o, err)
			return does(o.AIP1.Reinstate(ctx, by, t.org, o.didOf(t), ""))
		},
	},
	"Grants.Create": {
		registry.ScopeIssue, owned.but(agentNamed), func(o *office, by registry.Actor, t target) error {
			return does(o.Grants.Create(ctx, by, registry.NewGrant{
				Agent: t.agent, Principal: t.principal, Scopes: []string{"x"}, ExpiresAt: o.clock.Now().Add(time.Hour),
			}))
		},
	},
	"Grants.Get": {registry.ScopeRead, owned, func(o *office, by registry.Actor, t target) error {
		return does(o.Grants.Get(ctx, by, t.grant))
	}},
	"Grants.List": {registry.ScopeListAgents, listsOwn, func(o *office, by registry.Actor, t target) error {
		return does(o.Grants.List(ctx, by, registry.GrantQuery{Org: t.org, Agent: t.agent}))
	}},
	"Grants.Revoke": {registry.ScopeUpdate, owned, func(o *office, by registry.Actor, t target) error {
		return does(o.Grants.Revoke(ctx, by, t.grant, ""))
	}},
	"Budgets.Allocate": {registry.ScopeIssue, hidden, func(o *office, by registry.Actor, t target) error {
		return does(o.Budgets.Allocate(ctx, by, registry.Allocation{Grant: t.bare, Amount: passport.MustMoney("5.00", "USD")}))
	}},
	"Budgets.Adjust": {registry.ScopeIssue, drawn, func(o *office, by registry.Actor, t target) error {
		return does(o.Budgets.Adjust(ctx, by, registry.Allocation{Grant: t.grant, Amount: passport.MustMoney("5.00", "USD")}))
	}},
	"Budgets.Balance": {registry.ScopeRead, owned, func(o *office, by registry.Actor, t target) error {
		return does(o.Budgets.Balance(ctx, by, t.grant))
	}},
	"Budgets.List": {registry.ScopeListAgents, tenants, func(o *office, by registry.Actor, t target) error {
		return does(o.Budgets.List(ctx, by, registry.BudgetsQuery{Org: t.org}))
	}},
	"Budgets.History": {registry.ScopeRead, owned, func(o *office, by registry.Actor, t target) error {
		return does(o.Budgets.History(ctx, by, registry.BudgetQuery{Grant: t.grant}))
	}},
	"Budgets.Debit": {registry.ScopeIssue, drawn, func(o *office, by registry.Actor, t target) error {
		return does(o.Budgets.Debit(ctx, by, registry.Debit{Grant: t.grant, Amount: passport.MustMoney("5.00", "USD"), ID: "1"}))
	}},
	"Passports.Issue": {
		registry.ScopeIssue, owned.but(agentNamed), func(o *office, by registry.Actor, t target) error {
			return does(o.Passports.Issue(ctx, by, registry.NewPassport{
				Agent: t.agent, Grant: t.grant, Categories: []string{"compute"},
			}))
		},
	},
	"Passports.Get": {registry.ScopeRead, owned, func(o *office, by registry.Actor, t target) error {
		return does(o.Passports.Get(ctx, by, t.passport))
	}},
	"Passports.List": {registry.ScopeListAgents, listsOwn, func(o *office, by registry.Actor, t target) error {
		return does(o.Passports.List(ctx, by, registry.PassportQuery{Org: t.org, Agent: t.agent}))
	}},
	"Passports.Suspend": {registry.ScopeUpdate, owned, func(o *office, by registry.Actor, t target) error {
		return does(o.Passports.Suspend(ctx, by, t.passport, registry.Suspension{}))
	}},
	"Passports.Resume": {registry.ScopeUpdate, owned.but(answers{"owner": registry.Forbidden}), func(o *office, by registry.Actor, t target) error {
		_, err := o.Passports.Suspend(ctx, registry.Root(), o.target.passport, registry.Suspension{})
		require.NoError(o, err)
		return does(o.Passports.Resume(ctx, by, t.passport, ""))
	}},
	"Passports.Revoke": {registry.ScopeUpdate, owned, func(o *office, by registry.Actor, t target) error {
		return does(o.Passports.Revoke(ctx, by, t.passport, ""))
	}},
	"Records.Create": {registry.ScopeIssue, owned, func(o *office, by registry.Actor, t target) error {
		return does(o.Records.Create(ctx, by, registry.NewRecord{Org: t.org, Owner: t.owner, Profile: o.exporter()}))
	}},
	"Records.IssueFor": {registry.ScopeIssue, tenants, func(o *office, by registry.Actor, t target) error {
		return does(o.Records.IssueFor(ctx, by, registry.NewForOwner{Org: t.org, Profile: o.exporter()}))
	}},
	"Records.Ticket": {registry.ScopeIssue, roots, func(o *office, by registry.Actor, t target) error {
		return twice(o.Records.Ticket(ctx, by, t.pending))
	}},
	"Records.Get": {registry.ScopeRead, owned, func(o *office, by registry.Actor, t target) error {
		return does(o.Records.Get(ctx, by, t.record))
	}},
	"Records.List": {registry.ScopeListAgents, tenants.but(answers{"owner": "", "peer": ""}), func(o *office, by registry.Actor, t target) error {
		return does(o.Records.List(ctx, by, registry.RecordQuery{Org: t.org}))
	}},
	"Records.Instantiate": {registry.ScopeIssue, owned, func(o *office, by registry.Actor, t target) error {
		return does(o.Records.Instantiate(ctx, by, registry.NewInstance{
			Template: t.record, Tenant: registry.Tenant{Platform: "x", Ref: "y"},
		}))
	}},
	"Records.Update": {registry.ScopeUpdate, owned, func(o *office, by registry.Actor, t target) error {
		return does(o.Records.Update(ctx, by, t.record, registry.Patch{
			Version: registry.AnyVersion, Contact: ptr("new@example.org"),
		}))
	}},
	"Records.Renew": {registry.ScopeIssue, owned, func(o *office, by registry.Actor, t target) error {
		return does(o.Records.Renew(ctx, by, t.record))
	}},
	"Switches.PausePrincipal": {registry.ScopeUpdate, tenants, func(o *office, by registry.Actor, t target) error {
		return does(o.Switches.PausePrincipal(ctx, by, t.org, t.principal, ""))
	}},
	"Switches.ResumePrincipal": {registry.ScopeUpdate, tenants, func(o *office, by registry.Actor, t target) error {
		_, _ = o.Switches.PausePrincipal(ctx, registry.Root(), o.target.org, o.target.principal, "")
		return does(o.Switches.ResumePrincipal(ctx, by, t.org, t.principal, ""))
	}},
	"Switches.PauseOffice": {registry.ScopeUpdate, roots, func(o *office, by registry.Actor, _ target) error {
		return does(o.Switches.PauseOffice(ctx, by, ""))
	}},
	"Switches.ResumeOffice": {registry.ScopeUpdate, roots, func(o *office, by registry.Actor, _ target) error {
		_, _ = o.Switches.PauseOffice(ctx, registry.Root(), "")
		return does(o.Switches.ResumeOffice(ctx, by, ""))
	}},
	"Keys.Create": {registry.ScopeManageKeys, tenants.but(answers{"owner": "", "peer": ""}), func(o *office, by registry.Actor, t target) error {
		return twice(o.Keys.Create(ctx, by, registry.NewKey{
			Org: t.org, Name: "x", Scopes: []registry.Scope{registry.ScopeRead},
		}))
	}},
	"Keys.List": {registry.ScopeManageKeys, tenants.but(answers{"owner": "", "peer": ""}), func(o *office, by registry.Actor, t target) error {
		return does(o.Keys.List(ctx, by, t.org))
	}},
	"Keys.Rotate": {registry.ScopeManageKeys, hidden, func(o *office, by registry.Actor, t target) error {
		return twice(o.Keys.Rotate(ctx, by, t.key, 0))
	}},
	"Keys.Revoke": {registry.ScopeManageKeys, hidden, func(o *office, by registry.Actor, t target) error {
		return does(o.Keys.Revoke(ctx, by, t.key, ""))
	}},
	"IssuerKeys.List": {registry.ScopeRead, roots, func(o *office, by registry.Actor, _ target) error {
		return does(o.IssuerKeys.List(ctx, by))
	}},
	// The issuer of this office is a did:key: root is told that it cannot rotate.
	"IssuerKeys.Rotate": {
		registry.ScopeManageKeys, roots.but(answers{"root": registry.InvalidTransition}),
		func(o *office, by registry.Actor, _ target) error {
			return does(o.IssuerKeys.Rotate(ctx, by, registry.Rotation{}))
		},
	},
	"IssuerKeys.Revoke": {
		registry.ScopeManageKeys, roots.but(answers{"root": registry.InvalidTransition}),
		func(o *office, by registry.Actor, _ target) error {
			return does(o.IssuerKeys.Revoke(ctx, by, o.issuer.KeyID().String(), registry.Compromise{}))
		},
	},
	"IssuerKeys.Retire": {
		registry.ScopeManageKeys, roots.but(answers{"root": registry.InvalidTransition}),
		func(o *office, by registry.Actor, _ target) error {
			return does(o.IssuerKeys.Retire(ctx, by, o.issuer.KeyID().String(), ""))
		},
	},
	"IssuerKeys.Signed": {registry.ScopeListAgents, roots, func(o *office, by registry.Actor, _ target) error {
		for _, err := range o.IssuerKeys.Signed(ctx, by, o.issuer.KeyID().String()) {
			return err
		}
		return nil
	}},
	"Lists.Recover": {"", rootsOwn, func(o *office, by registry.Actor, _ target) error {
		return o.Lists.Recover(ctx, by, o.lists)
	}},
	"Consents.Give": {registry.ScopeIssue, personal, func(o *office, by registry.Actor, t target) error {
		return does(o.Consents.Give(ctx, by, registry.Signing{Owner: t.owner, Credentials: [][]byte{o.signedWill()}}))
	}},
	"Consents.List": {registry.ScopeRead, owned, func(o *office, by registry.Actor, t target) error {
		return does(o.Consents.List(ctx, by, t.owner))
	}},
	"Consents.Withdraw": {registry.ScopeIssue, unnamed, func(o *office, by registry.Actor, t target) error {
		return does(o.Consents.Withdraw(ctx, by, t.will, ""))
	}},
	"AgentKeys.Create": {registry.ScopeIssue, personal, func(o *office, by registry.Actor, t target) error {
		return twice(o.AgentKeys.Create(ctx, by, registry.NewAgentKey{
			Owner: t.owner, Name: "x", Scopes: []string{"agent:write"},
		}))
	}},
	"AgentKeys.Get": {registry.ScopeIssue, unnamed, func(o *office, by registry.Actor, t target) error {
		return twice(o.AgentKeys.Get(ctx, by, t.agentKey))
	}},
	"AgentKeys.List": {registry.ScopeIssue, personal, func(o *office, by registry.Actor, t target) error {
		return does(o.AgentKeys.List(ctx, by, t.owner))
	}},
	"AgentKeys.Revoke": {registry.ScopeIssue, unnamed, func(o *office, by registry.Actor, t target) error {
		return does(o.AgentKeys.Revoke(ctx, by, t.agentKey, ""))
	}},
	"AgentKeys.Digest": {registry.ScopeRead, personal.but(answers{"root": ""}), func(o *office, by registry.Actor, t target) error {
		return does(o.AgentKeys.Digest(ctx, by, registry.DigestQuery{Owner: t.owner}))
	}},
	"Audit.List": {registry.ScopeRead, tenants, func(o *office, by registry.Actor, t target) error {
		return does(o.Audit.List(ctx, by, t.org, 0, 0))
	}},
	"Audit.Write": {registry.ScopeUpdate, tenants, func(o *office, by registry.Actor, t target) error {
		return o.Audit.Write(ctx, by, registry.HostLine{Org: t.org, Action: "host.done", Subject: "x"}, nil)
	}},
	"Audit.Verify": {registry.ScopeRead, tenants, func(o *office, by registry.Actor, t target) error {
		return o.Audit.Verify(ctx, by, t.org)
	}},
	"Audit.Head": {registry.ScopeRead, tenants, func(o *office, by registry.Actor, t target) error {
		return does(o.Audit.Head(ctx, by, t.org))
	}},
	"Audit.Key": {registry.ScopeRead, tenants, func(o *office, by registry.Actor, t target) error {
		return does(o.Audit.Key(ctx, by, t.org))
	}},
	"Audit.VerifySince": {registry.ScopeRead, tenants, func(o *office, by registry.Actor, t target) error {
		head, err := o.Audit.Head(ctx, registry.Root(), o.target.org)
		require.NoError(o, err)
		return o.Audit.VerifySince(ctx, by, t.org, head)
	}},
	"Events.Ack": {"", rootsOwn, func(o *office, by registry.Actor, _ target) error {
		return o.Events.Ack(ctx, by, "x", 1)
	}},
	"Events.Acked": {"", rootsOwn, func(o *office, by registry.Actor, _ target) error {
		return does(o.Events.Acked(ctx, by, "x"))
	}},
	"Events.Subscribe": {"", rootsOwn, func(o *office, by registry.Actor, _ target) error {
		for _, err := range o.Events.Subscribe(ctx, by, 0) {
			return err
		}
		return nil
	}},
	"Events.Read": {"", rootsOwn, func(o *office, by registry.Actor, _ target) error {
		return does(o.Events.Read(ctx, by, 0, 0))
	}},
}

// didOf is the DID of the agent of a target.
func (o *office) didOf(t target) string {
	if t.agent == o.target.agent {
		return verifytest.Key("hers").DID().String()
	}
	return verifytest.Key("nobody").DID().String()
}

// actors makes one of each kind.
func (o *office) actors(scope registry.Scope) map[string]registry.Actor {
	stranger, err := o.Orgs.Create(ctx, registry.Root(), registry.NewOrg{Name: "Stranger"})
	require.NoError(o, err)
	theirs, err := o.Owners.Create(ctx, stranger.Admin(), registry.NewOwner{Name: "Eve", Email: "eve@example.org"})
	require.NoError(o, err)
	key := func(org *registry.Org, scopes []registry.Scope) registry.Actor {
		k, secret, err := o.Keys.Create(ctx, org.Admin(), registry.NewKey{Name: "x", Scopes: scopes})
		require.NoError(o, err)
		by, err := o.Authenticate(ctx, k.ID, secret.Reveal())
		require.NoError(o, err)
		return by
	}
	peer := o.owner("bob@example.org")
	ada, err := o.Owners.Get(ctx, registry.Root(), o.target.owner)
	require.NoError(o, err)
	return map[string]registry.Actor{
		"nobody": {}, "root": registry.Root(), "admin": o.org.Admin(), "key": key(o.org, allScopes),
		"weak key": key(o.org, slices.DeleteFunc(slices.Clone(allScopes), func(s registry.Scope) bool { return s == scope })),
		"owner":    ada.Actor(), "peer": peer.Actor(),
		"stranger": stranger.Admin(), "stranger's key": key(stranger, allScopes), "stranger's owner": theirs.Actor(),
	}
}

// signedWill is a Manifestation of Will of the owner of a target.
func (o *office) signedWill() []byte {
	s, err := passport.IssueManifestation(ctx, verifytest.Key("her own"), passport.Manifestation{
		StatementDigest: passport.Digest([]byte("I will")),
	}, passport.IssueOptions{Now: o.clock.Now})
	require.NoError(o, err)
	return s.Bytes()
}

// withTarget makes what the calls of the matrix are about.
func (o *office) withTarget() {
	o.bank()
	ada, err := o.Owners.Create(ctx, o.org.Admin(), registry.NewOwner{
		Name: "Ada", Email: "hers@example.org", DID: verifytest.Key("her own").DID(),
	})
	require.NoError(o, err)
	wills, err := o.Consents.Give(ctx, ada.Actor(), registry.Signing{Credentials: [][]byte{o.signedWill()}})
	require.NoError(o, err)
	ak, _, err := o.AgentKeys.Create(ctx, ada.Actor(), registry.NewAgentKey{Name: "x", Scopes: []string{"agent:write"}})
	require.NoError(o, err)
	a, err := o.Agents.Create(ctx, ada.Actor(), registry.NewAgent{Name: "hers", DID: verifytest.Key("hers").DID()})
	require.NoError(o, err)
	g, err := o.Grants.Create(ctx, ada.Actor(), registry.NewGrant{
		Agent: a.ID, Scopes: []string{"payments:mpp:compute"}, ExpiresAt: o.clock.Now().Add(30 * 24 * time.Hour),
		Budget: passport.MustMoney("100.00", "USD"),
	})
	require.NoError(o, err)
	p, err := o.Passports.Issue(ctx, o.org.Admin(), registry.NewPassport{
		Agent: a.ID, Grant: g.ID, Categories: []string{"compute"},
	})
	require.NoError(o, err)
	r, err := o.Records.Create(ctx, ada.Actor(), registry.NewRecord{
		Agent: a.ID, Profile: o.exporter(), Status: registry.Active,
	})
	require.NoError(o, err)
	pending, err := o.Records.IssueFor(ctx, o.org.Admin(), registry.NewForOwner{
		Pending: registry.PendingOwner{Email: "new@example.org"}, Profile: o.exporter(),
	})
	require.NoError(o, err)
	k, _, _ := o.key(registry.ScopeRead)
	bare, err := o.Grants.Create(ctx, o.org.Admin(), registry.NewGrant{
		Agent: a.ID, Principal: g.Principal, Scopes: []string{"x"}, ExpiresAt: g.ExpiresAt,
	})
	require.NoError(o, err)
	o.target = target{
		org: o.org.ID, owner: ada.ID, agent: a.ID, grant: g.ID, bare: bare.ID, passport: p.ID, record: r.ID, pending: pending.ID, key: k.ID,
		principal: g.Principal, will: wills[0].ID, agentKey: ak.ID,
	}
}

func codeOf(err error) registry.Code {
	var e *registry.Error
	if errors.As(err, &e) {
		return e.Code
	}
	if err != nil {
		return registry.Code(err.Error())
	}
	return ""
}

// P16: for every call and every kind of actor, whether it may, or with which code it is
// refused. What is refused changes nothing, and what is another's is answered like what
// is nobody's, in every member of the answer.
func TestP16WhoMayCallWhat(t *testing.T) {
	for _, name := range slices.Sorted(maps.Keys(matrix)) {
		row := matrix[name]
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, kind := range actorKinds {
				o := newOffice(t)
				o.withTarget()
				by := o.actors(row.scope)[kind]
				before := len(o.happened())
				err := row.call(o, by, o.target)
				if row.answers[kind] != codeOf(err) {
					t.Errorf("%s: want %q, got %q: %v", kind, row.answers[kind], codeOf(err), err)
				}
				if err == nil {
					continue
				}
				if row.answers[kind] == registry.MissingScope {
					require.ErrorContains(t, err, string(row.scope), kind)
				}
				if !strings.HasSuffix(name, "Resume") && !strings.HasSuffix(name, "Reinstate") && !strings.HasPrefix(name, "Switches.Resume") {
					require.Len(t, o.happened(), before, "%s: a refused call has changed something", kind)
				}
				if c := codeOf(err); slices.Contains(strangers, kind) || c == registry.NotFound || c == registry.InvalidAgent {
					other := nobodys
					if kind == "owner" || kind == "peer" { // who know their own organisation
						other.org = o.target.org
					}
					require.Equal(t, err, row.call(o, by, other), "%s can tell what is there", kind)
				}
			}
		})
	}
}

// hosts are exported calls without an Actor: the host's own, or of whoever has a secret.
var hosts = map[string]string{
	"Lists.Publish": "lists are public", "Lists.NextPublish": "says when", "Lists.Source": "lists are public",
	"IssuerKeys.Document": "the document is public", "IssuerKeys.Publish": "likewise",
	"Records.Claim": "the ticket says who calls", "AgentKeys.Resolve": "the handle says who calls",
	"AgentKeys.Used": "the host's, which serves agents", "AgentKeys.Succeeded": "likewise",
	"Consents.Sibling": "the host's verifier's", "Consents.Acceptances": "likewise",
	"Budgets.Take": "within a transaction of the ledger", "Budgets.Left": "likewise", "Budgets.Settle": "likewise",
	"Budgets.Prune": "the host, as it calls Run", "Budgets.PruneSome": "likewise",
}

// P16: a call that is not in the matrix fails the test.
func TestP16TheMatrixHasEveryCall(t *testing.T) {
	r := reflect.TypeFor[registry.Registry]()
	seen := 0
	for i := range r.NumField() {
		noun := r.Field(i)
		if !noun.IsExported() {
			continue
		}
		for k := range noun.Type.NumMethod() {
			m := noun.Type.Method(k)
			name := noun.Name + "." + m.Name
			actor := false
			for p := range m.Type.NumIn() {
				actor = actor || m.Type.In(p) == reflect.TypeFor[registry.Actor]()
			}
			_, listed := matrix[name]
			_, host := hosts[name]
			switch {
			case actor && !listed:
				t.Errorf("%s has no row in the matrix: who may call it?", name)
			case !actor && !host:
				t.Errorf("%s has no Actor: why?", name)
			case actor:
				seen++
			}
		}
	}
	office := reflect.TypeFor[*registry.Registry]()
	for k := range office.NumMethod() {
		m := office.Method(k)
		for p := range m.Type.NumIn() {
			if m.Type.In(p) == reflect.TypeFor[registry.Actor]() {
				require.Contains(t, matrix, m.Name, "who may call it?")
				seen++
			}
		}
	}
	require.Equal(t, len(matrix), seen, "the matrix has calls that are not there")
	// Every call that makes something takes an idempotency key.
	for name := range matrix {
		noun, call, _ := strings.Cut(name, ".")
		field, ok := r.FieldByName(noun)
		if !ok { // a call of the office itself
			continue
		}
		m, _ := field.Type.MethodByName(call)
		if m.Type.NumIn() == 4 && strings.HasPrefix(m.Type.In(3).Name(), "New") {
			if makers[name] == nil {
				t.Errorf("%s is not in makers: does it make one thing under an idempotency key?", name)
			}
		}
	}
}
