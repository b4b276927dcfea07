package did

import (
	"bytes"
	"crypto/ed25519"
	"encoding/pem"
	"fmt"
)

// The DER of an Ed25519 key in front of its 32 bytes (RFC 8410, sections 4 and
// 7). Nothing in it varies, so it is compared and not parsed.
const (
	pkcs8Prefix = "\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20"
	spkiPrefix  = "\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00"
)

const (
	privateBlock = "PRIVATE KEY"
	publicBlock  = "PUBLIC KEY"
)

// ParsePublicPEM reads an Ed25519 public key as SPKI in PEM, "BEGIN PUBLIC
// KEY". There must be that one block and nothing else but white space. Errors
// wrap [ErrKey].
func ParsePublicPEM(text []byte) (ed25519.PublicKey, error) {
	key, err := parsePEM(text, publicBlock, spkiPrefix)
	if err != nil {
		return nil, err
	}
	if err := CheckPublicKey(key); err != nil {
		return nil, err
	}
	return key, nil
}

// ParsePrivatePEM reads an Ed25519 private key as PKCS#8 in PEM, "BEGIN PRIVATE
// KEY", as OpenSSL and crypto/x509 write it. There must be that one block and
// nothing else but white space. Errors wrap [ErrKey] and never quote the text.
func ParsePrivatePEM(text []byte) (*KeyPair, error) {
	seed, err := parsePEM(text, privateBlock, pkcs8Prefix)
	if err != nil {
		return nil, err
	}
	return newKeyPair(seed)
}

// PublicPEM returns a public key as SPKI in PEM. It fails as [CheckPublicKey]
// does.
func PublicPEM(key ed25519.PublicKey) ([]byte, error) {
	if err := CheckPublicKey(key); err != nil {
		return nil, err
	}
	return encodePEM(publicBlock, spkiPrefix, key), nil
}

// PrivatePEM returns the private key as PKCS#8 in PEM; nil for the zero
// KeyPair.
func (k *KeyPair) PrivatePEM() []byte {
	if k.seed() == nil {
		return nil
	}
	return encodePEM(privateBlock, pkcs8Prefix, k.seed())
}

func encodePEM(block, prefix string, key []byte) []byte {
	der := append([]byte(prefix), key...)
	return pem.EncodeToMemory(&pem.Block{Type: block, Bytes: der})
}

// parsePEM returns what follows the prefix in the one block of the text. Its
// length is not checked.
func parsePEM(text []byte, want, prefix string) ([]byte, error) {
	if len(text) > defaults.DIDBytes {
		return nil, fmt.Errorf("%w: PEM text of %d bytes, want at most %d", ErrKey, len(text), defaults.DIDBytes)
	}
	text = bytes.TrimSpace(text)
	// pem.Decode skips what it cannot read until it finds a block. Two readers
	// could then see two keys in one file.
	begin := []byte("-----BEGIN ")
	if !bytes.HasPrefix(text, begin) || bytes.Count(text, begin) != 1 {
		return nil, fmt.Errorf("%w: want one PEM block and nothing else", ErrKey)
	}
	block, rest := pem.Decode(text)
	switch {
	case block == nil:
		return nil, fmt.Errorf("%w: malformed PEM block", ErrKey)
	case len(rest) > 0:
		return nil, fmt.Errorf("%w: data after the PEM block", ErrKey)
	case block.Type != want:
		return nil, fmt.Errorf("%w: PEM block %.32q, want %q", ErrKey, block.Type, want)
	case len(block.Headers) > 0:
		return nil, fmt.Errorf("%w: PEM block with headers", ErrKey)
	}
	key, ok := bytes.CutPrefix(block.Bytes, []byte(prefix))
	if !ok {
		return nil, fmt.Errorf("%w: the PEM block is not an Ed25519 key", ErrKey)
	}
	return key, nil
}
