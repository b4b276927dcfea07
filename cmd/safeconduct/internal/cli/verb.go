// Package cli builds the command from tables. One table for each verb says which flags and files it takes and what they
// mean; from it come the command line, help, completions and manual pages, by way of cobra. A flag may be written with
// one dash or with two.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// Tool is a program of verbs.
type Tool struct {
	Name, Summary string
	Verbs         []*Verb
	Tail          string                       // the end of the overview: a first run, exit codes
	Meaning       func(of, word string) string // of words that other tools have for what is done here; "": none
}

// Verb is one thing that a program does; one with Parts does nothing by itself, they are verbs of a second word;
// a part may have parts of its own.
type Verb struct {
	Name, Summary string
	About, Notes  string // paragraphs, above and below the flags
	Example       string // lines, shown as they are
	Flags         []Flag
	Args          []string // names of what stands beside the flags; "[NAME]" may be left out, "NAME…" may be many
	NoArgs        string   // what is said when one is missing
	ArgWords      []string // what may stand there, where it is not a file
	Parts         []*Verb
	Run           func(ctx context.Context, args []string) error
	cmd           *cobra.Command
}

// Failure is an error that knows how the program ends, and what to do next.
type Failure struct {
	Exit  int
	Err   error
	Hints []string
	Said  bool // everything was told already
}

func (f *Failure) Error() string { return f.Err.Error() }

// Unwrap returns the cause.
func (f *Failure) Unwrap() error { return f.Err }

// Hint adds what the person at the keyboard can do.
func (f *Failure) Hint(text string) *Failure { f.Hints = append(f.Hints, text); return f }

// Misuse is the exit code for a command line that is wrong.
const Misuse = 2

// Wrong is a failure of a command line.
func Wrong(format string, args ...any) *Failure {
	return &Failure{Exit: Misuse, Err: fmt.Errorf(format, args...)}
}

// Wrong is a failure of the command line of this verb.
func (v *Verb) Wrong(format string, args ...any) *Failure {
	return Wrong(v.path()+": "+format, args...).Hint(v.cmd.Root().Name() + " help " + v.path() + " shows its flags and an example")
}

// Missing is the failure for a flag that is needed.
func (v *Verb) Missing(name string) *Failure {
	help, _, _ := strings.Cut(v.cmd.Flag(name).Usage, ";")
	return v.Wrong("-%s is needed: %s", name, help)
}

// Given reports whether the command line has the flag.
func (v *Verb) Given(name string) bool { return v.cmd.Flags().Changed(name) }

// path are the words that call the verb, without the tool's name.
func (v *Verb) path() string {
	_, words, _ := strings.Cut(v.cmd.CommandPath(), " ")
	return words
}

// All yields every verb, every part of one, and the parts of that.
func (t *Tool) All() iter.Seq[*Verb] {
	return func(yield func(*Verb) bool) {
		for _, v := range t.Verbs {
			for _, v := range v.leavesAndSelf() {
				if !yield(v) {
					return
				}
			}
		}
	}
}

// leavesAndSelf are the parts of a verb, their parts, and it itself.
func (v *Verb) leavesAndSelf() (list []*Verb) {
	for _, part := range v.Parts {
		list = append(list, part.leavesAndSelf()...)
	}
	return append(list, v)
}

// Command returns the tool as a tree of cobra's.
func (t *Tool) Command() *cobra.Command {
	root := &cobra.Command{Use: t.Name, Short: t.Summary, SilenceErrors: true, SilenceUsage: true}
	root.CompletionOptions.DisableDefaultCmd = true
	root.SetHelpCommand(&cobra.Command{Use: "help [VERB]", Short: "explain a verb", Hidden: true})
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error { return flagError(c, err) })
	root.SetHelpFunc(func(c *cobra.Command, _ []string) {
		text := t.Overview()
		for v := range t.All() {
			if v.cmd == c {
				text = v.help()
			}
		}
		_, _ = io.WriteString(c.OutOrStdout(), text)
	})
	root.FParseErrWhitelist.UnknownFlags = true
	root.RunE = t.noVerb
	root.Args = cobra.ArbitraryArgs
	for _, v := range t.Verbs {
		root.AddCommand(v.command(t))
	}
	return root
}

// noVerb is what there is to do where a verb should stand: nothing, but to say which was probably meant.
func (t *Tool) noVerb(c *cobra.Command, args []string) error {
	_, of, _ := strings.Cut(c.CommandPath(), " ")
	if len(args) == 0 && of == "" {
		return Wrong("no verb").Hint(t.Name + " help")
	} else if len(args) == 0 {
		return Wrong("%s: what is to be done?", of).Hint(t.Name + " help " + of)
	}
	w := Wrong("there is no verb %q", args[0])
	if of != "" {
		w = Wrong("%s: there is no %q", of, args[0])
	}
	c.SuggestionsMinimumDistance = 2
	near := c.SuggestionsFor(args[0])
	switch text := t.Meaning(of, args[0]); {
	case text != "":
		return w.Hint(text)
	case len(near) > 0 && len(args[0]) > 2:
		return w.Hint("nearest: " + c.CommandPath() + " " + near[0])
	}
	return w.Hint(strings.TrimSpace(t.Name+" help "+of) + " lists the verbs")
}

