package packs

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
)

func value(t testing.TB, text string) credential.Value {
	t.Helper()
	v, err := credential.ParseValue(text)
	require.NoError(t, err)
	return v
}

var outcomes = map[outcome]string{yes: "yes", no: "no", absent: "absent", fault: "fault"}

// P13: what each expression says. One row for each thing that the package comment
// promises.
func TestP13Language(t *testing.T) {
	act := &Act{
		Holder: Holder{Status: "active", Assurance: "L4FIN", Regions: []string{"DE"}},
		Limits: value(t, `{"most": 100, "list": ["a", "b"], "empty": [], "x": {"EUR": 5}, "flag": false, "big": 1e30,
			"hosts": ["example.com"], "paths": ["/srv/data/"], "sizes": {"mb": 10}, "text": "7"}`),
		Context: value(t, `{"n": 100, "price": 0.10, "cur": "EUR", "t": "a b  c", "on": true, "null": null,
			"items": [{"q": 2, "p": 1.05}, {"q": 1, "p": 0.90}], "huge": 1e40, "sizes": {"mb": 11}, "when": "2026-11-28T06:59:59Z"}`),
		Now: time.Date(2026, 11, 28, 7, 0, 0, 0, time.UTC),
	}
	for _, row := range []struct{ text, want string }{
		{`context.n <= limits.most`, "yes"},
		{`context.n < limits.most`, "no"},
		{`context.n >= limits.most and context.n == 100.0`, "yes"},
		{`context.n > limits.most or context.n != 100`, "no"},
		{`context.price * 3 == 0.3`, "yes"}, // no floating point
		{`context.n + 1 - 2 == 99`, "yes"},
		{`sum(i in context.items, i.q * i.p) == 3`, "yes"},
		{`sum(i in context.items, i.missing) == 3`, "fault"},
		{`context.missing <= limits.most`, "absent"},
		{`context.null <= limits.most`, "absent"},
		{`context.missing <= 1 or context.n == 100`, "yes"},
		{`context.missing <= 1 and context.n == 99`, "no"},
		{`context.missing <= 1 and context.n == 100`, "absent"},
		{`not context.missing <= 1`, "absent"},
		{`context.n <= limits.text`, "fault"}, // types are not converted
		{`context.on == "true"`, "fault"},
		{`yes(context.on) and context.n <= limits.text`, "fault"},
		{`context.n <= limits.text or no(context.on)`, "fault"},
		{`context.n <= limits.text or yes(context.on)`, "yes"},
		{`context.huge > limits.big`, "fault"}, // which of two is larger is not known
		{`context.huge > limits.most`, "yes"},
		{`context.huge - context.huge <= 1`, "no"},
		{`limits.x[context.cur] == 5`, "yes"},
		{`limits.x["USD"] == 5`, "absent"},
		{`limits.x[context.n] == 5`, "fault"},
		{`context.cur in limits.list or "b" in limits.list`, "yes"},
		{`"c" not in limits.list`, "yes"},
		{`"c" in limits.missing`, "absent"},
		{`"c" in limits.most`, "fault"},
		{`every(x in limits.list, x != "c") and some(x in limits.list, x == "b")`, "yes"},
		{`every(x in limits.empty, x == "c")`, "yes"},
		{`some(x in limits.empty, x == "c")`, "no"},
		{`every(x in context.items, x.missing == 1)`, "no"},
		{`every(x in context.items, some(y in limits.list, y == "b"))`, "yes"},
		{`has(context.on) and not has(context.missing) and not has(context.null)`, "yes"},
		{`yes(context.on) and no(limits.flag) and not yes(limits.flag) and not yes(context.missing)`, "yes"},
		{`default(context.missing, 5) == 5 and default(context.n, 5) == 100`, "yes"},
		{`size(limits.list) == 2 and size(context.t) == 6 and words(context.t) == 3`, "yes"},
		{`bytes(limits.x) == 9 and bytes(context.t) == 6`, "yes"},
		{`age(context.when) == 1`, "yes"},
		{`age(context.t) == 1`, "fault"},
		{`assured(passport.assurance_level, "L4KYC")`, "yes"},
		{`passport.assurance_level >= "L4KYC"`, "no"}, // as texts, the published rule
		{`assured(passport.assurance_level, "L9")`, "no"},
		{`assured("L9", "L0")`, "no"},
		{`covered("DE-BY", passport.regions) and not covered("DEX", passport.regions)`, "yes"},
		{`host_in("https://a.example.com/", limits.hosts)`, "yes"},
		{`host_in("https://notexample.com/", limits.hosts)`, "no"},
		{`within("/srv/data/../x", limits.paths)`, "no"},
		{`pair_in("a-b", limits.list) and not pair_in("a-c", limits.list)`, "yes"},
		{`all_members(context.sizes, limits.sizes)`, "no"},
		{`equal_fold("A", limits.list)`, "yes"},
		{`some_name(limits.x, limits.list)`, "no"},
		{`some_header(context.sizes, limits.list)`, "no"},
		{`secure("https://x") and plain("ls -la") and not plain("a;b")`, "yes"},
	} {
		e, err := compile(row.text)
		require.NoError(t, err, row.text)
		require.Equal(t, row.want, outcomes[(&evaluation{act: act}).condition(e)], row.text)
	}
}

