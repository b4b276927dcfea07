//go:build mutants

package mutants

import "strings"

// judged are the folders of what a verifier decides by: what the reference tests
// speak of.
var judged = []string{
	"verify", "verify/ledger", "verify/bundle", "verify/policy", "passport", "credential", "credential/vcjwt",
	"statuslist", "did", "did/didweb",
	"internal/strictjson", "internal/jcs", "internal/datetime", "internal/decimal", "internal/jsonld", "internal/rdfc",
	"internal/onepath", "internal/multibase", "internal/profile",
}

// outOfScope are files of these folders in which nothing is decided about what a
// verifier is given, by the reason.
var outOfScope = scope(map[string]string{
	"it makes documents": `credential/{claims,marshal,sign,model}.go credential/vcjwt/sign.go
		passport/{clone,consent,delegate,encode,foreign,ids,issue,present,stated,template,warnings}.go
		statuslist/{dir,edition,entry_json,publish,publisher,publisheroptions,state}.go
		verify/bundle/{create,diff,inspect,store}.go did/{keypair,pem,publish,secret,signer}.go did/didweb/publish.go
		internal/strictjson/withmember.go`,
	"it keeps what was seen before, so that a second look is cheap": `credential/known.go
		statuslist/{cache,cache_run}.go did/{cache,memory}.go verify/{lists_memory,lists_quota,lists_table,proven}.go
		verify/ledger/{index,shards}.go`,
	"it fetches": `did/didweb/{client,fetch,resolver}.go statuslist/source.go`,
	"it tells people, hosts or logs what was decided": `passport/{json,mpp,actionname,money_text,money_units}.go
		verify/{budgets,context,evidence,explain,json,log,refusal,refuse,stats}.go
		did/redact.go statuslist/unverified.go`,
	"it is for documents of other profiles, which the kind dialect or the suites of the W3C try": `verify/dialect.go
		credential/{conformance,related}.go internal/jsonld/{emitter,maps}.go`,
})

// scope spreads lists of files, with braces as a shell has them.
func scope(by map[string]string) map[string]string {
	out := map[string]string{}
	for reason, list := range by {
		for _, word := range strings.Fields(list) {
			folder, rest, _ := strings.Cut(word, "{")
			names, end, many := strings.Cut(rest, "}")
			if !many {
				out[word] = reason
				continue
			}
			for _, name := range strings.Split(names, ",") {
				out[folder+name+end] = reason
			}
		}
	}
	return out
}
