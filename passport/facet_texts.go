package passport

import (
	"fmt"
	"slices"
	"strings"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/internal/contexts"
	"github.com/safeconduct/safeconduct/internal/jsonwrite"
)

// texts is a list that may be absent. What absence means differs: of a grant
// nothing, of a restriction anything.
type texts struct {
	stated bool
	values []string
}

var (
	categoryFacet = textGrant("allowedMPPCategories", "categories", "category", code.AuthorityCategoryNotAllowed,
		func(a *Authority) *[]string { return &a.Categories }, func(e *Effective) *texts { return &e.categories },
		func(a *Act) string { return a.Category })
	railFacet = textGrant("paymentRails", "rails", "rail", code.AuthorityRailNotAllowed,
		func(a *Authority) *[]string { return &a.Rails }, func(e *Effective) *texts { return &e.rails },
		func(a *Act) string { return a.Rail })
	payeeFacet = textRestriction("payees", "payee", code.AuthorityPayeeNotAllowed, checkTextPattern, TextCovers,
		func(a *Authority) *[]string { return &a.Payees }, func(e *Effective) *texts { return &e.payees },
		func(a *Act, _ string) (string, bool) { return a.Payee, a.IsPayment() })
	resourceFacet = textRestriction("resources", "resource", code.AuthorityResourceNotAllowed, checkTextPattern, TextCovers,
		func(a *Authority) *[]string { return &a.Resources }, func(e *Effective) *texts { return &e.resources },
		func(a *Act, _ string) (string, bool) { return a.Resource, true })
	audienceFacet = textRestriction("audiences", "audience", code.AuthorityResourceNotAllowed, checkTextPattern, TextCovers,
		func(a *Authority) *[]string { return &a.Audiences }, func(e *Effective) *texts { return &e.audiences },
		func(_ *Act, audience string) (string, bool) { return audience, true })
	regionFacet = textRestriction("regions", "region", code.AuthorityRegionBlocked, CheckRegion, RegionCovers,
		func(a *Authority) *[]string { return &a.Regions }, func(e *Effective) *texts { return &e.regions },
		func(a *Act, _ string) (string, bool) { return a.Region, true })
)

// textList is what all lists of texts have in common. As with [textOfAct], each function is
// there once.
//
//go:noinline
func textList(member string, check func(string) error, list func(*Authority) *[]string) facet {
	return facet{
		member: member,
		read:   func(r *reader, v credential.Value, a *Authority) { *list(a) = r.texts(v, check) },
		write:  func(w *jsonwrite.Writer, a *Authority) { w.Strings(member, *list(a)) },
		clone:  func(a *Authority, p *pool) { l := list(a); *l = p.own(*l) },
	}
}

// textGrant is a grant of payments: any link states it, so a payment must name
// a value that every link grants.
func textGrant(member, name, noun string, refused code.Code,
	list func(*Authority) *[]string, in func(*Effective) *texts, value func(*Act) string) facet {
	f := textList(member, checkName, list)
	f.copy = func(own, above *Authority) {
		if p := list(own); len(*p) == 0 {
			*p = *list(above)
		}
	}
	// An empty list grants as little as none.
	f.effect = func(e *Effective, a *Authority) { l := *list(a); *in(e) = texts{len(l) > 0, l} }
	f.meet = func(out, above, link *Effective) {
		a, b := in(above), in(link)
		*in(out) = texts{a.stated || b.stated, kept(a.values, func(v string) bool { return slices.Contains(b.values, v) })}
	}
	f.narrow = func(above, link *Effective) (errs []error) {
		have := in(above).values
		for _, v := range in(link).values {
			if !slices.Contains(have, v) {
				errs = append(errs, wider("/"+member, fmt.Sprintf("one of %q", have), v))
			}
		}
		return errs
	}
	f.judge = func(q question) (reasons []*Error) {
		if !q.act.IsPayment() {
			return nil
		}
		named, stated := value(q.act), slices.IndexFunc(q.chain, func(a *Authority) bool { return len(*list(a)) > 0 })
		switch {
		case stated < 0 && named == "":
			return nil
		case stated < 0:
			return q.deny(nil, refused, 0, member, "the passport grants no payments of any "+noun, "none", named)
		case named == "":
			return q.deny(nil, refused, stated, member, "the payment does not name its "+noun, oneOf(*list(q.chain[stated])), orNone(""))
		}
		for i, a := range q.chain {
			if l := *list(a); !slices.Contains(l, named) {
				reasons = q.deny(reasons, refused, i, member, "this "+noun+" is not among those granted", oneOf(l), named)
			}
		}
		return reasons
	}
	f.show = func(e *Effective) []Facet {
		t := in(e)
		return []Facet{{Name: name, Grant: true, Stated: t.stated, Texts: sorted(t.values), Value: slices.Clone(t.values), absent: "none"}}
	}
	return f
}

