package verifytest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"regexp"
	"testing"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
)

// TestFormat tests that an implementation of [credential.Format] keeps its
// rules. fresh is called once per rule. Run it with -race.
//
//	func TestMyFormat(t *testing.T) {
//		verifytest.TestFormat(t, func(testing.TB) credential.Format { ... })
//	}
func TestFormat(t *testing.T, fresh func(t testing.TB) credential.Format) {
	check(t, func(t testing.TB) sealing { return sealing{fresh(t), Key("sealer")} }, formatRules)
}

// sealing is a format with a key to seal with.
type sealing struct {
	credential.Format
	key *did.KeyPair
}

const sealedText = `{"a":"\u00e9 \"x\"","b":[1,2.50,{}]}`

var kinds = []credential.Kind{credential.KindCredential, credential.KindPresentation}

func (s sealing) seal(tb testing.TB, kind credential.Kind) []byte {
	tb.Helper()
	text, err := s.Seal(context.Background(), s.key, []byte(sealedText), kind)
	if err != nil {
		tb.Fatalf("Seal(%s) = %v", kind, err)
	}
	return text
}

func (s sealing) open(tb testing.TB, text []byte, kind credential.Kind) credential.Envelope {
	tb.Helper()
	env, err := s.Open(text, kind)
	if err != nil || env == nil {
		tb.Fatalf("Open(%.40q, %s) = %v, %v; want the envelope that Seal has made", text, kind, env, err)
	}
	return env
}

// holds reports whether an envelope is one with the sealed document in it.
func (s sealing) holds(text []byte, kind credential.Kind) bool {
	env, err := s.Open(text, kind)
	return err == nil && env != nil && env.Check(s.key.PublicKey()) == nil
}

