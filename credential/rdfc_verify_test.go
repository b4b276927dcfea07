package credential_test

import (
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/piprate/json-gold/ld"
	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/internal/contexts"
	"github.com/safeconduct/safeconduct/internal/multibase"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// shown is a passport and a presentation of it, both signed with
// eddsa-rdfc-2022, in the hands of somebody who may write the JSON anew. The
// agent is the attacker: it can also sign what it made of the passport.
type shown struct {
	*verifytest.World
	good string
}

func newShown(t *testing.T, edits ...func(*passport.Passport)) shown {
	w := verifytest.NewWorld(t)
	pass, err := passport.Issue(context.Background(), w.Issuer, w.Passport(edits...), passport.IssueOptions{Now: w.Clock.Now, Suite: credential.SuiteRDFC})
	require.NoError(t, err)
	s := shown{w, string(w.Present(pass, w.Intent(), func(o *passport.PresentOptions) { o.Suite = credential.SuiteRDFC }))}
	require.NoError(t, s.decide(t, s.good))
	require.NoError(t, s.decide(t, s.again(t, s.good)))
	return s
}

// decide is the public verify call.
func (s shown) decide(t *testing.T, presented string) error {
	_, err := s.Verifier().Verify(context.Background(), []byte(presented), s.Request())
	return err
}

// again has the agent sign a presentation once more, with eddsa-jcs-2022 and
// without asking whether it should.
func (s shown) again(t *testing.T, presented string) string {
	t.Helper()
	cx := mustValue(t, presented).Get("@context").Raw()
	options := mustValue(t, presented).Get("proof").Raw()
	options = edit(t, options, "/proofValue", "")
	options = edit(t, options, "/cryptosuite", `"eddsa-jcs-2022"`)
	if cx != "" {
		options = edit(t, options, "/@context", cx)
	}
	presented = edit(t, presented, "/proof", "")
	sum, err := credential.HashJCS(presented, options)
	require.NoError(t, err)
	value := multibase.EncodeBase58(ed25519.Sign(s.Agent.PrivateKey().(ed25519.PrivateKey), sum))
	return edit(t, presented, "/proof", edit(t, options, "/proofValue", `"z`+value+`"`))
}

// structural are the codes of what is refused for what it is, before anybody
// looks at a signature.
var structural = []code.Code{code.EnvelopeDataLoss, code.EnvelopeMalformed, code.EnvelopeContext, code.EnvelopeUnsupported, code.EnvelopeTooLarge}

func (s shown) refused(t *testing.T, presented string) {
	t.Helper()
	require.NotEqual(t, s.good, presented)
	for how, doc := range map[string]string{"as it is": presented, "signed again by the agent": s.again(t, presented)} {
		err := s.decide(t, doc)
		require.Error(t, err, how)
		require.True(t, slices.ContainsFunc(structural, func(c code.Code) bool { return errors.Is(err, c) }), "%s: %v", how, err)
	}
}

const inPassport = "/verifiableCredential/0"

// change is one edit of a presentation: what stands at a JSON pointer (a new
// member, or "/-" to append).
type change struct{ name, pointer, raw string }

func (s shown) refusedEach(t *testing.T, changes []change) {
	for _, c := range changes {
		t.Run(c.name, func(t *testing.T) { s.refused(t, edit(t, s.good, c.pointer, c.raw)) })
	}
}

const (
	subject     = inPassport + "/credentialSubject"
	ourContexts = `"https://www.w3.org/ns/credentials/v2","https://w3id.org/safeconduct/v1"`
)

// inline is the passport's @context with an object of one's own behind it.
func inline(object string) string { return `[` + ourContexts + `,` + object + `]` }

// lossCodes are the events that jsonld.js refuses in safe mode
// (lib/events.js): what would be dropped from the RDF, and so from the
// signature. Each has a document in which it would happen.
var lossCodes = []change{
	{"empty object", inPassport + "/evidence", `{}`},
	{"free-floating scalar", inPassport + "/@graph", `["free"]`},
	{"invalid @language value", inPassport + "/name", `{"@value":"x","@language":"not a language"}`},
	{"invalid property", subject + "/evil", `"x"`},
	{"null @id value", inPassport + "/evidence", `{"id":null,"type":"AIAgent"}`},
	{"null @value value", inPassport + "/name", `{"@value":null}`},
	{"object with only @id", inPassport + "/@graph", `[{"@id":"urn:x:y"}]`},
	{"object with only @language", inPassport + "/name", `{"@language":"en"}`},
	{"object with only @list", inPassport + "/@graph", `[{"@list":["x"]}]`},
	{"object with only @value", inPassport + "/@graph", `[{"@value":"x"}]`},
	{"relative @id reference", inPassport + "/evidence", `{"id":"relative","type":"AIAgent"}`},
	{"relative @type reference", inPassport + "/evidence", `{"type":["AIAgent","relative"]}`},
	{"relative @vocab reference", inPassport + "/@context", inline(`{"@vocab":"relative"}`)},
	{"reserved @id value", inPassport + "/evidence", `{"id":"@reserved","type":"AIAgent"}`},
	{"reserved @reverse value", inPassport + "/@context", inline(`{"x":{"@reverse":"@reserved"}}`)},
	{"reserved term", inPassport + "/@context", inline(`{"@reserved":"urn:x:y"}`)},
	{"blank node predicate", subject + "/_:p", `"x"`},
	{"relative graph reference", inPassport + "/evidence", `{"@id":"relative","@graph":[{"name":"x"}]}`},
	{"relative object reference", subject + "/organizationDID", `"relative"`},
	{"relative predicate reference", subject + "/relative~1p", `"x"`},
	{"relative subject reference", inPassport + "/evidence", `{"id":"./relative","type":"AIAgent","name":"x"}`},
	{"rdfDirection not set", inPassport + "/name", `{"@value":"x","@direction":"up"}`},
}

func TestCAN09LossCodes(t *testing.T) {
	require.Len(t, lossCodes, 22)
	newShown(t).refusedEach(t, lossCodes)
}

// A text with a base direction is no loss here, it is a literal of its own
// (the 22nd code): so it cannot be added, nor taken away.
func TestDirectionIsSigned(t *testing.T) {
	s := newShown(t)
	require.ErrorIs(t, s.decide(t, s.again(t,
		edit(t, s.good, subject+"/name", `{"@value":"test agent","@direction":"rtl"}`))), code.EnvelopeMalformed, "a passport's name is plain text")
	text := edit(t, full(t), "/name", `{"@value":"A credential","@direction":"rtl"}`)
	signed := signed(t, text, credential.SignOptions{Suite: credential.SuiteRDFC}).Text()
	require.NoError(t, holds(signed))
	requireCode(t, code.ProofInvalid, holds(edit(t, signed, "/name", `{"@value":"A credential","@direction":"ltr"}`)))
	requireCode(t, code.ProofInvalid, holds(edit(t, signed, "/name", `{"@value":"A credential"}`)))
}

// What another processor drops without a word, so
// that the signature stays good. CAN-10, CAN-11, CAN-12, CAN-13, CAN-16.
func TestCAN10DroppedByOthers(t *testing.T) {
	long := "https://a.example/" + strings.Repeat("x", 2083)
	s := newShown(t)
	s.refusedEach(t, []change{
		{"relative IRI as a value", subject + "/consent", `"rel"`},
		{"node of a malformed id with claims under it", inPassport + "/evidence", `{"id":"http://-bad-/x","type":"AIAgent","role":"admin"}`},
		{"long IRI", inPassport + "/evidence", `{"id":"` + long + `","type":"AIAgent"}`},
		{"long IRI as a value", subject + "/organizationDID", `"` + long + `"`},
		{"http predicate that a regex does not know", subject + "/http:~1~1-bad-~1p", `"x"`},
		{"good http predicate", subject + "/https:~1~1a.example~1p", `"x"`},
		{"bad language tag", inPassport + "/description", `{"@value":"x","@language":"a b"}`},
		{"bad datatype IRI", inPassport + "/description", `{"@value":"x","@type":"a b"}`},
		{"blank node predicate", subject + "/_:p", `"x"`},
		{"key :x", subject + "/:x", `"x"`},
		{"empty key", subject + "/", `"x"`},
		{"null", subject + "/role", `null`},
		{"empty array", subject + "/payees", `[]`},
		{"empty array of objects", subject + "/timeWindows", `[]`},
		{"null in an array", subject + "/payees", `[null]`},
	})
	for _, keyword := range []string{"@index", "@nest", "@included", "@reverse", "@graph", "@set", "@value", "@id",
		"@type", "@list", "@language", "@direction", "@context", "@base", "@vocab", "@evil", "@json"} {
		for _, at := range []string{inPassport, subject, subject + "/maxTransactionAmount"} {
			if keyword == "@context" && at == inPassport {
				continue
			}
			for _, raw := range []string{`"urn:x:y"`, `{"role":"x"}`} {
				t.Run(fmt.Sprintf("CAN-13 %s at %s: %s", keyword, at, raw), func(t *testing.T) { s.refused(t, edit(t, s.good, at+"/"+keyword, raw)) })
			}
		}
	}
}

// The RDF stays the same and the JSON says something else.
func TestRenamedTerms(t *testing.T) {
	s := newShown(t)
	amount := mustValue(t, s.good).Get("intent").Get("transactionAmount").Raw()
	limit := `{"amount":"50.00","currency":"USD"}`
	s.refusedEach(t, []change{
		{"scalar as an array", subject + "/maxTransactionAmount/amount", `["50.00"]`},
		{"object as an array", subject + "/maxTransactionAmount", `[` + limit + `]`},
		{"name as an array", subject + "/name", `["test agent"]`},
		{"scalar as a value object", subject + "/name", `{"@value":"test agent"}`},
		{"agent's type as @type", subject + "/@type", `"AIAgent"`},
		{"set doubled", subject + "/paymentRails", `["tempo","tempo"]`},
		{"set as @set", subject + "/paymentRails", `{"@set":["tempo"]}`},
		{"IRI as an object", subject + "/humanPrincipal", `{"id":"mailto:ada@example.org"}`},
		{"IRI as an array", subject + "/humanPrincipal", `["mailto:ada@example.org"]`},
		{"alias by an inline context", inPassport + "/@context", inline(`{"limit":"https://w3id.org/safeconduct#maxTransactionAmount"}`)},
		{"term undone by an inline context", inPassport + "/@context", inline(`{"maxTransactionAmount":null}`)},
		{"context in the subject", subject + "/@context", `{"limit":"https://w3id.org/safeconduct#maxTransactionAmount"}`},
		{"context in the proof", inPassport + "/proof/@context", `{"limit":"urn:x:y"}`},
		{"intent's amount as an array", "/intent/transactionAmount", `[` + amount + `]`},
	})
	for name, presented := range map[string]string{
		"term as its full IRI":          rename(t, s.good, subject, "maxTransactionAmount", "https://w3id.org/safeconduct#maxTransactionAmount"),
		"term as a compact IRI":         rename(t, s.good, subject, "maxTransactionAmount", "safeconduct:maxTransactionAmount"),
		"intent's term as its full IRI": rename(t, s.good, "/intent", "transactionAmount", "https://w3id.org/safeconduct#transactionAmount"),
		"@type for type":                rename(t, s.good, subject, "type", "@type"),
		"@id for id":                    rename(t, s.good, subject, "id", "@id"),
		"renamed under an alias": rename(t, edit(t, s.good, inPassport+"/@context", inline(`{"limit":"https://w3id.org/safeconduct#maxTransactionAmount"}`)),
			subject, "maxTransactionAmount", "limit"),
		"no context":    edit(t, s.good, inPassport+"/@context", ""),
		"expanded form": edit(t, s.good, inPassport, expanded(t, mustValue(t, s.good).Get("verifiableCredential").Raw())),
	} {
		t.Run(name, func(t *testing.T) { s.refused(t, presented) })
	}
	// A set has no order: the same decision, whatever the order.
	for pointer, raw := range map[string]string{
		subject + "/capabilities": `[{"action":"data.*"},{"action":"payments.charge"}]`,
		inPassport + "/type":      `["AgentPassportCredential","VerifiableCredential"]`,
	} {
		reordered := edit(t, s.good, pointer, raw)
		require.NoError(t, s.decide(t, reordered), pointer)
		require.NoError(t, s.decide(t, s.again(t, reordered)), pointer)
	}
}

// expanded rewrites a list of one document without terms and @context.
func expanded(t *testing.T, list string) string {
	var docs []any
	require.NoError(t, json.Unmarshal([]byte(list), &docs))
	o := ld.NewJsonLdOptions("")
	o.ProcessingMode, o.DocumentLoader = ld.JsonLd_1_1, embedded{}
	out, err := ld.NewJsonLdProcessor().Expand(docs[0], o)
	require.NoError(t, err)
	raw, err := json.Marshal(out[0])
	require.NoError(t, err)
	return string(raw)
}

type embedded struct{}

func (embedded) LoadDocument(url string) (*ld.RemoteDocument, error) {
	for _, s := range contexts.Sources() {
		if s.URL == url {
			var doc any
			err := json.Unmarshal([]byte(s.Text), &doc)
			return &ld.RemoteDocument{DocumentURL: url, Document: doc}, err
		}
	}
	return nil, errors.New("not embedded: " + url)
}

// CAN-32: objects that share an id. RDF makes them one, so that members move
// from one to the other under a good signature; the document is refused as it
// was signed, too.
func TestCAN32SharedIDs(t *testing.T) {
	s := newShown(t)
	entries := mustValue(t, s.good)
	for i := range entries.Get("verifiableCredential").Items() {
		entries = i.Get("credentialStatus")
	}
	var list []map[string]any
	require.NoError(t, json.Unmarshal([]byte(entries.Raw()), &list))
	list[0]["id"], list[1]["id"] = "urn:x:same", "urn:x:same"
	text := func(v any) string {
		raw, err := json.Marshal(v)
		require.NoError(t, err)
		return string(raw)
	}
	issue := func(edits ...string) string { // by an issuer who does not look
		pass := edit(t, s.good, inPassport+"/proof", "")
		for i := 0; i+1 < len(edits); i += 2 {
			pass = edit(t, pass, inPassport+edits[i], edits[i+1])
		}
		unsigned := ""
		for doc := range mustValue(t, pass).Get("verifiableCredential").Items() {
			unsigned = doc.Raw()
		}
		signed, err := credential.SignJSON(context.Background(), s.Issuer, []byte(unsigned),
			credential.SignOptions{Suite: credential.SuiteRDFC, Profile: credential.Conformance})
		require.NoError(t, err)
		return edit(t, s.good, inPassport, signed.Text())
	}
	statuses := issue("/credentialStatus", text(list))
	swapped := []map[string]any{{}, {}}
	for i := range list {
		for name, v := range list[i] {
			swapped[i][name] = v
		}
	}
	swapped[0]["statusListIndex"], swapped[1]["statusListIndex"] = list[1]["statusListIndex"], list[0]["statusListIndex"]
	swapped[0]["statusListCredential"], swapped[1]["statusListCredential"] = list[1]["statusListCredential"], list[0]["statusListCredential"]
	issuer := issue("/issuer", `{"id":"`+s.Agent.DID().String()+`","name":"x"}`)
	for name, presented := range map[string]string{
		"two entries":                          statuses,
		"two entries, members moved":           edit(t, statuses, inPassport+"/credentialStatus", text(swapped)),
		"issuer is the subject":                issuer,
		"issuer is the subject, members moved": edit(t, issuer, inPassport+"/issuer", `{"id":"`+s.Agent.DID().String()+`","description":"x"}`),
		"subject twice":                        edit(t, s.good, subject, `[`+subjectOf(t, s.good)+`,`+subjectOf(t, s.good)+`]`),
		"subject in two objects": edit(t, s.good, subject, `[`+
			edit(t, subjectOf(t, s.good), "/maxTransactionAmount", "")+`,{"id":"`+s.Agent.DID().String()+
			`","maxTransactionAmount":{"amount":"50.00","currency":"USD"},"type":"AIAgent"}]`),
		"intent shares its id with the passport": edit(t, s.good, "/intent/id", `"did:web:shop.example"`),
	} {
		t.Run(name, func(t *testing.T) {
			if name == "intent shares its id with the passport" {
				require.Error(t, s.decide(t, presented))
				return
			}
			s.refused(t, presented)
		})
	}
	require.NoError(t, s.decide(t, s.again(t,
		edit(t, s.good, inPassport+"/credentialStatus",
			text([]any{json.RawMessage(text(listOf(t, entries)[1])), json.RawMessage(text(listOf(t, entries)[0]))})))), "reversed: the same decision")
}

func listOf(t *testing.T, v credential.Value) (out []any) {
	require.NoError(t, json.Unmarshal([]byte(v.Raw()), &out))
	return out
}

func subjectOf(t *testing.T, presented string) string {
	for doc := range mustValue(t, presented).Get("verifiableCredential").Items() {
		return doc.Get("credentialSubject").Raw()
	}
	t.Fatal("no credential")
	return ""
}

// CAN-19, CAN-20: values of JSON members and numbers are under the signature.
func TestCAN19JSONMembers(t *testing.T) {
	s := newShown(t, func(p *passport.Passport) {
		p.Authority.Limits = []passport.Limit{passport.MaxOf("tokens", 100_000), passport.Allow("streaming")}
	})
	limits := mustValue(t, subjectOf(t, s.good)).Get("limits")
	require.True(t, limits.Exists())
	for _, to := range []string{"100001", `"100000"`, "1e5", "100000.0000000001", "9007199254740993"} {
		changed := strings.Replace(s.good, "100000", to, 1)
		require.NotEqual(t, s.good, changed)
		require.Error(t, s.decide(t, changed), to)
		require.Error(t, s.decide(t, s.again(t, changed)), to)
	}
}
