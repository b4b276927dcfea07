package main

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"strings"
	"time"

	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/passport/profile/aip1"
)

const (
	aip1Principal = "did:web:acme.example"
	aip1Agent     = "did:web:acme.example:agents:buyer"
	aip1Framework = "did:web:framework.example"
)

// aip1Folder signs and writes envelopes.
type aip1Folder struct {
	folder
	now                       time.Time
	agent, issuer, other      did.Signer
	agentKey                  ed25519.PrivateKey
	hmacKey                   []byte
	base                      aip1.Envelope
	mandate                   aip1.Mandate
	issuerPublic, agentPublic ed25519.PublicKey
}

// aip1Doc is one envelope: how it differs from the plain one.
type aip1Doc struct {
	name    string
	change  func(*aip1.Envelope)
	hmac    bool
	noEnd   bool
	mandate func(*aip1.Mandate) // nil: no mandate is handed over
	by      did.Signer          // who signs the mandate; nil: the principal
	tamper  [2]string           // old and new text of the wire, after signing
	resign  bool                // and then it is signed again
	args    map[string]any
	loose   bool
}

func newAIP1Folder(dir string) (*aip1Folder, error) {
	f := &aip1Folder{folder: folder{dir: dir}, now: clock().UTC().Truncate(time.Microsecond),
		hmacKey: make([]byte, 32)}
	signer := func(of string) (did.Signer, ed25519.PrivateKey, error) {
		_, key, err := ed25519.GenerateKey(rand.Reader)
		if err != nil {
			return nil, nil, err
		}
		s, err := did.NewSigner(did.MustParseURL(of+"#keys-1"), key)
		return s, key, err
	}
	var errs [4]error
	var issuerKey ed25519.PrivateKey
	f.agent, f.agentKey, errs[0] = signer(aip1Principal)
	f.issuer, issuerKey, errs[1] = signer(aip1Principal)
	f.other, _, errs[2] = signer("did:web:other.example")
	_, errs[3] = rand.Read(f.hmacKey)
	if err := errors.Join(errs[:]...); err != nil {
		return nil, err
	}
	f.agentPublic, f.issuerPublic = f.agentKey.Public().(ed25519.PublicKey), issuerKey.Public().(ed25519.PublicKey)
	bounds := aip1.Boundaries{AllowedActions: []string{"transfer_funds", "read_invoice"},
		DeniedActions: []string{"delete"},
		Limit:         aip1.Limit{PerTransaction: "800", PerDay: "3200", Currency: "USD"},
		DataAccess:    []string{"invoices/*"}}
	f.base = aip1.Envelope{Agent: aip1.Agent{ID: aip1Agent}, Principal: aip1.Principal{ID: aip1Principal},
		Intent: aip1.Intent{Action: "transfer_funds", Target: "did:web:vendor.example",
			Parameters: `{"amount":45.5,"currency":"USD"}`},
		Boundaries: bounds, IssuedAt: f.now.Add(-time.Minute)}
	f.mandate = aip1.Mandate{Issuer: aip1Principal, Subject: aip1Agent, IssuedAt: f.now.Add(-24 * time.Hour),
		Boundaries: aip1.Boundaries{AllowedActions: []string{"transfer_funds"},
			Limit: aip1.Limit{PerTransaction: "100", PerDay: "150", Currency: "USD"}}}
	return f, nil
}

// emitAIP1 writes envelopes and mandates for the verifier of AIP-1's SDK.
func emitAIP1(dir string) error {
	f, err := newAIP1Folder(dir)
	if err != nil {
		return err
	}
	f.args("args.json", map[string]any{"now": f.now.Format(time.RFC3339Nano), "mode": "alone",
		"public_key_hex":        hex.EncodeToString(f.agentPublic),
		"issuer_public_key_hex": hex.EncodeToString(f.issuerPublic)})
	for _, d := range f.docs() {
		f.doc(d)
	}
	return f.err
}

func (f *aip1Folder) doc(d aip1Doc) {
	e := f.base
	if d.change != nil {
		d.change(&e)
	}
	o := aip1.SignOptions{NoExpiry: d.noEnd}
	ctx := context.Background()
	var text string
	if d.hmac {
		text = must(&f.folder)(aip1.SealHMAC(f.hmacKey, e, o))
	} else {
		text = must(&f.folder)(aip1.Sign(ctx, f.agent, e, o))
	}
	text = strings.Replace(text, d.tamper[0], d.tamper[1], 1)
	if d.resign {
		text = f.signAgain(text)
	}
	read, err := aip1.ParseEnvelopeUnverified(text, aip1.Compatible)
	if err != nil {
		f.err = errors.Join(f.err, err)
		return
	}
	f.write(d.name+".json", text)
	f.write(d.name+".canonical", string(read.Canonical()))
	args := map[string]any{}
	for name, value := range d.args {
		args[name] = value
	}
	if d.mandate != nil {
		m, by := f.mandate, d.by
		if d.mandate(&m); by == nil {
			by = f.issuer
		}
		text := must(&f.folder)(aip1.Issue(ctx, by, m, o))
		read, err := aip1.ParseMandateUnverified(text, aip1.Strict)
		if err != nil {
			f.err = errors.Join(f.err, err)
			return
		}
		f.write(d.name+".mandate.json", text)
		f.write(d.name+".mandate.canonical", string(read.Canonical()))
		args["mode"] = "mandated"
	}
	if d.loose {
		args["loose"] = true
	}
	f.folder.args(d.name+".args.json", args)
}

// signAgain signs what the library itself would not have signed.
func (f *aip1Folder) signAgain(text string) string {
	e, err := aip1.ParseEnvelopeUnverified(text, aip1.Compatible)
	if err != nil {
		f.err = errors.Join(f.err, err)
		return ""
	}
	signature := base64.URLEncoding.EncodeToString(ed25519.Sign(f.agentKey, e.Canonical()))
	return strings.Replace(text, e.Proof.Value, signature, 1)
}
