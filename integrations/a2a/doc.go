// Package verifya2a carries passports over Agent2Agent (A2A): a [Guard], which lets a
// call through to an agent only if the caller may do what it means, and a [Presenter],
// with which the caller shows its passport with each call. Both are call interceptors
// of a2a-go.
//
//	guard, err := verifya2a.New(verifya2a.Config{
//		Verifier: verifier,
//		Audience: "did:web:shop.example",
//		Skills: map[string]verifya2a.Call{
//			"charge": {Action: "payments.charge", Amount: "/message/parts/0/data/amount", Currency: "USD"},
//		},
//	})
//	handler := a2asrv.NewHandler(executor, a2asrv.WithCallInterceptor(guard))
//
// # What travels
//
// The extension is named by [URI]; what belongs to it is in metadata, under keys that
// begin with it. The metadata of the params has the presentation. The metadata of a
// message names its skill. intent.bodyDigest is the digest of the JCS form (RFC 8785) of
//
//	{"method": "message/send", "params": <the params>}
//
// where the metadata of the params is without [KeyPresentation] and [KeyWantReceipt],
// and is left out if nothing else is in it. message/stream counts as message/send, for
// clients that fall back to it.
//
// Members that are empty are left out of what is bound, but for those in data and metadata:
// a2a-go leaves them out when it reads. Clients of other languages do not send them.
//
// A refusal is an error of the protocol. Its text, which JSON-RPC has in data.error, ends with a line that has
// [KeyRefusal], a space, and JSON: {"refusal": <the problem of package verifyhttp>,
// "receipt": …}. a2a-go carries no other data in an error.
package verifya2a

import "github.com/a2aproject/a2a-go/a2a"

// URI names the extension; the keys are those of metadata.
const (
	URI = "https://safeconduct.github.io/a2a/passport/v1"

	KeyPresentation = URI + "/presentation" // of params: the text of the presentation
	KeyWantReceipt  = URI + "/want-receipt" // of params: true
	KeySkill        = URI + "/skill"        // of a message: the ID of the skill that is asked for
	KeyReceipt      = URI + "/receipt"      // of a result: text and proof
	KeyRefusal      = URI + "/refusal"      // in the text of an error
)

// Extension is what an Agent Card says of a guarded agent, in its capabilities.
func Extension() a2a.AgentExtension {
	return a2a.AgentExtension{URI: URI, Required: true, Description: "calls need an agent's passport"}
}

// SetSkill names the skill that a message asks for.
func SetSkill(m *a2a.Message, id string) *a2a.Message {
	m.Metadata = with(m.Metadata, KeySkill, id)
	return m
}

// Skill returns the skill that a message asks for; empty if none. An executor must do
// that skill and no other: it is what was allowed.
func Skill(m *a2a.Message) string {
	if m == nil {
		return ""
	}
	id, _ := m.Metadata[KeySkill].(string)
	return id
}
