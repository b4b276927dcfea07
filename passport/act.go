package passport

import (
	"iter"
	"strings"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/internal/contexts"
	"github.com/safeconduct/safeconduct/internal/jcs"
	"github.com/safeconduct/safeconduct/internal/jsonwrite"
	"github.com/safeconduct/safeconduct/internal/seam"
	"github.com/safeconduct/safeconduct/internal/strictjson"
)

// Act is what somebody is about to do. An agent signs it in its [Intent], and
// a verifier is asked about it: the two have one Act and must agree on every
// member. A zero member is not stated; under a restriction, what is not stated
// is refused.
type Act struct {
	Action   string // needed; see CheckAction
	Resource string // what is acted on; empty: nothing in particular
	Amount   Money  // transactionAmount; zero: no money moves, so no ceiling and no budget is judged
	Payee    string // who is paid
	Category string // what the payment is for
	Rail     string // how the payment travels
	Region   string // ISO 3166-1 alpha-2 or 3166-2

	// Attributes is a JSON object of everything else that limits and parameters
	// of capabilities are judged by; absent: none. No member of it is named like
	// a member of an act. In an intent it is called parameters.
	Attributes credential.Value
}

// actMember is one member of an act, as an intent has it.
type actMember struct {
	name  string // in the document
	noun  string // to people, and in answers; "": the name
	read  func(*reader, credential.Value, *Act)
	write func(w *jsonwrite.Writer, name string, a *Act) // nothing if it is not stated
	same  func(a, b *Act) bool
	show  func(*Act) string // to people, "" if it is not stated; nil: not shown, since it may be long or personal
	text  bool              // it is what show says
}

// actMembers are all of them, in the order in which intents have them. Whoever
// adds one to [Act] adds a row here; a test misses rows that are not there.
var actMembers = [...]*actMember{
	textOfAct("action", func(a *Act) *string { return &a.Action }, (*reader).text, CheckAction),
	textOfAct("resource", func(a *Act) *string { return &a.Resource }, (*reader).word, nil),
	{
		name: "transactionAmount", noun: "amount",
		read: func(r *reader, v credential.Value, a *Act) { a.Amount = r.money(v, nil) },
		write: func(w *jsonwrite.Writer, name string, a *Act) {
			if !a.Amount.IsZero() {
				w.Name(name)
				w.BeginObject()
				a.Amount.appendMembers(w)
				w.EndObject()
			}
		},
		same: func(a, b *Act) bool {
			x, y := &a.Amount, &b.Amount
			if x.currency == "" || y.currency == "" {
				return x.currency == y.currency
			}
			return x.sameAsset(y) && !x.less(y) && !y.less(x)
		},
		show: func(a *Act) string {
			if a.Amount.IsZero() {
				return ""
			}
			return a.Amount.String()
		},
	},
	textOfAct("payee", func(a *Act) *string { return &a.Payee }, (*reader).word, nil),
	textOfAct("category", func(a *Act) *string { return &a.Category }, (*reader).word, nil),
	textOfAct("rail", func(a *Act) *string { return &a.Rail }, (*reader).word, nil),
	textOfAct("region", func(a *Act) *string { return &a.Region }, (*reader).text, CheckRegion),
	{
		name: "parameters",
		read: func(r *reader, v credential.Value, a *Act) { a.Attributes = r.free(v, "parameters") },
		write: func(w *jsonwrite.Writer, name string, a *Act) {
			if a.Attributes.Exists() {
				w.Name(name)
				w.Raw(a.Attributes.Raw())
			}
		},
		same: func(a, b *Act) bool {
			return string(jcs.Append(nil, a.Attributes)) == string(jcs.Append(nil, b.Attributes))
		},
	},
}

// textOfAct is a member that is a text, empty if it is absent. What the members do is then
// one function each, not one for each row, all of which every decision would go through.
//
//go:noinline
func textOfAct(name string, of func(*Act) *string, read func(*reader, credential.Value) string, check func(string) error) *actMember {
	return &actMember{
		name: name,
		read: func(r *reader, v credential.Value, a *Act) {
			s := read(r, v)
			if *of(a) = s; check != nil {
				r.because(v, check(s))
			}
		},
		write: func(w *jsonwrite.Writer, name string, a *Act) { w.Member(name, *of(a)) },
		same:  func(a, b *Act) bool { return *of(a) == *of(b) },
		show:  func(a *Act) string { return *of(a) },
		text:  true,
	}
}

