package strictjson

// WithMember returns the object v, as the root of a tree of its own, with one
// more member behind its last: the same tree that [Parse] would make of that
// text, for less than the price of parsing it. The name must be of plain ASCII
// without quotes and backslashes, and v an object without such a member; else
// the absent value is returned. The caps of a parse are not looked at.
func (v Value) WithMember(name string, member Value) Value {
	if v.Kind() != Object || !member.Exists() || v.Get(name).Exists() {
		return Value{}
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
	t := &tree{text: raw[:len(raw)-1] + comma + `"` + name + `":` + value + "}"}
	n := v.Nodes() + 1 + member.Nodes()
	t.nodes = make([]node, 0, n)
	t.order = make([]uint32, 0, len(v.t.order)+len(member.t.order)+v.Len()+2)
	t.graft(v, 0)
	t.nodes = append(t.nodes, node{start: uint32(nameAt), end: uint32(valueAt - 1), next: uint32(len(t.nodes) + 1), meta: meta(String, 0)})
	nameNode := uint32(len(t.nodes) - 1)
	t.graft(member, valueAt)

	root := &t.nodes[0]
	root.end, root.next = uint32(len(t.text)), uint32(len(t.nodes))
	// The root's names, with the new one at its place, stand last in order.
	old := t.names(root)
	at := len(old)
	for at > 0 && compareUTF16(name, t.str(old[at-1])) < 0 {
		at--
	}
	root.meta = meta(Object, len(t.order))
	t.order = append(append(t.order, uint32(len(old)+1)), old[:at]...)
	t.order = append(append(t.order, nameNode), old[at:]...)
	return Value{t, 0}
}

// graft appends the nodes of v, whose text begins at that offset now.
func (t *tree) graft(v Value, offset int) {
	from := v.t
	shift := uint32(offset) - v.node().start // wraps around, and back when added
	move := uint32(len(t.nodes)) - v.i
	for _, n := range from.nodes[v.i:v.node().next] {
		n.start, n.end, n.next = n.start+shift, n.end+shift, n.next+move
		switch {
		case n.kind() == Object:
			names := from.names(&n)
			n.meta = meta(Object, len(t.order))
			t.order = append(t.order, uint32(len(names)))
			for _, k := range names {
				t.order = append(t.order, k+move)
			}
		case n.escaped():
			t.decoded = append(t.decoded, from.decoded[n.payload()])
			n.meta = meta(String, len(t.decoded)-1) | escapedBit
		}
		t.nodes = append(t.nodes, n)
	}
}
