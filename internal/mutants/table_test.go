package mutants

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// mutant is one check taken out: old, which stands once in file, becomes new.
// The test of the package must fail then, and hold before.
type mutant struct{ name, file, old, new, pkg, test string }

const (
	check      = "credential/check.go"
	pipe       = "verify/step4_proof.go"
	server     = "examples/vcapi/verify.go"
	ofSuite    = "./credential"
	ofVerify   = "./verify"
	ofDID      = "./did"
	ofLedger   = "verify/ledger/"
	inLedger   = "./verify/ledger"
	ofStore    = "internal/sqlstore/"
	ofRules    = "internal/ledgerrules/"
	inSQLite   = "./store/sqlite"
	inPostgres = "./store/postgres"
	ofSQL      = "./internal/sqlstore"
	ofPassport = "./passport"
	spend      = "passport/spend.go"
	ofHTTP     = "./examples/vcapi"
	ofGold     = "./credential/goldld"
	ofGuard    = "./verify/verifyhttp"
	form       = "verify/verifyhttp/form.go"
	client     = "verify/verifyhttp/roundtripper.go"
	gold       = "credential/goldld/"
	inOffice   = "passport/registry/"
	ofOffice   = "./passport/registry"
)

var mutants = []mutant{
	// The public verify call, with documents of eddsa-rdfc-2022.
	{"any proof accepted", check, "if !key.Verify((*buf)[n:], (*buf)[:n]) {",
		"if false && !key.Verify((*buf)[n:], (*buf)[:n]) {", ofSuite,
		"TestRDFCProofMustHold"},
	{"challenge ignored", pipe, `case q.Nonce != "" && p.Challenge != q.Nonce:`,
		`case false && p.Challenge != q.Nonce:`, ofSuite, "TestRDFCChallenge"},
	{"status ignored", "verify/step6_status.go", "	if found.set {", "	if false && found.set {", ofSuite,
		"TestRDFCStatus"},
	{"issuer not bound", pipe, "if method.DID() != by {", "if false && method.DID() != by {", ofSuite,
		"TestRDFCIssuerIsBound"},
	{"issuer not bound, credential alone", check, "	case !bound:", "	case false:", ofSuite,
		"TestRDFCIssuerIsBound"},
	{"validity ignored", "verify/step3_time.go",
		`r.span(i, "", "the passport", p.ValidFrom, p.ValidUntil, TimeExpired)`, "", ofSuite, "TestRDFCValidity"},
	{"nested credential unverified", pipe, "if !r.provenLink(ctx, i, issuer) {", "if false {", ofSuite,
		"TestRDFCNestedCredential"},

	// Names of tools, and amounts in units.
	{"names: hyphens before an escape", "passport/actionname.go",
		"c == '-' && (i+1 == len(name) || isPlainInName(name[i+1])):", "c == '-':", ofPassport,
		"TestGActionsOfNamesAreDistinct"},
	{"names: dots stay", "passport/actionname.go", "|| c == '_' }", "|| c == '_' || c == '.' }", ofPassport,
		"TestGActionsOfNamesAreDistinct"},
	{"names: two spellings", "passport/actionname.go", "err != nil || back != action {",
		"err != nil || false && back != action {", ofPassport,
		"TestGActionFromName"},
	{"units: leading zeros", "passport/money_units.go", "case len(units) > 1 && units[0] == '0':", "case false:",
		ofPassport, "TestGMinorUnits"},

	// Receipts.
	{"receipts: held against one act", "verify/receipt/proof.go", `case c.want == "" || c.has == c.want:`, "case true:",
		"./verify/receipt", "TestReceiptOfOneAct"},
	{"receipts: of strangers", "verify/receipt/keep.go", "!proven(d) && (", "!proven(d) && false && (", "./verify/receipt",
		"TestKeeper"},
	{"receipts: a repeat of itself", "verify/receipt/parse.go", " || s.Repeats == s.ID", "", "./verify/receipt",
		"TestParseRefuses"},
	{"receipts: an entry that the tree has not", "verify/receipt/published.go", "tlog.RecordHash(entry)); err != nil {",
		"tlog.RecordHash(entry)); false && err != nil {", "./verify/receipt", "TestPublishedDamage"},
	{"receipts: a client that has gone", "verify/verifyhttp/receipt.go",
		"context.WithTimeout(context.WithoutCancel(r.Context())", "context.WithTimeout(r.Context()", ofGuard,
		"TestReceiptOfAClientThatHasGone"},
	{"receipts: nobody asked", "verify/verifyhttp/receipt.go", ` || r.Header.Get(HeaderWantReceipt) != "?1"`, "", ofGuard,
		"TestReceiptOnlyForWhoAsks"},
	{"receipts: two fields", "verify/verifyhttp/receipt.go", "case len(lines) > 1:", "case false:", ofGuard, "TestReadReceipt"},
	{"locks: who comes second", "internal/filelock/flock.go", "lock(f, syscall.LOCK_EX|syscall.LOCK_NB)",
		"lock(f, syscall.LOCK_SH|syscall.LOCK_NB)", "./internal/filelock", "TestTry"},
	{"command: a store that is not there", "cmd/safeconduct/store.go", "case err != nil && (!fresh || !os.IsNotExist(err)):", "case false:",
		"./cmd/safeconduct", "TestScripts"},

	// What no signature covers, and what the conformance server is asked for.
	{"index: members", "internal/jsonld/members.go", "case !e.in.DropIndex:", "case false:", "./internal/jsonld",
		"TestVIndexIsRefused"},
	{"index: maps", "internal/jsonld/maps.go", `case m.t.Index == "" && !none && !e.in.DropIndex:`, "case false:",
		"./internal/jsonld",
		"TestVIndexIsRefused"},
	{"server: options of a credential", server, "q.asked(signed.Proofs())", "q.asked(nil)", ofHTTP,
		"TestVCredentialOptions"},
	{"server: members of an envelope", server, `if !slices.Contains([]string{"@context", "id", "type"}, name) {`,
		"if false && name == name {", ofHTTP,
		"TestIssuePresentation"},

	{"formats: one that panics is remembered", "credential/known.go", "digest = kept.digest(); digest == textless {",
		"digest = kept.digest(); false {", "./verify", "TestAFormatThatPanicsRefuses"},
	{"lists: a caller who hangs up", "statuslist/cache.go",
		"context.WithTimeout(context.WithoutCancel(ctx), renewTime)",
		"context.WithTimeout(ctx, renewTime)", "./statuslist", "TestD8NobodyWaitsForARefresh"},
	{"lists: a burst after a pause", "statuslist/cache.go", "age >= 2*e.fresh && e.failures == 0, ask", "false, ask",
		"./statuslist",
		"TestD8AfterAPauseAllGetTheListOfNow"},
	{"lists: a burst while the host is down", "statuslist/cache.go", "age >= 2*e.fresh && e.failures == 0, ask",
		"age >= 2*e.fresh, ask", "./statuslist",
		"TestD8AfterAPauseAllGetTheListOfNow"},

	// DID documents.
	{"documents: ids relative to another", "did/methodreader.go", "return d.id.String() + ref", "return ref", ofDID,
		"TestC2RelativeIDs"},
	{"documents: two keys of one id", "did/methodreader.go",
		"if !bytes.Equal(r.canonical(v), r.canonical(r.texts[i])) {",
		"if false && !bytes.Equal(nil, nil) {", ofDID, "TestDID18Duplicates"},
	{"documents: embedded and referred to", "did/methodreader.go", "range r.doc.methods[:top] {",
		"range r.doc.methods {", ofDID,
		"TestSIG12EmbeddedMethodIsForItsRelationshipOnly"},
	{"documents: another's controller", "did/methodreader.go", "case m.controller != d.id:", "case false:", ofDID,
		"TestSIG14ForeignMethods"},
	{"documents: another's id", "did/methodreader.go", "case id.DID() != d.id:", "case false:", ofDID,
		"TestSIG14ForeignMethods"},
	{"documents: a date that is none", "did/methodreader.go", "case revokedErr != nil:", "case false:", ofDID,
		"TestC4PartsSpoilNothing"},
	{"documents: an old list of keys", "did/methodreader.go",
		"		old[i].key = PublicKey{}\n		old[i].err = ", "		_, _ = i, ", ofDID,
		"TestPublishedShapes"},
	{"documents: secrets", "did/secret.go", "if isSecret(v, name) {", "if false && isSecret(v, name) {", ofDID,
		"TestKEY09SecretInADocument"},
	{"documents: contexts are data", "did/secret.go", `if name == "@context" {`, "if false {", ofDID,
		"TestC5ContextsAreNotData"},

	// The memory of proven passports.
	{"memory: the document", "verify/proven.go", "p != nil && p.signed == s {", "p != nil {", ofVerify,
		"TestProvenMemoryIsBounded"},
	{"memory: the text, in the parser of credentials", "credential/known.go", "s != nil && s.item() == v.Raw() {",
		"s != nil {", ofSuite,
		"TestKnownIsNotBelieved"},
	{"trees: the places of items", "credential/presentation.go", "return code.At(err, list.ItemPath(i))",
		"return err", ofVerify,
		"TestProvenDocumentsInOtherPlaces"},
	{"trees: the places of items, in the graph", "internal/profile/value.go", "return code.At(err, v.ItemPath(i))",
		`return code.At(err, "")`, ofSuite,
		"TestKnownSameRefusalOfAGraph"},
	{"trees: the places of items, in the quads", "internal/jsonld/members.go", "return code.At(err, v.ItemPath(i))",
		`return code.At(err, "")`, ofSuite,
		"TestPresentationTellsPlaces"},
	{"trees: the places of items, of long strings", "credential/longstring.go", "return code.At(err, v.ItemPath(i))",
		"return err", ofSuite,
		"TestPresentationTellsPlaces"},
	{"trees: where an item begins", "internal/strictjson/apart.go", "q.depth, q.members = p.depth, p.members",
		"q.members = p.members",
		"./internal/strictjson", "TestParseApartChangesNothing"},
	{"trees: what an item has", "internal/strictjson/apart.go", "	p.members = q.members\n", "",
		"./internal/strictjson", "TestParseApartChangesNothing"},
	{"memory: the text, in the parser of JSON", "internal/strictjson/apart.go",
		"if k == nil || !strings.HasPrefix(p.text[p.pos:], k.Text()) {",
		"if k == nil || false && !strings.HasPrefix(p.text[p.pos:], k.Text()) {", "./internal/strictjson",
		"TestKnownIsAskedForInOneList"},
	{"memory: the caps", "internal/strictjson/apart.go",
		"caps == p.caps && p.depth+k.depth <= p.caps.Depth && p.members+k.members <= p.caps.Members", "caps == p.caps",
		"./internal/strictjson", "TestParseApartChangesNothing"},
	{"memory: what was cut out, of other caps", "internal/strictjson/apart.go", "		if !p.holds(k) {\n			return p.fail(",
		"		if false {\n			return p.fail(", "./internal/strictjson", "TestParseCut"},
	{"memory: what was cut out of another place", "internal/strictjson/parse.go", "if len(p.cuts) > 0 {", "if false {",
		"./internal/strictjson", "TestParseCut"},
	{"memory: what was cut out, byte for byte", "credential/known.go", "string(raw[next:next+len(own)]) != own {", "false {",
		ofSuite, "TestKnownIsNotBelieved"},
	{"memory: how large the whole is", "credential/parse.go", "if len(raw) <= caps.Bytes {", "if true {", ofSuite,
		"TestKnownCounts"},
	{"memory: bounds", "credential/known.go", "s.bounds != k.bounds && *s.bounds != *k.bounds:", "false:", ofSuite,
		"TestKnownIsNotBelieved"},
	{"memory: the key", "verify/proven.go", "== purpose && p.keys[i] == key {",
		"== purpose && (true || p.keys[i] == key) {", ofVerify,
		"TestProvenDocuments"},
	{"memory: a key of the host's resolver", "did/fixed.go", "_, ok := r.(keyMethods)\n	return ok &&",
		"return r != nil &&", ofVerify, "TestNamedKeysAreAskedOfTheHost"},
	{"memory: whose key", "verify/step4_proof.go", "k != nil && k.id == id {", "k != nil {", ofVerify,
		"TestNamedKeysOfManyNames"},
	{"memory: a name without the text around it", "verify/step4_proof.go",
		"did.ParseURL(strings.Clone(id.String()))", "did.ParseURL(strings.TrimSpace(id.String()))", ofVerify,
		"TestNamedKeysKeepNoDocument"},
	{"memory: the purpose", "verify/proven.go", "if p.signed.Proof(i).Purpose == purpose &&", "if", ofVerify,
		"TestProvenCheckAsksForTheKey"},
	{"memory: the chain above", "verify/proven.go", "l.proven.number == number\n",
		"(true || l.proven.number == number)\n", ofVerify,
		"TestProvenDocumentsAnotherChain"},
	{"memory: handed out", "verify/pipeline.go", "	if l.proven == nil {", "	if true {", ofVerify,
		"TestProvenDocumentsAreNotHandedOut"},
	{"memory: paths", "verify/step4_proof.go", "r.because(code.At(err, r.place(link)), ProofInvalid)",
		"r.because(err, ProofInvalid)", ofVerify,
		"TestProvenDocumentsPath"},
	{"ledger: a nonce that may be forgotten", ofLedger + "call.go", "if instantOf(r.ReplayUntil) <= s.gone {",
		"if false {", inLedger,
		"TestMemoryConformance"},
	{"ledger: an account that has ended", ofLedger + "judge.go",
		"case t == nil && instantOf(charge.Until) <= p.gone:", "case false:", inLedger,
		"TestMemoryConformance"},
	{"ledger: an account that may be forgotten", ofLedger + "judge.go",
		"case t == nil && c.at <= p.gone:", "case false:", inLedger,
		"TestMemoryConformance"},
	{"ledger: a window that may be forgotten", ofLedger + "judge.go", "case !lifetime && since <= t.gone:",
		"case false:", inLedger, "TestMemoryConformance"},
	{"ledger: a sum that does not fit", ofRules + "reservation.go", "sum.Sub(c.Use) == counts && ", "", inLedger,
		"TestMemoryConformance"},
	{"ledger: usage of what lapsed", ofLedger + "reading.go", "instantOf(at), everything)", "instantOf(at), walk)",
		inLedger, "TestUsageOfManyThatLapsed"},
	{"ledger: acts of an agent", ofLedger + "judge.go", "if !repeated && int(a.acts) >= caps.Acts {", "if false {",
		inLedger, "TestMemoryConformance"},
	{"ledger: acts below a root", ofLedger + "judge.go", "int(n.acts) >= caps.Share(caps.RootActs, i)",
		"int(n.acts) < 0", inLedger, "TestMemoryConformance"},
	{"ledger: a quarter each", "verify/reservation.go", "cap = max(cap/4, 1)", "return cap", inLedger,
		"TestMemoryConformance"},
	{"ledger: accounts below a root", ofLedger + "judge.go", "int(c.node(place).accounts)+more > cap", "cap < 0",
		inLedger, "TestMemoryConformance"},
	{"ledger: one decision once", ofLedger + "call.go", "earlier, err = c.unlessKnown(earlier, err)", "", inLedger,
		"TestMemoryAgreesWithTheModel"},
	{"ledger: the deadline", ofRules + "settlement.go",
		"state == verify.HoldOpen && nanotime.Of(s.At) >= h.By {", "state == verify.HoldOpen && nanotime.Of(s.At) < 0 {", inLedger,
		"TestMemoryConformance"},
	{"ledger: more than was reserved", ofLedger + "settle.go", "!part.reserves(h, s.Amount)", "false", inLedger,
		"TestMemoryConformance"},
	{"ledger: by name", ofRules + "settlement.go", "s.By != \"\" && want != verify.HoldUnresolved:",
		"want != verify.HoldUnresolved:", inLedger,
		"TestMemoryConformance"},
	{"ledger: another account in its place", ofLedger + "settle.go", "if t.gen != c.gen {", "if false {", inLedger,
		"TestReleaseAfterAnAccountWasForgotten"},
	{"ledger: equal pairs", ofRules + "reservation.go", "if i > 0 && !inOrder(", "if false && !inOrder(", inLedger,
		"TestMemoryConformance"},
	{"ledger: a little at once", ofLedger + "call.go", "c.m.endNonces(c.agents, before, atOnce)",
		"c.m.endNonces(c.agents, before, everything)", inLedger,
		"TestB3PruningIsAmortised"},
	{"ledger: a window goes on from where it was", ofLedger + "tally.go", "	t.since = since\n",
		"	_ = forward\n", inLedger, "TestB3PruningIsAmortised"},
	{"ledger: decimals of a currency", ofLedger + "hold.go", `if strings.Contains(m.Currency(), "/") {`, "if true {",
		inLedger, "TestMemoryConformance"},

	// The ledger on a database.
	{
		"store: a nonce that may be forgotten", ofStore + "reserve.go", `	case instantOf(r.ReplayUntil) <= mark:`,
		`	case mark == last:`, inSQLite, "TestLedger",
	},
	{
		"store: an account that has ended", ofStore + "reserve.go", `			if instantOf(c.Until) <= mark {`,
		`			if false && instantOf(c.Until) <= mark {`, inSQLite, "TestLedger",
	},
	{
		"store: an account that may be forgotten", ofStore + "reserve.go", `			if instantOf(r.At) <= mark {`,
		`			if false && instantOf(r.At) <= mark {`, inSQLite, "TestLedger",
	},
	{
		"store: a window that may be forgotten", ofStore + "reserve.go", `if !lifetime && since <= a.now.gone {`,
		`if false {`, inSQLite, "TestStore",
	},
	{
		"store: acts of an agent", ofStore + "reserve.go", `if !repeated && has.acts >= r.Caps.Acts {`,
		`if false {`, inSQLite, "TestLedger",
	},
	{
		"store: sums follow the window", ofStore + "windows.go", `	sum := a.now.sum.Sub(between)`,
		`	sum := a.now.sum`, inSQLite, "TestLedger",
	},
	{
		"store: a release is free again", ofStore + "settle.go",
		`			a.now.sum = recounted(a.now.sum, old, now)`,
		`			_ = now`, inSQLite, "TestLedger",
	},
	{
		"store: charges in order", ofRules + "reservation.go", `if i > 0 && !inOrder(`, `if false && !inOrder(`,
		inSQLite, "TestLedger",
	},
	{
		"store: a sum that does not fit", ofRules + "reservation.go", `sum.Sub(c.Use) == counts && `, ``,
		inSQLite, "TestLedger",
	},
	{
		"store: corrections that do not fit", ofStore + "settle.go", `	if sum == beyond {`, `	if false {`,
		inSQLite, "TestStore",
	},
	{
		"store: long texts of keys", ofStore + "texts.go", `	if len(t) <= most {`, `	if true {`,
		inPostgres, "TestStore",
	},
	{
		"store: another account in its place", ofStore + "settle.go", `if a == nil || a.now.born != c.born {`,
		`if a == nil {`, inSQLite, "TestStore",
	},
	{
		"store: the deadline", ofRules + "settlement.go", `state == verify.HoldOpen && nanotime.Of(s.At) >= h.By {`,
		`state == verify.HoldOpen && nanotime.Of(s.At) < 0 {`, inSQLite, "TestLedger",
	},
	{
		"store: who has gone holds nothing", ofStore + "ledger.go", `return l.settling(context.Background(), &s, with.undo, new(error))`,
		`_ = s; return nil`, inSQLite, "TestCallerGone",
	},
	{
		"store: what is forgotten is not counted", ofStore + "forget.go", `a.now.nonces, a.changed = a.now.nonces-1, true`,
		`a.changed = true`, inSQLite, "TestStore",
	},
	{
		"store: a stranger's refusals", ofStore + "ledger.go", `if !r.Proven && !l.s.refused.take(`,
		`if false && !l.s.refused.take(`, inSQLite, "TestStore",
	},
	{
		"store: totals are held against holds", ofStore + "check.go",
		`		if a.total != a.took && a.total != beyond {`,
		`		if false {`, inSQLite, "TestStore",
	},
	{
		"store: accounts that are missing", ofStore + "check.go", `if !forgot || x.until > gone {`,
		`if forgot && x.until > gone {`, inSQLite, "TestStore",
	},
	{
		"store: accounts that were forgotten are not missing", ofStore + "check.go", `if !forgot || x.until > gone {`,
		`if true || forgot && gone > 0 {`, inSQLite, "TestStore",
	},
	{
		"store: what forgotten holds have spent", ofStore + "forget.go", `a.now.base.Add(counts), true`,
		`a.now.base, true`, inSQLite, "TestStore",
	},
	{
		"store: a namespace that is not there", ofStore + "store.go", `	if s.options.CreateNamespace {`, `	if true {`,
		inSQLite, "TestStore",
	},
	{
		"store: what strangers make it keep", ofStore + "decisions.go", `|| kept <= keep {`, `|| kept <= keep+1<<30 {`,
		inSQLite, "TestStrangersDoNotFillTheDisk",
	},
	{
		"store: marks that have ended", ofStore + "marks.go", `[]string{"revoked", "editions"}`, `[]string{"editions"}`,
		inSQLite, "TestStore",
	},
	{
		"store: who may write beside the file", "store/sqlite/sqlite.go", `	return private(path)`, `	return nil`, inSQLite,
		"TestOpenLooksAtWhoMayWrite",
	},
	{
		"store: a restored copy", ofStore + "restore.go", `	if usable > until {`, `	if usable > first {`, inSQLite, "TestStore",
	},
	{
		"store: a restored copy and clocks", ofStore + "restore.go", `instantOf(r.Issued).Add(-2 * r.Skew)`,
		`instantOf(r.Issued)`, inSQLite, "TestStore",
	},
	{
		"store: restored twice", ofStore + "restore.go", `if before != first && before.Add(`, `if false && before.Add(`,
		inSQLite, "TestStore",
	},
	{
		"store: a restored copy takes what is new", "verify/step8_ledger.go",
		`res.Issued, res.Skew = r.intent.IssuedAt, r.v.config.Skew`, `_ = 0`, ofVerify, "TestReservationSaysWhenItWasMade",
	},
	{
		"store: cursors of a namespace", ofStore + "decisions.go", `s.root.below("cursor", `,
		`none.below("cursor", `, inSQLite, "TestStore",
	},
	{
		"store: who has written since", ofStore + "group.go", `"WHERE space = ? AND number = ? AND token = ?"`,
		`"WHERE space = ? AND number >= ? - 1000000 AND token <> 1 - CAST(? AS BIGINT)"`, inPostgres, "TestMarksMove",
	},
	{
		"store: a history that a server has lost", ofStore + "group.go",
		`"WHERE space = ? AND number = ? AND token = ?"`, `"WHERE space = ? AND number = ? AND token <> 1 - CAST(? AS BIGINT)"`,
		inPostgres, "TestLostHistory",
	},
	{
		"store: groups of another history", ofStore + "head.go", `	if h.groups == 0 && before == h.from.token {`,
		`	if h.groups == 0 {`, inPostgres, "TestLostHistory",
	},
	{
		"store: what was taken for new", ofStore + "group.go", `		if len(a.keys) > 0 {`, `		if false {`, inPostgres,
		"TestTidyBeside",
	},
	{
		"store: what was taken for new, beside what is forgotten", ofStore + "prefetch.go",
		`p.fresh.nonces, w.absent.nonces)`, `p.fresh.nonces, nil)`, inPostgres, "TestTidyBeside",
	},
	{
		"store: a clock that is far away, in a group", ofStore + "group.go", `drift > 0 && w.earliestAct`,
		`false && w.earliestAct`, inPostgres, "TestClockDrift",
	},
	{
		"store: calls keep their order", ofStore + "group_order.go", `		if key != none && w.waiting[key] {`,
		`		if key != none && false {`, inPostgres, "TestBatches",
	},
	{
		"store: all behind one of whom nobody knows what he does", ofStore + "group.go",
		`			w.allWait = w.allWait || j.doubt || !j.group && !j.apart`, ``, inPostgres, "TestOrderOfBatches",
	},
	{
		"store: a group of which nobody knows", ofStore + "group.go", `j.doubt = j.doubt || j.sent`, `_ = j`, inPostgres,
		"TestCutAtCommit",
	},
	{
		"store: who reads waits for groups", ofStore + "store.go", `	if err != nil || behind == 0 {`,
		`	if behind = 0; true {`, inPostgres, "TestUndone",
	},
	{
		"store: a transaction brings the tables up to date", ofStore + "head.go", `w.drain(math.MaxInt64, h)`, `w.drain(0*math.MaxInt64, h)`,
		inPostgres, "TestOrderOfBatches",
	},
	{
		"store: a transaction moves the number", ofStore + "head.go",
		`"UPDATE redo_heads SET number = ?, token = ? WHERE space = ?"`,
		`"UPDATE redo_heads SET number = number + 0 * ?, token = token + 0 * ? WHERE space = ?"`,
		inPostgres, "TestTurns",
	},
	{
		"store: rows that another writer has changed", ofStore + "redo_rows.go", `		t.cached(c).drop(d)`,
		`		_ = d`, ofSQL, "TestGroupsAreReadAsWritten",
	},
	{
		"store: uses of a group that was not written", ofStore + "cache.go", `			s.remove(key.at, key.hold)`,
		`			_ = s`, inPostgres, "TestUndone",
	},
	{
		"store: uses that another writer has counted", ofStore + "tables.go", `			if s.put(key.at, key.hold, now); s != nil`,
		`			if s != nil`, inPostgres, "TestUndone",
	},
	{
		"store: word of what a transaction has changed", ofStore + "rows.go", `		if w.notice != nil && t.see != nil {`,
		`		if false {`, inPostgres, "TestWordOfCorrections",
	},
	{
		"store: what the tables have is not written twice", ofStore + "redo_rows.go", ` || list[i].notice {`, ` {`,
		inPostgres, "TestForgottenStays",
	},
	{
		"store: a budget that is forgotten, and what was known of it", ofStore + "head.go",
		`		if h.list[i].gone && redoTables[h.list[i].table] == redoTable(accountTable) {`,
		`		if h.list[i].gone && false {`, inPostgres, "TestBornAgain",
	},
	{
		"store: an answer that changes nothing", ofStore + "group.go", `	if !still {`, `	if still && !still {`,
		inPostgres,
		"TestSettledElsewhere",
	},
	{
		"store: the first record of a decision, in one drain", ofStore + "redo_rows.go",
		`t == redoTable(recordTable) {`, `false {`, inPostgres, "TestFirstRecordStays",
	},
	{
		"store: what came again is not forgotten", ofStore + "forget.go", `n == nil || n.now.until >= before`, `n == nil`,
		inPostgres, "TestForgottenAndBack",
	},
	{
		"store: rows that never go", ofStore + "redo_body.go", `		case useTable, recordTable, markRows{}, wipedRows{}:`,
		`		case nil:`, ofSQL, "TestRowsThatNeverGo",
	},
	{
		"store: groups in their order", ofStore + "drain.go", `return cmp.Compare(a.number, b.number)`,
		`return 0 * cmp.Compare(a.number, b.number)`, ofSQL, "TestDrainInOrder",
	},
	{
		"store: a drainer that does not get on", ofStore + "group.go", `s.known.young.calls >= 16*s.engine.drainAt()`,
		`false`, inPostgres, "TestBacklog",
	},
	{
		"store: a store that is closed leaves little behind", ofStore + "drain.go", `	if left > 0 {`, `	if left < 0 {`,
		inPostgres, "TestClosedBehind",
	},
	{
		"store: a budget that is forgotten and begins anew", ofStore + "forget.go", `		if w.notice != nil { //`,
		`		if w.notice != nil && key == none { //`, inPostgres, "TestBornAgainAtOnce",
	},
	{
		"store: what confirms waits for a standby", ofStore + "group.go",
		`"UPDATE redo_heads SET token = token WHERE space = ? AND number = ? AND token = ? RETURNING number"`,
		`"SELECT number FROM redo_heads WHERE space = ? AND number = ? AND token = ?"`, inPostgres, "TestConfirmedIsDurable",
	},
	{
		"store: what a drainer has failed to write is known on", ofStore + "group.go",
		`	if err == nil && k.old != nil {`, `	if (err == nil || s != nil) && k.old != nil {`, ofSQL, "TestLeftovers",
	},
	{
		"store: what others spend is remembered up to a bound", ofStore + "tables.go", `len(s.uses) > 2*mostAhead {`,
		`len(s.uses) < 0 {`, ofSQL, "TestSpansThatOthersFillAreBounded",
	},
	{
		"store: what is behind gets into the tables in parts", ofStore + "drain.go",
		`if d.most = max(1, d.tried/2); d.tried == 1`, `if d.most = 0; d.tried >= 1`, inPostgres, "TestTooLarge",
	},
	{
		"store: texts are UTF-8, whatever a role asks for", "store/postgres/secret.go",
		`config.RuntimeParams["client_encoding"] = "UTF8"`, ``, inPostgres, "TestClientEncoding",
	},
	{
		"store: a group that is damaged", ofStore + "redo_body.go",
		`binary.BigEndian.Uint32(body[end:]) != crc32.Checksum(body[:end], castagnoli)`,
		`binary.BigEndian.Uint32(body[end:]) == 0 && end < 0`, ofSQL, "TestGroupsThatAreDamaged",
	},
	{
		"store: a value is not taken for another one", ofStore + "redo_body.go",
		`bytes.HasPrefix(r.body[*place:begins], value)`, `bytes.HasPrefix(r.body[*place:begins], nil)`,
		ofSQL, "TestValuesThatStandTwice",
	},
	{
		"store: what has changed since the drainer has looked", ofStore + "rows.go",
		`		if now, known := t.image(w.known, key); known {`, `		if w.left != nil && t.rows(w.left)[key] != nil {
			all[key] = found(w, t.rows(w.left)[key].now)
			continue
		}
		if now, known := t.image(w.known, key); known {`,
		inPostgres, "TestTidyBesideActs",
	},
	{
		"store: what the drainer has found, behind a transaction", ofStore + "group.go",
		`	if err == nil && k.old != nil {`, `	if err == nil {`, ofSQL, "TestLeftovers",
	},
	{
		"store: what the drainer has found, when the tables are ahead", ofStore + "tidy.go",
		`		case l != nil && w.known.left == l:`, `		case l != nil:`, ofSQL, "TestLeftovers",
	},
	{
		"store: the drainer looks again when what it has found is forgotten", ofStore + "tidy.go",
		`	if s.tidying.most == 0 || s.forgetting {`, `	if s.tidying.most == 0 {`, ofSQL, "TestLeftovers",
	},
	{
		"store: uses go that a slow verifier's window counts", ofStore + "gone.go", `min(x.before, x.from, a.now.since)`,
		`min(x.before, a.now.since)`, inPostgres, "TestSlowClock",
	},
	{
		"store: what a transaction came between is looked for again", ofStore + "tidy.go", `		return errTables
	}})`, `		return nil
	}})`, inPostgres, "TestForgettingKeepsUp",
	},
	{
		"store: what was not forgotten is looked for again", ofStore + "writer.go", `		if j.forgets {`,
		`		if j.forgets && err == nil {`, ofSQL, "TestLeftovers",
	},
	{
		"store: uses go that the sum does not count", ofStore + "tidy.go", `if a == nil || l.gone[key] >= a.now.since {`,
		`if a == nil {`, inPostgres, "TestClocksApart",
	},
	{
		"store: nothing is deleted where nothing is to be forgotten", ofStore + "decisions.go", `	if len(decisions) == 0 {`,
		`	if len(decisions) < 0 {`, inPostgres, "TestRowsThatAreRead",
	},
	{
		"store: what has ended goes", ofStore + "writer.go", `			s.tidyLater(before, atOnce*s.since)`, `			_ = before`,
		inPostgres, "TestRowsThatAreRead",
	},
	{
		"store: uses that no window reaches go", ofStore + "windows.go", `			w.s.lookLater(key, x.low(a)) //`,
		`			_ = x.low(a) //`, inPostgres, "TestRowsThatAreRead",
	},
	{
		"store: who waits in vain waits more seldom", ofStore + "gather.go", `		g.pass = 1<<g.vain - 2`, `		g.pass = 0`,
		ofSQL, "TestGathering",
	},
	{
		"store: an array with NULL says so", "store/postgres/arrays.go",
		`			binary.BigEndian.PutUint32(buf[begins+4:], 1)`, `			_ = begins`, inPostgres, "TestArrays",
	},
	{
		"store: a server that does not answer a reading", ofStore + "store.go", `return s.read(ctx, bounded, true, do)`,
		`_ = bounded; return s.read(ctx, ctx, true, do)`, inPostgres, "TestServerThatDoesNotAnswer",
	},
	{
		"store: a server that does not answer the writer", ofStore + "writer.go",
		`ctx, cancel := s.engine.patience(context.Background())`,
		`ctx, cancel := context.WithCancel(context.Background())`, inPostgres, "TestServerThatDoesNotAnswer",
	},
	{
		"store: the server gives locks back", "store/postgres/conn.go", `set_config('statement_timeout', '60s', true)`,
		`set_config('statement_timeout', '0', true)`, inPostgres, "TestServerBoundsTransactions",
	},
	{
		"store: what another process has written", ofStore + "cache.go", ` || last.version != version`, ``, inSQLite,
		"TestTurns",
	},
	{
		"store: uses at hand follow a release", ofStore + "windows.go", `	w.span(key.account).put(`,
		`	w.spans[key.account].put(`, inSQLite, "TestReleased",
	},
	{
		"store: what was forgotten in one transaction", ofStore + "work.go", `	if len(w.marks) == 0 {`,
		`	if w.marks = map[int]instant{}; true {`, inSQLite, "TestForgetTwice",
	},
	{
		"store: what is held of an account", ofStore + "windows.go", `if taken && c.account == key`, `if taken`, inSQLite,
		"TestHeld",
	},
	{
		"store: a newer version", ofStore + "migrate.go", `	case version > len(list):`,
		`	case false:`, inSQLite, "TestOpenRefuses",
	},
	{
		"store: revocations are joined", ofStore + "marks.go", `		joined = old.Join(mark)`,
		`		_, joined = old, mark`, inSQLite, "TestMarkStore",
	},

	// The office.
	{"office: a bit that changed is ticked off", inOffice + "lists.go",
		"if err == nil && now.Version == p.changed[i].Version {", "if err == nil {", ofOffice,
		"TestA4ChangedWhileTickedOff"},
	{"office: a list ticked off in one step", inOffice + "lists.go", "const step = 64", "const step = 1 << 20",
		ofOffice, "TestA4PublishingHoldsNobodyUp"},
	{"office: a unique key of two documents", ofStore + "documents.go", `if other != "" && other != d.ID {`,
		"if false {", inSQLite, "TestRegistryStore"},
	{"office: the newest entry is trimmed", ofStore + "documents.go", "min(upTo, newest.Number-1)",
		"min(upTo, newest.Number)", inSQLite, "TestRegistryStore"},
	{"office: a settlement is not debited", ofStore + "joint.go",
		"	if do == nil || refusal != nil || err != nil {\n		return refusal, err\n	}\n	if err := w.lockOffice(); err != nil {",
		"	if do != nil || refusal != nil || err != nil {\n		return refusal, err\n	}\n	if err := w.lockOffice(); err != nil {",
		"./verify/office", "TestG8SpendingDebitsTheGrant"},
	{"office: budgets are not pruned by the ledger", "verify/office/ledger.go",
		"if err == nil && l.acts.Add(1)%pruneEvery == 0 {", "if false {", "./verify/office",
		"TestG8HistoryDoesNotGrow"},
	{"office: histories are not pruned", inOffice + "prune.go", "tx.Trim(history(grant), t.Numbers[i])",
		"tx.Trim(history(grant), 0*t.Numbers[i])", "./verify/office", "TestG8HistoryIsPruned"},
	{"office: what nobody settled stays open", inOffice + "prune.go", "		if t.Open {", "		if false {",
		"./verify/office", "TestG8HistoryIsPruned"},

	{"wildcards: dots and blanks", "internal/onepath/onepath.go", `strings.TrimLeftFunc(segment, dotOrBlank) == "":`,
		`false && dotOrBlank('.'):`,
		"./internal/onepath", "TestS9F4Doubt"},
	{"charges: in order", "verify/charges.go", "sort.Sort(charges)\n", "_ = sort.Sort\n", ofVerify,
		"TestS14ChargesAreInOrder"},
	{"charges: one for each limit", "verify/charges.go", "	r.merge()\n", "", ofVerify, "TestS14ChargesAreInOrder"},
	{"request: a copy", "verify/run.go", "maps.Clone(q.Usage)",
		"func() map[string]int64 { maps.Clone(q.Usage); return q.Usage }()", ofVerify,
		"TestS18WhatWasHandedOver"},
	{"runs: nothing is left", "verify/run.go", "	clear(list[:cap(list)])\n", "", ofVerify, "TestRunsForget"},

	// The steps of the verifier, over eddsa-jcs-2022.
	{"step 1: a bare passport is no presentation", "verify/step1_envelope.go",
		"case !r.v.config.InsecureAllowBarePassports:", "case false:", ofVerify,
		"TestStep1Envelope"},
	{"step 1: second context", "verify/step1_envelope.go",
		"case len(c.Context) < 2 || c.Context[1] != passport.Context:", "case false:", ofVerify,
		"TestStep1Form"},
	{"step 1: two types, both known", "verify/step1_envelope.go", "case len(c.Type) != 2 ||",
		"case false && len(c.Type) != 2 ||", ofVerify, "TestStep1Form"},
	{"step 1: holder", "verify/step1_envelope.go", `case c.Holder == "":`, "case false:", ofVerify, "TestStep1Form"},
	{"step 1: other members", "verify/step1_envelope.go", `if m.Name != "intent" {`, "if false {", ofVerify,
		"TestStep1Form"},
	{"step 1: passports first", "verify/step1_envelope.go", "if len(r.siblings) > 0 {", "if false {", ofVerify,
		"TestStep1Credentials"},
	{"step 1: links", "verify/step1_envelope.go", "if i > r.v.config.Bounds.Links {", "if false {", ofVerify,
		"TestRES01Links"},
	{"step 1: more than two proofs", "verify/step1_envelope.go", "case n > 2:", "case false:", ofVerify,
		"TestStep1Form"},
	{"step 1: two proofs of a suite", "verify/step1_envelope.go", "case n == 2 && doc.Proof(0)",
		"case false && doc.Proof(0)", ofVerify, "TestStep1Form"},
	{"step 1: chained proofs", "verify/step1_envelope.go", "if len(doc.Proof(i).PreviousProof) > 0 {",
		"if false && len(doc.Proof(i).PreviousProof) > 0 {",
		ofVerify, "TestStep1Form"},
	{"step 2: a link is no root", "verify/step2_anchor.go", "	if root.Delegated() {", "	if false {", ofVerify,
		"TestStep2DEL07ALinkIsNoRoot"},
	{"step 2: types", "verify/step2_anchor.go", "if len(a.Types) > 0 &&", "if false &&", ofVerify, "TestStep2Anchor"},
	{"step 2: actions", "verify/step2_anchor.go", "if a.Actions != nil &&", "if false &&", ofVerify,
		"TestStep2Anchor"},
	{"step 2: regions", "verify/step2_anchor.go", "if a.Regions != nil &&", "if false &&", ofVerify,
		"TestStep2Anchor"},
	{"step 2: ceiling", "verify/step2_anchor.go", "if q.Amount.Cmp(c) > 0 {", "if false {", ofVerify,
		"TestStep2Anchor"},
	{"step 2: other currencies", "verify/step2_anchor.go", "		if !known {", "		if false && !known {",
		ofVerify, "TestStep2Anchor"},
	{"step 3: not yet", "verify/step3_time.go", "return !from.IsZero() && r.late.Before(",
		"return false && r.late.Before(", ofVerify,
		"TestStep3TIM01Boundaries"},
	{"step 3: ended", "verify/step3_time.go", "return !until.IsZero() && !r.early.Before(",
		"return false && !r.early.Before(", ofVerify,
		"TestStep3TIM01Boundaries"},
	{"step 3: lifetime of a passport", "verify/step3_time.go", "r.v.config.Bounds.CredentialLifetime; life > most {",
		"r.v.config.Bounds.CredentialLifetime; false && life > most {", ofVerify, "TestStep3Time"},
	{"step 3: lifetime of an intent", "verify/step3_time.go", "r.v.config.Bounds.IntentLifetime; life > most {",
		"r.v.config.Bounds.IntentLifetime; false && life > most {", ofVerify, "TestStep3Time"},
	{"step 4: issued by the agent above", pipe, "if l.passport.Issuer != issuer {", "if false {", ofVerify,
		"TestStep4WalkStopsAtTheUnproven"},
	{"step 4: by that party", pipe, "if method.DID() != by {", "if false && method.DID() != by {", ofVerify,
		"TestStep4Proof"},
	{"step 4: holder is the agent", pipe, "if holder != agent.String() {", "if false {", ofVerify, "TestStep4Proof"},
	{"step 4: audience", pipe, "if len(p.Domain) != 1 || p.Domain[0] != q.Audience {", "if false {", ofVerify,
		"TestStep4Proof"},
	{"step 4: challenge", pipe, `case q.Nonce != "" && p.Challenge != q.Nonce:`, "case false:", ofVerify,
		"TestStep4Proof"},
	{"step 4: length of the challenge", pipe, "case n < limits.NonceMinBytes || n > r.v.config.Bounds.NonceBytes:",
		"case false:", ofVerify,
		"TestStep4Proof"},
	{"step 4: intent", pipe, "		if want != got {", "		if false {", ofVerify, "TestStep4Proof"},
	{"step 4: the act", "passport/act.go", "if m.same(a, signed) {", "if true {", ofVerify, "TestStep4Proof"},
	{"step 4: parameters", "passport/act.go",
		"return string(jcs.Append(nil, a.Attributes)) == string(jcs.Append(nil, b.Attributes))",
		"return true || string(jcs.Append(nil, a.Attributes)) == string(jcs.Append(nil, b.Attributes))", ofVerify,
		"TestStep4Proof"},
	{"step 4: budget of look-ups", pipe, "r.fetches > r.v.config.Bounds.Fetches {", "false {", ofVerify,
		"TestStep4RES03FetchBudget"},
	{"step 6: list by the issuer", "verify/lists.go", "if rec.list.Issuer != b.issuer.String() {", "if false {",
		ofVerify, "TestStep6ListsSignedAnew"},
	{"step 6: list signed by the issuer", "verify/lists.go", "if method.DID() != issuer {", "if false {", ofVerify,
		"TestStep6ListsSignedAnew"},
	{"step 6: list signed at all", "verify/lists.go", "	if len(rec.proofs) == 0 {", "	if false {", ofVerify,
		"TestStep6Status"},
	{"step 6: proof of the list", "verify/lists.go",
		"if err := rec.signed.CheckProof(i, key, did.AssertionMethod); err != nil {",
		"if err := rec.signed.CheckProof(i, key, did.AssertionMethod); false && err != nil {", ofVerify,
		"TestStep6Status"},
	{"step 6: too old", "verify/lists.go", "case age > most:", "case false:", ofVerify, "TestStep6Status"},
	{"step 6: of the future", "verify/lists.go", "if r.tooEarly(rec.list.AsOf) {", "if false {", ofVerify,
		"TestD2EarlyLists"},
	{"step 6: ended", "verify/lists.go", "case r.ended(l.ValidUntil):", "case false:", ofVerify, "TestStep6Status"},
	{"step 6: rolled back", "verify/lists.go", "list.AsOf.Before(state.asOf) {", "false {", ofVerify,
		"TestD1WhenTheNewestDoesNotServe"},
	{"step 6: revoked for good", "verify/lists.go", "if revocation && known.revoked(e) {", "if false {", ofVerify,
		"TestStep6RevokedStays"},
	{"step 6: early proofs", "verify/lists.go",
		"		case r.tooEarly(p.Created):\n			times = r.earlyList(p.Created)\n", "", ofVerify,
		"TestD2EarlyLists"},
	{"step 6: early proofs of a consent", "verify/consent.go", "case r.tooEarly(from):", "case false:", ofVerify,
		"TestS11ProofsOfAnotherTime"},
	{"step 6: accepted in the future", "verify/consent.go",
		"err == nil && r.tooEarly(at) {", "err == nil && at.IsZero() {", ofVerify,
		"TestS11AcceptancesOfAnotherTime"},
	{"step 6: a consent says what its type says", "verify/consent.go", `case lacking(m.Subjects[0], c.Type) != "":`,
		"case false:", ofVerify, "TestConsentsSayWhatTheirTypeSays"},
	{"step 7: an obligation beside a denial", "verify/rule.go", "case *Violation, *code.Error, Code:\n\t\t\treturn nil",
		"case *code.Error:\n\t\t\treturn nil", ofVerify, "TestAnObligationNeverStandsForADenialBesideIt"},
	{"step 6: ended proofs of a consent", "verify/consent.go", "case r.ended(proofs[i].Expires):", "case false:",
		ofVerify, "TestS11ProofsOfAnotherTime"},
	{"step 6: kill switches of the anchor", "verify/step6_status.go", "if p.Issuer != r.anchorOf.Issuer {",
		"if false {", ofVerify,
		"TestS17KillSwitchesAreTheAnchors"},
	{"lists: the newest serves while it is fresh", "verify/lists.go", "if known.edition == nil {", "if true {",
		ofVerify, "TestD1OneCopyIsBehind"},
	{"lists: the newest is fresh", "verify/lists.go", "return rec, r.fresh(known.list(), time.Time{})",
		"return rec, nil", ofVerify,
		"TestD1WhenTheNewestDoesNotServe"},
	{"lists: the newest is signed with a key of today", "verify/lists.go",
		"rec, err := r.proveList(ctx, known.edition, b.issuer)",
		"rec, err := known.edition, error(nil)", ofVerify, "TestD1WhenTheNewestDoesNotServe"},
	{"lists: of one instant", "verify/lists_memory.go", "both := rec.list.With(s.list())", "both := rec.list",
		ofVerify, "TestEditionsOfOneInstant"},
	{"lists: by issuer", "verify/lists_table.go", "if e.url == url && e.issuer == issuer {", "if e.url == url {",
		ofVerify, "TestListTable"},
	{"lists: only the one asked for", "verify/lists.go", "result, err := rec.list.Status(*e)\n",
		"result, err := rec.list.Status(*e)\n	err = nil\n", ofVerify, "TestStep6OtherListsLeaveNoTrace"},
	{"lists: the room of an agent", "verify/lists_quota.go", "shares = append(shares, a.quota.agent(id))", "_ = id",
		ofVerify, "TestListQuotaIsFair"},
	{"lists: room of whoever brings it", "verify/lists_memory.go", " && !e.growFor(payer, cost) {",
		" && (true || !e.growFor(payer, cost)) {", ofVerify, "TestS4RoomOfWhoeverCameFirst"},
	{"lists: what others paid is given back", "verify/lists_quota.go", "e.others[i].close()", "_ = e.others[i]", ofVerify,
		"TestS4RoomOfWhoeverCameFirst"},
	{"lists: the room of the anchor", "verify/lists_quota.go", "return listAccount{side: &q.own, quota: q}, true",
		"return listAccount{side: &q.below, quota: q}, true", ofVerify, "TestS3ListsOfDelegatesPushOutNothing"},
	{"lists: what is not over", "verify/lists_quota.go", "if e == needy || !e.over(now, m.ages) {", "if e == needy {",
		ofVerify,
		"TestS3ListsOfDelegatesPushOutNothing"},
	{"lists: revocations are not over", "verify/lists_memory.go",
		"			return !e.own && now.Unix() > e.lastEnd.Load()\n", "			return true\n",
		ofVerify, "TestS4HowLongRevocationsAreKept"},
	{"lists: an anchor's revocations stay", "verify/lists_memory.go", "return !e.own && now.Unix()",
		"return now.Unix()", ofVerify,
		"TestS4HowLongRevocationsAreKept"},
	{"lists: more revocations than are remembered", "verify/lists.go", "case known.full.Load():", "case false:",
		ofVerify,
		"TestS4RevocationsArePushedOutByNone"},
	{"lists: kept before it is relied on", "verify/lists_memory.go",
		"if next.asOf != old.asOf || next.sum != old.sum {", "if false {", ofVerify,
		"TestS15StoreThatFails"},
	{"lists: revocations are kept", "verify/lists_memory.go", "mark.Revoked = []RevokedEntry{x}",
		"mark.Revoked = nil", ofVerify, "TestS15Restart"},
	{"the zero Verifier", "verify/pipeline.go", "if !v.made() {", "if false {", ofVerify, "TestS20ZeroVerifier"},
	{"the zero cache of documents", "did/cache.go", "if c == nil || c.resolver == nil {", "if c == nil {", ofVerify,
		"TestS20ZeroValuesHaveNoAnswers"},
	{"the zero cache of lists", "statuslist/cache.go", "return c != nil && c.source != nil", "return c != nil",
		ofVerify, "TestS20ZeroValuesHaveNoAnswers"},
	{"facts of each rule's own", "verify/rule.go", "f.Chain[i] = r.links[i].passport.Clone()",
		"f.Chain[i] = r.links[i].passport", ofVerify,
		"TestS18RulesReachNobody"},
	{"shield: who hangs up", "verify/shield/shield.go", "case over || cutOff(err):", "case over && cutOff(err):",
		"./verify/shield", "TestS6CutOff"},
	{"shield: what is cut off", "verify/shield/shield.go", "case over || cutOff(err):", "case over:",
		"./verify/shield", "TestS6CutOff"},
	{"http: who hangs up", "verify/verifyhttp/handler.go", "if becomes == Release && r.Context().Err() != nil {",
		"if false {", ofGuard,
		"TestS6HangingUpReleasesNothing"},
	{"step 6: principal of a consent", "verify/consent.go", "m.Issuer.ID != principal:",
		"m.Issuer.ID != principal && false:", ofVerify,
		"TestE3ConsentFaults"},
	{"step 6: edition of a consent", "verify/consent.go", "case s.Digest() != c.Digest:", "case false:", ofVerify,
		"TestE3ConsentFaults"},
	{"step 8: replay", ofLedger + "call.go", "if n, _ := s.nonces.find(&c.replay); n != nil {",
		"if n, _ := s.nonces.find(&c.replay); false && n != nil {",
		ofVerify, "TestStep8OneChallengeServesOnce"},
	{"step 8: reserved", ofLedger + "tally.go", "			t.sum = t.sum.Add(q)\n", "", ofVerify,
		"TestStep8Budgets"},

	// The server for the official suites.
	{"server: any proof accepted", check, "if !key.Verify((*buf)[n:], (*buf)[:n]) {",
		"if false && !key.Verify((*buf)[n:], (*buf)[:n]) {", ofHTTP,
		"TestVerifyMustReject"},
	{"server: challenge ignored", server, `case q.Options.Challenge != "" && p.Challenge != q.Options.Challenge:`,
		"case false:", ofHTTP,
		"TestPresentationMustVerify"},
	{"server: domain ignored", server, "case len(q.Options.Domain) > 0 && !sameSet(p.Domain, q.Options.Domain):",
		"case false:", ofHTTP,
		"TestPresentationMustVerify"},
	{"server: status ignored", server, "return s.status(ctx, c)", "return nil", ofHTTP, "TestStatus"},
	{"server: issuer not bound", check, "	case !bound:", "	case false:", ofHTTP, "TestVerifySection5"},
	{"server: validity ignored", server, "if err := within(s.now(), c.ValidFrom, c.ValidUntil); err != nil {",
		"if err := error(nil); err != nil {", ofHTTP,
		"TestVerifySection5"},
	{"server: expiry of proofs ignored", server, "if err := within(s.now(), time.Time{}, p.Expires); err != nil {",
		"if err := within(s.now(), time.Time{}, p.Expires); false && err != nil {", ofHTTP, "TestVerifySection5"},
	{"server: nested credential unverified", server, "if selfAsserted(vp.Unverified().Holder, inner) {", "if true {",
		ofHTTP, "TestPresentationMustReject"},
	{"server: anybody's word about others", server,
		"c.NumProofs() == 0 && holder != \"\" && c.Unverified().Issuer.ID == holder", "c.NumProofs() == 0",
		ofHTTP, "TestPresentationMustReject"},

	// HTTP.
	{"http: a target with two readings", form, `doubt != ""`, `doubt == "?"`, ofGuard, "TestF4StripPrefix"},
	{"http: a path spelled otherwise", form, "u.RawPath != u.EscapedPath()", "false", ofGuard, "TestWEB05Paths"},
	{"http: fields that override", form, "			if !same {", "			if !same && false {", ofGuard,
		"TestF3OverridingFields"},
	{"http: upgrades", form, `if len(r.Header["Upgrade"]) > 0 &&`, "if false &&", ofGuard, "TestF2ConnectionUpgrade"},
	{"http: words that may not travel", "verify/verifyhttp/problem.go", "p.Detail = public(v.Detail)",
		"p.Detail = v.Detail", ofGuard,
		"TestF5GuardSentencesTravel"},
	{"http: a reason that does not pass", "verify/refusal.go", "		if until.IsZero() {", "		if false {",
		ofGuard, "TestF6RetryAfter"},
	{"http: redirected acts", client, "shown && safe &&", "shown &&", ofGuard, "TestF7RedirectThatDropsThePassport"},
	{"http: one act for one key", client, "case 1:", "case -1:", ofGuard, "TestF8F9RetriesUnderOneKeyActOnce"},
	{"http: one site in the limiter", "verify/verifyhttp/memorylimiter.go", "at.networks < max(l.keys/siteParts, 1)",
		"true", ofGuard,
		"TestB4OneSiteDoesNotFillTheLimiter"},

	// The guards of json-gold.
	{"json-gold: statements not counted", gold + "goldld.go", "if got := dataset.Distinct(); got != statements {",
		"if got := dataset.Distinct(); got != statements && false {", ofGold, "TestGuardsOfJSONGold"},
	{"json-gold: no safe mode", gold + "goldld.go", "c.files, true\n", "c.files, false\n", ofGold,
		"TestGuardsOfJSONGold"},
	{"json-gold: null accepted", gold + "text.go", "	case strictjson.Null:\n		return",
		"	case strictjson.Null:\n		return nil\n		return", ofGold, "TestGuardsOfJSONGold"},
	{"json-gold: embedded credentials", gold + "expanded.go", "name == embeddedCredential &&", "false &&", ofGold,
		"TestGuardsOfJSONGold"},
	{"json-gold: direction", gold + "expanded.go", "			return lost(\"a literal with %.80s\", name)\n", "",
		ofGold, "TestGuardsOfJSONGold"},
	{"json-gold: fractions", gold + "expanded.go", "if x != math.Trunc(x) || math.Abs(x) > maxInteger {",
		"if math.Abs(x) > math.MaxFloat64 {", ofGold,
		"TestGuardsOfJSONGold"},
	{"json-gold: container lost", gold + "text.go", `box.Exists() && box.Str() != "@set"`, `false && box.Exists()`,
		ofGold, "TestGuardsOfJSONGold"},
	{"json-gold: protected terms", gold + "text.go",
		"		return err\n	}\n	return c.checkValue(root, active)",
		"		active = c.set.Initial()\n	}\n	return c.checkValue(root, active)", ofGold,
		"TestGuardsOfJSONGold"},

	// What stands between JSON and RDF.
	{"loss not counted", "internal/jsonld/jsonld.go", "if got := d.Distinct(); !in.Conformance && got != claims {",
		"if got := d.Distinct(); false && got != claims {", "./internal/jsonld", "TestLossCheck"},

	// The order of authority: each facet of it, left out.
	{"narrowing: capabilities", "passport/capability.go", "	narrow: narrowCapabilities,\n", "", ofPassport,
		"TestNarrowsFacets"},
	{"narrowing: currencies", spend,
		"if !slices.ContainsFunc(above.currencies, func(p grant) bool { return p.covers(g) }) {", "if false {",
		ofPassport,
		"TestNarrowsFacets"},
	{"narrowing: spend", spend, "link.spend[j].Money.Cmp(p.Money) > 0", "false", ofPassport, "TestNarrowsFacets"},
	{"narrowing: limits", "passport/limit.go", "if j >= 0 && link.limits[j].Int > p.Int {", "if false {", ofPassport,
		"TestNarrowsFacets"},
	{"narrowing: permissions", "passport/limit.go", "if !slices.Contains(above.allow, a) {", "if false {", ofPassport,
		"TestNarrowsFacets"},
	{"permissions ask for a boolean", "passport/limit.go",
		"case l.Kind == LimitAllow && v.Kind() != strictjson.Bool:", "case false:", ofPassport,
		"TestS7PermissionsByKind"},
	{"a limit grants its action alone", spend, "if a.SpendLimits[i].AppliesTo(act) {",
		"if a.SpendLimits[i].Money.SameAsset(act.Amount) {", ofPassport,
		"TestS8ScopedLimitsGrantTheirActionsAlone"},
	{"narrowing: granted pairs", spend, `return g.asset.SameAsset(o.asset) && (g.action == "" ||`,
		`return g.asset.SameAsset(o.asset) && (true ||`,
		ofPassport, "TestS8ScopedLimitsGrantTheirActionsAlone"},
	{"a limit with an action wants an amount", spend, `l.Action != "" && ActionCovers(l.Action, q.act.Action)`,
		"false", ofPassport,
		"TestS21ScopedLimitsWantAnAmount"},
	{"circles by the keys that names are made of", "passport/descent.go", "if a == p.Agent || oneKey(a, p.Agent) {",
		"if a == p.Agent {", ofVerify,
		"TestS10CirclesAreToldByKeys"},
	{"circles by the keys that signed", "verify/step5_delegation.go",
		"if s.key != o.key || party(s) == party(o) || party(s) < 2 {",
		"if true || party(s) == party(o) {", ofVerify, "TestS10CirclesAreToldByKeys"},
	{"a delegate's word on what runs", "verify/attestation.go", "if same && !r.vouched() {", "if same && false {",
		ofVerify, "TestS10DelegatesDoNotVouch"},
	{"a delegate's word where one is required", "verify/policy/attestations.go",
		"if (a.Required || listed) && !says.IsZero() && !f.Vouched {", "if false {",
		ofVerify, "TestS10DelegatesDoNotVouch"},
	{"payments carry an amount", "verify/step7_authority.go", "if passport.ActionCovers(pattern, q.Action) {",
		"if false {", ofVerify,
		"TestS21PaymentsCarryAnAmount"},
	{"a renewed passport's account", "verify/charges.go", `n.passport.GrantID != "" && n.passport.Issuer == n.anchor`, "false",
		ofVerify,
		"TestS13RenewedPassportsShareABudget"},
	{"a delegate's account is one passport's", "verify/charges.go", `n.passport.GrantID != "" && n.passport.Issuer == n.anchor`,
		`n.passport.GrantID != ""`, ofVerify,
		"TestS13WhoseBudgetItIs"},
	{"a lifetime is one passport's", "verify/charges.go", "l.Per == passport.PerLifetime && n.underGrant() {",
		"false {", ofVerify,
		"TestS13RenewedPassportsShareABudget"},
	{"narrowing: text grants", "passport/facet_texts.go", "if !slices.Contains(have, v) {", "if false {", ofPassport,
		"TestNarrowsFacets"},
	{"narrowing: text restrictions", "passport/facet_texts.go",
		"if !slices.ContainsFunc(have.values, func(pattern string) bool { return covers(pattern, v) }) {",
		"if false {", ofPassport, "TestNarrowsFacets"},
	{"narrowing: assurance", "passport/assurance.go", "if link.assurance.Rank() > above.assurance.Rank() {",
		"if false {", ofPassport, "TestNarrowsFacets"},
	{"narrowing: depth", "passport/depth.go", "if link.deepest > above.deepest {", "if false {", ofPassport,
		"TestNarrowsFacets"},
	{"wildcards: values with two readings", "passport/path.go", `onepath.Doubt(rest) != ""`,
		`onepath.Doubt(rest) == "?"`, ofPassport,
		"TestS9AmbiguousValuesPassNoWildcard"},
}

