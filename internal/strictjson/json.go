package strictjson

// MarshalJSON returns the source text of the value, "null" if it is absent, so
// that a Value inside of other data is not lost.
func (v Value) MarshalJSON() ([]byte, error) {
	if !v.Exists() {
		return []byte("null"), nil
	}
	return []byte(v.Raw()), nil
}

// String returns the source text of the value, "" if it is absent, so that it
// can be read in a log. What a string says is [Value.Str].
func (v Value) String() string { return v.Raw() }
