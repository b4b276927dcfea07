package peer

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/safeconduct/safeconduct/credential/vcjwt"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/statuslist"
	"github.com/safeconduct/safeconduct/vectors"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/ledger"
	"github.com/safeconduct/safeconduct/verify/policy"
)

// asked is the question that the host puts.
type asked struct {
	Audience string `json:"audience"`
	Nonce    string `json:"nonce"`
	act
	BodyDigest     string           `json:"bodyDigest"`
	Usage          map[string]int64 `json:"usage"`
	Operation      string           `json:"operation"`
	CredentialKind string           `json:"credentialKind"`
	ResourceOwner  string           `json:"resourceOwner"`
	MinAssurance   string           `json:"minAssurance"`
	Running        attestation      `json:"running"`
	Discharges     []string         `json:"discharges"`
	AcceptRepeat   bool             `json:"acceptRepeat"`
}

type attestation struct {
	Framework    string `json:"framework"`
	ModelDigest  string `json:"modelDigest"`
	PromptDigest string `json:"promptDigest"`
	ToolsDigest  string `json:"toolsDigest"`
}

func (q *asked) request() (verify.Request, error) {
	a, err := q.act.act()
	return verify.Request{
		Audience: q.Audience, Nonce: q.Nonce, Act: a, BodyDigest: q.BodyDigest, Usage: q.Usage,
		Operation: q.Operation, CredentialKind: q.CredentialKind, ResourceOwner: q.ResourceOwner,
		MinAssurance: passport.Level(q.MinAssurance), Running: passport.Attestation(q.Running),
		Discharges: q.Discharges, AcceptRepeat: q.AcceptRepeat,
	}, err
}

// config is what the verifier is configured with.
type config struct {
	Anchors []struct {
		Issuer       string
		Types        []string
		Actions      []string
		Ceilings     []amount
		Regions      []string
		MaxAssurance string
	}
	OAP            *oapConfig
	Skew           int // seconds
	StatusAge      int
	PassportLife   int
	IntentLife     int
	Links          int
	LiveNonces     int
	Formats        []string
	Payments       []string
	AllowBare      bool
	Delegates      []string // whose attestations count
	Operations     []scope
	Rules          []rule
	LedgerFails    bool
	ReadsOutlive   bool
	AuthorityItems int
}

type scope struct {
	ID           string
	Write        bool
	Operations   []string
	Credentials  []string
	NeedsConsent bool
	Obligation   string
	Since, Until string
}

// rule is a rule of the host.
type rule struct {
	Is         string // deny, obligation, trust, providers, attestations, drift, counts
	Kind       string // of the obligation
	Detail     string
	Score      int
	Least      int
	Providers  map[string]string
	Frameworks map[string][]string
	Prompts    map[string][]string
	Required   bool
	Counts     map[string][]string
}

// moment is one decision of a case.
type moment struct {
	Presentation string
	Request      asked
	Now          string
	Lists        map[string]*string // null: it cannot be found
	Documents    map[string]*string // DID documents; null: they cannot be found, "timeout": in time
	Settle       string             // "done" or "not done"
	Verdict      string             // of what came before; "": allow
}

type presentInput struct {
	moment
	Before   []moment
	Siblings map[string]string // consent credentials at hand, by id
	Config   config
}

// world is where keys and lists come from, at one moment.
type world struct {
	in               *presentInput
	now              time.Time
	lists, documents map[string]*string
}

func (w *world) StatusList(_ context.Context, url string) (*statuslist.Fetched, error) {
	raw := w.lists[url]
	if raw == nil {
		return nil, errors.New("not found")
	}
	return &statuslist.Fetched{Raw: []byte(*raw), At: w.now}, nil
}

func (w *world) Sibling(_ context.Context, id, _ string) ([]byte, error) {
	if raw, ok := w.in.Siblings[id]; ok {
		return []byte(raw), nil
	}
	return nil, errors.New("not found")
}

