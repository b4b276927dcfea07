package statuslist

import (
	"slices"

	"github.com/safeconduct/safeconduct/internal/jsonwrite"
	"github.com/safeconduct/safeconduct/internal/strictjson"
)

// MarshalState returns everything that a [Publisher] must remember, as JSON:
// its options, which indices are taken and every status. About 3 KB for a new
// list, 35 KB for a full one of the smallest length.
//
// Restoring a state that is not the newest forgets allocations and
// revocations. Replace the old one atomically, and do not go back.
func (p *Publisher) MarshalState() []byte {
	p.mu.Lock()
	values, used := p.values.Clone(), p.used.Clone()
	p.mu.Unlock()
	var w jsonwrite.Writer
	w.BeginObject()
	w.Name("version")
	w.Int(stateVersion)
	w.Member("url", p.opts.URL)
	w.Member("url2021", p.opts.URL2021)
	w.Member("purpose", string(p.opts.Purpose))
	w.Name("entries")
	w.Int(int64(p.opts.Entries))
	w.Name("size")
	w.Int(int64(p.opts.Size))
	w.Strings("messages", p.opts.Messages)
	w.Strings("references", p.opts.References)
	w.Member("values", values.Encode(Bitstring))
	w.Member("used", used.Encode(Bitstring))
	w.EndObject()
	return w.Buf
}

const stateVersion = 1

// RestorePublisher makes the [Publisher] whose state was saved. A state that
// was cut short, changed by accident, or does not agree with itself is
// refused with request.invalid.
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
	entries, _ := v.Get("entries").Int()
	size, _ := v.Get("size").Int()
	p, err := NewPublisher(PublisherOptions{
		URL: v.Get("url").Str(), URL2021: v.Get("url2021").Str(), Purpose: Purpose(v.Get("purpose").Str()),
		Entries: int(entries), Size: int(size),
		Messages: texts(v.Get("messages")), References: texts(v.Get("references")),
	})
	if err != nil {
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
