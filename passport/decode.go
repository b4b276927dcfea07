package passport

import (
	"strings"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/internal/contexts"
	"github.com/safeconduct/safeconduct/internal/strictjson"
	"github.com/safeconduct/safeconduct/statuslist"
)

// ReadUnverified reads the passport out of a parsed credential, proven or not.
// It checks form only. Errors have the code envelope.malformed, envelope.
// unsupported (not an agent passport), envelope.context or envelope.too_large.
func ReadUnverified(s *credential.Signed) (*Passport, error) {
	return ReadUnverifiedWithin(s, credential.Bounds{})
}

// ReadUnverifiedWithin is [ReadUnverified] with bounds of the caller's own.
func ReadUnverifiedWithin(s *credential.Signed, b credential.Bounds) (*Passport, error) {
	c := s.Unverified()
	if !c.HasType(Type) || c.Version != 2 {
		return nil, &Error{Code: code.EnvelopeUnsupported, Detail: "the credential is not a VC 2.0 of type " + Type}
	}
	if len(c.Type) != 2 || c.Type[0] != credential.TypeCredential {
		return nil, invalid("/type", "want exactly [%s, %s]", credential.TypeCredential, Type)
	}
	if len(c.Context) < 2 || c.Context[1] != Context {
		return nil, &Error{Code: code.EnvelopeContext, Path: "/@context", Detail: "the second context of a passport is " + Context}
	}
	r := newReader(b)
	p := &Passport{ID: c.ID, ValidFrom: c.ValidFrom, ValidUntil: c.ValidUntil}
	p.envelope(&r, c, s.UnverifiedValue())
	if r.err == nil {
		p.subject(&r, c.Subjects[0])
	}
	if r.err == nil {
		r.because(c.Subjects[0], p.check())
	}
	if r.err != nil {
		return nil, r.err
	}
	return p, nil
}

// envelope reads what stands outside credentialSubject.
func (p *Passport) envelope(r *reader, c *credential.Credential, root credential.Value) {
	subject := c.Subjects[0]
	switch {
	case c.ValidFrom.IsZero() || c.ValidUntil.IsZero():
		r.fail(credential.Value{}, "a passport has both validFrom and validUntil")
	case root.Get("credentialSubject").Kind() != strictjson.Object:
		r.fail(subject, "a passport has one credentialSubject, an object")
	case c.ID == "":
		r.fail(credential.Value{}, "a passport has an id")
	}
	if i := strings.LastIndexByte(c.ID, ':'); r.err == nil && (i < 0 || !isULID(c.ID[i+1:])) {
		r.fail(credential.Value{}, "id %.80q does not end in a ULID in upper case", c.ID)
	}
	p.Issuer = didOf(r, c.Issuer.ID)
	for _, text := range []struct {
		v    credential.Value
		into *string
	}{{c.Issuer.Name, &p.IssuerName}, {c.Issuer.Description, &p.IssuerDescription}} {
		if text.v.Exists() {
			*text.into = r.text(text.v)
		}
	}
	for _, m := range c.Issuer.Extra {
		r.unknown(m.Value, m.Name, "the issuer of a passport")
	}
	for _, m := range c.Extra {
		r.unknown(m.Value, m.Name, "a passport")
	}
	for _, group := range [][]credential.Value{c.Schema, c.RefreshService, c.TermsOfUse, c.Evidence, c.RelatedResource, {c.Name, c.Description}} {
		for _, v := range group {
			if v.Exists() {
				r.fail(v, "a passport has no such member")
			}
		}
	}
	for _, v := range c.Status {
		e, err := statuslist.ParseEntry(v)
		if err != nil {
			r.because(credential.Value{}, err)
		}
		p.Status = append(p.Status, e)
	}
	if len(c.Status) == 1 && root.Get("credentialStatus").Kind() == strictjson.Array {
		p.StatusForm = StatusList
	}
}

func didOf(r *reader, s string) did.DID {
	d, err := did.Parse(s)
	if err != nil && r.err == nil {
		r.err = &Error{Code: code.EnvelopeMalformed, Path: "/issuer", Detail: "the issuer of a passport is a DID", Err: err}
	}
	return d
}

