package statuslist

import "slices"

// Result is what a list says about one entry.
type Result struct {
	Value   uint8   // the status; 0 is good whatever the purpose
	Set     bool    // Value is not 0
	Purpose Purpose // as in the entry
	Message string  // the entry's text for Value; "set" or "unset" if it has none
}

// Status looks up an entry: section 3.2 of Bitstring Status List 1.0 without
// its step 4, which fetches and verifies. It fails with status.invalid if the
// entry does not belong to this list, in type, URL, purpose or index, or if
// the list is too short for the entry's status size. It allocates nothing
// unless it fails.
func (l *ListCredential) Status(e Entry) (Result, error) {
	// The list's own address was checked when it was read.
	if err := e.checkWith("", l.ID); err != nil {
		return Result{}, err
	}
	if e.Encoding != l.Encoding {
		return Result{}, fail(ErrVerification, "", "a %sEntry refers to a %sCredential", e.Encoding, l.Encoding)
	}
	if e.URL != l.ID {
		return Result{}, fail(ErrVerification, "", "the entry refers to %.200q, this is %.200q", e.URL, l.ID)
	}
	if !slices.Contains(l.Purposes, e.Purpose) { // step 5
		return Result{}, fail(ErrVerification, "", "the list is not about %q but about %q", e.Purpose, l.Purposes)
	}
	list, err := view(l.bits, max(e.Size, 1), l.caps) // step 9
	if err != nil {
		return Result{}, err
	}
	value, err := list.Get(e.Index) // step 10
	if err != nil {
		return Result{}, err
	}
	r := Result{Value: value, Set: value != 0, Purpose: e.Purpose, Message: "unset"}
	switch {
	case e.Messages != nil:
		r.Message = e.Messages[value]
	case r.Set:
		r.Message = "set"
	}
	return r, nil
}
