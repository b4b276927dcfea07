package did

import (
	"fmt"
	"io"
	"log/slog"

	"github.com/safeconduct/safeconduct/internal/jcs"
)

// The methods below have value receivers, so that a KeyPair is redacted as a
// value and behind a pointer.

var (
	_ fmt.Formatter  = KeyPair{}
	_ slog.LogValuer = KeyPair{}
)

// String returns the public identity of the pair, without the secret.
func (k KeyPair) String() string {
	if k.private == nil {
		return "did.KeyPair(zero)"
	}
	return "did.KeyPair(" + k.id.DID().String() + ", private key redacted)"
}

// GoString is [KeyPair.String].
func (k KeyPair) GoString() string { return k.String() }

// Format writes [KeyPair.String], whatever the verb.
func (k KeyPair) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, k.String()) }

// LogValue is [KeyPair.String].
func (k KeyPair) LogValue() slog.Value { return slog.StringValue(k.String()) }

// MarshalText is [KeyPair.String]. There is no way back.
func (k KeyPair) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// MarshalJSON is [KeyPair.String] as a JSON string. There is no way back.
func (k KeyPair) MarshalJSON() ([]byte, error) { return jcs.AppendString(nil, k.String()), nil }
