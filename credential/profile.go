package credential

import (
	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/internal/contexts"
	"github.com/safeconduct/safeconduct/internal/profile"
	"github.com/safeconduct/safeconduct/internal/strictjson"
)

// Profile says how much of JSON-LD a document may use. The zero value is the
// strict one.
type Profile uint8

const (
	// Strict is the closed profile: every context from the embedded set, every
	// member defined where it stands, values in one form only.
	Strict Profile = iota

	// Conformance also takes inline contexts, @vocab and unknown types, as the
	// official test suites of the W3C demand. Still nothing is fetched. It is
	// for conformance servers and not for deciding on anything.
	Conformance
)

// read begins a document: its contexts come first.
func (s *secured) read(root Value, p *Parser, b *Bounds) (err error) {
	if err := p.checkCanonicalizer(); err != nil {
		return err
	}
	s.root, s.raw, s.profile, s.canonicalizer = root, root.Raw(), p.Profile, p.Canonicalizer
	s.bounds, s.quads = b, int32(b.Quads)
	s.contexts, err = contextURLs(root, p.Profile, b.Contexts, &s.room)
	return err
}

// checkProfile holds the document to its profile. It comes after the rules of
// the data model, whose errors say more. The names in skip are members that are
// no claims of the document: its proof and what else is read apart.
func (s *secured) checkProfile(b *Bounds, skip []string) error {
	if s.canonicalizer != nil {
		return s.checkCanonical(skip)
	}
	if s.profile == Conformance {
		return s.checkConformance(skip)
	}
	for name, v := range s.root.Members() {
		if tokenTerm(name) && !hasText(skip, name) {
			if s.envelope != nil {
				return malformed(v, "the claim %s is not honoured here, so a token that has it is refused", name)
			}
			return malformed(v, "%s belongs into a token; in a document nobody would honour it", name)
		}
	}
	active, err := contexts.Default().Resolve(s.contexts)
	if err != nil {
		return err
	}
	claims, err := profile.Check(s.root, active, profile.Options{Skip: skip, MaxIRI: b.IRIBytes})
	if len(skip) == 1 { // the proof alone: what eddsa-rdfc-2022 hashes
		s.claims = int32(claims)
	}
	return err
}

// tokenTerm reports whether a name is one of those that the v2 context takes over
// from JOSE and SD-JWT. Of a document that has them outside a token, or has others
// inside one than those compared with it, a reader would believe that it ends at exp
// or is bound to the key in cnf.
func tokenTerm(name string) bool {
	switch name {
	case "...", "_sd", "_sd_alg", "aud", "cnf", "exp", "iat", "iss", "jku", "kid", "nbf", "sub", "x5u":
		return true
	}
	return false
}

// contextURLs reads @context: a list of distinct URLs, the first of which
// tells the version of the data model.
func contextURLs(root Value, profile Profile, max int, room *room) ([]string, error) {
	cx := root.Get("@context")
	if cx.Kind() != strictjson.Array || cx.Len() == 0 {
		return nil, fault(code.EnvelopeContext, root.Path()+"/@context", "want a list that begins with %s, not %s", ContextV2, describe(cx))
	}
	if cx.Len() > max {
		return nil, fault(code.EnvelopeTooLarge, cx.Path(), "%d contexts, at most %d are allowed", cx.Len(), max)
	}
	urls, ok := room.distinct(cx)
	if !ok {
		var err error
		if urls, err = oddContexts(cx, profile); err != nil {
			return nil, err
		}
	}
	for i, url := range urls {
		if isVersion := url == ContextV2 || url == ContextV1; isVersion != (i == 0) {
			return nil, misplacedVersion(cx, i, url)
		}
	}
	return urls, nil
}

// oddContexts reads a list of contexts that are not all URLs, each there once.
func oddContexts(cx Value, profile Profile) ([]string, error) {
	urls := make([]string, 0, cx.Len())
	for item := range cx.Items() {
		url, ok := item.LookupStr()
		if !ok {
			if profile == Conformance && item.Kind() == strictjson.Object && len(urls) > 0 {
				continue
			}
			return nil, fault(code.EnvelopeContext, item.Path(), "want the URL of a context, not %s", item.Kind())
		}
		if hasText(urls, url) {
			return nil, fault(code.EnvelopeContext, item.Path(), "context %.200q is listed twice", url)
		}
		urls = append(urls, url)
	}
	return urls, nil
}

// misplacedVersion says that the first context is no version of the data model, or another is one.
func misplacedVersion(cx Value, i int, url string) error {
	if i > 0 {
		return fault(code.EnvelopeContext, cx.Path(), "context %d is %s, which must be the first and only version", i, url)
	}
	return fault(code.EnvelopeContext, cx.Path()+"/0", "the first context is %.200q, want %s (or %s for VC 1.1)", url,
		ContextV2, ContextV1)
}
