package cli

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Flag is one flag of a verb or, without a Name, a heading above those that follow.
type Flag struct {
	Name  string
	Value Value
	Help  string
}

// Value is what a flag takes.
type Value struct {
	Kind   string   // what stands for it in help texts, such as FILE; "": a switch, which takes nothing
	Words  []string // the values that there are, where they are few
	Many   bool     // the flag may be given several times
	Needed bool
	Set    func(string) error
}

// Must makes a flag one that must be given.
func (v Value) Must() Value { v.Needed = true; return v }

// Text is a flag whose value is a text.
func Text(kind string, into *string) Value {
	return Value{Kind: kind, Set: func(s string) error { *into = s; return nil }}
}

// List is a flag that may be given several times.
func List(kind string, into *[]string) Value {
	return Value{Kind: kind, Many: true, Set: func(s string) error { *into = append(*into, s); return nil }}
}

// Switch is a flag without a value.
func Switch(into *bool) Value {
	return Value{Set: func(s string) (err error) { *into, err = strconv.ParseBool(s); return err }}
}

// Choice is a flag whose value is one of a few words.
func Choice(kind string, into *string, words ...string) Value {
	return Value{Kind: kind, Words: words, Set: func(s string) error {
		if *into = s; !slices.Contains(words, s) {
			return errors.New("want " + strings.Join(words, " or "))
		}
		return nil
	}}
}

// Duration is a flag whose value is a time, such as 24h, of at least and, if most is not zero, at most that long.
func Duration(into *time.Duration, least, most time.Duration) Value {
	return Value{Kind: "DURATION", Set: func(s string) (err error) {
		if *into, err = time.ParseDuration(s); err != nil || *into < least {
			return errors.New("want a time that is to come, such as 90s, 5m or 24h")
		}
		if most != 0 && *into > most {
			return errors.New("want at most " + most.String())
		}
		return nil
	}}
}

// Number is a flag whose value is a whole number from 0.
func Number[T int | int64](into *T) Value {
	return Value{Kind: "N", Set: func(s string) error {
		n, err := strconv.ParseInt(s, 10, strconv.IntSize)
		if *into = T(n); err != nil || n < 0 {
			return errors.New("want a whole number from 0")
		}
		return nil
	}}
}

// value is a flag of a verb, as cobra sets it.
type value struct {
	Flag
	verb *Verb
}

func (v *value) String() string { return "" }

// Type is what stands behind the flag in help texts.
func (v *value) Type() string { return v.Value.Kind + map[bool]string{true: " ..."}[v.Value.Many] }

// Set hands a value to the flag. A value that is empty or a flag itself is the trace of an empty shell variable: where
// "-trust $ISSUER -lists lists" lost its issuer, "-lists" becomes the issuer, and "lists" a file.
func (v *value) Set(s string) error {
	wrong := func(format string, args ...any) *Failure { return v.verb.Wrong("-"+v.Name+format, args...) }
	const shell = " (is a shell variable empty?)"
	name, _, _ := strings.Cut(strings.TrimPrefix(s, "--"), "=")
	isFlag := name != s && v.verb.cmd.Flag(name) != nil
	switch {
	case v.Value.Kind == "DID" && (s == "" || isFlag):
		return wrong(": %q is not a DID"+shell, strings.TrimPrefix(s, "-"))
	case s == "":
		return wrong(" is empty" + shell)
	case isFlag:
		return wrong(": %q is a flag, and not its value"+shell, s[1:]).Hint("if it is meant: -" + v.Name + "=" + s[1:])
	}
	if err := v.Value.Set(s); err != nil && v.Value.Kind == "DID" {
		return wrong(": %.300q is not a DID: %w", s, err)
	} else if err != nil {
		return wrong(": %.300q: %w", s, err)
	}
	return nil
}
