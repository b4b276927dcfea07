package main

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/safeconduct/safeconduct/cmd/safeconduct/internal/cli"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/datetime"
	"github.com/safeconduct/safeconduct/internal/limits"
	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/statuslist"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/bundle"
	"github.com/safeconduct/safeconduct/verify/ledger"
)

// trusted is who is trusted, and for what.
type trusted struct {
	issuers []did.DID
	scope   verify.Anchor // without the issuer
}

func (t *trusted) flags(help string) []cli.Flag {
	s := &t.scope
	return []cli.Flag{
		flag("trust", checked(didList(&t.issuers), t.once), help),
		flag("trust-action", checked(cli.List("NAME", &s.Actions), checkScope),
			"for these actions alone (payments.*); as the next three, for every -trust"),
		flag("trust-ceiling", each(&s.Ceilings, moneyValue), "in these currencies alone, and so much for one payment"),
		flag("trust-region", checked(cli.List("CODE", &s.Regions), passport.CheckRegion), "in these regions alone"),
		flag("trust-assurance", levelValue(&s.MaxAssurance),
			"how well its word identifies people, at most: L0 unless given, or L1, L2, L3, L4KYC, L4FIN"),
	}
}

// once refuses an issuer that is named already.
func (t *trusted) once(text string) error {
	if slices.ContainsFunc(t.issuers, func(d did.DID) bool { return d.String() == text }) {
		return errors.New("it is listed twice")
	}
	return nil
}

func checkScope(action string) error {
	if action == "*" {
		return nil
	}
	return passport.CheckActionPattern(action)
}

// anchors makes an anchor of each issuer.
func (t *trusted) anchors() (list []verify.Anchor) {
	for _, issuer := range t.issuers {
		anchor := t.scope
		anchor.Issuer = issuer
		list = append(list, anchor)
	}
	return list
}

// judging is the command line of what decides: verify and explain.
type judging struct {
	*app
	*cli.Verb
	trusted trusted
	docs    documents
	lists   string

	bundle  string
	options bundle.Options

	act    act
	q      verify.Request
	config verify.Config
	at     time.Time // of -at
	memory memory
}

func (a *app) judging(v *cli.Verb) *judging {
	j := &judging{app: a, Verb: v}
	j.Args, j.NoArgs = []string{"FILE"}, "the file to "+v.Name+" is needed; - for standard input"
	j.Flags = slices.Concat(j.believed(), j.act.flags(), []cli.Flag{
		{Help: "What it needs"},
		flag("owner", cli.Text("IRI", &j.q.ResourceOwner),
			"whose resource it is: the passport must be of that person"),
		flag("min-assurance", levelValue(&j.q.MinAssurance), "how well the person must be known: L0 unless given"),
	}, j.judged(), []cli.Flag{
		flag("insecure-bare", cli.Switch(&j.config.InsecureAllowBarePassports),
			"accept a passport without a presentation, which serves whoever holds it"),
	}, j.memory.flags("remember in this file what is shown and spent, and what lists said; without it, a command has no memory"),
		[]cli.Flag{a.clock()})
	return j
}

// believed are the flags for what is believed.
func (j *judging) believed() []cli.Flag {
	return slices.Concat([]cli.Flag{{Help: "What is believed: either"}},
		j.trusted.flags("an issuer whose passports count"),
		[]cli.Flag{flag("lists", cli.Text("DIR", &j.lists), `the folder of status lists, as safeconduct status publish writes it;
			without it no passport can be checked for revocation, and the answer is "undetermined"`)},
		j.docs.flags(),
		[]cli.Flag{
			{Help: "or a trust bundle, which holds all of that"},
			flag("bundle", cli.Text("FILE", &j.bundle), "as safeconduct bundle create writes it"),
			flag("bundle-signer", didList(&j.options.Signers),
				"who signs it. -did-docs and -web then find the keys of signers, and nothing else"),
			flag("bundle-sequence", cli.Number(&j.options.MinSequence),
				"the lowest edition that is taken; an older one would bring back what was revoked"),
		})
}

// judged are the flags for how it is judged.
func (j *judging) judged() []cli.Flag {
	return []cli.Flag{
		{Help: "How it is judged"},
		flag("format", formatsValue(&j.config.Formats), "vc+jwt: accept tokens (vc+jwt, vp+jwt), too"),
		flag("skew", cli.Duration(&j.config.Skew, 0, limits.MaxSkew),
			"how far clocks may differ: 0 unless given, at most 5m"),
		flag("max-status-age", cli.Duration(&j.config.Bounds.StatusAge, 0, limits.Max().StatusAge),
			"the oldest status list: 24h unless given, at most 168h"),
	}
}

