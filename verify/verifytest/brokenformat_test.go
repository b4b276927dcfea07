package verifytest

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
)

// note is a whole format: note.<kind>.<key id>.<payload>.<signature>, the last
// three in base64url. Its fields break one rule each.
type note struct {
	trims, cuts, commas, anyKind, anyKey, barePayload, closed, keeps, deaf bool
	signsBehindKind, lax, breaks, parameter                                bool
	gate                                                                   *barrier // seals what was given last

	mu   *sync.Mutex
	last []byte
}

var alphabet = base64.RawURLEncoding.Strict()

func (n *note) Seal(ctx context.Context, signer did.Signer, payload []byte, kind credential.Kind) ([]byte, error) {
	if n.gate != nil && string(payload) != sealedText {
		n.mu.Lock()
		n.last = payload
		n.mu.Unlock()
		n.gate.wait()
		n.mu.Lock()
		payload = n.last
		n.mu.Unlock()
	}
	text := []byte("note." + string(kind) + ".")
	text = append(alphabet.AppendEncode(text, []byte(signer.KeyID().String())), '.')
	text = alphabet.AppendEncode(text, payload)
	signed := n.signed(string(text), payload)
	sig, err := signer.Sign(ctx, signed)
	if err != nil && !n.deaf {
		return nil, err
	}
	text = alphabet.AppendEncode(append(text, '.'), sig)
	if n.commas {
		text = bytes.ReplaceAll(text, []byte("."), []byte(","))
	}
	return text, nil
}

func (n *note) Open(raw []byte, want credential.Kind) (credential.Envelope, error) {
	bad := errors.New("a bad note")
	text := string(raw)
	if n.commas {
		text = strings.ReplaceAll(text, ",", ".")
	}
	if !strings.HasPrefix(text, "note.") {
		if n.closed {
			return nil, bad
		}
		return nil, credential.ErrNotThisFormat
	}
	parts := strings.Split(text, ".")
	if len(parts) != 5 || parts[1] != string(want) && !n.anyKind || strings.ContainsAny(text, "\r\n") && !n.breaks {
		return nil, bad
	}
	decode := alphabet.DecodeString
	if n.lax {
		decode = base64.RawURLEncoding.DecodeString
	}
	e := &openNote{note: n, text: string(raw), kind: parts[1]}
	for i, to := range []*[]byte{&e.keyID, &e.payload, &e.signature} {
		var err error
		if *to, err = decode(parts[i+2]); err != nil {
			return nil, bad
		}
	}
	if n.keeps {
		e.kept = raw
	}
	return e, nil
}

type openNote struct {
	*note
	text, kind                string
	keyID, payload, signature []byte
	kept                      []byte
}

// signed is what the signature is over: the text before it.
func (n *note) signed(text string, payload []byte) []byte {
	switch {
	case n.barePayload:
		return payload
	case n.signsBehindKind:
		return []byte(strings.SplitN(text, ".", 3)[2])
	case n.breaks:
		return []byte(strings.NewReplacer("\r", "", "\n", "").Replace(text))
	}
	return []byte(text)
}

func (e *openNote) MediaType() string {
	if e.parameter {
		return "application/" + e.kind + "+note; v=1"
	}
	return "application/" + e.kind + "+note"
}
func (e *openNote) KeyID() string    { return string(e.keyID) }
func (e *openNote) HeaderBytes() int { return 0 }

func (e *openNote) Payload() string {
	if e.trims {
		return strings.ReplaceAll(string(e.payload), " ", "")
	}
	return string(e.payload)
}

func (e *openNote) AppendText(dst []byte) []byte {
	switch {
	case e.cuts:
		return append(dst, e.text[1:]...)
	case e.keeps:
		return append(dst, e.kept...)
	}
	return append(dst, e.text...)
}

func (e *openNote) Check(key did.PublicKey) error {
	signed := e.note.signed(e.text[:strings.LastIndexByte(e.text, e.point())], e.payload)
	if e.commas {
		signed = bytes.ReplaceAll(signed, []byte(","), []byte("."))
	}
	if !e.anyKey && !key.Verify(signed, e.signature) {
		return errors.New("the note was changed")
	}
	return nil
}

func (e *openNote) point() byte {
	if e.commas {
		return ','
	}
	return '.'
}

// brokenFormats break one rule each: the one that they are named after.
var brokenFormats = map[string]func() *note{
	"round trip":    func() *note { return &note{trims: true} },
	"exact text":    func() *note { return &note{cuts: true} },
	"characters":    func() *note { return &note{commas: true} },
	"its kind":      func() *note { return &note{anyKind: true} },
	"another key":   func() *note { return &note{anyKey: true} },
	"one text":      func() *note { return &note{barePayload: true} },
	"other formats": func() *note { return &note{closed: true} },
	"keeps nothing": func() *note { return &note{keeps: true} },
	"signer":        func() *note { return &note{deaf: true} },
	"at once":       func() *note { return &note{gate: &barrier{n: race}, mu: new(sync.Mutex)} },
}

// What passes for whole at a first look.
var subtlyBrokenFormats = map[string]struct {
	rule   string
	format *note
}{
	"the kind is not signed":        {"its kind", &note{signsBehindKind: true}},
	"base64 with bits to spare":     {"one text", &note{lax: true}},
	"line breaks are skipped":       {"one text", &note{breaks: true}},
	"a media type with a parameter": {"round trip", &note{parameter: true}},
}

func TestFormatRulesSeeThrough(t *testing.T) {
	for name, c := range subtlyBrokenFormats {
		t.Run(name, func(t *testing.T) {
			for _, r := range formatRules {
				if r.name == c.rule {
					require.NotEmpty(t, failures(func(tb testing.TB) { r.run(tb, sealing{c.format, Key("sealer")}) }), r.name)
				}
			}
		})
	}
}

func TestFormatRulesCanFail(t *testing.T) {
	for _, r := range formatRules {
		t.Run(r.name, func(t *testing.T) {
			require.Empty(t, failures(func(tb testing.TB) { r.run(tb, sealing{&note{}, Key("sealer")}) }), "a whole format")
			require.NotNil(t, brokenFormats[r.name], "no format breaks this rule")
			got := failures(func(tb testing.TB) { r.run(tb, sealing{brokenFormats[r.name](), Key("sealer")}) })
			require.NotEmpty(t, got, "the broken format passes")
			require.Contains(t, got[len(got)-1], r.why)
		})
	}
	require.Len(t, brokenFormats, len(formatRules))
}