func (w *world) Resolve(_ context.Context, id did.DID) (*did.Document, error) {
	raw, known := w.documents[id.String()]
	switch {
	case !known:
		return nil, did.ErrNotFound
	case raw == nil:
		return nil, did.ErrUnavailable
	case *raw == "timeout":
		return nil, context.DeadlineExceeded
	}
	doc, err := did.ParseDocument([]byte(*raw))
	if err == nil && doc.ID() != id {
		err = did.ErrInvalidDocument
	}
	return doc, err
}

// failing is a ledger that cannot be reached.
type failing struct{ *ledger.Memory }

func (failing) Reserve(context.Context, *verify.Reservation) (verify.Held, error) {
	return verify.Held{}, errors.New("no connection")
}

func (w *world) verifier() (*verify.Verifier, error) {
	in := &w.in.Config
	c := verify.Config{
		Resolver: did.Mux{"key": did.KeyMethods(), "jwk": did.KeyMethods(), "web": w},
		Status:   w, Siblings: w, Now: func() time.Time { return w.now },
		Ledger: ledger.NewMemory(ledger.Options{}), Skew: time.Duration(in.Skew) * time.Second,
		ProvenDocuments: 64, // so that what is remembered is tried as well
		Payments:        in.Payments, InsecureAllowBarePassports: in.AllowBare,
	}
	if in.LedgerFails {
		c.Ledger = failing{ledger.NewMemory(ledger.Options{})}
	}
	seconds := func(n int) time.Duration { return time.Duration(n) * time.Second }
	c.Bounds = verify.Bounds{StatusAge: seconds(in.StatusAge), CredentialLifetime: seconds(in.PassportLife),
		IntentLifetime: seconds(in.IntentLife), Links: in.Links, LiveNonces: in.LiveNonces,
		AuthorityItems: in.AuthorityItems}
	for _, a := range in.Anchors {
		issuer, err := did.Parse(a.Issuer)
		if err != nil {
			return nil, err
		}
		anchor := verify.Anchor{Issuer: issuer, Types: a.Types, Actions: a.Actions, Regions: a.Regions,
			MaxAssurance: passport.Level(a.MaxAssurance)}
		if a.Ceilings != nil {
			anchor.Ceilings = []passport.Money{}
		}
		for i := range a.Ceilings {
			m, err := a.Ceilings[i].money()
			if err != nil {
				return nil, err
			}
			anchor.Ceilings = append(anchor.Ceilings, m)
		}
		c.Anchors = append(c.Anchors, anchor)
	}
	for _, d := range in.Delegates {
		id, err := did.Parse(d)
		if err != nil {
			return nil, err
		}
		c.DelegateAttestations = append(c.DelegateAttestations, id)
	}
	for _, f := range in.Formats {
		if f == "vc+jwt" {
			c.Formats = append(c.Formats, vcjwt.Format())
		}
	}
	if in.OAP != nil {
		d, err := in.OAP.dialect()
		if err != nil {
			return nil, err
		}
		c.Dialects = append(c.Dialects, d)
	}
	if in.Operations != nil {
		registry, err := scopes(in.Operations)
		if err != nil {
			return nil, err
		}
		c.Operations = policy.Scopes{Registry: registry, ReadsOutliveConsent: in.ReadsOutlive}
	}
	for i := range in.Rules {
		r, err := in.Rules[i].rule(w.in)
		if err != nil {
			return nil, err
		}
		c.Policy = append(c.Policy, r)
	}
	return verify.New(c)
}

func scopes(list []scope) (*policy.ScopeRegistry, error) {
	var rows []policy.Scope
	for _, s := range list {
		row := policy.Scope{ID: s.ID, Write: s.Write, Operations: s.Operations, Credentials: s.Credentials,
			NeedsConsent: s.NeedsConsent}
		if s.Obligation != "" {
			row.Obligations = []policy.ScopeObligation{{Kind: s.Obligation, Attribute: "kind"}}
		}
		for text, into := range map[string]*time.Time{s.Since: &row.Since, s.Until: &row.Until} {
			if text == "" {
				continue
			}
			at, err := time.Parse(time.RFC3339, text)
			if err != nil {
				return nil, err
			}
			*into = at
		}
		rows = append(rows, row)
	}
	return policy.NewScopeRegistry("vectors", rows)
}

