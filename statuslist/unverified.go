package statuslist

import (
	"bytes"
	"context"
	"errors"
	"strings"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/multibase"
	"github.com/safeconduct/safeconduct/internal/strictjson"
)

// ReadUnverified reads a list as it was fetched or published, in whatever it is
// secured. It verifies nothing, not even that it is signed: it tells whoever
// stores, serves or caches lists what they say about themselves. It fails as
// [ParseCredential] does, with the bounds raised to their maxima.
func ReadUnverified(raw []byte) (*ListCredential, error) {
	raw = bytes.TrimSpace(raw)
	p := Parser{Bounds: Bounds(maximum.Lists)}
	caps := capsOf(Bounds(maximum.Lists))
	for i, k := range kinds {
		if k.open == nil {
			continue
		}
		if l, handled, err := k.open(raw, caps); handled {
			if err != nil {
				return nil, err
			}
			l.Encoding = Encoding(i)
			return l, nil
		}
	}
	signed, err := credential.Parser{StatusList: true, Bounds: credential.Bounds(maximum.Documents), Formats: []credential.Format{tokens{}}}.Credential(raw)
	if err != nil {
		return nil, err
	}
	return p.Credential(signed)
}

// tokens is a format that opens every compact JWS and believes none.
type tokens struct{}

var errUnverified = errors.New("statuslist: this was opened to be looked at, not to be verified")

func (tokens) Open(raw []byte, _ credential.Kind) (credential.Envelope, error) {
	header, payload, ok := splitToken(raw)
	if !ok {
		return nil, credential.ErrNotThisFormat
	}
	return &token{text: bytes.Clone(raw), payload: string(payload), key: header.Get("kid").Str()}, nil
}

// splitToken decodes the header and the payload of a compact JWS, which has one
// spelling: no verifier takes another.
func splitToken(raw []byte) (header strictjson.Value, payload []byte, ok bool) {
	parts := strings.Split(string(raw), ".")
	if len(parts) != 3 {
		return header, nil, false
	}
	var decoded [3][]byte
	for i, part := range parts {
		var err error
		if decoded[i], err = multibase.DecodeBase64URL(part); err != nil {
			return header, nil, false
		}
	}
	header, err := strictjson.Parse(string(decoded[0]), maximum.JSON(maximum.JWTHeaderBytes))
	return header, decoded[1], err == nil && header.Kind() == strictjson.Object
}

func (tokens) Seal(context.Context, did.Signer, []byte, credential.Kind) ([]byte, error) {
	return nil, errUnverified
}

type token struct {
	text         []byte
	payload, key string
}

func (t *token) MediaType() string            { return "application/vc+jwt" }
func (t *token) Payload() string              { return t.payload }
func (t *token) KeyID() string                { return t.key }
func (t *token) HeaderBytes() int             { return 0 }
func (t *token) AppendText(dst []byte) []byte { return append(dst, t.text...) }
func (t *token) Check(did.PublicKey) error    { return errUnverified }
