package strictjson

// WithMember returns the object v, as the root of a tree of its own, with one
// more member behind its last: the same tree that [Parse] would make of that
// text, for less than the price of parsing it. The name must be of plain ASCII
// without quotes and backslashes, v an object without such a member, and not
// both of them with items apart ([ParseApart]); else the absent value is
// returned. The caps of a parse are not looked at.
func (v Value) WithMember(name string, member Value) Value {
	if v.Kind() != Object || !member.Exists() || v.Get(name).Exists() {
		return Value{}
	}
	if v.hasParts() && member.hasParts() {
		return Value{} // a tree has one list of them
	}
	for i := range len(name) {
		if c := name[i]; !plain[c] {
			return Value{}
		}
	}
	raw, value := v.Raw(), member.Raw()
	comma := ","
	if v.Len() == 0 {
		comma = ""
	}
	nameAt := len(raw) - 1 + len(comma)
	valueAt := nameAt + len(name) + 3
	if len(raw)+len(value)+len(name)+4 > maxText {
		return Value{}
	}
	t := &tree{text: raw[:len(raw)-1] + comma + `"` + name + `":` + value + "}"}
	n := v.t.next(v.index()) - v.index() + 1 + member.t.next(member.index()) - member.index()
	t.nodes = make([]node, 0, n)
	t.extents = make([]uint32, 0, len(v.t.extents)+len(member.t.extents)+extentSize+v.Len()+1)
	t.graft(v, 0)
	nameNode := uint32(len(t.nodes))
	t.nodes = append(t.nodes, node{place(nameAt, String), uint32(valueAt - 1 - nameAt)})
	t.graft(member, valueAt)

	// The root's extent with the names, the new one at its place, is made anew
	// at the end.
	root := &t.nodes[0]
	root.at &^= canonicalBit // the new member may be out of order
	old := t.names(root)
	i := len(old)
	for i > 0 && compareUTF16(name, t.str(old[i-1])) < 0 {
		i--
	}
	root.ref = uint32(len(t.extents))
	t.extents = append(t.extents, uint32(len(old)+1), uint32(len(t.nodes)), uint32(len(t.text)))
	t.extents = append(t.extents, old[:i]...)
	t.extents = append(t.extents, nameNode)
	t.extents = append(t.extents, old[i:]...)
	return t.value(0)
}

// graft appends the nodes of v, whose text begins at that offset now.
func (t *tree) graft(v Value, offset int) {
	from := v.t
	// Differences wrap around, and back when added.
	shift := uint32(offset) - v.node().start()
	move := uint32(len(t.nodes)) - v.index()
	if v.hasParts() {
		t.apart, t.parts = from.apart+move, from.parts
	}
	for _, n := range from.nodes[v.index():from.next(v.index())] {
		switch {
		case n.container():
			extent := from.extents[n.ref : n.ref+extentSize]
			names := []uint32(nil)
			if n.kind() == Object {
				names = from.names(&n)
			}
			n.ref = uint32(len(t.extents))
			t.extents = append(t.extents, extent[extentCount], extent[extentNext]+move, extent[extentEnd]+shift)
			for _, k := range names {
				t.extents = append(t.extents, k+move)
			}
		case n.escaped():
			d := from.decoded[n.ref]
			n.ref = uint32(len(t.decoded))
			t.decoded = append(t.decoded, decoded{d.text, d.end + shift})
		}
		n.at += shift << startFrom
		t.nodes = append(t.nodes, n)
	}
}