func (v *Verb) command(t *Tool) *cobra.Command {
	c := &cobra.Command{
		Use: v.Name, Short: v.Summary,
		Long: paragraphs(v.Summary + ".\n\n" + v.About + "\n\n" + v.Notes), ValidArgs: v.ArgWords, RunE: t.noVerb, Args: cobra.ArbitraryArgs,
	}
	v.cmd = c
	for _, part := range v.Parts {
		c.AddCommand(part.command(t))
	}
	if v.Run == nil {
		c.FParseErrWhitelist.UnknownFlags = true // the verb is what is wrong
		return c
	}
	c.Args = func(_ *cobra.Command, args []string) error { return v.complete(args) }
	c.RunE = func(c *cobra.Command, args []string) error { return v.Run(c.Context(), args) }
	if len(v.Args) == 0 || v.ArgWords != nil {
		c.ValidArgsFunction = cobra.FixedCompletions(v.ArgWords, cobra.ShellCompDirectiveNoFileComp)
	}
	c.Flags().SortFlags = false
	for _, f := range v.Flags {
		if f.Name != "" {
			v.add(f)
		}
	}
	return c
}

// add adds a flag, and how shells complete its value.
func (v *Verb) add(f Flag) {
	v.cmd.Flags().Var(&value{f, v}, f.Name, f.Help)
	if f.Value.Kind == "" {
		v.cmd.Flag(f.Name).NoOptDefVal = "true"
	}
	words := cobra.FixedCompletions(f.Value.Words, cobra.ShellCompDirectiveNoFileComp)
	switch f.Value.Kind { // their errors are of a flag that is not there
	case "FILE":
		_ = v.cmd.MarkFlagFilename(f.Name)
	case "DIR":
		_ = v.cmd.MarkFlagDirname(f.Name)
	default:
		_ = v.cmd.RegisterFlagCompletionFunc(f.Name, words)
	}
}

// complete looks for what is missing or too much.
func (v *Verb) complete(args []string) error {
	if n := len(v.Args); len(args) > n && (n == 0 || !strings.HasSuffix(v.Args[n-1], "…")) {
		return v.Wrong("unexpected argument %q", args[len(v.Args)])
	}
	if len(args) < len(v.Args) && v.Args[len(args)][0] != '[' {
		return v.Wrong("%s", v.NoArgs)
	}
	for _, f := range v.Flags {
		if f.Value.Needed && !v.Given(f.Name) {
			return v.Missing(f.Name)
		}
	}
	return nil
}

// flagError says what is wrong with a flag, with one dash.
func flagError(c *cobra.Command, err error) error {
	var f *Failure
	var about interface{ GetSpecifiedName() string }
	var letters interface{ GetSpecifiedShortnames() string } // what looks like them, behind one dash
	switch {
	case errors.As(err, &f):
		return f
	case errors.As(err, &letters) && letters.GetSpecifiedShortnames() != "":
		err = errors.New("flag provided but not defined: -" + letters.GetSpecifiedShortnames())
	case errors.As(err, &about) && c.Flag(about.GetSpecifiedName()) != nil:
		err = errors.New("flag needs an argument: -" + about.GetSpecifiedName())
	case errors.As(err, &about):
		err = errors.New("flag provided but not defined: -" + about.GetSpecifiedName())
	}
	return (&Verb{cmd: c}).Wrong("%w", err)
}

// Do runs what the words call. Help and completions go to out.
func (t *Tool) Do(ctx context.Context, words []string, out io.Writer) error {
	root := t.Command()
	words, short := t.twoDashes(words)
	switch {
	case len(words) > 0 && words[0] == "help":
		c, rest, err := root.Find(words[1:])
		if err != nil || len(rest) > 0 {
			return t.noVerb(c, rest)
		}
		words = append(words[1:], "--help")
	case len(words) > 0 && strings.HasPrefix(words[0], "__complete"):
		if short {
			out = oneDash{out}
		}
	default:
		// The exit code of a verb is an answer, so help is given only to whoever asks for nothing else. A file may be
		// called -h.
		c, rest, _ := root.Find(words)
		if i := slices.IndexFunc(rest, func(s string) bool { return s == "-h" || s == "--help" }); i >= 0 && len(rest) > 1 && !slices.Contains(rest[:i], "--") {
			v := &Verb{cmd: c}
			return Wrong("%s: help is asked for among other arguments", v.path()).
				Hint(t.Name + " help " + v.path() + "; put -- before a file whose name begins with '-'")
		}
	}
	root.SetArgs(words)
	root.SetOut(out)
	root.SetErr(io.Discard)
	return root.ExecuteContext(ctx)
}

// twoDashes writes flags as cobra knows them. What is not one of them stays as it is: it may be a value.
func (t *Tool) twoDashes(words []string) (out []string, short bool) {
	known := map[string]bool{"help": true}
	for v := range t.All() {
		for _, f := range v.Flags {
			known[f.Name] = f.Name != "" // else a heading
		}
	}
	completing := len(words) > 0 && strings.HasPrefix(words[0], "__complete")
	for i, w := range words {
		if w == "--" {
			return append(out, words[i:]...), short
		}
		name, _, _ := strings.Cut(strings.TrimPrefix(w, "-"), "=")
		last := completing && i == len(words)-1
		if strings.HasPrefix(w, "-") && (known[name] || last && !strings.HasPrefix(name, "-")) {
			w, short = "-"+w, short || last
		}
		out = append(out, w)
	}
	return out, short
}

// oneDash writes completions of a flag that was begun with one dash.
type oneDash struct{ io.Writer }

func (o oneDash) Write(p []byte) (int, error) {
	_, err := o.Writer.Write([]byte(strings.TrimPrefix(string(p), "-")))
	return len(p), err
}
