package main

import (
	"strings"

	"github.com/safeconduct/safeconduct/did"
)

// The flags whose value is a DID, in every verb that has them.
func isDIDFlag(name string) bool {
	switch name {
	case "trust", "agent", "bundle-signer", "signer":
		return true
	}
	return false
}

// checkValues looks for the trace of an empty shell variable before anything
// else is said of the command line: where "-trust $ISSUER -lists lists" lost
// its issuer, "-lists" becomes the issuer, and "lists" a file. It follows the
// flags as Parse will, up to the first argument that is none.
func (f *flags) checkValues(args []string) error {
	for len(args) > 0 {
		arg := args[0]
		if len(arg) < 2 || arg[0] != '-' || arg == "--" {
			return nil
		}
		name, value, joined := strings.Cut(strings.TrimPrefix(arg[1:], "-"), "=")
		known := f.Lookup(name)
		if known == nil {
			return nil // for Parse to say
		}
		args = args[1:]
		if b, ok := known.Value.(interface{ IsBoolFlag() bool }); ok && b.IsBoolFlag() {
			continue
		}
		if !joined {
			if len(args) == 0 {
				return nil // for Parse to say
			}
			value, args = args[0], args[1:]
		}
		switch {
		case isDIDFlag(name):
			if value == "" || f.isFlag(value) {
				return f.usage("-%s: %q is not a DID (is a shell variable empty?)", name, value)
			}
			if _, err := did.Parse(value); err != nil {
				return f.usage("-%s: %q is not a DID: %w", name, value, err)
			}
		case value == "" && isText(known):
			// A question with an empty nonce or owner would not ask for it.
			return f.usage("-%s is empty (is a shell variable empty?)", name)
		case !joined && f.isFlag(value):
			return f.usage("-%s: %q is a flag, and not its value (is a shell variable empty?)", name, value).
				hint("if it is meant: -" + name + "=" + value)
		}
	}
	return nil
}

// isFlag reports whether a text reads as one of the verb's flags.
func (f *flags) isFlag(s string) bool {
	if len(s) < 2 || s[0] != '-' {
		return false
	}
	name, _, _ := strings.Cut(strings.TrimPrefix(s[1:], "-"), "=")
	return f.Lookup(name) != nil
}