func (a *app) verify() *cli.Verb {
	j := a.judging(&cli.Verb{
		Name: "verify", Summary: "decide: allowed, denied or undetermined",
		About: `Decides whether what is shown in FILE (- for standard input) allows the act that the flags describe. The flags
say what is really about to happen; they are never taken from what is shown.`,
		Notes: `Exit code: 0 allowed, 1 denied, 3 undetermined (refused, too), 2 usage, 4 I/O. Only "allowed" is printed on
standard output; a refusal goes to standard error (with -json, both go to standard output).

Without -store a command has no memory. That a presentation is shown a second time, and what was spent before of a budget
or a rate, is judged within this one run, and so never noticed: hand out a -nonce of your own for each act, and accept
each once. With -store both are known from run to run. What an allowed act takes is then reserved; when it was done, or
not, say so with safeconduct ledger settle. If nobody does within five minutes, it counts as spent.`,
		Example: `safeconduct verify -trust did:key:z6Mk… -lists lists \
  -audience did:web:shop.example -action payments.charge \
  -amount "12.50 USD" -category compute shown.json`,
	})
	j.Flags = append(j.Flags, flag("jsonl", cli.Switch(&a.jsonl), `FILE has one presentation a line, each for the same act: write one decision a line,
		as -json does and with the number of its line, in the same order`))
	j.Flags = append(j.Flags, flag("create-namespace", cli.Switch(&j.memory.options.CreateNamespace),
		"make the ledger of -namespace in a -store that has others; without it, a mistyped name is refused"))
	j.Run = func(ctx context.Context, files []string) error {
		v, err := j.prepare(ctx)
		if err != nil {
			return err
		}
		if a.jsonl {
			return j.many(ctx, v, files[0])
		}
		raw, err := j.document(files[0])
		if err != nil {
			return err
		}
		d, err := v.Verify(ctx, raw, j.q)
		if d.Code() == verify.RequestInvalid {
			return j.asksWrong(&d.Violations[0])
		}
		d.Violations = spoken(d.Violations)
		switch {
		case a.store != nil:
			if err == nil && !d.Repeated {
				a.note("decision %s: safeconduct ledger settle says what became of it, within five minutes", d.ID)
			}
		case err == nil:
			a.note("a command has no memory: replays, budgets and rates were judged within this run only; shown again, this is allowed again")
		}
		return a.tell(d.Verdict, d.Code(), jsonWith{*d, "memory", a.remembers()}, func(to printer) {
			to.Decision(d)
			if a.nowGiven {
				to.Line("As of %s, which -now says.", datetime.Format(d.At))
			}
		})
	}
	return j.Verb
}

// remembers says, as JSON, what the memory of a decision is.
func (a *app) remembers() string {
	if a.store != nil {
		return `"store"`
	}
	return `"process"`
}

func (a *app) explain() *cli.Verb {
	j := a.judging(&cli.Verb{
		Name: "explain", Summary: "a dry run of verify: why, and what is missing",
		About: `Says what verify would answer, and why: every step, what each link of the chain takes away, and what is missing.
It permits nothing, whatever it says; to let somebody through, use safeconduct verify.`,
		Notes: `Exit code: 0 would be allowed, 1 denied, 3 undetermined, 2 usage, 4 I/O. As with verify, a refusal goes to
standard error (with -json, to standard output).`,
		Example: `safeconduct explain -trust did:key:z6Mk… -lists lists \
  -audience did:web:shop.example -action payments.charge \
  -amount "12.50 USD" -category compute shown.json
safeconduct explain -at 2026-11-01T12:00:00Z -bundle november.bundle …`,
	})
	j.Flags = append(j.Flags, flag("at", instantValue(&j.at), `judge as of an instant in the past, with the lists or the bundle of that
		time: what would the answer have been? A list that was made later is refused`))
	j.Run = func(ctx context.Context, files []string) error {
		v, err := j.prepare(ctx)
		if err != nil {
			return err
		}
		raw, err := j.document(files[0])
		if err != nil {
			return err
		}
		r := (*verify.Report)(nil)
		if j.at.IsZero() {
			r = v.Explain(ctx, raw, j.q)
		} else {
			r = v.Audit(ctx, raw, j.q, j.at)
		}
		if r.Code() == verify.RequestInvalid {
			return j.asksWrong(&r.Violations[0])
		}
		r.Violations = spoken(r.Violations)
		if r.WouldBe == verify.Allow {
			a.note("explain permits nothing: use safeconduct verify to decide")
		}
		return a.tell(r.WouldBe, r.Code(), *r, func(to printer) { to.Report(r) })
	}
	return j.Verb
}