// score is the record of every agent.
type score int

func (s score) Trust(did.DID) (int, bool) { return int(s), true }

func (r *rule) rule(*presentInput) (verify.Rule, error) {
	switch r.Is {
	case "deny":
		return verify.Rule{ID: "deny", Check: func(verify.Facts) error { return errors.New("not today") }}, nil
	case "obligation":
		return verify.Rule{ID: "obligation", Check: func(verify.Facts) error {
			return &verify.Obligation{Kind: r.Kind, Detail: r.Detail}
		}}, nil
	case "trust":
		return policy.Trust{Source: score(r.Score), Least: r.Least}.Rule(), nil
	case "providers":
		p := policy.Providers{}
		for id, level := range r.Providers {
			p[id] = passport.Level(level)
		}
		return p.Rule(), nil
	case "attestations":
		prompts := map[did.DID][]string{}
		for id, list := range r.Prompts {
			d, err := did.Parse(id)
			if err != nil {
				return verify.Rule{}, err
			}
			prompts[d] = list
		}
		return policy.Attestations{Frameworks: r.Frameworks, Prompts: prompts, Required: r.Required}.Rule(), nil
	case "drift":
		return policy.Drift{}.Rule(), nil
	case "counts":
		return policy.Counts(r.Counts).Rule(), nil
	}
	return verify.Rule{}, fmt.Errorf("no rule %q", r.Is)
}

func presentKind(q *question) (vectors.Answer, error) {
	var in presentInput
	if err := q.read(&in); err != nil {
		return vectors.Answer{}, err
	}
	w := &world{in: &in}
	v, err := w.verifier()
	if err != nil {
		return vectors.Answer{}, &broken{err}
	}
	ctx := context.Background()
	for i := range in.Before {
		m := &in.Before[i]
		w.lists, w.documents = in.Lists, in.Documents
		if m.Lists != nil {
			w.lists = m.Lists
		}
		if m.Documents != nil {
			w.documents = m.Documents
		}
		w.now = q.now
		if m.Now != "" {
			if w.now, err = time.Parse(time.RFC3339Nano, m.Now); err != nil {
				return vectors.Answer{}, &broken{err}
			}
		}
		request, err := m.Request.request()
		if err != nil {
			return vectors.Answer{}, &broken{err}
		}
		d, refusal := v.Verify(ctx, []byte(m.Presentation), request)
		if d.Verdict.String() != cmp.Or(m.Verdict, verify.Allow.String()) {
			return vectors.Answer{}, brokenf("what comes before, number %d: %s: %w", i, d.Verdict, refusal)
		}
		switch m.Settle {
		case "done":
			err = d.Commit(ctx)
		case "not done":
			err = d.Release(ctx)
		}
		if err != nil {
			return vectors.Answer{}, &broken{err}
		}
	}
	w.lists, w.documents, w.now = in.Lists, in.Documents, q.now
	request, err := in.Request.request()
	if err != nil {
		return refused("request.invalid")
	}
	d, _ := v.Verify(ctx, []byte(in.Presentation), request)
	return decided(d)
}

// decided reads a decision: the primary code first.
func decided(d *verify.Decision) (vectors.Answer, error) {
	a := vectors.Answer{Verdict: d.Verdict.String()}
	if c := d.Code(); c != "" {
		a.Codes = append(a.Codes, string(c))
	}
	for i := range d.Violations {
		if c := string(d.Violations[i].Code); len(a.Codes) == 0 || c != a.Codes[0] {
			a.Codes = append(a.Codes, c)
		}
	}
	for i := range d.Steps {
		a.Steps = append(a.Steps, string(d.Steps[i].Outcome))
	}
	if d.Repeated {
		raw, err := json.Marshal(object{"repeated": true})
		if err != nil {
			return a, &broken{err}
		}
		a.Output = raw
	}
	return a, nil
}