// textRestriction is a restriction: every link that states it must cover the
// value. value also tells whether the act is asked for one at all.
func textRestriction(member, noun string, refused code.Code, check func(string) error, covers func(pattern, value string) bool,
	list func(*Authority) *[]string, in func(*Effective) *texts, value func(act *Act, audience string) (string, bool)) facet {
	f := textList(member, check, list)
	f.check = func(a *Authority) error { return notEmpty(*list(a)) }
	// An empty list, which no document can say, covers nothing.
	f.effect = func(e *Effective, a *Authority) { l := *list(a); *in(e) = texts{l != nil, l} }
	// What both cover: the narrower of two patterns where one covers the other.
	f.meet = func(out, above, link *Effective) {
		a, b := in(above), in(link)
		switch {
		case !a.stated:
			*in(out) = texts{b.stated, slices.Clone(b.values)}
			return
		case !b.stated:
			*in(out) = *a
			return
		}
		both := gathering[string]{of: a.values}
		for _, x := range a.values {
			for _, y := range b.values {
				switch {
				case covers(x, y):
					both.addNew(y)
				case covers(y, x):
					both.addNew(x)
				}
			}
		}
		*in(out) = texts{true, both.list()}
	}
	f.narrow = func(above, link *Effective) (errs []error) {
		have := in(above)
		if !have.stated {
			return nil
		}
		for _, v := range in(link).values {
			if !slices.ContainsFunc(have.values, func(pattern string) bool { return covers(pattern, v) }) {
				errs = append(errs, wider("/"+member, fmt.Sprintf("one of %q", have.values), v))
			}
		}
		return errs
	}
	f.judge = func(q question) (reasons []*Error) {
		named, asked := value(q.act, q.audience)
		if !asked {
			return nil
		}
		for i, a := range q.chain {
			allowed := *list(a)
			if allowed == nil {
				continue
			}
			ok := false
			for _, p := range allowed {
				ok = ok || named != "" && covers(p, named)
			}
			if !ok {
				reasons = q.deny(reasons, refused, i, member, "this "+noun+" is not among those allowed", oneOf(allowed), orNone(named))
			}
		}
		return reasons
	}
	f.show = func(e *Effective) []Facet {
		t := in(e)
		return []Facet{{Name: member, Stated: t.stated, Texts: sorted(t.values), Value: slices.Clone(t.values), absent: "any"}}
	}
	return f
}

// notEmpty refuses a restriction that a document cannot say.
func notEmpty[T any](list []T) error {
	if list != nil && len(list) == 0 {
		return invalid("", "an empty restriction lets nothing pass, which a document cannot say; nil restricts nothing")
	}
	return nil
}

// checkName accepts the name of a category or a rail: visible ASCII.
func checkName(s string) error {
	if len(s) > 64 || !isToken(s, "_-.:", 1, 64, true) {
		return invalid("", "%.80q is not a name of 1 to 64 characters from A-Z a-z 0-9 _ - . :", s)
	}
	return nil
}

func checkTextPattern(s string) error {
	if !contexts.IsVisibleText(s) {
		return invalid("", "%.80q has white space, control, invisible or unassigned characters", s)
	}
	if strings.Contains(strings.TrimSuffix(s, "/*"), "*") {
		return invalid("", "in %.80q '*' does not stand alone behind the last '/'", s)
	}
	return nil
}

func oneOf(list []string) string {
	if len(list) == 0 {
		return "none"
	}
	return clip(fmt.Sprintf("one of %q", list))
}

func orNone(s string) string {
	if s == "" {
		return "none stated"
	}
	return s
}

func sorted(list []string) []string {
	out := slices.Clone(list)
	slices.Sort(out)
	return out
}
