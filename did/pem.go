package did

import (
	"bytes"
	"encoding/pem"
	"fmt"
)

const (
	privateBlock = "PRIVATE KEY"
	publicBlock  = "PUBLIC KEY"
)

// ParsePublicPEM reads a public key as SPKI in PEM, "BEGIN PUBLIC KEY". There
// must be that one block and nothing else but white space. Errors wrap
// [ErrKey].
func ParsePublicPEM(text []byte) (PublicKey, error) {
	a, raw, err := parsePEM(text, publicBlock, func(row *algorithm) string { return row.spki })
	if err != nil {
		return PublicKey{}, err
	}
	return NewPublicKey(a, raw)
}

// ParsePrivatePEM reads a private key as PKCS#8 in PEM, "BEGIN PRIVATE KEY", as
// OpenSSL and crypto/x509 write it. There must be that one block and nothing
// else but white space. Errors wrap [ErrKey] and never quote the text.
func ParsePrivatePEM(text []byte) (*KeyPair, error) {
	a, raw, err := parsePEM(text, privateBlock, func(row *algorithm) string { return row.pkcs8 })
	if err != nil {
		return nil, err
	}
	return newKeyPair(a, raw)
}

// PEM returns the key as SPKI in PEM; nil for the zero PublicKey.
func (k PublicKey) PEM() []byte {
	if k.IsZero() {
		return nil
	}
	return encodePEM(publicBlock, k.algorithm.row().spki, k.raw)
}

// PrivatePEM returns the private key as PKCS#8 in PEM; nil for the zero
// KeyPair.
func (k *KeyPair) PrivatePEM() []byte {
	if k.isZero() {
		return nil
	}
	return encodePEM(privateBlock, k.Algorithm().row().pkcs8, string(k.secret()))
}

func encodePEM(block, prefix, key string) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: block, Bytes: []byte(prefix + key)})
}

// parsePEM returns the algorithm whose prefix the one block of the text begins
// with, and what follows it. The length of that is not checked.
func parsePEM(text []byte, want string, prefix func(*algorithm) string) (Algorithm, []byte, error) {
	if len(text) > defaults.DIDBytes {
		return 0, nil, fmt.Errorf("%w: PEM text of %d bytes, want at most %d", ErrKey, len(text), defaults.DIDBytes)
	}
	text = bytes.TrimSpace(text)
	// pem.Decode skips what it cannot read until it finds a block. Two readers
	// could then see two keys in one file.
	begin := []byte("-----BEGIN ")
	if !bytes.HasPrefix(text, begin) || bytes.Count(text, begin) != 1 {
		return 0, nil, fmt.Errorf("%w: want one PEM block and nothing else", ErrKey)
	}
	block, rest := pem.Decode(text)
	switch {
	case block == nil:
		return 0, nil, fmt.Errorf("%w: malformed PEM block", ErrKey)
	case len(rest) > 0:
		return 0, nil, fmt.Errorf("%w: data after the PEM block", ErrKey)
	case block.Type != want:
		return 0, nil, fmt.Errorf("%w: PEM block %.32q, want %q", ErrKey, block.Type, want)
	case len(block.Headers) > 0:
		return 0, nil, fmt.Errorf("%w: PEM block with headers", ErrKey)
	}
	for a := 1; a < len(algorithms); a++ {
		if raw, ok := bytes.CutPrefix(block.Bytes, []byte(prefix(&algorithms[a]))); ok {
			return Algorithm(a), raw, nil
		}
	}
	return 0, nil, fmt.Errorf("%w: the PEM block is not a key of %s", ErrKey, names(func(row *algorithm) string { return row.name }))
}
