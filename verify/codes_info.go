package verify

import "strings"

// Info is what there is to know about a code.
type Info struct {
	Code         Code
	HTTP         int    // status for a refusal with this primary code
	Undetermined bool   // "could not find out" rather than "no"
	Passing      bool   // a denial that can pass by itself; Violation.Until says when, if that is known
	Meaning      string // one line for people
	Remedy       string // what the agent, or whoever sends it, can do about it: one line

	// Names that other systems have for the same thing; none where they have
	// no such thing.
	AIP1    string   // number of the AIP-1 error, "E100"; see AIP1Error
	OAP     []string // OAP denial codes, without the prefix "oap."
	Grantex []string
	W3C     []string // the last part of the error's URL

	// AIP1Near says that AIP-1 has no word for this: the number is only of the
	// nearest group, and would be untrue by itself.
	AIP1Near bool
}

// AIP1Error returns the error as AIP-1 writes it: "AIP-E202" and
// "MONETARY_LIMIT". Where AIP-1 has no word for a code it is the nearest group,
// "AIP-E2", with our code in place of the name; it is never empty.
func (i *Info) AIP1Error() (code, name string) {
	if i.AIP1Near {
		return "AIP-" + i.AIP1[:2], string(i.Code)
	}
	return "AIP-" + i.AIP1, aip1Names[i.AIP1]
}

// aip1Names are the names of the 27 errors of AIP-1.
var aip1Names = map[string]string{
	"E100": "INVALID_SIGNATURE", "E101": "EXPIRED_ENVELOPE", "E102": "REPLAY_DETECTED", "E103": "SCHEMA_INVALID",
	"E104": "VERSION_UNSUPPORTED", "E105": "NONCE_INVALID",
	"E200": "ACTION_NOT_ALLOWED", "E201": "ACTION_DENIED", "E202": "MONETARY_LIMIT", "E203": "TIME_WINDOW_VIOLATION",
	"E204": "GEO_RESTRICTION",
	"E300": "MODEL_HASH_MISMATCH", "E301": "PROMPT_HASH_MISMATCH", "E302": "FRAMEWORK_UNREGISTERED",
	"E303": "INTENT_DRIFT",
	"E400": "AGENT_REVOKED", "E401": "AGENT_SUSPENDED", "E402": "PRINCIPAL_REVOKED", "E403": "DELEGATION_INVALID",
	"E404": "TRUST_SCORE_LOW", "E405": "MANDATE_REQUIRED", "E406": "MANDATE_INVALID", "E407": "MANDATE_EXPIRED",
	"E408": "MANDATE_SUBJECT_MISMATCH",
	"E500": "MESH_UNAVAILABLE", "E501": "REVOCATION_STALE", "E502": "HANDSHAKE_TIMEOUT",
}

var byCode = func() map[Code]int {
	m := make(map[Code]int, len(table))
	for i := range table {
		m[table[i].Code] = i
	}
	return m
}()

// Codes returns every code with its meaning, in the order of the steps.
func Codes() []Info { return append([]Info(nil), table[:]...) }

// Lookup returns what there is to know about a code; false if it is none of
// this vocabulary. A word that a host's [Rule] has coined, "policy." and lower
// case words joined by "_", at most 64 bytes, is what policy.denied is.
func Lookup(c Code) (Info, bool) {
	i, ok := byCode[c]
	if !ok {
		if !coined(c) {
			return Info{}, false
		}
		info := table[byCode[PolicyDenied]]
		info.Code = c
		return info, true
	}
	return table[i], true
}

// coined reports whether a code has the form of a rule's own word.
func coined(c Code) bool {
	words, ok := strings.CutPrefix(string(c), "policy.")
	if !ok || len(c) > 64 {
		return false
	}
	for word := range strings.SplitSeq(words, "_") {
		if word == "" || strings.Trim(word, "abcdefghijklmnopqrstuvwxyz") != "" {
			return false
		}
	}
	return true
}

// undetermined reports whether a code means "could not find out". A word that
// is not in the table is a fault of this library and refuses.
func undetermined(c Code) bool {
	info, ok := Lookup(c)
	return ok && info.Undetermined
}

// passing reports whether a denial with this code can pass by itself.
func passing(c Code) bool {
	info, ok := Lookup(c)
	return ok && info.Passing
}