const root = "../.."

// faults returns what is wrong with a row, given the text of its file and of
// the tests of its package. A row that matches nothing, or more than one place,
// would break nothing, or more than one check.
func (m mutant) faults(source, tests string) (found []string) {
	if n := strings.Count(source, m.old); n != 1 {
		found = append(found, fmt.Sprintf("%s: the text is found %d times in %s, want once: %s", m.name, n, m.file,
			m.old))
	}
	if m.new == m.old {
		found = append(found, m.name+": the text changes nothing")
	}
	if !regexp.MustCompile(`(?m)^func ` + m.test + `\(t \*testing\.T\)`).MatchString(tests) {
		found = append(found, m.name+": "+m.pkg+" has no test "+m.test)
	}
	return found
}

// Every row of the table can be carried out. This runs without the build tag,
// so that whoever changes a line of the code changes its row too.
func TestTableIsAlive(t *testing.T) {
	tests := map[string]string{}
	names := map[string]bool{}
	for _, m := range mutants {
		require.False(t, names[m.name], "%s is listed twice", m.name)
		names[m.name] = true
		source, err := os.ReadFile(filepath.Join(root, m.file))
		require.NoError(t, err, m.name)
		if tests[m.pkg] == "" {
			files, err := filepath.Glob(filepath.Join(root, m.pkg, "*_test.go"))
			require.NoError(t, err)
			for _, file := range files {
				text, err := os.ReadFile(file)
				require.NoError(t, err)
				tests[m.pkg] += string(text)
			}
		}
		for _, fault := range m.faults(string(source), tests[m.pkg]) {
			t.Error(fault)
		}
	}
}

// The test above can fail.
func TestDeadRowsAreFound(t *testing.T) {
	row := mutant{"row", "x.go", "if bad {", "if false {", "./x", "TestX"}
	const source, tests = "if bad {\n}", "func TestX(t *testing.T) {"
	require.Empty(t, row.faults(source, tests))
	require.Len(t, row.faults("", tests), 1)
	require.Len(t, row.faults(source+source, tests), 1)
	require.Len(t, row.faults(source, "func TestXY(t *testing.T) {"), 1)
	row.new = row.old
	require.Len(t, row.faults(source, tests), 1)
}
