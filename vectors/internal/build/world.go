package build

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"hash/crc32"
	"slices"
	"strings"
	"time"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/credential/vcjwt"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/multibase"
	"github.com/safeconduct/safeconduct/passport"
)

// The clock of every case that does not say otherwise: a Saturday.
const nowText = "2026-11-21T09:00:00Z"

var now = time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)

const (
	audience  = "did:web:shop.example"
	challenge = "a challenge of the shop, 1"
)

var ctx = context.Background()

// key returns the key of a party, the same for the same name.
func key(name string) *did.KeyPair {
	seed := sha256.Sum256([]byte("safeconduct vectors: key of " + name))
	k, err := did.NewKeyPair(ed25519.NewKeyFromSeed(seed[:]))
	Must(err)
	return k
}

// Must panics on an error, which is a mistake in this package; [Files] catches it.
func Must(err error) {
	if err != nil {
		panic(err)
	}
}

// MustValue is [Must] of a function that returns a value.
func MustValue[V any](v V, err error) V {
	Must(err)
	return v
}

var issuer, agent, second, third, mallory, ada = key("issuer"), key("agent"), key("second agent"), key("third agent"),
	key("mallory"), key("ada")

// ulid returns the identifier of a name: 26 characters of Crockford's base 32.
func ulid(name string) string {
	const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	sum := sha256.Sum256([]byte(name))
	out := []byte("01K")
	for _, b := range sum[:23] {
		out = append(out, alphabet[b&31])
	}
	return string(out)
}

// members is a JSON object whose members keep their order.
type members []member

type member struct {
	name  string
	value any
}

// o makes an object of names and values in turn.
func o(pairs ...any) members {
	var out members
	for i := 0; i < len(pairs); i += 2 {
		out = append(out, member{pairs[i].(string), pairs[i+1]})
	}
	return out
}

