package packs

import (
	"path"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/internal/datetime"
	"github.com/safeconduct/safeconduct/internal/jcs"
	"github.com/safeconduct/safeconduct/internal/strictjson"
	"github.com/safeconduct/safeconduct/passport"
)

// maxArgs is the most arguments that a function takes.
const maxArgs = 3

// function is one row of the language: a declared check that packs can name.
type function struct {
	args      int
	absent    bool // it is asked about what is not there, too
	condition bool
	judge     func(*evaluation, *[maxArgs]operand) outcome
	value     func(*evaluation, *[maxArgs]operand) operand
}

// texts makes a condition about texts.
func texts(n int, f func(args [maxArgs]string) bool) *function {
	return &function{args: n, condition: true, judge: func(_ *evaluation, a *[maxArgs]operand) outcome {
		var s [maxArgs]string
		for i := range n {
			if !a[i].is(strictjson.String) {
				return fault
			}
			s[i] = a[i].text
		}
		return truth(f(s))
	}}
}

// anyOf makes a condition about a text and a list of texts: f holds for one.
func anyOf(f func(text, item string) bool) *function {
	return &function{args: 2, condition: true, judge: func(ev *evaluation, a *[maxArgs]operand) outcome {
		if !a[0].is(strictjson.String) || !a[1].is(strictjson.Array) {
			return fault
		}
		if a[1].listed {
			for _, item := range a[1].list {
				if out := ev.holds(f, a[0].text, item); out != no {
					return out
				}
			}
			return no
		}
		return ev.holdsForOne(f, a[0].text, a[1].value)
	}}
}

func (ev *evaluation) holdsForOne(f func(text, item string) bool, text string, list credential.Value) outcome {
	for item := range list.Items() {
		s, ok := item.LookupStr()
		if !ok {
			return fault
		}
		if out := ev.holds(f, text, s); out != no {
			return out
		}
	}
	return no
}

func (ev *evaluation) holds(f func(text, item string) bool, text, item string) outcome {
	if !ev.spend(1 + len(text)/64) {
		return fault
	}
	return truth(f(text, item))
}

// functions are all of them; the package comment says what each does.
var functions = map[string]*function{
	"has": {args: 1, absent: true, condition: true, judge: func(_ *evaluation, a *[maxArgs]operand) outcome {
		return truth(a[0].there() && !(a[0].is(strictjson.String) && a[0].text == ""))
	}},
	"yes": {args: 1, absent: true, condition: true, judge: func(ev *evaluation, a *[maxArgs]operand) outcome {
		return ev.flag(&a[0], true)
	}},
	"no": {args: 1, absent: true, condition: true, judge: func(ev *evaluation, a *[maxArgs]operand) outcome {
		return ev.flag(&a[0], false)
	}},
	"default": {args: 2, absent: true, value: func(_ *evaluation, a *[maxArgs]operand) operand {
		if a[0].there() {
			return a[0]
		}
		return a[1]
	}},
	"size":  {args: 1, value: size},
	"words": {args: 1, value: words},
	"bytes": {args: 1, value: bytesOf},
	"age":   {args: 1, value: age},

	"assured": texts(2, func(s [maxArgs]string) bool {
		have, want := passport.Level(s[0]), passport.Level(s[1])
		return s[1] != "" && want.Rank() >= 0 && have.Rank() >= want.Rank()
	}),
	"secure":      texts(1, func(s [maxArgs]string) bool { return strings.HasPrefix(s[0], "https://") }),
	"public":      texts(1, func(s [maxArgs]string) bool { return publicHost(hostOf(s[0])) }),
	"plain":       texts(1, func(s [maxArgs]string) bool { return !strings.ContainsAny(s[0], shellMarks) }),
	"pair_in":     {args: 2, condition: true, judge: pairIn},
	"all_members": {args: 2, condition: true, judge: allMembers},

	"starts_any":   anyOf(strings.HasPrefix),
	"contains_any": anyOf(strings.Contains),
	"equal_fold":   anyOf(strings.EqualFold),
	"within":       anyOf(within),
	"within_text":  anyOf(withinText),
	"host_in":      anyOf(func(url, d string) bool { return hostWithin(hostOf(url), d) }),
	"extension_in": anyOf(extensionIs),
	"command_in":   anyOf(commandBegins),
	"covered":      anyOf(func(region, by string) bool { return by == region || strings.HasPrefix(region, by+"-") }),
	"some_name":    {args: 2, condition: true, judge: someName(false)},
	"some_header":  {args: 2, condition: true, judge: someName(true)},
}

// flag reports whether an operand is there, and is this truth value. What is there
// and is none is a fault in the strict reading: "yes" in a text is no consent, and
// no way around a limit either.
func (ev *evaluation) flag(o *operand, want bool) outcome {
	if ev.strict && o.there() && !o.is(strictjson.Bool) {
		return fault
	}
	return truth(o.is(strictjson.Bool) && o.truth == want)
}

func size(_ *evaluation, a *[maxArgs]operand) operand {
	switch {
	case a[0].listed:
		return numberOperand(whole(int64(len(a[0].list))))
	case a[0].is(strictjson.Array) || a[0].is(strictjson.Object):
		return numberOperand(whole(int64(a[0].value.Len())))
	case a[0].is(strictjson.String):
		return numberOperand(whole(int64(utf8.RuneCountInString(a[0].text))))
	}
	return faultOperand()
}

