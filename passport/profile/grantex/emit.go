package grantex

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/safeconduct/safeconduct/internal/decimal"
	"github.com/safeconduct/safeconduct/internal/jsonwrite"
)

// Signer signs passports for Grantex' verifier.
type Signer struct {
	// KeyID is the key's name in the JWKS.
	KeyID string
	// Key is an Ed25519 or RSA key, at hand or in a KMS. RSA keys have 2048 to 8192
	// bits. New issuers take Ed25519, which that verifier accepts as well.
	Key crypto.Signer
}

// algorithm returns how the key signs.
func (s *Signer) algorithm() (algorithm, error) {
	if s.Key != nil {
		switch k := s.Key.Public().(type) {
		case ed25519.PublicKey:
			return algorithms[1], nil
		case *rsa.PublicKey:
			if bits := k.N.BitLen(); bits < minRSABits || bits > maxRSABits {
				return algorithm{}, fmt.Errorf("grantex: an RSA key of %d bits, want %d to %d", bits, minRSABits,
					maxRSABits)
			}
			return algorithms[0], nil
		}
	}
	return algorithm{}, errors.New("grantex: want an Ed25519 or an RSA key")
}

func (s *Signer) sign(message string) (string, error) {
	alg, err := s.algorithm()
	if err != nil {
		return "", err
	}
	input := []byte(message)
	if alg.hash != 0 {
		h := alg.hash.New()
		h.Write(input)
		input = h.Sum(nil)
	}
	signature, err := s.Key.Sign(rand.Reader, input, alg.hash)
	if err != nil {
		return "", fmt.Errorf("grantex: sign: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(signature), nil
}

// KeySetOf returns the JWKS with the public halves of some keys, to be published.
func KeySetOf(signers ...Signer) ([]byte, error) {
	var w jsonwrite.Writer
	w.BeginObject()
	w.Name("keys")
	w.BeginArray()
	for i := range signers {
		alg, err := signers[i].algorithm()
		if err != nil {
			return nil, err
		}
		w.BeginObject()
		w.Member("kty", alg.kty)
		switch k := signers[i].Key.Public().(type) {
		case ed25519.PublicKey:
			w.Member("crv", alg.curve)
			w.Member("x", base64.RawURLEncoding.EncodeToString(k))
		case *rsa.PublicKey:
			w.Member("n", base64.RawURLEncoding.EncodeToString(k.N.Bytes()))
			exponent := binary.BigEndian.AppendUint32(nil, uint32(k.E))
			for exponent[0] == 0 {
				exponent = exponent[1:]
			}
			w.Member("e", base64.RawURLEncoding.EncodeToString(exponent))
		}
		w.Member("kid", signers[i].KeyID)
		w.Member("alg", alg.name)
		w.Member("use", "sig")
		w.EndObject()
	}
	w.EndArray()
	w.EndObject()
	return w.Buf, nil
}

// Emit writes a passport that the verifier of Grantex accepts, as a value of the
// header. An empty ID is filled in with a new one. Instants are cut to
// whole seconds, which is what is signed. What is written is read back by the strict reading before, so a
// passport that a careful reader would refuse for its form is an [*Error];
// errors of the signer are wrapped.
//
// Whoever holds the text can use it: it names no audience and no key.
func Emit(signer Signer, p Passport) (string, error) {
	if p.ID == "" {
		id, err := ulid.New(ulid.Timestamp(p.ValidFrom), rand.Reader)
		if err != nil {
			return "", fmt.Errorf("grantex: a new identifier: %w", err)
		}
		p.ID = URN + id.String()
	}
	alg, err := signer.algorithm()
	if err != nil {
		return "", err
	}
	if _, ok := decimal.Parse(p.MaxAmount.Amount); !ok {
		return "", unusable(amountShape.path+"/amount", "%.40q is not a decimal number", p.MaxAmount.Amount)
	}
	p.ValidFrom, p.ValidUntil = p.ValidFrom.UTC().Truncate(time.Second), p.ValidUntil.UTC().Truncate(time.Second)
	var header jsonwrite.Writer
	header.BeginObject()
	header.Member("alg", alg.name)
	header.Member("kid", signer.KeyID)
	header.Member("typ", "JWT")
	header.EndObject()
	encode := base64.RawURLEncoding.EncodeToString
	message := encode(header.Buf) + "." + encode(p.writeClaims())
	signature, err := signer.sign(message)
	if err != nil {
		return "", err
	}
	out := encode(p.writeEnvelope(signer.KeyID, message+"."+signature))
	if err := readBack(signer, p, out); err != nil {
		return "", err
	}
	return out, nil
}

// readBack refuses what the strict reading would.
func readBack(signer Signer, p Passport, header string) error {
	set, err := KeySetOf(signer)
	if err != nil {
		return err
	}
	keys, err := ParseKeySet(set)
	if err != nil {
		return err
	}
	v := &Verifier{Keys: keys, Issuers: []string{p.Issuer}}
	d, refused := v.prove(header, p.ValidFrom)
	if refused == nil {
		_, refused = d.strict()
	}
	if refused != nil {
		return refused
	}
	return nil
}

// list writes a list of texts, also an empty one.
func list(w *jsonwrite.Writer, name string, texts []string) {
	w.Name(name)
	w.BeginArray()
	for _, text := range texts {
		w.String(text)
	}
	w.EndArray()
}

// writeSubject writes credentialSubject, in Grantex' order.
func (p *Passport) writeSubject(w *jsonwrite.Writer) {
	w.Name("credentialSubject")
	w.BeginObject()
	w.Member("id", p.Agent)
	w.Member("type", typeSubject)
	w.Member("humanPrincipal", p.HumanPrincipal)
	w.Member("organizationDID", p.Organization)
	w.Member("grantId", p.GrantID)
	list(w, "allowedMPPCategories", p.Categories)
	w.Name("maxTransactionAmount")
	w.BeginObject()
	w.Name("amount")
	w.Raw(p.MaxAmount.Amount)
	w.Member("currency", p.MaxAmount.Currency)
	w.EndObject()
	list(w, "paymentRails", p.Rails)
	w.Name("delegationDepth")
	w.Int(int64(p.Depth))
	if p.Parent != "" {
		w.Member("parentPassportId", p.Parent)
	}
	w.EndObject()
}

func (p *Passport) writeStatus(w *jsonwrite.Writer) {
	if p.Status == nil {
		return
	}
	i := strconv.Itoa(p.Status.Index)
	w.Name("credentialStatus")
	w.BeginObject()
	w.Member("id", p.Status.List+"#"+i)
	w.Member("type", typeStatus)
	w.Member("statusPurpose", "revocation")
	w.Member("statusListIndex", i)
	w.Member("statusListCredential", p.Status.List)
	w.EndObject()
}

func (p *Passport) writeClaims() []byte {
	var w jsonwrite.Writer
	w.BeginObject()
	w.Name("vc")
	w.BeginObject()
	w.Strings("@context", []string{contextVC, Context})
	w.Strings("type", []string{typeCredential, typePassport})
	p.writeSubject(&w)
	p.writeStatus(&w)
	w.EndObject()
	w.Member("iss", p.Issuer)
	w.Member("sub", p.Agent)
	w.Member("jti", p.ID)
	w.Name("iat")
	w.Int(p.ValidFrom.Unix())
	w.Name("exp")
	w.Int(p.ValidUntil.Unix())
	w.EndObject()
	return w.Buf
}

func (p *Passport) writeEnvelope(keyID, token string) []byte {
	var w jsonwrite.Writer
	w.BeginObject()
	w.Strings("@context", []string{contextVC, Context})
	w.Strings("type", []string{typeCredential, typePassport})
	w.Member("id", p.ID)
	w.Member("issuer", p.Issuer)
	w.Member("validFrom", p.ValidFrom.Format(layoutMilli))
	w.Member("validUntil", p.ValidUntil.Format(layoutMilli))
	p.writeSubject(&w)
	p.writeStatus(&w)
	w.Name("proof")
	w.BeginObject()
	w.Member("type", typeProof)
	w.Member("created", p.ValidFrom.Format(layoutMilli))
	w.Member("verificationMethod", p.Issuer+"#"+keyID)
	w.Member("proofPurpose", "assertionMethod")
	w.Member("proofValue", token)
	w.EndObject()
	w.EndObject()
	return w.Buf
}