func (p *Passport) subject(r *reader, v credential.Value) {
	for name, m := range v.Members() {
		switch name {
		case "id":
			p.Agent = r.did(m)
		case "type":
			if m.Str() != SubjectType {
				r.fail(m, "want %q, not %.80s", SubjectType, m.Raw())
			}
		case "name":
			p.Name = r.text(m)
		case "description":
			p.Description = r.text(m)
		case "role":
			p.Role = r.text(m)
		case "framework":
			p.Framework = r.text(m)
		case "humanPrincipal":
			p.HumanPrincipal = r.iri(m)
		case "organizationDID":
			p.OrganizationDID = r.iri(m)
		case "grantId":
			p.GrantID = r.text(m)
		case "templateId":
			p.TemplateID = r.iri(m)
		case "attestation":
			p.Attestation = r.attestation(m)
		case "consent":
			p.Consent = r.consent(m)
		case "delegationDepth":
			p.DelegationDepth = r.count(m)
		case "parentPassportId":
			p.ParentPassportID = r.iri(m)
		case "parentDigest":
			p.ParentDigest = r.digest(m)
		case "extensions":
			if r.object(m, "extensions") {
				p.Extensions = m
			}
		default:
			if !p.Authority.member(r, name, m) {
				r.unknown(m, name, "an agent passport")
			}
		}
	}
	if v.Get("type").Str() != SubjectType {
		r.fail(v, "the type of the subject is %q", SubjectType)
	}
	if p.Agent.IsZero() {
		r.fail(v, "the subject has an id, the DID of the agent")
	}
}

// member reads one facet of authority and reports whether it is one.
func (a *Authority) member(r *reader, name string, m credential.Value) bool {
	switch name {
	case "capabilities":
		a.Capabilities = r.capabilities(m)
	case "deniedActions":
		a.DeniedActions = r.texts(m, checkDenied)
	case "allowedMPPCategories":
		a.Categories = r.texts(m, checkName)
	case "paymentRails":
		a.Rails = r.texts(m, checkName)
	case "maxTransactionAmount":
		a.MaxTransaction = r.money(m, nil)
	case "spendLimits":
		a.SpendLimits = r.spendLimits(m)
	case "limits":
		a.Limits = r.limits(m)
	case "payees":
		a.Payees = r.texts(m, checkTextPattern)
	case "resources":
		a.Resources = r.texts(m, checkTextPattern)
	case "audiences":
		a.Audiences = r.texts(m, checkTextPattern)
	case "regions":
		a.Regions = r.texts(m, CheckRegion)
	case "timeWindows":
		a.TimeWindows = r.timeWindows(m)
	case "assurance":
		a.Assurance = r.assurance(m)
	case "maxDelegationDepth":
		a.MaxDelegationDepth = r.count(m)
	default:
		return false
	}
	return true
}

func (r *reader) attestation(v credential.Value) (a Attestation) {
	if !r.object(v, "attestation") {
		return a
	}
	for name, m := range v.Members() {
		switch name {
		case "framework":
			a.Framework = r.text(m)
		case "modelDigest":
			a.ModelDigest = r.digest(m)
		case "promptDigest":
			a.PromptDigest = r.digest(m)
		case "toolsDigest":
			a.ToolsDigest = r.digest(m)
		default:
			r.unknown(m, name, "attestation")
		}
	}
	return a
}

func (r *reader) consent(v credential.Value) (c Consent) {
	if !r.object(v, "consent") {
		return c
	}
	for name, m := range v.Members() {
		switch name {
		case "id":
			c.ID = r.iri(m)
		case "type":
			c.Type = r.oneOf(m, ManifestationOfWill, AgreementAcceptance)
		case "digestMultibase":
			c.Digest = r.digest(m)
		default:
			r.unknown(m, name, "consent")
		}
	}
	if c.ID == "" || c.Type == "" || c.Digest == "" {
		r.fail(v, "consent needs id, type and digestMultibase")
	}
	return c
}

