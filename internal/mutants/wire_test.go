package mutants

func init() { mutants = append(mutants, wireMutants...) }

const (
	onTheWire = "examples/office/"
	ofWire    = "./examples/office"
)

// wireMutants are of the office over HTTP: who is known, and what is served once.
var wireMutants = []mutant{
	{
		"wire: what was issued stays when a code is used again", onTheWire + "grantexcodes.go",
		`	if r.Grant != "" { // else`, `	if false { // else`, ofWire, "TestReusedCodesAndRefreshTokens",
	},
	{
		"wire: a code shown while it is exchanged", onTheWire + "grantexcodes.go",
		"	if err == nil && r.Reused {", "	if false {", ofWire, "TestReusedBeforeThereIsAGrant",
	},
	{
		"wire: what was issued stays when a refresh token is used again", onTheWire + "grantexrefresh.go",
		"		if err := c.revokeFamily(g.ID); err != nil {", "		if err := error(nil); err != nil {", ofWire,
		"TestReusedCodesAndRefreshTokens",
	},
	{
		"wire: a verifier for a code without a challenge", onTheWire + "grantexcodes.go",
		`	case code.Challenge == "" && verifier != "":`, `	case false:`, ofWire, "TestG7Challenges",
	},
	{
		"wire: decisions on another tenant's passports", onTheWire + "aip1analytics.go",
		"store.Query{Agent: agent, Passport: p.ID}", "store.Query{Agent: agent}", ofWire, "TestA8Hourly",
	},
	{
		"wire: a key without a scheme", onTheWire + "system.go",
		`	if !strings.EqualFold(scheme, "Bearer") || strings.ContainsAny(token, " \t,") {
		return ""
	}`, `	if token == "" {
		return scheme
	}`, ofWire, "TestEveryCallAndEveryFault",
	},
	{
		"wire: a revoked key is published", onTheWire + "issuerkeys.go",
		"k.Status == registry.KeyRevoked ||", "false ||", ofWire, "TestKeySetsFollowTheOffice",
	},
	{
		"wire: a field that is there twice", onTheWire + "body.go",
		`	if len(h.Values("Idempotency-Key")) > 1 {`, `	if false {`, ofWire, "TestRawRequests",
	},
	{
		"wire: a list is made for each who asks", onTheWire + "grantexlist.go",
		"	if known != nil && s.current(ctx, known) {", "	if false && known != nil {", ofWire, "TestG12ListsAreMadeOnce",
	},
	{
		"wire: a code costs no more than any call", onTheWire + "rates.go",
		"			return classAuthorize", "			return classGrantex", ofWire, "TestA16GrantexLimits",
	},
}
