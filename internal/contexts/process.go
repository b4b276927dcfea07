package contexts

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/internal/strictjson"
)

// maxScopes bounds scoped contexts inside scoped contexts, which a parse of
// bounded depth bounds already; it guards the recursion all the same.
const maxScopes = 64

func refuse(format string, args ...any) error {
	return &code.Error{Code: code.EnvelopeContext, Detail: fmt.Sprintf(format, args...)}
}

// process applies a local context to a: the Context Processing Algorithm of
// JSON-LD 1.1 API, section 4.1.2. Nothing is fetched: a string is the name of
// a context of the set. depth counts scoped contexts around this one.
func (a *Active) process(local strictjson.Value, how mode, depth int) (*Active, error) {
	if depth > maxScopes {
		return nil, refuse("more than %d scoped contexts are nested", maxScopes)
	}
	p := processor{result: a.derive(how), override: how == modeProperty, propagate: how != modeType, depth: depth} // step 1
	if local.Kind() == strictjson.Object {                                                                         // step 2
		if v := local.Get("@propagate"); v.Exists() {
			propagate, ok := v.Bool()
			if !ok {
				return nil, refuse("@propagate is %s, want true or false", v.Kind())
			}
			p.propagate = propagate
		}
	}
	if !p.propagate && p.result.previous == nil { // step 3
		p.result.previous = a
	}
	if local.Kind() != strictjson.Array { // step 4
		if err := p.one(local, false); err != nil {
			return nil, err
		}
	}
	for item := range local.Items() { // step 5
		if err := p.one(item, false); err != nil {
			return nil, err
		}
	}
	return p.result.seal(), p.result.tryScopes(a, depth)
}

// tryScopes processes the scoped contexts of the terms that a has and before
// has not, so that an error in one shows when a context is registered, or
// stands in a document, used or not (step 21.3 of Create Term Definition).
// Those of the set have been tried already.
func (a *Active) tryScopes(before *Active, depth int) error {
	if a.memo != nil {
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(a.terms)) {
		t := a.terms[name]
		if !t.Scope.Exists() || before.Term(name) == t {
			continue
		}
		if _, err := a.process(t.Scope, modeProperty, depth+1); err != nil {
			return refuseScope(name, err)
		}
	}
	return nil
}

type processor struct {
	result    *Active
	override  bool // protected terms may be redefined
	propagate bool
	depth     int
}

// one applies a single context; remote says that it comes from the set.
func (p *processor) one(local strictjson.Value, remote bool) error {
	switch local.Kind() {
	case strictjson.Null: // step 5.1
		if !p.override && p.result.hasProtected {
			return refuse("a null context would drop protected terms")
		}
		fresh := &Active{set: p.result.set, memo: p.result.memo} // nothing outside
		if !p.propagate {
			fresh.previous = p.result.previous
		}
		p.result = fresh
		return nil
	case strictjson.String: // step 5.2
		url := local.Str()
		source, ok := p.result.set.sources[url]
		switch {
		case !ok:
			return refuse("context %.200q is not embedded, and nothing is fetched", url)
		case remote:
			return refuse("context %.200q stands inside another context file", url)
		case source.Kind() == strictjson.Array:
			for item := range source.Items() {
				if err := p.one(item, true); err != nil {
					return err
				}
			}
			return nil
		}
		return p.one(source, true)
	case strictjson.Object:
		return p.definition(local, remote)
	}
	return refuse("a context is %s, want the URL of one that is embedded, or an object", local.Kind()) // step 5.3
}

// definition applies a context definition: steps 5.5 to 5.13.
func (p *processor) definition(local strictjson.Value, remote bool) error {
	d := definer{processor: p, local: local}
	for name, v := range local.Members() {
		switch KeywordOf(name) {
		case KeywordVersion: // step 5.5
			if v.Raw() != "1.1" {
				return refuse("@version is %.20s, want 1.1", v.Raw())
			}
		case KeywordImport: // step 5.6
			return refuse("@import is not supported: contexts are a closed set")
		case KeywordPropagate: // step 5.11
			if _, ok := v.Bool(); !ok {
				return refuse("@propagate is %s, want true or false", v.Kind())
			}
		case KeywordProtected:
			protected, ok := v.Bool()
			if !ok {
				return refuse("@protected is %s, want true or false", v.Kind())
			}
			d.protected = protected
		}
	}
	if err := p.defaults(local, remote); err != nil {
		return err
	}
	for name := range local.Members() { // step 5.13
		switch KeywordOf(name) {
		case KeywordBase, KeywordDirection, KeywordImport, KeywordLanguage,
			KeywordPropagate, KeywordProtected, KeywordVersion, KeywordVocab:
			continue
		}
		if err := d.create(name); err != nil {
			return err
		}
	}
	return nil
}

// defaults applies @base, @vocab, @language and @direction: steps 5.7 to 5.10.
func (p *processor) defaults(local strictjson.Value, remote bool) error {
	r := p.result
	if v := local.Get("@base"); v.Exists() && !remote { // step 5.7
		switch s, isString := v.LookupStr(); {
		case v.Kind() == strictjson.Null:
			r.base = ""
		case !isString:
			return refuse("@base is %s, want an IRI or null", v.Kind())
		case SchemeEnd(s) > 0:
			r.base = s
		case r.base != "":
			r.base = resolveReference(r.base, s)
		default:
			return refuse("@base %.200q is relative, and there is nothing that it could be relative to", s)
		}
	}
	if v := local.Get("@vocab"); v.Exists() { // step 5.8
		switch s, isString := v.LookupStr(); {
		case v.Kind() == strictjson.Null:
			r.vocab, r.hasVocab = "", false
		case !isString:
			return refuse("@vocab is %s, want an IRI or null", v.Kind())
		default:
			iri, ok := r.ExpandIRI(s, true, true)
			if !ok || strings.HasPrefix(iri, "_:") || SchemeEnd(iri) < 0 {
				return refuse("@vocab %.200q is not an absolute IRI", s)
			}
			r.vocab, r.hasVocab = iri, true
		}
	}
	if v := local.Get("@language"); v.Exists() { // step 5.9
		lang, ok := nullable(v)
		if !ok || lang != "" && !IsLanguageTag(lang) || v.Kind() == strictjson.String && lang == "" {
			return refuse("@language is %.40s, want a language tag or null", v.Raw())
		}
		r.language = strings.ToLower(lang)
	}
	if v := local.Get("@direction"); v.Exists() { // step 5.10
		dir, ok := nullable(v)
		if !ok || dir != "ltr" && dir != "rtl" && v.Kind() != strictjson.Null {
			return refuse("@direction is %.40s, want \"ltr\", \"rtl\" or null", v.Raw())
		}
		r.dir = dir
	}
	return nil
}

// nullable returns a string, or "" for null.
func nullable(v strictjson.Value) (string, bool) {
	if v.Kind() == strictjson.Null {
		return "", true
	}
	return v.LookupStr()
}
