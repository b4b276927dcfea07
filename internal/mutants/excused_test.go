//go:build mutants

package mutants

import "strings"

// places are functions whose surviving mutants are excused, by the reason. A line
// is a file and functions of it; a file alone is all of it.
var places = map[string]string{
	"what a host may configure or hand over in Go is no rule of the documents": `
		verify/config.go
		verify/quantity.go
		verify/settlement.go
		verify/rule.go check
		verify/operations.go askOperation
		verify/lists.go fetchList isSet
		verify/policy/attestations.go check
		verify/policy/scopes.go about offered
		verify/id.go name
		verify/policy/counts.go valid
		verify/policy/providers.go Rule
		verify/policy/trust.go Rule
		verify/policy/scopes.go NewScopeRegistry Operation
		internal/ledgerrules/reservation.go WellFormed
		verify/ledger/memory.go made
		verify/bundle/open.go check
		verify/bundle/bundle.go
		verify/bundle/marks.go
		verify/bundle/ends.go
		did/resolver.go
		did/document.go Key Parse
		did/publickey.go
		passport/permit.go Permits
		passport/decode.go read
		passport/act.go check Differs
		credential/check.go checkWith checkAll
		statuslist/encoding.go Decode
		statuslist/list.go
		statuslist/listcredential.go Credential`,
	"it chooses the words for people; the code is the same": `
		credential/check.go unsupported
		credential/decode.go describe failTypes
		credential/proof.go failWords
		internal/profile/check.go describe
		internal/strictjson/error.go
		internal/strictjson/value.go String
		internal/multibase/base58.go notBase58
		statuslist/otherforms.go
		verify/charges.go text
		verify/obligation.go Error
		verify/step2_anchor.go listed
		verify/step6_status.go stoppedDetail
		passport/action.go CheckAction
		passport/facet_texts.go orNone notEmpty
		passport/limit.go String beyond
		passport/money.go ParseAssetMoney ParseMoney String money
		passport/path.go noCountry
		passport/spend.go String`,
	"it makes, signs or publishes documents, or holds private keys": `
		credential/document.go SignDocument
		credential/vcjwt/format.go Seal
		did/didweb/host.go
		did/didweb/location.go NewDID
		did/ed25519.go ed25519Secret
		did/jwk.go ParsePrivateJWK
		passport/capability.go checkCapabilities
		passport/limit.go checkLimits
		passport/intent.go complete`,
	"it is for a canonicaliser or formats that a host brings": `
		credential/canonicalizer.go
		credential/longstring.go
		credential/format.go open`,
	"no context of the documents defines such terms; the suites of the W3C try them": `
		internal/jsonld/literal.go
		internal/jsonld/members.go
		internal/jsonld/object.go
		internal/jsonld/jsonld.go
		internal/profile/value.go
		internal/profile/check.go nested types typeIRI iri
		internal/rdfc/ndegree.go`,
	"the closed profile refuses it before or behind, with the same code": `
		credential/decode.go credential iri issuer objects text typed types
		credential/profile.go
		credential/presentation.go presentation credentials
		credential/proof.go proofs words word
		credential/parse.go
		credential/document.go documentRoot ParseDocument
		internal/profile/check.go Check
		passport/reader.go
		passport/decode.go envelope members subject
		passport/intent.go ReadIntentUnverified
		passport/spend.go check checkDecimals
		statuslist/subject.go
		statuslist/vcform.go
		statuslist/list2021.go`,
	"it is for presentations of other systems, or for a mistake of this library": `
		verify/step3_time.go time
		verify/pipeline.go decide`,
	"another check refuses it, too, with the same code": `
		internal/strictjson/number.go number
		internal/strictjson/parse.go
		internal/strictjson/text.go
		internal/multibase/base58.go DecodeBase58
		internal/multibase/multibase.go
		statuslist/encoding.go gunzip inflate base64 plainBase64
		statuslist/entry.go
		statuslist/entry_parse.go
		statuslist/purpose.go
		did/jwk.go jwkBytes jwkMembers jwkPurpose parseJWK
		did/keymethods.go
		did/method.go
		did/methodreader.go readMethod
		did/multikey.go
		did/document.go parseDocument skipped
		did/didweb/location.go locate
		did/url.go
		credential/vcjwt/token.go
		credential/vcjwt/format.go Open
		credential/vcjwt/header.go
		credential/proof.go appendSignature
		verify/bundle/decode.go bundle entry content
		verify/bundle/anchor.go anchor`,
}

var excusedPlaces = func() map[string]string {
	out := map[string]string{}
	for reason, list := range places {
		for _, line := range strings.Split(strings.TrimSpace(list), "\n") {
			words := strings.Fields(line)
			for _, function := range words[1:] {
				out[words[0]+" "+function] = reason
			}
			if len(words) == 1 {
				out[words[0]] = reason
			}
		}
	}
	return out
}()

// excuse says why a mutant may live; "" is no reason. The name of one that was
// made by machine begins with its file and function.
func excuse(name string) string {
	if reason := survivorReasons[name]; reason != "" {
		return reason
	}
	if reason := readSurvivors()[name]; reason != "" {
		return reason
	}
	place, _, _ := strings.Cut(name, ":")
	file, _, _ := strings.Cut(place, " ")
	if reason := excusedPlaces[place]; reason != "" {
		return reason
	}
	return excusedPlaces[file]
}
