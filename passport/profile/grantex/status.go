package grantex

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/safeconduct/safeconduct/internal/laxjson"
	"github.com/safeconduct/safeconduct/statuslist"
)

// StatusList is a list as Grantex publishes it, without a proof: what it says is
// as good as the way on which it came, such as a trust bundle. It is immutable
// and safe for concurrent use.
type StatusList struct {
	// URL is the id of the list, Issuer whose it says that it is.
	URL, Issuer string

	bits *statuslist.List
}

// ParseStatusListUnverified reads a StatusList2021Credential of Grantex.
func ParseStatusListUnverified(text []byte) (*StatusList, error) {
	doc, err := Strict.parse(string(text))
	if err != nil {
		return nil, fmt.Errorf("grantex: a status list is JSON: %w", err)
	}
	subject := doc.Get("credentialSubject")
	switch {
	case !includes(doc.Get("type"), typeList) || doc.Get("type").Kind() != laxjson.Array:
		return nil, fmt.Errorf("grantex: the status list is not a %s", typeList)
	case subject.Get("type").Text() != "StatusList2021" || subject.Get("statusPurpose").Text() != "revocation":
		return nil, errors.New("grantex: the status list is not one of type StatusList2021 for the purpose revocation")
	}
	l := &StatusList{URL: doc.Get("id").Text(), Issuer: doc.Get("issuer").Text()}
	if l.URL == "" || l.Issuer == "" {
		return nil, errors.New("grantex: the status list has no id, or no issuer")
	}
	if l.bits, err = statuslist.Decode(subject.Get("encodedList").Text(), statuslist.StatusList2021, 1); err != nil {
		return nil, fmt.Errorf("grantex: the status list %s: %w", l.URL, err)
	}
	return l, nil
}

// Set reports whether a bit is set. ok is false beyond the end of the list.
func (l *StatusList) Set(i int) (set, ok bool) {
	bit, err := l.bits.Get(i)
	return bit != 0, err == nil
}

// Status is where a passport's revocation is looked up.
type Status struct {
	List  string // URL of the list
	Index int
}

// id is the identifier of the entry.
func (s *Status) id() string { return s.List + "#" + strconv.Itoa(s.Index) }

// revoked looks at the signed entry; that of the object around the JWT counts
// nothing.
func (v *Verifier) revoked(d *document) *Error {
	const path = "/credentialStatus"
	entry := d.claims.Get("vc").Get("credentialStatus")
	if entry.Kind() == laxjson.Absent || v.Reading == Compatible && v.Lists == nil {
		return nil
	}
	url := entry.Get("statusListCredential").Text()
	i, ok := index(entry.Get("statusListIndex").Text())
	if !ok {
		return unknown(path, "the index of the status entry is not a number in text")
	}
	if v.Lists == nil {
		return unknown(path, "whether the passport was revoked is not known here: there is no status list at hand")
	}
	list := v.Lists(url)
	if list == nil {
		return unknown(path, "the status list %.200q is not at hand", url)
	}
	if v.Reading == Strict && (list.URL != url || list.Issuer != d.claims.Get("iss").Text()) {
		return unknown(path, "the list at hand is %.200q of %.80q, not %.200q of the passport's issuer", list.URL,
			list.Issuer, url)
	}
	set, ok := list.Set(i)
	switch {
	case !ok:
		return unknown(path, "the status list has no entry %d", i)
	case set:
		return refuse(PassportRevoked, path, "the passport was revoked")
	}
	return nil
}
