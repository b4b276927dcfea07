package passport

import (
	"strconv"
	"time"

	"github.com/safeconduct/safeconduct/internal/code"
)

// Permits judges an act by the conjunction of the authorities of a chain, root
// first, and returns every reason against it; none means that nothing in the
// stated authorities is in the way. A nil link allows nothing. Budgets over
// time and rates are the ledger's business, and assurance that of the
// verifier's configuration; neither is judged here. The audience is who is
// asked to act, the instant is what time windows are judged by.
//
// The errors have codes of the group authority, or request.invalid if the act
// itself is malformed: then nothing else is judged.
// Their paths are relative to the chain: "/<link>/<member>".
func Permits(chain []*Authority, act *Act, audience string, at time.Time) []*Error {
	if err := act.check(); err != nil {
		return []*Error{err}
	}
	if len(chain) == 0 {
		return []*Error{{Code: code.AuthorityActionNotAllowed, Detail: "there is no authority", Actual: act.Action}}
	}
	for i, a := range chain {
		if a == nil {
			return []*Error{{Code: code.AuthorityActionNotAllowed, Path: "/" + strconv.Itoa(i), Detail: "the link has no authority", Actual: act.Action}}
		}
	}
	return question{chain, act, audience, at}.judge()
}

// deny adds a reason against the act, about a member of a link.
func (q question) deny(reasons []*Error, c code.Code, link int, member, detail, limit, actual string) []*Error {
	return append(reasons, &Error{Code: c, Path: "/" + strconv.Itoa(link) + "/" + member, Detail: detail, Limit: limit, Actual: actual})
}
