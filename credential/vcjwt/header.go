package vcjwt

import (
	"errors"
	"strconv"
	"strings"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/internal/strictjson"
)

// readHeader reads the protected header, a closed schema, and returns its kid
// and alg.
func readHeader(text, typ string, kind credential.Kind) (kid string, alg did.Algorithm, err error) {
	caps := bounds.JSON(bounds.JWTHeaderBytes)
	h, err := strictjson.Parse(text, caps)
	if err != nil {
		c := code.EnvelopeMalformed
		if e := (*strictjson.Error)(nil); errors.As(err, &e) && e.Limit != "" {
			c = code.EnvelopeTooLarge
		}
		return "", 0, &credential.Error{Code: c, Detail: "the header of a token", Err: err}
	}
	// What is not an object has no members, and is refused below because it has no alg.
	for name, v := range h.Members() {
		switch name {
		case "alg", "typ", "kid": // below, because they must be there
		case "cty":
			if v.Str() != string(kind) {
				return "", 0, refuse(code.EnvelopeMalformed, "cty is %.40s, want %q or none", v.Raw(), string(kind))
			}
		case "crit", "b64", "zip":
			// RFC 7515 section 4.1.11, RFC 7797, RFC 7516 section 4.1.3.
			return "", 0, refuse(code.ProofTransformation, "a token with %s is not read: no extension is known", name)
		case "jwk", "jku", "x5u", "x5c", "x5t", "x5t#S256":
			return "", 0, refuse(code.ProofKeyNotAuthorized, "%s: the key of a token is found by its kid and never taken from the token", name)
		case "iss", "sub", "aud":
			return "", 0, refuse(code.EnvelopeMalformed, "the claim %s is in the header; it belongs in the payload only", name)
		default:
			return "", 0, refuse(code.EnvelopeMalformed, "%.80q is not a member of the header, want alg, typ, kid and at most cty", name)
		}
	}
	if alg = algorithm(h.Get("alg").Str()); alg == 0 {
		return "", 0, refuse(code.ProofTransformation, "alg is %s, want %s", shown(h.Get("alg")), algorithmNames())
	}
	// A presentation read as a credential is what typ is there to prevent, so
	// there is no other spelling: not "JWT", no case, no "application/".
	if v := h.Get("typ"); v.Str() != typ {
		return "", 0, refuse(code.EnvelopeMalformed, "typ is %s, want %q", shown(v), typ)
	}
	v := h.Get("kid")
	if _, err := did.ParseURL(v.Str()); err != nil {
		return "", 0, &credential.Error{Code: code.ProofKeyNotAuthorized, Detail: "kid is " + shown(v) + ", want the DID URL of a key", Err: err}
	}
	return v.Str(), alg, nil
}

// algorithm returns the algorithm with this name in a header; 0 for others.
func algorithm(name string) did.Algorithm {
	for _, a := range algorithms {
		if a.JOSE() == name {
			return a
		}
	}
	return 0
}

var algorithms = did.Algorithms()

func algorithmNames() string {
	var list []string
	for _, a := range algorithms {
		list = append(list, strconv.Quote(a.JOSE()))
	}
	return strings.Join(list, " or ")
}

// usualHeader recognises the one text that [format.Seal] writes. It accepts
// nothing that readHeader would not: what stands between the fixed parts is the
// text of a DID URL, which has no quote and no backslash, and so is the whole of
// the string. It saves parsing four words of JSON for every token.
func usualHeader(text, typ string) (kid string, alg did.Algorithm, ok bool) {
	rest, ok1 := strings.CutPrefix(text, `{"alg":"`)
	name, kid, ok2 := strings.Cut(rest, `","kid":"`)
	kid, ok3 := strings.CutSuffix(kid, `"}`)
	kid, ok4 := strings.CutSuffix(kid, typ)
	kid, ok5 := strings.CutSuffix(kid, `","typ":"`)
	if alg = algorithm(name); !ok1 || !ok2 || !ok3 || !ok4 || !ok5 || alg == 0 {
		return "", 0, false
	}
	_, err := did.ParseURL(kid)
	return kid, alg, err == nil
}

// shown is the value for an error message, cut to 40 bytes or so.
func shown(v credential.Value) string {
	if !v.Exists() {
		return "absent"
	}
	if s := v.Raw(); len(s) <= 40 {
		return s
	}
	return v.Raw()[:40] + "…"
}