// asksWrong: the flags ask what cannot be asked.
func (j *judging) asksWrong(v *verify.Violation) error {
	return j.Wrong("%s %s", flagOf(v.Path), v.Detail).Hint(hints[v.Code])
}

// tell prints an answer, on standard output if it is that an act is allowed or
// if JSON is asked for, else on standard error.
func (a *app) tell(verdict verify.Verdict, code verify.Code, answer any, print func(printer)) error {
	to := a.text
	if verdict != verify.Allow {
		to = a.err
	}
	if !a.json {
		print(to)
	} else if err := a.text.JSON(answer); err != nil {
		return err
	}
	exit := exitDenied
	switch verdict {
	case verify.Allow:
		return nil
	case verify.Undetermined:
		exit = exitUndetermined
	}
	a.told = a.json
	return &failure{Exit: exit, Err: errors.New(string(code)), Said: true}
}

// prepare makes the verifier that the command line describes.
func (j *judging) prepare(ctx context.Context) (*verify.Verifier, error) {
	if err := j.act.read(j.app); err != nil {
		return nil, err
	}
	q := &j.act
	j.q.Act, j.q.Audience, j.q.Nonce, j.q.BodyDigest = q.Act, q.audience, q.nonce, q.bodyDigest
	at, c := j.now(), &j.config // one instant for the whole decision
	if j.at.After(at) {
		return nil, j.Wrong("-at is %s, which is still to come: want an instant in the past",
			datetime.Format(j.at))
	}
	if !j.at.IsZero() {
		at = j.at
	}
	c.Now, c.Ledger = func() time.Time { return at }, ledger.NewMemory(ledger.Options{})
	if j.memory.file != "" {
		s, err := j.openStore(ctx, &j.memory, j.Name == "verify")
		if err != nil {
			return nil, err
		}
		c.Ledger, c.Marks, j.options.Marks = s.Ledger(), s.Marks(), s.Marks()
	} else {
		for _, name := range []string{"namespace", "create-namespace"} {
			if j.Given(name) {
				return nil, j.Wrong("-%s is of a -store, which is not given", name)
			}
		}
	}
	believe := j.fromFiles
	if j.bundle != "" || len(j.options.Signers) > 0 {
		believe = j.fromBundle
	}
	if err := believe(ctx); err != nil {
		return nil, err
	}
	v, err := verify.New(*c)
	if err != nil {
		return nil, j.Wrong("%w", err)
	}
	return v, nil
}

// fromFiles: each thing that is believed is named on the command line.
func (j *judging) fromFiles(context.Context) (err error) {
	if len(j.trusted.issuers) == 0 {
		return j.Missing("trust").Hint("-bundle and -bundle-signer name a trust bundle instead")
	}
	if j.Given("bundle-sequence") {
		return j.Wrong("-bundle-sequence is of a -bundle, which is not given")
	}
	j.config.Anchors = j.trusted.anchors()
	if j.config.Resolver, err = j.resolver(j.docs); err != nil || j.lists == "" {
		return err
	}
	j.config.Status = statuslist.Dir(j.lists)
	return isFolder(j.lists)
}

// fromBundle: everything that is believed stands in a trust bundle. Nothing stands beside it, for what is beside it
// would not end when the bundle does.
func (j *judging) fromBundle(ctx context.Context) (err error) {
	for _, name := range []string{"bundle", "bundle-signer"} {
		if !j.Given(name) {
			return j.Missing(name)
		}
	}
	for _, name := range []string{"trust", "trust-action", "trust-ceiling", "trust-region", "trust-assurance", "lists"} {
		if j.Given(name) {
			return j.Wrong("-%s and -bundle exclude each other: a bundle holds anchors and lists of its own", name).
				Hint("safeconduct bundle inspect shows what is in it")
		}
	}
	c, o := &j.config, &j.options
	if o.Resolver, err = j.resolver(j.docs); err != nil {
		return err
	}
	o.Audience, o.Skew, o.Formats = j.act.audience, c.Skew, c.Formats
	b, err := j.openBundle(ctx, j.bundle, *o, c.Now())
	if err != nil {
		// Nothing was found out about the passport, whatever is wrong with the bundle: that is no denial.
		w := asFailure(err)
		if w.Exit == exitDenied {
			w.Exit = exitUndetermined
		}
		return w
	}
	c.Anchors, c.Resolver, c.Status, c.Siblings = b.Anchors(), b, b, b
	return nil
}
