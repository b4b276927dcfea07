package statuslist

import (
	"slices"

	"github.com/safeconduct/safeconduct/internal/datetime"
	"github.com/safeconduct/safeconduct/internal/jsonwrite"
	"github.com/safeconduct/safeconduct/internal/strictjson"
)

// MarshalState returns everything that a [Publisher] must remember, as JSON:
// its options, which indices are taken, every status, and which edition was the
// last. About 3 KB for a new list, 35 KB for a full one of the smallest length.
//
// A state that is not the newest has forgotten allocations and revocations.
// Replace the old one atomically, and do not go back.
func (p *Publisher) MarshalState() []byte {
	p.mu.Lock()
	values, used := p.values.Clone(), p.used.Clone()
	edition, asOf := p.edition, p.asOf
	p.mu.Unlock()
	var w jsonwrite.Writer
	w.BeginObject()
	w.Name("version")
	w.Int(stateVersion)
	for e, k := range kinds {
		w.Member(k.stateURL, p.opts.url(Encoding(e)))
	}
	w.Member("purpose", string(p.opts.Purpose))
	w.Name("entries")
	w.Int(int64(p.opts.Entries))
	w.Name("size")
	w.Int(int64(p.opts.Size))
	w.Strings("messages", p.opts.Messages)
	w.Strings("references", p.opts.References)
	if edition > 0 {
		w.Name("edition")
		w.Int(int64(edition))
		w.Member("asOf", datetime.Exact(asOf))
	}
	w.Member("values", values.Encode(Bitstring))
	w.Member("used", used.Encode(Bitstring))
	w.EndObject()
	return w.Buf
}

const stateVersion = 1

// RestorePublisher makes the [Publisher] whose state was saved. A state that
// was cut short, that has a member which this version does not know, that does
// not agree with itself, or whose statuses and allocations were changed by
// accident, is refused with request.invalid. The other members have no check
// sum: whoever keeps a state compares [Publisher.Options] with what he expects.
func RestorePublisher(state []byte) (*Publisher, error) {
	caps := defaults.JSON(defaults.DocumentBytes + 2*defaults.EncodedListBytes)
	caps.StringBytes = defaults.EncodedListBytes
	v, err := strictjson.Parse(string(state), caps)
	if err != nil {
		return nil, misuse(err, "state of a publisher")
	}
	if n, ok := v.Get("version").Int(); !ok || n != stateVersion {
		return nil, misuse(nil, "state of a publisher, version %.40q, want %d", v.Get("version").Raw(), stateVersion)
	}
	for name, m := range v.Members() {
		if !knownInState(name) {
			return nil, misuse(nil, "state of a publisher: %.80q at %s is not a member of version %d", name, m.Path(), stateVersion)
		}
	}
	entries, _ := v.Get("entries").Int()
	size, _ := v.Get("size").Int()
	o := PublisherOptions{
		URL: v.Get(kindBitstring.stateURL).Str(), Purpose: Purpose(v.Get("purpose").Str()),
		Entries: int(entries), Size: int(size),
		Messages: texts(v.Get("messages")), References: texts(v.Get("references")),
	}
	for e, k := range kinds[Bitstring+1:] {
		if url := v.Get(k.stateURL); url.Exists() {
			if o.Also == nil {
				o.Also = map[Encoding]string{}
			}
			o.Also[Bitstring+1+Encoding(e)] = url.Str()
		}
	}
	p, err := NewPublisher(o)
	if err != nil {
		return nil, err
	}
	if err := p.restoreEdition(v); err != nil {
		return nil, err
	}
	if err := restore(p.values, v.Get("values")); err != nil {
		return nil, err
	}
	if err := restore(p.used, v.Get("used")); err != nil {
		return nil, err
	}
	for i := range p.used.Len() {
		taken, _ := p.used.Get(i)
		value, err := p.values.Get(i)
		switch {
		case err != nil && taken != 0, value != 0 && taken == 0:
			return nil, misuse(nil, "state of a publisher: index %d has a status but was not allocated", i)
		case taken != 0:
			p.free--
		}
	}
	return p, nil
}

// knownInState reports whether [Publisher.MarshalState] writes a member: one
// that it does not write would be forgotten.
func knownInState(name string) bool {
	for _, k := range kinds {
		if name == k.stateURL {
			return true
		}
	}
	switch name {
	case "version", "purpose", "entries", "size", "messages", "references", "edition", "asOf", "values", "used":
		return true
	}
	return false
}

// restoreEdition reads which edition was the last. A state may have none: its
// list was never published.
func (p *Publisher) restoreEdition(v strictjson.Value) error {
	edition, asOf := v.Get("edition"), v.Get("asOf")
	if !edition.Exists() && !asOf.Exists() {
		return nil
	}
	n, ok := edition.Int()
	at, err := datetime.Parse(asOf.Str())
	if !ok || n < 1 || err != nil {
		return misuse(err, "state of a publisher: edition %.40q as of %.40q", edition.Raw(), asOf.Raw())
	}
	p.edition, p.asOf = int(n), at
	return nil
}

// restore replaces the bits of l, of which the text must have as many.
func restore(l *List, v strictjson.Value) error {
	saved, err := Decode(v.Str(), Bitstring, l.size)
	if err != nil {
		return misuse(err, "state of a publisher")
	}
	if len(saved.bits) != len(l.bits) {
		return misuse(nil, "state of a publisher: %d bytes at %s, want %d", len(saved.bits), v.Path(), len(l.bits))
	}
	l.bits = saved.bits
	return nil
}

func texts(v strictjson.Value) (out []string) {
	for item := range v.Items() {
		out = append(out, item.Str())
	}
	return slices.Clip(out)
}
