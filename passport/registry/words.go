package registry

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"strconv"
	"strings"
)

// What lines of the audit log and events say of people is not in them: it is beside them, where it can be erased, and
// a line has a salted commitment to it. So the chain of hashes is whole before and after.

// words are what a line says of people, in the store.
type words struct {
	Salt   []byte          `json:",omitempty"` // 256 random bits: nobody guesses what was erased by trying
	Reason string          `json:",omitempty"`
	Data   json.RawMessage `json:",omitempty"` // members that belong to Data of the line
	Erased int64           `json:",omitempty"` // the line about the erasure; 0: nothing was erased
}

const (
	kindWords    = "words"
	byPerson     = "person" // the key of words: an owner's id, or the key of a principal's kill switch
	actionErased = "person.erased"
)

func wordsID(org string, line int64) string { return org + "/" + strconv.FormatInt(line, 10) }

// commitment is the SHA-256 of the salt and what was said, in hexadecimal.
func (w *words) commitment() (string, error) {
	said, err := json.Marshal(words{Reason: w.Reason, Data: w.Data})
	if err != nil {
		return "", err
	}
	h := sha256.New()
	h.Write(w.Salt)
	h.Write(said)
	return hex.EncodeToString(h.Sum(nil)), nil
}

// said is the data of a line, some of which may be personal.
type said struct {
	open     any            // in the line itself
	personal map[string]any // beside it
	// persons are whom the line is about, where its subject does not tell.
	persons []string
}

// speak splits what a line is to say: what stays in it, and what is kept beside it, nil if that is nothing.
func speak(data any, reason string) (open json.RawMessage, w *words, persons []string, err error) {
	s, ok := data.(said)
	if !ok {
		s.open = data
	}
	if s.open != nil {
		if open, err = json.Marshal(s.open); err != nil {
			return nil, nil, nil, err
		}
	}
	if reason == "" && len(s.personal) == 0 {
		return open, nil, nil, nil
	}
	w = &words{Salt: make([]byte, 32), Reason: reason}
	if _, err = rand.Read(w.Salt); err == nil && len(s.personal) > 0 {
		w.Data, err = json.Marshal(s.personal)
	}
	return open, w, s.persons, err
}

// keep writes the words of a line, by whom they are about.
func (w *words) keep(tx Tx, line *AuditRecord, persons []string) error {
	var keys []Key
	for _, p := range persons {
		keys = append(keys, Key{Name: byPerson, Value: p})
	}
	return save(tx, Doc{Kind: kindWords, ID: wordsID(line.Org, line.Number)}, w, keys...)
}

// personsOf returns whom a line is about, by its subject: owners by their ids, and principals by the keys of their
// kill switches.
func (r *Registry) personsOf(tx Tx, subject string) (persons []string, err error) {
	add := func(list ...string) {
		for _, p := range list {
			if p != "" && !strings.HasPrefix(p, "ap_org_") {
				persons = append(persons, p)
			}
		}
	}
	prefix, _, _ := strings.Cut(subject, "_")
	switch {
	case strings.HasPrefix(subject, "ap_user_"):
		add(subject)
	case prefix == "ag":
		var a Agent
		_, err = load(tx, kindAgent, subject, &a)
		add(a.Owner)
	case prefix == "agk":
		var k agentKey
		_, err = load(tx, kindAgentKey, subject, &k)
		add(k.Owner)
	case strings.HasPrefix(subject, grantPrefix):
		var g Grant
		var a Agent
		if _, err = load(tx, kindGrant, subject, &g); err == nil {
			_, err = load(tx, kindAgent, g.Agent, &a)
		}
		add(a.Owner, switchKey(g.Org, g.Principal))
	case strings.HasPrefix(subject, passportPrefix), strings.HasPrefix(subject, grantexPrefix):
		var p Passport
		_, err = load(tx, kindPassport, subject, &p)
		add(p.Owner, p.Principal)
	case prefix == "ap":
		var p Record
		_, err = load(tx, kindRecord, subject, &p)
		add(p.Owner)
	default:
		var k apiKey
		_, err = load(tx, kindKey, subject, &k)
		add(k.Owner)
	}
	return persons, err
}

// open fills in what a line says of people, if that is still there.
func (r *Registry) open(tx Tx, line *AuditRecord) error {
	if line.Commitment == "" {
		return nil
	}
	var w words
	if _, err := load(tx, kindWords, wordsID(line.Org, line.Number), &w); err != nil {
		return err
	}
	line.Reason, line.Salt, line.Erased = w.Reason, w.Salt, w.Erased > 0
	var err error
	line.Data, err = joined(line.Data, w.Data)
	return err
}

// joined puts the personal members back among those of the line.
func joined(open, personal json.RawMessage) (json.RawMessage, error) {
	if len(personal) == 0 {
		return open, nil
	}
	all := map[string]json.RawMessage{}
	if len(open) > 0 {
		if err := json.Unmarshal(open, &all); err != nil {
			return nil, err
		}
	}
	more := map[string]json.RawMessage{}
	if err := json.Unmarshal(personal, &more); err != nil {
		return nil, err
	}
	maps.Copy(all, more)
	return json.Marshal(all)
}

// whole looks whether the words of a line are those that it has committed to, or were erased. It returns the line
// about the erasure.
func (r *Registry) whole(tx Tx, line *AuditRecord) (erased int64, err error) {
	if line.Commitment == "" {
		return 0, nil
	}
	var w words
	d, err := load(tx, kindWords, wordsID(line.Org, line.Number), &w)
	switch {
	case err != nil:
		return 0, err
	case d.Version == 0:
		return 0, fmt.Errorf("%w at line %d: what it says of people is gone, and was not erased", ErrBroken,
			line.Number)
	case w.Erased > 0:
		return w.Erased, nil
	}
	if is, err := w.commitment(); err != nil || is != line.Commitment {
		return 0, fmt.Errorf("%w at line %d: it says something else of people than it did", ErrBroken, line.Number)
	}
	return 0, nil
}
