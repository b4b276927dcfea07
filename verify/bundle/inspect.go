package bundle

// Inspect returns what a bundle says of itself, for people to look at. It
// checks form and digests and nothing else: not the signature, not the signer,
// not the time, not the documents inside. To believe anything, [Open] it.
func Inspect(raw []byte) (*Info, error) {
	b, err := Bounds{}.Resolve()
	if err != nil {
		return nil, err
	}
	p, err := parse(raw, b)
	if err != nil {
		return nil, err
	}
	return &p.info, nil
}