var formatRules = []rule[sealing]{
	{"round trip", "what is sealed opens to the same bytes under the signer's key: the document would be another than the one that was signed",
		func(tb testing.TB, s sealing) {
			for _, kind := range kinds {
				text := s.seal(tb, kind)
				env := s.open(tb, text, kind)
				switch err := env.Check(s.key.PublicKey()); {
				case env.Payload() != sealedText:
					tb.Errorf("Payload() = %q, want %q", env.Payload(), sealedText)
				case env.KeyID() != s.key.KeyID().String():
					tb.Errorf("KeyID() = %q, want %s", env.KeyID(), s.key.KeyID())
				case !mediaType.MatchString(env.MediaType()):
					tb.Errorf("MediaType() = %q, want a type and a subtype without parameters, such as application/vc+jwt", env.MediaType())
				case err != nil:
					tb.Errorf("Check with the signer's key = %v", err)
				}
			}
		}},
	{"exact text", "the text of an envelope is what was opened, behind what stands there: digests are over it", func(tb testing.TB, s sealing) {
		for _, kind := range kinds {
			text := s.seal(tb, kind)
			if got := s.open(tb, text, kind).AppendText([]byte("before ")); string(got) != "before "+string(text) {
				tb.Errorf("AppendText = %.60q, want %.60q", got, "before "+string(text))
			}
		}
	}},
	{"characters", "an envelope is made up of letters, digits and - . _ ~ + / = : alone: it goes into URLs and HTTP fields as it is",
		func(tb testing.TB, s sealing) {
			for _, kind := range kinds {
				for i, c := range s.seal(tb, kind) {
					letter := c|0x20 >= 'a' && c|0x20 <= 'z'
					if !letter && (c < '0' || c > '9') && bytes.IndexByte([]byte("-._~+/=:"), c) < 0 {
						tb.Fatalf("Seal(%s): byte %d is %q", kind, i, c)
					}
				}
			}
		}},
	{"its kind", "a presentation is not taken for a credential, nor the other way: what was signed as one would serve as the other",
		func(tb testing.TB, s sealing) {
			for i, kind := range kinds {
				other := kinds[1-i]
				if env, err := s.Open(s.seal(tb, kind), other); err == nil {
					tb.Errorf("Open of a %s as a %s = %v, nil; want an error", kind, other, env)
				}
				for _, mixed := range mixtures(s.seal(tb, kind), s.seal(tb, other), kind, other) {
					if s.holds(mixed, other) {
						tb.Errorf("a %s turned into a %s holds: %.60q", kind, other, mixed)
					}
				}
			}
		}},
	{"another key", "an envelope holds under the signer's key alone", func(tb testing.TB, s sealing) {
		env := s.open(tb, s.seal(tb, kinds[0]), kinds[0])
		for name, key := range map[string]did.PublicKey{"no key": {}, "a stranger's key": Key("stranger").PublicKey()} {
			if env.Check(key) == nil {
				tb.Errorf("Check with %s = nil, want an error", name)
			}
		}
	}},
	{"one text", "an envelope in which a byte is another, is missing or is one too many is refused: what is not " +
		"covered by the signature could be changed on the way", func(tb testing.TB, s sealing) {
		text := s.seal(tb, kinds[0])
		for i := range text {
			for name, changed := range map[string][]byte{
				"another":                  other(text, i),
				"missing":                  append(bytes.Clone(text[:i]), text[i+1:]...),
				"once more":                append(bytes.Clone(text[:i+1]), text[i:]...),
				"before a line feed":       append(append(bytes.Clone(text[:i+1]), '\n'), text[i+1:]...),
				"before a carriage return": append(append(bytes.Clone(text[:i+1]), '\r'), text[i+1:]...),
			} {
				if !bytes.Equal(changed, text) && s.holds(changed, kinds[0]) {
					tb.Fatalf("an envelope with byte %d (%q) %s holds", i, text[i], name)
				}
			}
			// The last character of a segment has bits that decode to nothing.
			if i+1 < len(text) && text[i+1] != '.' {
				continue
			}
			for _, c := range []byte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/=") {
				changed := bytes.Clone(text)
				if changed[i] = c; c != text[i] && s.holds(changed, kinds[0]) {
					tb.Fatalf("an envelope with %q as byte %d in place of %q holds", c, i, text[i])
				}
			}
		}
		for _, more := range []string{"\n", " ", "=", "."} {
			if s.holds(append(bytes.Clone(text), more...), kinds[0]) || s.holds(append([]byte(more), text...), kinds[0]) {
				tb.Errorf("an envelope with %q before or behind it holds", more)
			}
		}
	}},
	{"other formats", "what is of no format of this kind is credential.ErrNotThisFormat, so that the next one is asked", func(tb testing.TB, s sealing) {
		for _, text := range []string{"", "-", "~~~", "0"} {
			if env, err := s.Open([]byte(text), kinds[0]); !errors.Is(err, credential.ErrNotThisFormat) {
				tb.Errorf("Open(%q) = %v, %v; want ErrNotThisFormat", text, env, err)
			}
		}
	}},
	{"keeps nothing", "the text that is opened belongs to the caller, who may use its memory again", func(tb testing.TB, s sealing) {
		text := s.seal(tb, kinds[0])
		mine := bytes.Clone(text)
		env := s.open(tb, mine, kinds[0])
		clear(mine)
		switch {
		case string(env.AppendText(nil)) != string(text), env.Payload() != sealedText, env.KeyID() != s.key.KeyID().String():
			tb.Errorf("the envelope changed with the memory of its text")
		case env.Check(s.key.PublicKey()) != nil:
			tb.Errorf("the envelope does not hold any more when the memory of its text is used again")
		}
	}},
	{"signer", "a failure to sign is an error, and what is no signature makes no envelope that holds", func(tb testing.TB, s sealing) {
		down := errors.New("the key is out of reach")
		if text, err := s.Seal(context.Background(), unable{s.key, nil, down}, []byte(sealedText), kinds[0]); !errors.Is(err, down) {
			tb.Errorf("Seal with a signer that fails = %.20q, %v; want its error", text, err)
		}
		text, err := s.Seal(context.Background(), unable{s.key, []byte("short"), nil}, []byte(sealedText), kinds[0])
		if err == nil && s.holds(text, kinds[0]) {
			tb.Errorf("Seal with a signature of 5 bytes made an envelope that holds")
		}
	}},
	{"at once", "any number may seal and open at once, and read one envelope", func(tb testing.TB, s sealing) {
		shared := s.open(tb, s.seal(tb, kinds[0]), kinds[0])
		wrong := make([]error, race)
		together(race, func(i int) {
			text, err := s.Seal(context.Background(), s.key, fmt.Appendf(nil, `{"i":%d}`, i), kinds[i%2])
			if err != nil {
				wrong[i] = err
				return
			}
			env, err := s.Open(text, kinds[i%2])
			switch {
			case err != nil:
				wrong[i] = err
			case env.Payload() != fmt.Sprintf(`{"i":%d}`, i):
				wrong[i] = fmt.Errorf("the payload of another: %s", env.Payload())
			default:
				wrong[i] = errors.Join(env.Check(s.key.PublicKey()), shared.Check(s.key.PublicKey()))
			}
		})
		for _, err := range wrong {
			if err != nil {
				tb.Fatalf("of %d at once, one got: %v", race, err)
			}
		}
	}},
}

var mediaType = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9!$&_.+-]*/[A-Za-z0-9][A-Za-z0-9!$&_.+-]*$`)

// mixtures are the text of one kind with something of the other's in it.
func mixtures(text, of []byte, kind, other credential.Kind) (out [][]byte) {
	out = append(out, bytes.ReplaceAll(text, []byte(kind), []byte(other)), bytes.Replace(text, []byte(kind), []byte(other), 1))
	mine, its := bytes.Split(text, []byte(".")), bytes.Split(of, []byte("."))
	for i := range min(len(mine), len(its)) {
		mixed := append([][]byte(nil), mine...)
		mixed[i] = its[i]
		if joined := bytes.Join(mixed, []byte(".")); !bytes.Equal(joined, of) {
			out = append(out, joined)
		}
	}
	return out
}

// other returns the text with one letter or digit in place of another.
func other(text []byte, at int) []byte {
	changed := bytes.Clone(text)
	if changed[at] == 'A' {
		changed[at] = 'B'
	} else {
		changed[at] = 'A'
	}
	return changed
}

// unable is a signer that gives that signature, or fails.
type unable struct {
	did.Signer
	signature []byte
	err       error
}

func (u unable) Sign(context.Context, []byte) ([]byte, error) { return u.signature, u.err }
