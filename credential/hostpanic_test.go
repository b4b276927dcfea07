package credential_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/code"
)

// moody is a format of which one method panics.
type moody struct {
	boxed
	at  string
	bad error // what Open fails with
}

func (f moody) Open(raw []byte, want credential.Kind) (credential.Envelope, error) {
	if f.at == "Open" {
		panic("oh")
	}
	env, err := f.boxed.Open(raw, want)
	if f.bad != nil || err != nil {
		return nil, errors.Join(f.bad, err)
	}
	return moodyBox{env, &f.at}, nil
}

type moodyBox struct {
	credential.Envelope
	at *string
}

func (b moodyBox) met(where string) {
	if *b.at == where {
		panic("oh")
	}
}

func (b moodyBox) MediaType() string             { b.met("MediaType"); return b.Envelope.MediaType() }
func (b moodyBox) Payload() string               { b.met("Payload"); return b.Envelope.Payload() }
func (b moodyBox) KeyID() string                 { b.met("KeyID"); return b.Envelope.KeyID() }
func (b moodyBox) HeaderBytes() int              { b.met("HeaderBytes"); return b.Envelope.HeaderBytes() }
func (b moodyBox) Check(key did.PublicKey) error { b.met("Check"); return b.Envelope.Check(key) }

func (b moodyBox) AppendText(dst []byte) []byte {
	b.met("AppendText")
	return b.Envelope.AppendText(dst)
}

// deadly is an error at which nobody can look.
type deadly struct{}

func (deadly) Error() string { panic("oh") }

// A format that panics has failed. That says nothing about the document.
func TestAFormatThatPanicsHasFailed(t *testing.T) {
	bare := box(t, full(t), credential.KindCredential, "issuer")
	s, err := credential.Parse([]byte(bare), boxed{})
	require.NoError(t, err)
	shown := box(t, unsecuredPresentation(t, s.Embedded()), credential.KindPresentation, "holder")
	var none *credential.Error
	for name, f := range map[string]moody{
		"Open": {at: "Open"}, "MediaType": {at: "MediaType"}, "Payload": {at: "Payload"}, "KeyID": {at: "KeyID"},
		"HeaderBytes": {at: "HeaderBytes"}, "an error": {bad: deadly{}}, "no error": {bad: none},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := credential.Parse([]byte(bare), f)
			requireCode(t, code.InternalError, err)
			require.ErrorContains(t, err, "the format panicked: ")
			_, err = credential.Parse([]byte(s.Embedded()), f)
			requireCode(t, code.InternalError, err)
			_, err = credential.ParsePresentation([]byte(shown), f)
			requireCode(t, code.InternalError, err)
		})
	}
	t.Run("Check", func(t *testing.T) {
		f := moody{at: "Check"}
		s, err := credential.Parse([]byte(bare), f)
		require.NoError(t, err)
		requireCode(t, code.InternalError, s.CheckProof(0, keyOf(t, "issuer").PublicKey(), did.AssertionMethod))
	})
	t.Run("AppendText", func(t *testing.T) {
		f := moody{at: "AppendText"}
		s, err := credential.Parse([]byte(bare), f)
		require.NoError(t, err)
		require.Equal(t, "(the format panicked)", s.Digest(), "what is no digest")
		require.NotEqual(t, bare, s.Text())
	})
}

// panicking is a Canonicalizer.
type panicking struct{}

func (panicking) Canonicalize(context.Context, []byte) ([]byte, error) { panic("oh") }

func TestACanonicalizerThatPanicsHasFailed(t *testing.T) {
	s := signed(t, full(t), credential.SignOptions{Suite: credential.SuiteRDFC})
	_, err := credential.Parser{Profile: credential.Conformance, Canonicalizer: panicking{}}.Credential(s.Bytes())
	requireCode(t, code.InternalError, err)
	require.ErrorContains(t, err, "the Canonicalizer panicked: oh")
}
