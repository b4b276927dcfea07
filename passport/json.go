package passport

import (
	"bytes"
	"strings"

	"github.com/safeconduct/safeconduct/internal/datetime"
	"github.com/safeconduct/safeconduct/internal/jsonwrite"
)

// MarshalJSON writes what is shown of a passport in the versioned answers of
// this library (docs/cli.md, JSON): who, for whom, from whom, until when, and
// where its status is. It is not the credential, which is signed bytes, and
// holds no authority, which a chain has together; see [Effective.MarshalJSON].
func (p Passport) MarshalJSON() ([]byte, error) {
	var w jsonwrite.Writer
	w.BeginObject()
	text(&w, "id", p.ID)
	text(&w, "issuer", p.Issuer.String())
	text(&w, "agent", p.Agent.String())
	textIf(&w, "name", p.Name)
	textIf(&w, "humanPrincipal", p.HumanPrincipal)
	textIf(&w, "organizationDID", p.OrganizationDID)
	text(&w, "validFrom", datetime.Format(p.ValidFrom))
	text(&w, "validUntil", datetime.Format(p.ValidUntil))
	w.Name("delegationDepth")
	w.Int(int64(p.DelegationDepth))
	if len(p.Status) > 0 {
		w.Name("status")
		w.BeginArray()
		for _, e := range p.Status {
			w.BeginObject()
			text(&w, "purpose", string(e.Purpose))
			text(&w, "url", e.URL)
			w.Name("index")
			w.Int(int64(e.Index))
			w.EndObject()
		}
		w.EndArray()
	}
	w.EndObject()
	return w.Buf, nil
}

// MarshalJSON writes the intent as the versioned answers show it: like the
// signed one, with the amount under the name "amount".
func (in Intent) MarshalJSON() ([]byte, error) {
	var w jsonwrite.Writer
	w.BeginObject()
	text(&w, "id", in.ID)
	text(&w, "passportId", in.PassportID)
	in.Act.appendAnswer(&w)
	textIf(&w, "bodyDigest", in.BodyDigest)
	text(&w, "issuedAt", datetime.Format(in.IssuedAt))
	text(&w, "expiresAt", datetime.Format(in.ExpiresAt))
	w.EndObject()
	return bytes.ToValidUTF8(w.Buf, []byte("\uFFFD")), nil
}

// MarshalJSON writes what a chain allows together: every facet as texts, and
// what programs ask for most as values.
func (e Effective) MarshalJSON() ([]byte, error) {
	var w jsonwrite.Writer
	w.BeginObject()
	w.Name("capabilities")
	w.BeginArray()
	for _, c := range e.Capabilities() {
		w.BeginObject()
		text(&w, "action", c.Action)
		text(&w, "text", c.String())
		w.EndObject()
	}
	w.EndArray()
	w.Name("spendLimits")
	w.BeginArray()
	for _, l := range e.SpendLimits() {
		w.BeginObject()
		l.Money.appendMembers(&w)
		text(&w, "per", string(l.Per))
		textIf(&w, "timeZone", l.TimeZone)
		textIf(&w, "action", l.Action)
		w.EndObject()
	}
	w.EndArray()
	text(&w, "assurance", string(e.Assurance()))
	w.Name("facets")
	w.BeginArray()
	for f := range e.Facets() {
		f.appendJSON(&w)
	}
	w.EndArray()
	w.EndObject()
	return w.Buf, nil
}

func (f *Facet) appendJSON(w *jsonwrite.Writer) {
	kind := "restriction"
	if f.Grant {
		kind = "grant"
	}
	w.BeginObject()
	text(w, "facet", f.Name)
	text(w, "kind", kind)
	w.Name("stated")
	w.Bool(f.Stated)
	w.Name("texts")
	w.BeginArray()
	if f.Stated {
		for _, t := range f.Texts {
			w.String(valid(t))
		}
	}
	w.EndArray()
	w.EndObject()
}

// MarshalJSON writes the change with its three members.
func (c Change) MarshalJSON() ([]byte, error) {
	var w jsonwrite.Writer
	w.BeginObject()
	text(&w, "facet", c.Facet)
	text(&w, "before", c.Before)
	text(&w, "after", c.After)
	w.EndObject()
	return w.Buf, nil
}

// text writes a member, textIf writes it unless it is empty.
func text(w *jsonwrite.Writer, name, value string) {
	w.Name(name)
	w.String(valid(value))
}

func textIf(w *jsonwrite.Writer, name, value string) { w.Member(name, valid(value)) }

// valid makes a text one that JSON can hold: what a caller has put into a
// passport that was never read need not be.
func valid(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }
