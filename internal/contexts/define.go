package contexts

import (
	"strings"

	"github.com/safeconduct/safeconduct/internal/strictjson"
)

// definer creates the term definitions of one context definition: the Create
// Term Definition algorithm of JSON-LD 1.1 API, section 4.2.2.
type definer struct {
	*processor
	local     strictjson.Value
	protected bool            // @protected of the whole context
	defined   map[string]bool // false while a term is being created

	members map[string]strictjson.Value // of local, where it has many
}

const fewTerms = 16

// member returns what local has under a name: every definition asks for its own,
// and for the terms that it leans on.
func (d *definer) member(name string) strictjson.Value {
	if d.local.Len() <= fewTerms {
		return d.local.Get(name)
	}
	if d.members == nil {
		d.members = make(map[string]strictjson.Value, d.local.Len())
		for n, v := range d.local.Members() {
			d.members[n] = v
		}
	}
	return d.members[name]
}

func (d *definer) create(term string) error {
	if done, ok := d.defined[term]; ok { // step 1
		if !done {
			return refuse("term %.100q is defined by itself", term)
		}
		return nil
	}
	if d.defined == nil {
		d.defined = make(map[string]bool, d.local.Len())
	}
	d.defined[term] = false // step 2
	value := d.member(term)
	switch {
	case term == "":
		return refuse("a term may not be empty")
	case term == "@type": // step 4
		return d.typeKeyword(value)
	case KeywordOf(term) != NoKeyword: // step 5
		return refuse("keyword %s may not be redefined", term)
	case HasKeywordForm(term):
		return refuse("term %.100q has the form of a keyword: JSON-LD would ignore it", term)
	}
	t := &Term{Name: term, Protected: d.protected, Odd: strings.ContainsAny(term, ":@")} // step 10
	previous := d.result.term(term)                                                      // step 6
	d.put(term, nil)
	if err := d.fill(t, value); err != nil {
		return err
	}
	if !d.override && previous != nil && previous.Protected { // step 27
		if !t.same(previous) {
			return refuse("protected term %.100q is redefined", term)
		}
		t = previous
	}
	d.set(t) // step 28
	return nil
}

func (d *definer) set(t *Term) {
	r := d.result
	d.put(t.Name, t)
	r.hasProtected = r.hasProtected || t.Protected
	r.hasPrefixes = r.hasPrefixes || t.Prefix
	r.hasOdd = r.hasOdd || t.Odd
	d.defined[t.Name] = true
}

func (d *definer) put(name string, t *Term) {
	if d.result.terms == nil {
		d.result.terms = make(map[string]*Term, d.local.Len())
	}
	d.result.terms[name] = t
}

// typeKeyword is step 4: @type may be given a container of @set and protection.
func (d *definer) typeKeyword(value strictjson.Value) error {
	t := &Term{Name: "@type", IRI: "@type", Keyword: KeywordType, Protected: d.protected, Odd: true}
	if value.Kind() != strictjson.Object || value.Len() == 0 {
		return refuse("keyword @type may not be redefined")
	}
	for name, v := range value.Members() {
		switch name {
		case "@container":
			if v.Str() != "@set" {
				return refuse("@type may only have the container @set")
			}
			t.Container = ContainerSet
		case "@protected":
			protected, ok := v.Bool()
			if !ok {
				return refuse("@protected of @type is %s, want true or false", v.Kind())
			}
			t.Protected = protected
		default:
			return refuse("keyword @type may not be redefined")
		}
	}
	if previous := d.result.term("@type"); previous != nil && previous.Protected && !d.override {
		if !t.same(previous) {
			return refuse("protected term \"@type\" is redefined")
		}
		t = previous
	}
	d.set(t)
	return nil
}

// fill reads the definition of t from value: steps 7 to 26.
func (d *definer) fill(t *Term, value strictjson.Value) error {
	simple := false
	var id strictjson.Value
	switch value.Kind() {
	case strictjson.Null: // step 7
		t.IRI = ""
		return nil // a term mapped to null: nothing else can be said of it
	case strictjson.String: // step 8
		id, simple = value, true
		value = strictjson.Value{}
	case strictjson.Object: // step 9
		id = value.Get("@id")
	default:
		return refuse("term %.100q is defined as %s, want an IRI, an object or null", t.Name, value.Kind())
	}
	if v := value.Get("@protected"); v.Exists() { // step 11
		protected, ok := v.Bool()
		if !ok {
			return refuse("@protected of term %.100q is %s, want true or false", t.Name, v.Kind())
		}
		t.Protected = protected
	}
	if err := d.typeMapping(t, value.Get("@type")); err != nil { // step 12
		return err
	}
	if reverse := value.Get("@reverse"); reverse.Exists() { // step 13
		if id.Exists() || value.Get("@nest").Exists() {
			return refuse("reverse term %.100q has @id or @nest", t.Name)
		}
		if err := d.reverse(t, reverse); err != nil {
			return err
		}
	} else if err := d.mapping(t, id, simple); err != nil { // steps 14 to 18
		return err
	}
	return d.rest(t, value)
}