func (r *reader) assurance(v credential.Value) (a Assurance) {
	if !r.object(v, "assurance") {
		return a
	}
	for name, m := range v.Members() {
		switch name {
		case "level":
			a.Level = Level(r.text(m))
			if a.Level.Rank() < 0 {
				r.fail(m, "%.20q is not a level of assurance: want L0, L1, L2, L3, L4KYC or L4FIN", a.Level)
			}
		case "method":
			a.Method = r.text(m)
		case "provider":
			a.Provider = r.text(m)
		case "verifiedAt":
			a.VerifiedAt = r.instant(m)
		case "evidenceDigest":
			a.EvidenceDigest = r.digest(m)
		default:
			r.unknown(m, name, "assurance")
		}
	}
	if a.Level == "" {
		r.fail(v, "assurance needs a level")
	}
	return a
}

func (r *reader) timeWindows(v credential.Value) []TimeWindow {
	if !r.items(v) {
		return nil
	}
	out := make([]TimeWindow, 0, v.Len())
	for item := range v.Items() {
		if !r.object(item, "a time window") {
			return nil
		}
		var w TimeWindow
		for name, m := range item.Members() {
			switch name {
			case "days":
				w.Days = r.texts(m, nil)
			case "start":
				w.Start = r.text(m)
			case "end":
				w.End = r.text(m)
			case "timeZone":
				w.TimeZone = r.text(m)
			default:
				r.unknown(m, name, "a time window")
			}
		}
		r.because(item, w.check())
		for _, o := range out {
			if sameWindow(o, w) {
				r.fail(item, "this time window stands twice")
			}
		}
		out = append(out, w)
	}
	return out
}

func sameWindow(a, b TimeWindow) bool {
	if a.Start != b.Start || a.End != b.End || a.TimeZone != b.TimeZone || len(a.Days) != len(b.Days) {
		return false
	}
	for _, d := range a.Days {
		if !b.on(weekday(d)) {
			return false
		}
	}
	return true
}

func checkDenied(s string) error {
	if s == "*" {
		return nil
	}
	return CheckActionPattern(s)
}

// checkName accepts the name of a category or a rail: visible ASCII.
func checkName(s string) error {
	if len(s) > 64 || !isToken(s, "_-.:", 1, 64, true) {
		return invalid("", "%.80q is not a name of 1 to 64 characters from A-Z a-z 0-9 _ - . :", s)
	}
	return nil
}

func checkTextPattern(s string) error {
	body := strings.TrimSuffix(s, "/*")
	if !contexts.IsVisibleText(body) {
		return invalid("", "%.80q has control, invisible or unassigned characters", s)
	}
	if strings.Contains(body, "*") {
		return invalid("", "in %.80q '*' does not stand alone behind the last '/'", s)
	}
	return nil
}

// check holds the rules that tie members together.
func (p *Passport) check() error {
	a := &p.Authority
	switch {
	case !p.ValidUntil.After(p.ValidFrom):
		return invalid("", "the passport ends when it begins or before")
	case p.DelegationDepth > 0 && (p.ParentPassportID == "" || p.ParentDigest == ""):
		return invalid("", "a delegated passport names its parent by parentPassportId and parentDigest")
	case p.DelegationDepth == 0 && (p.ParentPassportID != "" || p.ParentDigest != ""):
		return invalid("/delegationDepth", "a passport that names a parent states its delegationDepth, at least 1")
	case a.MaxDelegationDepth != 0 && a.MaxDelegationDepth < p.DelegationDepth:
		return invalid("/maxDelegationDepth", "%d is less than the link's own depth %d", a.MaxDelegationDepth, p.DelegationDepth)
	case p.TemplateID != "" && p.Delegated():
		return invalid("/templateId", "a delegated passport is no instance of a template")
	case len(p.Status) == 0 && !p.Delegated():
		return invalid("/credentialStatus", "a passport that is no delegated link says where its status is found")
	}
	return a.checkDecimals()
}

// checkDecimals refuses two numbers of decimals for one asset.
func (a *Authority) checkDecimals() error {
	all := make([]Money, 0, 8)
	if !a.MaxTransaction.IsZero() {
		all = append(all, a.MaxTransaction)
	}
	for _, l := range a.SpendLimits {
		all = append(all, l.Money)
	}
	for i, m := range all {
		for _, o := range all[:i] {
			if o.currency == m.currency && o.decimals != m.decimals {
				return invalid("/spendLimits", "%.80q is counted with %d and with %d decimals", m.currency, o.decimals, m.decimals)
			}
		}
	}
	return nil
}
