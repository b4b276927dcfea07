package statuslist

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// maxEntries is the length of the longest list that any configuration takes.
var maxEntries = maximum.Lists.Entries

// Entry is one credentialStatus entry: which status of which list says what
// about the credential that carries it.
type Entry struct {
	// Encoding gives the type: BitstringStatusListEntry is the zero value.
	Encoding Encoding
	// ID identifies the entry itself, never its list. "" if it has none; see
	// [SafeconductID].
	ID string
	// Purpose must be among the purposes of the list.
	Purpose Purpose
	// URL is statusListCredential: where the list is published, an absolute
	// URL without a fragment. It is also the id of the list.
	URL string
	// Index is statusListIndex, from 0.
	Index int
	// Size is statusSize in bits, 1 to 8. Zero means 1, and StatusList2021 has
	// no other.
	Size int
	// Messages is statusMessage, by status value: 2^Size texts for
	// programmers. Size 1 may go without.
	Messages []string
	// References is statusReference: URLs about the meaning of the status.
	References []string
}

// check applies the rules that tie members together, and those that hold for
// an entry made by hand as well.
func (e *Entry) check(path string) error { return e.checkWith(path, "") }

// checkWith is check with a URL that was checked before; "" is none.
func (e *Entry) checkWith(path, checked string) error {
	size, k := max(e.Size, 1), e.Encoding.kind()
	switch {
	case k == nil:
		return fail(ErrMalformed, path, "unknown status encoding %d", e.Encoding)
	case e.Size < 0 || size > k.maxSize:
		return fail(ErrMalformed, path, "status size %d, %sEntry has 1 to %d", e.Size, k.name, k.maxSize)
	case !k.texts && (e.Messages != nil || e.References != nil):
		return fail(ErrMalformed, path, "%sEntry has no messages and no references", k.name)
	case !slices.Contains(k.purposes, e.Purpose):
		return fail(ErrMalformed, path, "statusPurpose %.80q is not one of %sEntry", e.Purpose, k.name)
	case e.Messages == nil && size > 1:
		return fail(ErrMalformed, path, "status size %d without statusMessage, want %d messages", size, 1<<size)
	case e.Messages != nil && len(e.Messages) != 1<<size:
		return fail(ErrMalformed, path, "%d messages for status size %d, want %d", len(e.Messages), size, 1<<size)
	case e.Index < 0 || e.Index >= maxEntries:
		return fail(ErrRange, path, "statusListIndex %d, want 0 to %d", e.Index, maxEntries-1)
	case e.ID != "" && e.ID == e.URL:
		return fail(ErrMalformed, path, "the id of a status entry is the URL of its list")
	case e.ID != "" && !isIRI(e.ID):
		return fail(ErrMalformed, path, "status id %.80q is not an absolute IRI", e.ID)
	}
	if checked == "" || e.URL != checked {
		if err := checkURL(path, e.URL); err != nil {
			return err
		}
	}
	if err := e.checkTexts(path); err != nil {
		return err
	}
	if strings.HasPrefix(e.ID, idPrefix) {
		if _, err := ParseSafeconductID(e.ID); err != nil {
			return err
		}
	}
	return nil
}

// checkTexts judges the members of which there may be many.
func (e *Entry) checkTexts(path string) error {
	for _, m := range e.Messages {
		if !utf8.ValidString(m) {
			return fail(ErrMalformed, path, "message %.80q is not UTF-8", m)
		}
	}
	for _, r := range e.References {
		if !isIRI(r) {
			return fail(ErrMalformed, path, "reference %.80q is not an absolute URL", r)
		}
	}
	return nil
}

// Scope returns the scope that the entry's id states, or "" if the id states
// none: then the entry is about the credential that carries it.
func (e Entry) Scope() Scope {
	id, err := ParseSafeconductID(e.ID)
	if err != nil {
		return ""
	}
	return id.Scope
}