func (m members) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, x := range m {
		if i > 0 {
			b.WriteByte(',')
		}
		b.Write(raw(x.name))
		b.WriteByte(':')
		b.Write(raw(x.value))
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

func (m members) index(name string) int {
	return slices.IndexFunc(m, func(x member) bool { return x.name == name })
}

func (m members) get(name string) any {
	if i := m.index(name); i >= 0 {
		return m[i].value
	}
	return nil
}

// with returns a copy in which a member has another value; nil takes it out.
func (m members) with(name string, value any) members {
	m = slices.Clone(m)
	i := m.index(name)
	switch {
	case value == nil && i >= 0:
		return slices.Delete(m, i, i+1)
	case value == nil:
		Must(errors.New("there is no member " + name))
	case i >= 0:
		m[i].value = value
		return m
	}
	return append(m, member{name, value})
}

// at changes a member of a member.
func (m members) at(path string, value any) members {
	first, rest, deeper := strings.Cut(path, "/")
	if !deeper {
		return m.with(first, value)
	}
	return m.with(first, m.get(first).(members).at(rest, value))
}

func (m members) text() string { return string(raw(m)) }

var (
	contexts2 = []string{credential.ContextV2, passport.Context}
	listURL   = "https://issuer.example/status/1"
	pauseURL  = "https://issuer.example/status/2"
)

func entry(url, purpose string, index string, more ...any) members {
	return append(o("type", "BitstringStatusListEntry", "statusPurpose", purpose, "statusListIndex", index,
		"statusListCredential", url), o(more...)...)
}

// plain is a passport that is not signed yet: payments.charge and data.*, 50 USD
// at a time for compute on tempo, one day.
func plain(name string, edits ...func(members) members) members {
	p := o(
		"@context", contexts2, "id", passport.PassportURN+ulid(name), "type", []string{"VerifiableCredential",
			"AgentPassportCredential"},
		"issuer", issuer.DID().String(), "validFrom", "2026-11-21T08:00:00Z", "validUntil", "2026-11-22T08:00:00Z",
		"credentialStatus", []any{entry(listURL, "revocation", "7"), entry(pauseURL, "suspension", "7")},
		"credentialSubject", o(
			"id", agent.DID().String(), "type", "AIAgent", "name", "a test agent", "humanPrincipal",
			"mailto:ada@example.org",
			"capabilities", []any{o("action", "payments.charge"), o("action", "data.*")},
			"allowedMPPCategories", []string{"compute"}, "paymentRails", []string{"tempo"},
			"maxTransactionAmount", money("50.00", "USD"),
		),
	)
	for _, e := range edits {
		p = e(p)
	}
	return p
}

func money(amount, currency string, more ...any) members {
	return append(o("amount", amount, "currency", currency), o(more...)...)
}

// subject is an edit of a member of the subject.
func subject(path string, value any) func(members) members {
	return func(p members) members { return p.at("credentialSubject/"+path, value) }
}

// set is an edit of a member of the document.
func set(path string, value any) func(members) members {
	return func(p members) members { return p.at(path, value) }
}

// as makes a passport one that somebody issues for an agent.
func as(by, to *did.KeyPair) func(members) members {
	return func(p members) members {
		return p.with("issuer", by.DID().String()).at("credentialSubject/id", to.DID().String())
	}
}

// sign secures a credential.
func sign(by did.Signer, doc members, edits ...func(*credential.SignOptions)) string {
	so := credential.SignOptions{Created: now.Add(-time.Minute)}
	for _, e := range edits {
		e(&so)
	}
	s, err := credential.SignJSON(ctx, by, []byte(doc.text()), so)
	Must(err)
	return s.Text()
}

func pass(name string, edits ...func(members) members) string {
	return sign(issuer, plain(name, edits...))
}

func rdfc(so *credential.SignOptions) { so.Suite = credential.SuiteRDFC }

func jwt(so *credential.SignOptions) { so.Format = vcjwt.Format() }

// digest returns the digest of a credential, which may be a token.
func digest(doc string) string {
	s, err := credential.Parse([]byte(doc), vcjwt.Format())
	Must(err)
	return s.Digest()
}

// delegated is a passport below another one: the same authority, one deeper.
func delegated(name, parent string, depth int, by, to *did.KeyPair, edits ...func(members) members) members {
	var p struct{ ID string }
	Must(json.Unmarshal([]byte(parent), &p))
	d := plain(name, append([]func(members) members{
		as(by, to), set("credentialStatus", nil),
		subject("delegationDepth", depth), subject("parentPassportId", p.ID), subject("parentDigest", digest(parent)),
	}, edits...)...)
	return d
}

// intent is the intent of a presentation for a leaf: 12.50 USD for compute on tempo.
func intent(name, leaf string, edits ...func(members) members) members {
	in := o("id", passport.IntentURN+ulid("intent "+name), "type", "AgentIntent", "passportId", leaf)
	in = append(in, purchase()...)
	in = append(in, o("issuedAt", nowText, "expiresAt", "2026-11-21T09:05:00Z")...)
	for _, e := range edits {
		in = e(in)
	}
	return in
}

func purchase() members {
	return o("action", "payments.charge", "transactionAmount", money("12.50", "USD"), "category", "compute", "rail",
		"tempo")
}

// request is the question that the intent answers.
func request(edits ...func(members) members) members {
	q := append(o("audience", audience), purchase()...)
	for _, e := range edits {
		q = e(q)
	}
	return q
}

// idOf returns the id of a credential, which may be a token.
func idOf(doc string) string {
	s, err := credential.Parse([]byte(doc), vcjwt.Format())
	Must(err)
	return s.Unverified().ID
}

// bare is a presentation without proof.
func unsigned(holder did.DID, in members, chain ...string) members {
	list := make([]json.RawMessage, len(chain))
	for i, c := range chain {
		list[i] = json.RawMessage(c)
	}
	return o("@context", contexts2, "type", []string{"VerifiablePresentation", "AgentPresentation"}, "holder",
		holder.String(),
		"verifiableCredential", list, "intent", in)
}

// present signs a presentation.
func present(by *did.KeyPair, in members, chain []string, edits ...func(*credential.SignOptions)) string {
	return signVP(by, unsigned(by.DID(), in, chain...), edits...)
}

func signVP(by did.Signer, doc members, edits ...func(*credential.SignOptions)) string {
	so := credential.SignOptions{Created: now, Domain: []string{audience}, Challenge: challenge,
		Formats: []credential.Format{vcjwt.Format()}}
	for _, e := range edits {
		e(&so)
	}
	vp, err := credential.SignPresentation(ctx, by, []byte(doc.text()), so)
	Must(err)
	return vp.Text()
}

// gz packs a bit string with what every version of DEFLATE unpacks and none
// writes differently: fixed codes, and runs of equal bytes.
func gz(bits []byte) []byte {
	out := []byte{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff}
	var acc uint64
	var n uint
	put := func(v uint64, width uint) { // least significant bit first
		acc |= v << n
		for n += width; n >= 8; n -= 8 {
			out = append(out, byte(acc))
			acc >>= 8
		}
	}
	code := func(v uint64, width uint) { // Huffman codes: most significant bit first
		for i := int(width) - 1; i >= 0; i-- {
			put(v>>i&1, 1)
		}
	}
	literal := func(b byte) {
		if b < 144 {
			code(0x30+uint64(b), 8)
		} else {
			code(0x190+uint64(b)-144, 9)
		}
	}
	put(1, 1) // the last block
	put(1, 2) // of fixed codes
	for i := 0; i < len(bits); {
		run := 1
		for i+run < len(bits) && bits[i+run] == bits[i] {
			run++
		}
		literal(bits[i])
		i++
		for run--; run >= 258; run -= 258 {
			code(0xc5, 8) // length 258
			code(0, 5)    // distance 1
			i += 258
		}
		for ; run > 0; run-- {
			literal(bits[i])
			i++
		}
	}
	code(0, 7) // the end
	if n > 0 {
		out = append(out, byte(acc))
	}
	out = binary.LittleEndian.AppendUint32(out, crc32.ChecksumIEEE(bits))
	return binary.LittleEndian.AppendUint32(out, uint32(len(bits)))
}

const listBytes = 131072 / 8

// bitstring returns the text of a list in which the statuses at some indices are 1.
func bitstring(set ...int) string { return wide(1, set...) }

// wide returns a list of statuses of some bits each, in which some bits are 1.
func wide(size int, set ...int) string {
	bits := make([]byte, size*listBytes)
	for _, i := range set {
		bits[i/8] |= 0x80 >> (i % 8)
	}
	return "u" + base64.RawURLEncoding.EncodeToString(gz(bits))
}

// plainList is a list that is not signed yet.
func plainList(url, purpose string, set ...int) members {
	return o("@context", []string{credential.ContextV2}, "id", url, "type", []string{"VerifiableCredential",
		"BitstringStatusListCredential"},
		"issuer", issuer.DID().String(), "validFrom", "2026-11-21T08:30:00Z", "validUntil", "2026-11-28T08:30:00Z",
		"credentialSubject", o("id", url+"#list", "type", "BitstringStatusList", "statusPurpose", purpose,
			"encodedList", bitstring(set...)))
}

func list(by did.Signer, doc members, edits ...func(*credential.SignOptions)) string {
	so := credential.SignOptions{Created: now.Add(-30 * time.Minute)}
	for _, e := range edits {
		e(&so)
	}
	s, err := credential.SignJSON(ctx, by, []byte(doc.text()), so)
	Must(err)
	return s.Text()
}

// replace changes the first old in a text that must have one.
func replace(text, old, new string) string {
	if !strings.Contains(text, old) {
		Must(errors.New("the text does not contain " + old))
	}
	return strings.Replace(text, old, new, 1)
}

// withoutProof cuts the last member off a document, which is its proof.
func withoutProof(doc string) string {
	return doc[:strings.LastIndex(doc, `,"proof":`)] + "}"
}

func sha(text string) string { return multibase.Digest([]byte(text)) }
