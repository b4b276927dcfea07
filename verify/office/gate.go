package office

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/safeconduct/safeconduct/internal/callctx"
	"github.com/safeconduct/safeconduct/passport/registry"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/policy"
)

// Gate decides on requests that come with an agent key, "Authorization: Bearer ak-…" (E1, E6, E7). It finds the
// passport behind the handle, has the verifier decide, and records each request; what it cannot record is
// refused. It is safe for concurrent use.
type Gate struct {
	Office *registry.Registry
	// Verifier decides. It accepts bare passports, by Config.InsecureAllowBarePassports: the handle shows who
	// asks. Of its Config, Operations is a policy.Scopes of the registry below, Siblings the office's Consents,
	// and Status its Lists.Source, so that what the office has revoked is refused at once.
	Verifier *verify.Verifier
	// Scopes says which operations notify the owner, and which are sensitive.
	Scopes *policy.ScopeRegistry
	// Now is the verifier's clock, for what is refused before it is asked. Nil: such a decision says no instant.
	Now func() time.Time
}

// Access is a decision on a request with an agent key.
type Access struct {
	*verify.Decision
	Key    *registry.AgentKey // nil where the handle is none
	office *registry.Registry
}

// Commit says that the act was done: the owner is told, if it is of that kind, once.
func (a *Access) Commit(ctx context.Context) error {
	if err := a.Decision.Commit(ctx); err != nil {
		return err
	}
	if a.Verdict != verify.Allow {
		return nil
	}
	return a.office.AgentKeys.Succeeded(ctx, a.ID)
}

// HTTPStatus is the status to answer with: 200 for what is allowed, 401 for a handle that is not one, 404 for what is
// not the owner's or beyond the key's sight, as if there was no such thing, 403 for what the key may not do. Other
// codes have the status of [verify.Lookup], such as 503 where the gate could not find out, and asking again may help.
func (a *Access) HTTPStatus() int {
	switch code := a.Code(); code {
	case "":
		return 200
	case verify.AuthorityResourceNotAllowed:
		return 404
	default:
		info, _ := verify.Lookup(code)
		return info.HTTP
	}
}

// Verify decides on a request. The error is nil if and only if it is allowed, and is that of the decision.
// authorization is the header field as it was sent. Of the request, CredentialKind is filled in.
func (g *Gate) Verify(ctx context.Context, authorization string, q verify.Request) (*Access, error) {
	a := &Access{office: g.Office}
	if ctx == nil {
		var err error
		a.Decision, err = verify.Refuse(g.now(), &verify.Violation{
			Code: verify.RequestInvalid, Detail: "there is no context", Err: callctx.ErrNil,
		})
		return a, err
	}
	key, pass, refused := g.resolve(ctx, authorization)
	if refused != nil {
		var err error
		a.Decision, err = verify.Refuse(g.now(), refused)
		return a, err
	}
	a.Key, q.CredentialKind = key, AgentKeyKind
	var err error
	a.Decision, err = g.Verifier.Verify(ctx, []byte(pass.Credential), q)
	if lost := g.record(ctx, a, &q); lost != nil {
		errs := []error{lost}
		if err == nil {
			errs = append(errs, a.Decision.Release(context.WithoutCancel(ctx)))
		}
		a.Decision, err = verify.Refuse(g.now(), &verify.Violation{
			Step: verify.StepLedger, Code: verify.LedgerUnavailable, Err: errors.Join(errs...),
			Detail: "the request cannot be recorded, so it is not served",
		})
	}
	return a, err
}

func (g *Gate) now() time.Time {
	if g.Now == nil {
		return time.Time{}
	}
	return g.Now()
}

// record records a request.
func (g *Gate) record(ctx context.Context, a *Access, q *verify.Request) error {
	u := registry.Use{
		Decision: a.ID, Key: a.Key.ID, At: a.At, Operation: q.Operation, Resource: q.Resource,
		Allowed: a.Verdict == verify.Allow, Code: string(a.Code()),
	}
	if s, ok := g.Scopes.Lookup(q.Operation); ok {
		u.Scope, u.Notify = s.ID, s.Notify
		if s.Sensitive {
			u.Resource = ""
		}
	}
	return g.Office.AgentKeys.Used(context.WithoutCancel(ctx), u)
}

// resolve finds the passport behind a handle.
func (g *Gate) resolve(ctx context.Context, authorization string) (
	*registry.AgentKey, *registry.Passport, *verify.Violation,
) {
	scheme, handle, _ := strings.Cut(authorization, " ")
	handle = strings.TrimSpace(handle)
	switch {
	case authorization == "" || !strings.EqualFold(scheme, "Bearer") || handle == "":
		return nil, nil, &verify.Violation{
			Step: verify.StepEnvelope, Code: verify.EnvelopeMissing, Detail: "there is no bearer token",
			Hint: "send Authorization: Bearer ak-…",
		}
	case strings.HasPrefix(handle, PersonalKeyKind+"-"):
		return nil, nil, &verify.Violation{
			Step: verify.StepAuthority, Code: verify.AuthorityWrongCredentialKind,
			Detail: "a personal key is its owner's own, and never an agent's",
			Limit:  AgentKeyKind, Actual: PersonalKeyKind,
		}
	}
	key, pass, err := g.Office.AgentKeys.Resolve(ctx, handle)
	switch {
	case err == nil:
		return key, pass, nil
	case errors.Is(err, registry.Unauthenticated):
		return nil, nil, &verify.Violation{
			Step: verify.StepProof, Code: verify.ProofInvalid, Detail: "there is no such agent key, or it was revoked",
		}
	}
	return nil, nil, &verify.Violation{
		Step: verify.StepProof, Code: verify.ProofUnresolvable, Err: err,
		Detail: "the agent key could not be looked up",
	}
}

// Explain is a dry run for the owner of a key: what would be missing for a request with it. It uses nothing up, and
// records nothing (E10).
func (g *Gate) Explain(ctx context.Context, by registry.Actor, key string, q verify.Request) (*verify.Report, error) {
	_, pass, err := g.Office.AgentKeys.Get(ctx, by, key)
	if err != nil {
		return nil, fmt.Errorf("office: %w", err)
	}
	q.CredentialKind = AgentKeyKind
	return g.Verifier.Explain(ctx, []byte(pass.Credential), q), nil
}