// P13: the package comment says of each function what it does.
func TestP13EveryFunctionIsDocumented(t *testing.T) {
	text, err := os.ReadFile("doc.go")
	require.NoError(t, err)
	for name := range functions {
		require.Contains(t, string(text), name+"(", name)
	}
	for _, member := range passportMembers {
		require.Contains(t, string(text), member)
	}
}

// P13: what is no expression is refused, with the place.
func TestP13LanguageErrors(t *testing.T) {
	for _, row := range []struct{ text, want string }{
		{``, `want a value, not ""`},
		{`context.n`, "this is a value, not a condition"},
		{`context.n == `, "want a value"},
		{`context.n == 1 1`, `"1" is left over`},
		{`eval("x") == 1`, `there is no function "eval"`},
		{`constructor.prototype == 1`, `"constructor" is not a function`},
		{`passport.limits == 1`, "a passport has"},
		{`passport == 1`, "a passport has"},
		{`context.n == (context.n == 1)`, "a condition stands where a value is wanted"},
		{`context.n and context.m`, "a value stands where a condition is wanted"},
		{`every(context in limits.x, yes(context))`, "want a new name"},
		{`every(x in limits.x, x)`, "want a list, then a condition"},
		{`sum(x in limits.x, yes(x)) == 1`, "want a list, then a condition"},
		{`some(a in limits.x, some(b in a, some(c in b, some(d in c, yes(d)))))`, "at most 3"},
		{`has(context.a, context.b)`, "has takes 1 arguments, not 2"},
		{`context.a == "a\n"`, "a backslash"},
		{`context.a == "a`, "no closing quote"},
		{`context.a = 1`, "begins nothing of this language"},
		{`context.a == 1e5`, `"e5" is left over`},
		{strings.Repeat("(", 30) + "yes(context.a)" + strings.Repeat(")", 30), "nests deeper"},
		{"yes(context.a)" + strings.Repeat(" and yes(context.a)", 80), "bytes, at most 1000"},
		{"yes(x.a)", `"x" is not a function`},
		{"1" + strings.Repeat("+1", 120) + " == 1", "more than 200 parts"},
	} {
		_, err := compile(row.text)
		require.ErrorContains(t, err, row.want, row.text)
	}
}

// P13: an act costs a bounded number of steps, whatever its lists.
func TestP13WorkIsBounded(t *testing.T) {
	list := "[" + strings.Repeat(`"x",`, 1000) + `"y"]`
	act := &Act{Context: value(t, `{"l": `+list+`}`), Limits: value(t, `{"l": `+list+`}`)}
	e, err := compile(`every(a in context.l, every(b in limits.l, a != "z"))`)
	require.NoError(t, err)
	ev := &evaluation{act: act}
	require.Equal(t, fault, ev.condition(e), "what cannot be judged denies")
	require.LessOrEqual(t, ev.steps, maxSteps+1000)
}

// P13: arithmetic is that of exact decimals, or says that it is too large.
func TestP13NumbersAreExact(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // a fixed sequence
	text := func() string {
		s := fmt.Sprint(r.Int64N(1e9))
		switch r.IntN(4) {
		case 0:
			s += "." + fmt.Sprint(r.Int64N(1e6))
		case 1:
			s += fmt.Sprintf("e%d", r.IntN(12)-4)
		case 2:
			s = fmt.Sprint(r.Int64())
		}
		if r.IntN(2) == 0 {
			s = "-" + s
		}
		return s
	}
	rat := func(n number) *big.Rat {
		den := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n.scale)), nil)
		return new(big.Rat).SetFrac(big.NewInt(n.digits), den)
	}
	for range 20000 {
		x, y := text(), text()
		a, okA := parseNumber(x)
		b, okB := parseNumber(y)
		if !okA || !okB || a.huge != 0 || b.huge != 0 {
			continue
		}
		wantA, _ := new(big.Rat).SetString(x)
		wantB, _ := new(big.Rat).SetString(y)
		require.Zero(t, rat(a).Cmp(wantA), x)
		order, known := a.compare(b)
		require.True(t, known)
		require.Equal(t, wantA.Cmp(wantB), order, "%s ? %s", x, y)
		for _, op := range []struct {
			got  number
			want *big.Rat
		}{
			{a.plus(b), new(big.Rat).Add(wantA, wantB)}, {a.minus(b), new(big.Rat).Sub(wantA, wantB)},
			{a.times(b), new(big.Rat).Mul(wantA, wantB)},
		} {
			if op.got.huge == 0 {
				require.Zero(t, rat(op.got).Cmp(op.want), "%s, %s", x, y)
			}
		}
	}
}

