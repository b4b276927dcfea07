package aip1

import (
	"strconv"
	"strings"
	"time"

	"github.com/safeconduct/safeconduct/internal/laxjson"
)

// bound is a type whose fields are the members of a model: bind returns pointers
// to them in the order of the model's rows. Reading and writing both go by it.
type bound interface{ bind() []any }

func (e *Envelope) bind() []any {
	return []any{&e.head.context, &e.head.kind, &e.head.version, &e.Agent, &e.Principal, &e.Intent, &e.Boundaries,
		(*string)(&e.Tier), &e.Nonce, &e.TTL, &e.IssuedAt, &e.ExpiresAt, &e.Proof}
}

func (m *Mandate) bind() []any {
	return []any{&m.head.context, &m.head.kind, &m.ID, &m.Issuer, &m.Subject, &m.Boundaries, &m.IssuedAt, &m.ExpiresAt,
		&m.Proof}
}

func (a *Agent) bind() []any { return []any{&a.ID, &a.Version, &a.Runtime, &a.Attestation} }

func (a *Attestation) bind() []any {
	return []any{&a.Method, &a.FrameworkID, &a.BuildHash, &a.SystemPromptHash, &a.RegistrySignature, (*classifier)(a)}
}

type classifier Attestation

func (c *classifier) bind() []any { return []any{&c.Classifier, &c.Confidence} }

func (p *Principal) bind() []any { return []any{&p.Type, &p.ID, &p.Chain} }

func (l *Link) bind() []any {
	return []any{&l.From, &l.To, &l.Scope, &l.Narrows, &l.GrantedAt, &l.ExpiresAt}
}

func (i *Intent) bind() []any { return []any{&i.Action, &i.Target, &i.Parameters} }

func (b *Boundaries) bind() []any {
	return []any{&b.AllowedActions, &b.DeniedActions, &b.Limit, &b.DataAccess, &b.Geo, &b.Window}
}

func (l *Limit) bind() []any { return []any{&l.PerTransaction, &l.PerDay, &l.Currency} }

func (w *TimeWindow) bind() []any { return []any{&w.Start, &w.End} }

func (p *Proof) bind() []any { return []any{&p.Type, &p.Created, &p.Method, &p.Purpose, &p.Value} }

// fill copies a record into its type.
func (r *record) fill(b bound) {
	for i, into := range b.bind() {
		c := &r.cells[i]
		if c.null || c.drawn {
			continue
		}
		switch p := into.(type) {
		case *string:
			*p = c.text
		case *Decimal:
			*p = Decimal(c.text)
		case *int:
			*p = int(c.float)
		case *bool:
			*p = c.truth
		case *time.Time:
			*p = c.at.Time
		case *[]string:
			*p = c.list
		case *Object:
			var w writer
			w.source(c.any)
			*p = Object(w.buf)
		case **TimeWindow:
			*p = new(TimeWindow)
			c.rec.fill(*p)
		case *[]Link:
			*p = make([]Link, len(c.recs))
			for j := range c.recs {
				c.recs[j].fill(&(*p)[j])
			}
		case bound:
			c.rec.fill(p)
		}
	}
}

// wire writes a type as the SDK writes it: every member, in its order.
func (w *writer) wire(m *model, b bound) {
	w.raw("{")
	for i, from := range b.bind() {
		f := &m.fields[i]
		if i > 0 {
			w.raw(",")
		}
		w.text(f.name)
		w.raw(":")
		switch p := from.(type) {
		case *string:
			if f.null && *p == "" {
				w.raw("null")
			} else {
				w.text(*p)
			}
		case *Decimal:
			if w.raw(string(*p)); !strings.ContainsAny(string(*p), ".eE") {
				w.raw(".0") // as Python writes what is not an integer
			}
		case *int:
			w.raw(strconv.Itoa(*p))
		case *bool:
			w.raw(strconv.FormatBool(*p))
		case *time.Time:
			if f.null && p.IsZero() {
				w.raw("null")
			} else {
				w.text(moment{Time: *p}.signed())
			}
		case *[]string:
			w.list(len(*p), func(j int) { w.text((*p)[j]) })
		case *Object:
			w.raw(string(*p))
		case **TimeWindow:
			if *p == nil {
				w.raw("null")
			} else {
				w.wire(f.model, *p)
			}
		case *[]Link:
			w.list(len(*p), func(j int) { w.wire(f.model, &(*p)[j]) })
		case bound:
			w.wire(f.model, p)
		}
	}
	w.raw("}")
}

// source writes a value with its numbers as they were written.
func (w *writer) source(v *value) {
	switch v.Kind() {
	case laxjson.Number:
		w.raw(v.Text())
	case laxjson.Array:
		w.list(len(v.Items()), func(i int) { w.source(v.Items()[i]) })
	case laxjson.Object:
		w.raw("{")
		for i, m := range v.Members() {
			if i > 0 {
				w.raw(",")
			}
			w.text(m.Name)
			w.raw(":")
			w.source(m.Value)
		}
		w.raw("}")
	default:
		w.value(v)
	}
}
