package mutants

import "strings"

// adapterMutants are of the adapters in integrations/, each of which is a module of its own.
// Most of them die in the table that all adapters play: internal/adaptertest.
func init() {
	for _, m := range adapterMutants {
		folder, _, _ := strings.Cut(strings.TrimPrefix(m.file, "integrations/"), "/")
		m.name, m.pkg = folder+": "+m.name, "./integrations/"+folder
		mutants = append(mutants, m)
	}
}

const (
	ofMCP     = "integrations/mcp/"
	ofGRPC    = "integrations/grpc/"
	ofA2A     = "integrations/a2a/"
	ofHTTPSig = "integrations/httpsig/"
	ofKMS     = "integrations/kms/"
	ofCedar   = "integrations/cedar/"
	ofOTel    = "integrations/otel/"
	table     = "TestAdapter"
)

var adapterMutants = []mutant{
	// Model Context Protocol.
	{name: "an undeclared tool runs", file: ofMCP + "calls.go", old: "	if !declared {", new: "	if false && !declared {", test: table},
	{name: "a call without a passport is asked about", file: ofMCP + "guard.go",
		old: `	case shown.text == "":`, new: `	case false:`, test: "TestStockClient"},
	{name: "what is shown need not be a text", file: ofMCP + "guard.go",
		old: "	case shown.bad:", new: "	case false:", test: "TestToolsCall"},
	{name: "arguments are not bound", file: ofMCP + "guard.go",
		old: "q.Audience, q.BodyDigest, q.AcceptRepeat = g.c.Audience, digest, false",
		new: "q.Audience, q.BodyDigest, q.AcceptRepeat = g.c.Audience, \"\", len(digest) == 0", test: table},
	{name: "the host's question names the audience", file: ofMCP + "guard.go",
		old:  "q.Audience, q.BodyDigest, q.AcceptRepeat = g.c.Audience, digest, false",
		new:  "q.BodyDigest, q.AcceptRepeat = digest, false\n	if q.Audience == \"\" {\n		q.Audience = g.c.Audience\n	}",
		test: "TestAsk"},
	{name: "the tool runs though it is refused", file: ofMCP + "guard.go",
		old: "		if err != nil {\n			return g.refuse(method, d, err, receipt)",
		new: "		if false {\n			return g.refuse(method, d, err, receipt)", test: table},
	{name: "the tool sees the presentation", file: ofMCP + "guard.go",
		old: "		delete(p.rest, MetaPresentation)\n", new: "", test: "TestToolsCall"},
	{name: "a number that readers read differently", file: ofMCP + "calls.go",
		old: "	case v.InexactNumber().Exists():", new: "	case false:", test: "TestDoubtfulArguments"},
	{name: "an error after money has moved gives it back", file: ofMCP + "guard.go",
		old: "		return verify.OutcomeUnknown", new: "		return verify.NotDone", test: "TestSettling"},
	{name: "every method is open", file: ofMCP + "guard.go",
		old: `		case g.open[method], strings`, new: `		case method != methodCall, strings`, test: "TestMethods"},
	{name: "a revoked passport lists tools", file: ofMCP + "list.go",
		old: "		if step.Outcome != verify.Passed &&", new: "		if false &&", test: "TestToolsList"},
	{name: "another server is shown the passport", file: ofMCP + "present.go",
		old: "p.to.Load() != session {", new: "false {", test: "TestOneServer"},

	// gRPC.
	{name: "an undeclared method runs", file: ofGRPC + "methods.go", old: "	case !declared:", new: "	case false && !declared:",
		test: table},
	{name: "a message is taken for a stream", file: ofGRPC + "methods.go",
		old: "	case (message == nil) != method.ClientStream:", new: "	case false:", test: "TestStreams"},
	{name: "the message is not bound", file: ofGRPC + "guard.go",
		old: "q.Audience, q.BodyDigest, q.AcceptRepeat = g.c.Audience, digest, false",
		new: "q.Audience, q.BodyDigest, q.AcceptRepeat = g.c.Audience, \"\", len(digest) == 0", test: table},
	{name: "the method is not bound", file: ofGRPC + "methods.go",
		old: "`\"method\":%q}`, name)", new: "`\"method\":%q}`, \"\")", test: "TestUnary"},
	{name: "a field that nobody knows here", file: ofGRPC + "methods.go",
		old: "if err := known(p.ProtoReflect(), deepest); err != nil {",
		new: "if err := known(p.ProtoReflect(), deepest); err != nil && p == nil {", test: "TestUnknownFields"},
	{name: "the method runs though it is refused", file: ofGRPC + "guard.go",
		old: "	if err != nil {\n		return nil, err\n	}\n	answer, err", new: "	answer, err", test: table},
	{name: "two presentations", file: ofGRPC + "guard.go",
		old: "	case 1:\n		return ctx, []byte(values[0])", new: "	default:\n		return ctx, []byte(values[0])",
		test: "TestUnary"},
	{name: "the method sees the presentation", file: ofGRPC + "guard.go",
		old: "	md.Delete(KeyPassport)\n", new: "", test: "TestUnary"},
	{name: "a stream answers before it was decided", file: ofGRPC + "stream.go",
		old: "	case s.d == nil:\n		return s.decide(nil)\n	}\n	return nil", new: "	}\n	return nil",
		test: "TestNothingIsAnsweredBefore"},
	{name: "a passport in clear text", file: ofGRPC + "present.go",
		old: "{ return c.secure }", new: "{ return false }", test: "TestTransportSecurity"},
	{name: "an error after money has moved gives it back", file: ofGRPC + "guard.go",
		old: "	return verify.OutcomeUnknown", new: "	return verify.NotDone", test: "TestSettling"},

	// A2A.
	{name: "an undeclared skill runs", file: ofA2A + "calls.go", old: "	if !declared {", new: "	if false && !declared {", test: table},
	{name: "the message is not bound", file: ofA2A + "guard.go",
		old: "q.Audience, q.BodyDigest, q.AcceptRepeat = g.c.Audience, digest, false",
		new: "q.Audience, q.BodyDigest, q.AcceptRepeat = g.c.Audience, \"\", len(digest) == 0", test: table},
	{name: "the method is not bound", file: ofA2A + "calls.go",
		old: `map[string]any{"method": method,`, new: `map[string]any{"method": "",`, test: "TestMethodIsBound"},
	{name: "the executor runs though it is refused", file: ofA2A + "guard.go",
		old:  "	if err != nil {\n		return ctx, refusal(d, err, receipt)",
		new:  "	if false {\n		return ctx, refusal(d, err, receipt)",
		test: table},
	{name: "the executor sees the presentation", file: ofA2A + "calls.go",
		old: "	delete(*meta, KeyPresentation)\n", new: "", test: table},
	{name: "sending is open", file: ofA2A + "guard.go",
		old: "|| name == methodSend || !known(name)", new: "|| !known(name)", test: "TestNothingToDecideWith"},
	{name: "another agent is shown the passport", file: ofA2A + "present.go",
		old: "&& *p.to.Load() != url {", new: "&& false {", test: "TestPresenter"},
	{name: "a card's own key is believed", file: ofA2A + "cards.go",
		old: "				if key.Verify(signingInput(input, form.signed), sig) {",
		new: "				if key.Verify(signingInput(input, form.signed), sig) || true {", test: "TestCheckCard"},
	{name: "a card from elsewhere", file: ofA2A + "cards.go",
		old: "	pinned := keys[origin]\n", new: "	pinned := keys[origin]\n	for _, all := range keys {\n		pinned = all\n	}\n",
		test: "TestCheckCard"},
	{name: "a redirect to a card", file: ofA2A + "cardtransport.go",
		old: "	if resp.StatusCode >= 300 && resp.StatusCode < 400 {", new: "	if false {", test: "TestResolver"},

	// HTTP Message Signatures.
	{name: "nobody needs to have signed", file: ofHTTPSig + "httpsig.go",
		old: "|| !key.Verify([]byte(base), signature) {", new: "|| !key.Verify([]byte(base), signature) && false {",
		test: "TestVerify"},
	{name: "a signature that has ended", file: ofHTTPSig + "httpsig.go",
		old: "	case !now.Add(-o.Skew).Before(s.Expires):", new: "	case false:", test: "TestWhatIsDemanded"},
	{name: "a signature of the future", file: ofHTTPSig + "httpsig.go",
		old: "	case s.Created.After(now.Add(o.Skew)):", new: "	case false:", test: "TestWhatIsDemanded"},
	{name: "a signature that lives long", file: ofHTTPSig + "httpsig.go",
		old: "	case s.Expires.Sub(s.Created) > o.Lifetime:", new: "	case false:", test: "TestWhatIsDemanded"},
	{name: "nothing needs to be covered", file: ofHTTPSig + "httpsig.go",
		old: "		if !covers(s, name) {", new: "		if false {", test: "TestWhatIsDemanded"},
	{name: "two signatures with the tag", file: ofHTTPSig + "httpsig.go",
		old: "		case s != nil:", new: "		case false:", test: "TestTwoSignatures"},
	{name: "a request that nobody decided on", file: ofHTTPSig + "agent.go",
		old: "		if decided && resolver != nil {\n", new: "		if !decided {\n			err = nil\n		}\n		if decided {\n",
		test: "TestAgent"},
	{name: "what was refused stays reserved", file: ofHTTPSig + "agent.go",
		old: "_ = d.SettleAs(r.Context(), verify.NotDone)", new: "_ = d", test: "TestAgent"},

	{name: "a signature over less than the request", file: ofHTTPSig + "agent.go",
		old: `[]string{"@method", "@authority", "@path", "@query"}`, new: `[]string{"@authority"}`, test: "TestAgent"},
	{name: "a body is not compared with its digest", file: ofHTTPSig + "httpsig.go",
		old: "			err = CheckContentDigest(r.Header, text)", new: "			_ = text", test: "TestContentDigestIsCompared"},
	{name: "a digest that nobody needs to know", file: ofHTTPSig + "content.go",
		old: "	if known == 0 {", new: "	if false {", test: "TestRFC9530"},
	{name: "one digest of two is right", file: ofHTTPSig + "content.go",
		old:  "if err != nil || subtle.ConstantTimeCompare(want, digest(body)) != 1 {",
		new:  "if err != nil || subtle.ConstantTimeCompare(want, digest(body)) != 1 && name == \"sha-256\" {",
		test: "TestRFC9530"},
	{name: "a directory is signed for any host", file: ofHTTPSig + "directory.go",
		old: "err != nil || !slices.Contains(c.Authorities, authority) {", new: "err != nil || authority == \"\" {",
		test: "TestSignedDirectory"},
	{name: "a key that has not signed", file: ofHTTPSig + "directory.go",
		old: "	return proven, nil", new: "	return listed, nil", test: "TestSignedDirectory"},
	{name: "a directory from elsewhere", file: ofHTTPSig + "directory.go",
		old: "resp.Request == nil || resp.Request.Response != nil {", new: "resp.Request == nil {", test: "TestSignedDirectory"},
	{name: "a directory's signature covers nothing of what was asked", file: ofHTTPSig + "directory.go",
		old: "Required: []string{authorityAsked}", new: "Required: []string{}", test: "TestDirectoryOfAnyHost"},

	// Keys that are somewhere else.
	{name: "a key is not tried", file: ofKMS + "kms.go",
		old: "	if _, err := signer.Sign(ctx, []byte(proof)); err != nil {", new: "	if false {", test: "TestNewSigner"},
	{name: "a service that hangs keeps its caller", file: ofKMS + "kms.go",
		old: "		key = &bounded{key, gate.New(AtATime)}\n", new: "		_ = gate.New\n", test: "TestNewSigner"},

	// Cedar.
	{name: "policies are not pinned", file: ofCedar + "cedar.go",
		old: "got != c.Digest {", new: "false {", test: "TestPinned"},
	{name: "a policy that fails is passed over", file: ofCedar + "cedar.go",
		old: "	case len(said.Errors) > 0:", new: "	case false:", test: "TestPolicies"},
	{name: "what no policy permits", file: ofCedar + "cedar.go",
		old:  "	case len(said.Reasons) == 0:\n		return denied(",
		new:  "	case len(said.Reasons) == 0:\n		return nil\n		return denied(",
		test: table},
	{name: "the host's entities are agents", file: ofCedar + "cedar.go",
		old: "		if uid.Type == Agent || uid.Type == Passport || uid.Type == Action {", new: "		if false {",
		test: "TestPinned"},

	// OpenTelemetry.
	{name: "a claim is told", file: ofOTel + "otel.go", old: "	if d.Subject.Proven {", new: "	if true {",
		test: "TestClaimsAreNotTold"},
	{name: "a refusal looks as what is allowed", file: ofOTel + "otel.go",
		old: "attribute.String(\"safeconduct.verdict\", d.Verdict.String()),\n		attribute",
		new: "attribute.String(\"safeconduct.verdict\", verify.Allow.String()),\n		attribute", test: table},
}