// P13: hosts, paths and commands by their parts.
func TestP13HostsPathsCommands(t *testing.T) {
	for url, want := range map[string]string{
		"https://example.com/a": "example.com", "https://example.com@evil.test/": "evil.test",
		"https://evil.test/?q=example.com": "evil.test", "https://EXAMPLE.com.:8443": "example.com",
		"https://[::1]:80/": "[::1]", "ftp://example.com": "", "example.com": "", "https:///x": "",
		"https://example.com\\@evil.test": "", "https://ex%61mple.com": "", "https://a b": "",
	} {
		require.Equal(t, want, hostOf(url), url)
	}
	for _, private := range []string{"127.0.0.1", "2130706433", "0x7f.1", "0177.0.0.1", "169.254.169.254", "10.1.2.3",
		"[::1]", "[::ffff:127.0.0.1]", "[fd00::1]", "[fe80::1%25eth0]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "localhost", "a.localhost",
		"100.64.0.1", "192.168.0.1", "0.0.0.0", "1.2.3.4.5", "999.1.1.1", "", "metadata.google.internal", "4294967296"} {
		require.False(t, publicHost(private), private)
	}
	for _, public := range []string{"example.com", "93.184.216.34", "[2606:4700::1111]", "1.1.1.1", "x0.test"} {
		require.True(t, publicHost(public), public)
	}
	for _, row := range []struct {
		path, entry string
		want        bool
	}{
		{"/srv/data/a", "/srv/data/", true}, {"/srv/data/a", "/srv/data", true}, {"/srv/data", "/srv/data/*", true},
		{"/srv/data/a/b", "/srv/data/**", true}, {"/srv/data-evil/a", "/srv/data", false}, {"/srv/data/../x", "/srv/data/", false},
		{"/opt/srv/data/a", "srv/data", false}, {"a/b", "a", true}, {"../a", "a", false}, {"/a", ".", false}, {"a", ".", true},
		{"/a", "/", true}, {"/a\x00b", "*", false}, {"/a/b", "*", true}, {"/a/x/b", "/a/*/b", false}, {"/a/b", "/a*", false},
		{"/srv/data\\..\\x", "/srv/data", false},
	} {
		require.Equal(t, row.want, within(row.path, row.entry), "%s in %s", row.path, row.entry)
	}
	for _, row := range []struct {
		command, entry string
		want           bool
	}{
		{"git status", "git", true}, {"git", "git", true}, {"gitleaks", "git", false}, {"git status; rm x", "git", false},
		{"git log $(cat x)", "git", false}, {"git log `x`", "git", false}, {"git a && b", "git", false}, {"git a\nrm b", "git", false},
		{"git a > b", "git", false}, {"git status -s", "git status", true}, {"git statusx", "git status", false}, {"x=1 git", "git", false},
		{"git", "", false}, {"git a | sh", "git", false},
	} {
		require.Equal(t, row.want, commandBegins(row.command, row.entry), "%q by %q", row.command, row.entry)
	}
}

// FuzzP13Expression: what compiles is judged without a panic, in bounded steps.
func FuzzP13Expression(f *testing.F) {
	f.Add(`context.amount <= limits.most`, `{"amount": 1.5}`, `{"most": 2}`)
	f.Add(`every(a in context.l, some(b in limits.l, a.x == b)) or not host_in(context.u, limits.l)`, `{"l": [{"x": 1}], "u": "http://[::1]/"}`, `{"l": ["1"]}`)
	f.Add(`sum(i in context.l, i * i) - bytes(context) > age("2026-11-28T07:00:00Z")`, `{"l": [1e300, -0.5]}`, `{}`)
	f.Fuzz(func(t *testing.T, text, context, limits string) {
		e, err := compile(text)
		if err != nil {
			return
		}
		c, err := credential.ParseValue(context)
		if err != nil {
			return
		}
		l, err := credential.ParseValue(limits)
		if err != nil {
			return
		}
		ev := &evaluation{act: &Act{Context: c, Limits: l}}
		first := ev.condition(e)
		if ev.calls != 0 || ev.steps > maxSteps+len(context)+len(limits)+maxNodes {
			t.Fatalf("%d calls, %d steps", ev.calls, ev.steps)
		}
		if again := (&evaluation{act: ev.act}).condition(e); again != first {
			t.Fatalf("%d, then %d", first, again)
		}
	})
}

// FuzzP13Load: a text is a pack or an error, and a pack keeps its digest.
func FuzzP13Load(f *testing.F) {
	for _, id := range IDs()[:4] {
		text, _ := data.ReadFile("data/" + id + ".json")
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		p, err := Load(text, "")
		if err != nil {
			return
		}
		if _, err := Load(text, p.Digest()); err != nil {
			t.Fatal(err)
		}
		p.Judge(Strict, &Act{Context: value(t, `{}`)})
	})
}