// typeMapping is step 12.
func (d *definer) typeMapping(t *Term, v strictjson.Value) error {
	if !v.Exists() {
		return nil
	}
	s, ok := v.LookupStr()
	if !ok {
		return refuse("@type of term %.100q is %s, want a string", t.Name, v.Kind())
	}
	iri, ok, err := d.expand(s)
	if err != nil {
		return err
	}
	switch iri {
	case "@id":
		t.Coercion = CoerceID
	case "@vocab":
		t.Coercion = CoerceVocab
	case "@json":
		t.Coercion = CoerceJSON
	case "@none":
		t.NoneType = true
	default:
		if !ok || SchemeEnd(iri) < 0 {
			return refuse("@type of term %.100q is %.200q, want an absolute IRI, @id, @vocab, @json or @none", t.Name, s)
		}
		t.Coercion, t.Datatype, t.DatatypeOK = CoerceDatatype, iri, IsAbsoluteIRI(iri)
	}
	return nil
}

// reverse is step 13.
func (d *definer) reverse(t *Term, v strictjson.Value) error {
	s, ok := v.LookupStr()
	if !ok {
		return refuse("@reverse of term %.100q is %s, want a string", t.Name, v.Kind())
	}
	iri, ok, err := d.expand(s)
	if err != nil {
		return err
	}
	if !ok || SchemeEnd(iri) < 0 {
		return refuse("@reverse of term %.100q is %.200q, want an absolute IRI", t.Name, s)
	}
	t.Reverse = true
	t.setIRI(iri)
	return nil
}

func (t *Term) setIRI(iri string) {
	t.IRI = iri
	if t.Keyword = KeywordOf(iri); t.Keyword == NoKeyword && IsAbsoluteIRI(iri) {
		t.Predicate = "<" + iri + ">"
	}
}

// mapping finds the IRI of a term: steps 14 to 18.
func (d *definer) mapping(t *Term, id strictjson.Value, simple bool) error {
	s, isString := id.LookupStr()
	switch {
	case id.Kind() == strictjson.Null: // step 14.1: the term is decoupled from @vocab
		return nil
	case id.Exists() && !isString:
		return refuse("@id of term %.100q is %s, want a string", t.Name, id.Kind())
	case isString && s != t.Name:
		return d.identified(t, s, simple)
	}
	if i := colonAfterFirst(t.Name); i > 0 { // step 15
		prefix, suffix := t.Name[:i], t.Name[i+1:]
		if d.member(prefix).Exists() {
			if err := d.create(prefix); err != nil {
				return err
			}
		}
		if p := d.result.term(prefix); p != nil && p.IRI != "" && p.Keyword == NoKeyword {
			t.setIRI(p.IRI + suffix)
		} else {
			t.setIRI(t.Name)
		}
		return nil
	}
	// Steps 16 and 18: with a slash the term is a reference relative to the
	// vocabulary, without one it is put behind it; both are a concatenation.
	if !d.result.hasVocab {
		return refuse("term %.100q has no @id, and there is no @vocab", t.Name)
	}
	t.setIRI(d.result.vocab + t.Name)
	return nil
}

// identified is step 14.2: a term with an @id of its own.
func (d *definer) identified(t *Term, s string, simple bool) error {
	iri, ok, err := d.expand(s)
	switch {
	case err != nil:
		return err
	case !ok:
		return refuse("@id of term %.100q is %.200q, which has no meaning in RDF", t.Name, s)
	case iri == "@context":
		return refuse("term %.100q is an alias of @context", t.Name)
	case strings.HasPrefix(iri, "_:"):
		return refuse("term %.100q is a blank node", t.Name)
	case KeywordOf(iri) == NoKeyword && SchemeEnd(iri) < 0:
		return refuse("@id of term %.100q is %.200q, want an absolute IRI or a keyword", t.Name, s)
	}
	inside := colonAfterFirst(strings.TrimSuffix(t.Name, ":")) > 0
	if inside || strings.Contains(t.Name, "/") { // step 14.2.4
		d.defined[t.Name] = true
		own, ok, err := d.expand(t.Name)
		if err != nil {
			return err
		}
		if !ok || own != iri {
			return refuse("term %.100q looks like an IRI, but is defined as %.200q", t.Name, iri)
		}
	}
	t.setIRI(iri)
	if simple && !strings.ContainsAny(t.Name, ":/") && t.Keyword == NoKeyword { // step 14.2.5
		t.Prefix = strings.IndexByte(":/?#[]@", iri[len(iri)-1]) >= 0
	}
	return nil
}

// expand expands a name of the context being read: IRI expansion with a local
// context, steps 1 to 7 of section 5.2.2.
func (d *definer) expand(value string) (iri string, ok bool, err error) {
	if KeywordOf(value) == NoKeyword && !HasKeywordForm(value) {
		if done := d.defined[value]; !done && d.member(value).Exists() { // step 3
			if err := d.create(value); err != nil {
				return "", false, err
			}
		}
		if i := colonAfterFirst(value); i > 0 && d.result.term(value) == nil { // step 6.3
			prefix := value[:i]
			if done := d.defined[prefix]; !done && prefix != "_" && !strings.HasPrefix(value[i+1:], "//") && d.member(prefix).Exists() {
				if err := d.create(prefix); err != nil {
					return "", false, err
				}
			}
		}
	}
	iri, ok = d.result.ExpandIRI(value, false, true)
	return iri, ok, nil
}

// rest reads the rest of an expanded term definition: steps 19 to 26.
func (d *definer) rest(t *Term, value strictjson.Value) error {
	for name, v := range value.Members() {
		var err error
		switch name {
		case "@id", "@type", "@reverse", "@protected": // read already
		case "@container":
			err = t.container(v)
		case "@index":
		case "@context":
			err = d.scope(t, v)
		case "@language":
			err = t.language(v)
		case "@direction":
			err = t.direction(v)
		case "@nest":
			s, ok := v.LookupStr()
			if !ok || KeywordOf(s) != NoKeyword && s != "@nest" {
				err = refuse("@nest of term %.100q is %.40s, want @nest or a term", t.Name, v.Raw())
			}
			t.Nest = s
		case "@prefix":
			prefix, ok := v.Bool()
			if !ok || strings.ContainsAny(t.Name, ":/") || prefix && t.Keyword != NoKeyword {
				err = refuse("term %.100q may not have @prefix %.40s", t.Name, v.Raw())
			}
			t.Prefix = prefix
		default: // step 26
			err = refuse("term %.100q has the unknown member %.100q", t.Name, name)
		}
		if err != nil {
			return err
		}
	}
	if t.Reverse && t.Container&^(ContainerSet|ContainerIndex) != 0 {
		return refuse("reverse term %.100q has a container other than @set and @index", t.Name)
	}
	if t.Container.Has(ContainerType) { // step 19.4
		switch {
		case t.Coercion == CoerceNone && !t.NoneType:
			t.Coercion = CoerceID
		case t.Coercion != CoerceID && t.Coercion != CoerceVocab:
			return refuse("term %.100q is an @type map, so its @type must be @id or @vocab", t.Name)
		}
	}
	if v := value.Get("@index"); v.Exists() { // step 20
		return d.indexProperty(t, v)
	}
	return nil
}

// indexProperty is step 20.
func (d *definer) indexProperty(t *Term, v strictjson.Value) error {
	s, ok := v.LookupStr()
	if !ok || !t.Container.Has(ContainerIndex) {
		return refuse("@index of term %.100q needs the container @index and a string", t.Name)
	}
	iri, ok, err := d.expand(s)
	if err != nil {
		return err
	}
	if !ok || KeywordOf(iri) != NoKeyword || SchemeEnd(iri) < 0 {
		return refuse("@index of term %.100q is %.200q, want a property", t.Name, s)
	}
	t.Index = s
	return nil
}

// scope is step 21.
func (d *definer) scope(t *Term, v strictjson.Value) error {
	if d.result.set.closed && hasString(v) {
		return refuse("the context of term %.100q names another context file", t.Name)
	}
	t.Scope = v
	return nil
}
