//go:build cgo

package pkcs11

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/did"
)

// Restart ends all sessions of a library, and has it look at the disk anew.
func Restart(l *Library) error {
	if err := l.ctx.Finalize(); err != nil {
		return err
	}
	return l.ctx.Initialize()
}

// The point of a public key is read in the forms that tokens have, and no others.
func TestParsePoint(t *testing.T) {
	key, err := did.GenerateKey()
	require.NoError(t, err)
	raw := key.PublicKey().Bytes()
	octets, bits := append([]byte{4, 32}, raw...), append([]byte{3, 33, 0}, raw...)
	for _, point := range [][]byte{raw, octets, bits} {
		got, err := parsePoint(point)
		require.NoError(t, err)
		require.Equal(t, key.PublicKey(), got)
	}
	zeros := make([]byte, 57)
	for _, point := range [][]byte{nil, raw[1:], octets[:33], append(octets, 0), bits[1:], zeros, zeros[:32]} {
		_, err := parsePoint(point)
		require.Error(t, err, "%x", point)
	}
}
