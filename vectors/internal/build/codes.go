package build

import (
	"fmt"

	"github.com/safeconduct/safeconduct/verify"
)

func codes(m *maker) {
	g := m.group("code", "code", "Codes: what they mean to others.")
	g.rule = "P-45"
	for _, info := range verify.Codes() {
		g.good(string(info.Code), object{"code": string(info.Code)})
	}
	for _, c := range []string{"", "envelope", "status.REVOKED", "nonsense", "oap.allowed"} {
		g.bad(fmt.Sprintf("no code %q", c), "status.revoked", none, object{"code": c})
	}
}
