package marks

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/verify"
)

// line is one mark as a line of the file.
type line struct {
	Kind      verify.MarkKind `json:"kind"`
	Issuer    did.DID         `json:"issuer"`
	Name      string          `json:"name"`
	AsOf      *time.Time      `json:"asOf,omitempty"`
	Sequence  int64           `json:"sequence,omitempty"`
	Sum       string          `json:"sum,omitempty"`
	Revoked   [][2]int        `json:"revoked,omitempty"` // index and size
	KeepUntil *time.Time      `json:"keepUntil,omitempty"`
}

// appendLine appends a mark with its line break.
func appendLine(dst []byte, m verify.Mark) []byte {
	l := line{
		Kind: m.Kind, Issuer: m.Issuer, Name: m.Name,
		AsOf: stated(m.AsOf), Sequence: m.Sequence, KeepUntil: stated(m.KeepUntil),
	}
	if m.Sum != [len(m.Sum)]byte{} {
		l.Sum = hex.EncodeToString(m.Sum[:])
	}
	for _, x := range m.Revoked {
		l.Revoked = append(l.Revoked, [2]int{x.Index, x.Size})
	}
	text, err := json.Marshal(l)
	if err != nil { // an instant that JSON cannot say; parseLine will not read it
		return append(dst, '\n')
	}
	return append(append(dst, text...), '\n')
}

func stated(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

func parseLine(text []byte) (verify.Mark, error) {
	var l line
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&l); err != nil {
		return verify.Mark{}, fmt.Errorf("not a mark: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return verify.Mark{}, errors.New("not a mark: more than one value")
	}
	m := verify.Mark{MarkKey: verify.MarkKey{Kind: l.Kind, Issuer: l.Issuer, Name: l.Name}, Sequence: l.Sequence}
	if m.Kind == "" || m.Issuer.IsZero() || m.Name == "" {
		return verify.Mark{}, errors.New("a mark needs a kind, an issuer and a name")
	}
	if l.AsOf != nil {
		m.AsOf = *l.AsOf
	}
	if l.KeepUntil != nil {
		m.KeepUntil = *l.KeepUntil
	}
	if l.Sum != "" {
		sum, err := hex.DecodeString(l.Sum)
		if err != nil || len(sum) != len(m.Sum) {
			return verify.Mark{}, errors.New("a sum is 64 hexadecimal digits")
		}
		copy(m.Sum[:], sum)
	}
	for _, x := range l.Revoked {
		if x[0] < 0 || x[1] < 1 {
			return verify.Mark{}, fmt.Errorf("no entry of a list has index %d and size %d", x[0], x[1])
		}
		m.Revoked = append(m.Revoked, verify.RevokedEntry{Index: x[0], Size: x[1]})
	}
	return m, nil
}