// member reads one member of an act and reports whether it is one.
func (a *Act) member(r *reader, name string, v credential.Value) bool {
	for _, m := range actMembers {
		if m.name == name {
			m.read(r, v, a)
			return true
		}
	}
	return false
}

// appendMembers writes an act as a part of an intent.
func (a *Act) appendMembers(w *jsonwrite.Writer) {
	for _, m := range actMembers {
		m.write(w, m.name, a)
	}
}

// appendAnswer writes an act as a part of an answer.
func (a *Act) appendAnswer(w *jsonwrite.Writer) {
	for _, m := range actMembers {
		m.write(w, m.known(), a)
	}
}

// known is what a member is called outside of an intent.
func (m *actMember) known() string {
	if m.noun != "" {
		return m.noun
	}
	return m.name
}

// Members yields the name of every member but the attributes, such as "action"
// or "amount", with what it says to people: "" if it is not stated. The order is
// always the same.
func (a *Act) Members() iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for _, m := range actMembers {
			if m.show != nil && !yield(m.known(), m.show(a)) {
				return
			}
		}
	}
}

// isPlain reports whether a text of a request can be read in one way where it is
// compared: without control characters, without the '*' of patterns, and of at
// most so many bytes.
func isPlain(text string, most int) bool {
	return contexts.IsVisibleText(text) && len(text) <= most && !strings.Contains(text, "*")
}

// unclear returns the first member that is a text but not a plain one, "" if
// there is none.
func (a *Act) unclear(most int) (name, text string) {
	for _, m := range actMembers {
		if !m.text {
			continue
		}
		if text := m.show(a); text != "" && !isPlain(text, most) {
			return m.known(), text
		}
	}
	return "", ""
}

func init() {
	seam.MustLend("passport.isActMember", isActMember)
	seam.MustLend("passport.isPlain", isPlain)
	seam.MustLend("passport.unclear", (*Act).unclear)
}

// isActMember reports whether an act has a member of that name beside its
// attributes. A limit or attribute of that name would say the same thing twice,
// or bound nothing while it reads as if it did.
func isActMember(name string) bool {
	for _, m := range actMembers[1:] { // an action is bound by capabilities alone
		if m.show != nil && m.known() == name {
			return true
		}
	}
	return false
}

// Differs returns a refusal with the code proof.intent_mismatch for each
// member that the act of an intent has otherwise than a, which is what was
// asked for. Absent is not the same as present; amounts compare by value and
// asset, attributes by their canonical form. Paths are relative to the intent.
func (a *Act) Differs(signed *Act) (refusals []*Error) {
	for _, m := range actMembers {
		if m.same(a, signed) {
			continue
		}
		e := &Error{Code: code.ProofIntentMismatch, Path: "/" + m.name, Detail: "the agent signed other " + m.name + " than are asked for"}
		if m.show != nil {
			e.Detail = "the agent signed another " + m.known() + " than is asked for"
			e.Limit, e.Actual = orAbsent(m.show(a)), orAbsent(m.show(signed))
		}
		refusals = append(refusals, e)
	}
	return refusals
}

func orAbsent(s string) string {
	if s == "" {
		return "absent"
	}
	return s
}

// IsPayment reports whether the act is a payment: it has an amount, a
// category, a rail or a payee.
func (a *Act) IsPayment() bool {
	return !a.Amount.IsZero() || a.Category != "" || a.Rail != "" || a.Payee != ""
}

// check reports what keeps an act from being judged at all. Patterns compare
// as text, so only a well-formed action may meet them.
func (a *Act) check() *Error {
	bad := func(detail string, err error) *Error {
		return &Error{Code: code.RequestInvalid, Detail: detail, Err: err}
	}
	if a == nil {
		return bad("there is no act to judge", nil)
	}
	if err := CheckAction(a.Action); err != nil {
		return bad("the action of the act", err)
	}
	if a.Attributes.Exists() && a.Attributes.Kind() != strictjson.Object {
		return bad("the attributes of an act are an object, not "+a.Attributes.Kind().String(), nil)
	}
	return nil
}