func words(ev *evaluation, a *[maxArgs]operand) operand {
	if !a[0].is(strictjson.String) || !ev.spend(len(a[0].text)/64) {
		return faultOperand()
	}
	n := int64(0)
	for range strings.FieldsSeq(a[0].text) {
		n++
	}
	return numberOperand(whole(n))
}

// bytesOf is how long a text is, or the canonical JSON of another value.
func bytesOf(ev *evaluation, a *[maxArgs]operand) operand {
	if a[0].is(strictjson.String) {
		return numberOperand(whole(int64(len(a[0].text))))
	}
	if a[0].listed || !ev.spend(len(a[0].value.Raw())/64) {
		return faultOperand()
	}
	var room [512]byte
	return numberOperand(whole(int64(len(jcs.Append(room[:0], a[0].value)))))
}

// age is how many seconds ago an instant was; negative: it is yet to come.
func age(ev *evaluation, a *[maxArgs]operand) operand {
	if !a[0].is(strictjson.String) {
		return faultOperand()
	}
	at, err := datetime.Parse(a[0].text)
	if err != nil {
		return faultOperand()
	}
	d := ev.act.Now.Sub(at)
	if whole := d.Truncate(time.Second); d > whole {
		d = whole + time.Second // a started second counts
	}
	return numberOperand(whole(int64(d / time.Second)))
}

// pairIn: both halves of "BTC-USD" are listed.
func pairIn(ev *evaluation, a *[maxArgs]operand) outcome {
	if !a[0].is(strictjson.String) || !a[1].is(strictjson.Array) || a[1].listed {
		return fault
	}
	left, right, ok := strings.Cut(a[0].text, "-")
	if !ok || !ev.spend(2*a[1].value.Len()) {
		return truth(false)
	}
	return truth(listHas(a[1].value, left) && listHas(a[1].value, right))
}

func listHas(list credential.Value, s string) bool {
	for item := range list.Items() {
		if t, ok := item.LookupStr(); ok && t == s {
			return true
		}
	}
	return false
}

// allMembers: each number of the first object is at most the one of that name in
// the second, where that has one.
func allMembers(ev *evaluation, a *[maxArgs]operand) outcome {
	if !a[0].is(strictjson.Object) || !a[1].is(strictjson.Object) || !ev.spend(a[0].value.Len()*(1+a[1].value.Len())) {
		return fault
	}
	for name, m := range a[0].value.Members() {
		cap := a[1].value.Get(name)
		if !cap.Exists() {
			continue
		}
		x, y := jsonOperand(m), jsonOperand(cap)
		if !x.is(strictjson.Number) || !y.is(strictjson.Number) {
			return fault
		}
		if order, known := x.number.compare(y.number); !known || order > 0 {
			return no
		}
	}
	return yes
}

// someName: a member of the object has a name of the list. Names of header fields
// are the same in upper and lower case.
func someName(fold bool) func(*evaluation, *[maxArgs]operand) outcome {
	return func(ev *evaluation, a *[maxArgs]operand) outcome {
		if !a[0].is(strictjson.Object) || !a[1].is(strictjson.Array) || a[1].listed ||
			!ev.spend(a[0].value.Len()*(1+a[1].value.Len())) {
			return fault
		}
		return hasName(a[0].value, a[1].value, fold)
	}
}

func hasName(object, list credential.Value, fold bool) outcome {
	for item := range list.Items() {
		s, ok := item.LookupStr()
		if !ok {
			return fault
		}
		for name := range object.Members() {
			if s == name || fold && strings.EqualFold(s, name) {
				return yes
			}
		}
	}
	return no
}

// within: the path, cleaned, is the folder or below it. "*" is every path; an entry
// may end in "/", "/*" or "/**", and has no other "*".
func within(name, entry string) bool {
	if entry == "*" {
		return name != "" && !strings.ContainsAny(name, "\x00\\")
	}
	folder := strings.TrimSuffix(strings.TrimSuffix(entry, "**"), "*")
	if folder == "" || strings.Contains(folder, "*") || strings.ContainsAny(name, "\x00\\") ||
		folder != entry && !strings.HasSuffix(folder, "/") {
		return false
	}
	folder, name = path.Clean(folder), path.Clean(name)
	switch {
	case strings.HasPrefix(name, "..") || strings.HasPrefix(folder, ".."):
		return false
	case folder == "/":
		return strings.HasPrefix(name, "/")
	case folder == ".":
		return !strings.HasPrefix(name, "/")
	}
	rest, ok := strings.CutPrefix(name, folder)
	return ok && (rest == "" || rest[0] == '/')
}

// withinText is the published rule: anywhere in the text.
func withinText(name, entry string) bool {
	return entry == "*" || strings.HasPrefix(name, entry) || strings.Contains(name, strings.Replace(entry, "*", "", 1))
}

// extensionIs: the last element of the path ends in that extension.
func extensionIs(name, extension string) bool {
	got := path.Ext(path.Base(name))
	return got != "" && (got == extension || got[1:] == extension)
}

// shellMarks are what a shell reads as more than a word.
const shellMarks = ";&|`$()<>\\\n\r\x00"

// commandBegins: the command is the entry, or the entry and further words; no
// shell can make two commands of it.
func commandBegins(command, entry string) bool {
	if strings.ContainsAny(command, shellMarks) {
		return false
	}
	rest, ok := strings.CutPrefix(command, entry)
	return ok && entry != "" && (rest == "" || rest[0] == ' ' || rest[0] == '\t')
}
