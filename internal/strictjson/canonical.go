package strictjson

// Canonical reports whether the value is an object or array whose text is known to
// be the canonical form of RFC 8785 already: no white space, no escapes, members
// in order, integers of at most 15 digits. False says nothing.
func (v Value) Canonical() bool {
	return v.t != nil && v.node().canonical()
}

func (n *node) canonical() bool { return n.at&(canonicalBit|kindBits) > canonicalBit|uint32(String) }

// CanonicalMember returns the text of a member as it is written, from its name to
// its end, if that is known to be canonical; else "". The two must be what
// [Value.Sorted] yields.
func CanonicalMember(name, member Value) string {
	t := name.t
	n, m := name.node(), member.node()
	switch kind := m.kind(); {
	case n.escaped(), kind == Number, kind == String && m.escaped(), m.container() && !m.canonical():
		return ""
	}
	start := n.start()
	if m.start() != start+n.ref+1 {
		return "" // more than the colon is between them
	}
	return t.text[start:t.end(m)]
}
