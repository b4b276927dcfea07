package main

import (
	"strconv"
	"strings"
	"time"

	"github.com/safeconduct/safeconduct/internal/datetime"
	"github.com/safeconduct/safeconduct/passport"
)

// document prints what inspect found, for people.
func (p printer) document(d *documentJSON, now time.Time) {
	p.line("%s", d.What)
	p.field("id", d.ID)
	p.field("issuer", d.Issuer)
	p.field("holder", d.Holder)
	if d.Passport == nil {
		p.field("types", strings.Join(d.Types, ", "))
		p.field("valid from", d.From)
		p.field("valid until", d.Until)
	} else {
		p.passport(d.Passport.p, now)
	}
	if d.Intent != nil {
		p.intent(d.Intent, now)
	}
	if d.List != nil {
		p.field("encoding", d.List.Encoding)
		p.field("purposes", strings.Join(d.List.Purposes, ", "))
		p.field("as of", d.List.AsOf)
	}
	for _, k := range d.Keys {
		p.field("key", k.ID)
		p.field("  type", k.Type)
		p.field("  for", strings.Join(k.For, ", "))
		p.field("  expires", k.Expires)
		p.field("  revoked", k.Revoked)
		p.field("  not usable", k.Problem)
	}
	for _, proof := range d.Proofs {
		p.field("proof by", proof.Method)
		p.field("  suite", proof.Suite)
		if proof.Suite == "" {
			p.field("  form", proof.Type)
		}
		p.field("  made for", proof.Purpose)
		p.field("  created", proof.Created)
		p.field("  audience", strings.Join(proof.Audience, ", "))
		p.field("  challenge", proof.Challenge)
	}
	p.field("digest", d.Digest)
	p.field("problem", d.Problem)
	for _, link := range d.Links {
		if c, ok := link.(*documentJSON); ok {
			p.line("")
			p.document(c, now)
		}
	}
}

// field prints one line, if there is something to say.
func (p printer) field(name, value string) {
	if value != "" {
		p.line("  %s %s", name+strings.Repeat(" ", max(0, 13-len(name))), value)
	}
}

func (p printer) passport(pass *passport.Passport, now time.Time) {
	p.field("agent", pass.Agent.String())
	p.field("name", pass.Name)
	p.field("principal", pass.HumanPrincipal)
	p.field("organization", pass.OrganizationDID)
	p.field("valid from", datetime.Format(pass.ValidFrom)+ifTrue(now.Before(pass.ValidFrom), " (still to come)"))
	p.field("valid until", datetime.Format(pass.ValidUntil)+ifTrue(!now.Before(pass.ValidUntil), " (over)"))
	for _, e := range pass.Status {
		p.line("  %s %s, index %d", string(e.Purpose)+strings.Repeat(" ", max(0, 13-len(e.Purpose))), e.URL, e.Index)
	}
	for _, line := range facetLines(pass.Authority.Effective()) {
		p.field(line[0], line[1])
	}
	p.field("consent", pass.Consent.ID)
	p.field("depth", ifTrue(pass.DelegationDepth > 0, strconv.Itoa(pass.DelegationDepth)))
	p.field("parent", pass.ParentPassportID)
}

func (p printer) intent(in *intentJSON, now time.Time) {
	p.field("intent", in.ID)
	p.field("  act", in.summary())
	p.field("  passport", in.PassportID)
	p.field("  parameters", string(in.Parameters))
	p.field("  issued", in.IssuedAt)
	ends, err := datetime.Parse(in.ExpiresAt)
	p.field("  ends", in.ExpiresAt+ifTrue(err == nil && !now.Before(ends), " (over)"))
}

// summary says in one line what is to be done.
func (in *intentJSON) summary() string {
	parts := []string{in.Action}
	if in.Amount != nil {
		parts = append(parts, in.Amount.Amount+" "+in.Amount.Currency)
	}
	for _, m := range [...]struct{ name, value string }{
		{"category", in.Category}, {"rail", in.Rail}, {"payee", in.Payee}, {"resource", in.Resource}, {"region", in.Region},
	} {
		if m.value != "" {
			parts = append(parts, m.name+" "+m.value)
		}
	}
	return strings.Join(parts, ", ")
}

func ifTrue(yes bool, text string) string {
	if yes {
		return text
	}
	return ""
}
