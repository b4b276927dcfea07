// Package build makes the reference tests. It is deterministic: fixed keys,
// identifiers and clock, and nothing that differs between machines or versions
// of Go. What a case expects is written beside it; what follows from that, such
// as the other codes of a refusal, comes from this library, and the maker stops
// when the two disagree.
package build

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/safeconduct/safeconduct/vectors"
	"github.com/safeconduct/safeconduct/vectors/peer"
)

// Version of the manifest; see [vectors.Manifest].
const Version = 1

type object = map[string]any

// Files makes every file of the folder data, by name. Its panics are mistakes in
// this package, and say which case is wrong.
func Files() (files map[string][]byte, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("build: %v", p)
		}
	}()
	m := &maker{peer: peer.New(), ids: map[string]bool{}}
	for _, collect := range []func(*maker){
		jsons, jcses, rdfcs, times, moneys, actions, regions, texts, windows, dids, proofs, statuslists, passports,
		narrows, permits, presents, presentsOAP, ledgers, bundles, grantexPassports, aip1Envelopes, oapDocuments,
		policyPacks, codes,
	} {
		collect(m)
	}
	if len(m.wrong) > 0 {
		return nil, fmt.Errorf("build: %s", strings.Join(m.wrong, "\n"))
	}
	files = map[string][]byte{}
	manifest := vectors.Manifest{Version: Version, Format: "safeconduct-vectors/1", Licence: "CC0-1.0"}
	for _, g := range m.groups {
		name := g.name + ".json"
		files[name] = g.file()
		manifest.Groups = append(manifest.Groups, vectors.Info{File: name, Kind: g.Kind, Count: len(g.Cases)})
		manifest.Count += len(g.Cases)
	}
	raw, err := json.MarshalIndent(manifest, "", " ")
	files["manifest.json"] = append(raw, '\n')
	return files, err
}

// maker collects groups.
type maker struct {
	peer   vectors.Verifier
	groups []*group
	ids    map[string]bool
	wrong  []string
}

// group is a group in the making.
type group struct {
	vectors.Group
	m    *maker
	name string
	now  string // of its cases
	rule string // of its cases until it changes
}

func (m *maker) group(name, kind, about string) *group {
	g := &group{Group: vectors.Group{Kind: kind, About: about, Texts: map[string]json.RawMessage{}}, m: m, name: name}
	m.groups = append(m.groups, g)
	return g
}

// text gives a long text a name, to be used as text(name).
func (g *group) text(name string, value any) { g.Texts[name] = raw(value) }

func ref(name string) object { return object{"$text": name} }

func raw(v any) json.RawMessage {
	var buf bytes.Buffer
	e := json.NewEncoder(&buf)
	e.SetEscapeHTML(false)
	Must(e.Encode(v))
	return bytes.TrimRight(buf.Bytes(), "\n")
}

// slug makes an identifier of a title.
func slug(title string) string {
	var b strings.Builder
	for _, c := range strings.ToLower(title) {
		switch {
		case c >= 'a' && c <= 'z' || c >= '0' && c <= '9':
			b.WriteRune(c)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	return strings.TrimRight(b.String(), "-")
}

// good adds a case that is accepted, or allowed. Its output, if the kind has
// one, is the peer's.
func (g *group) good(title string, input any) { g.add(title, "", "", input, nil) }

// is adds a case with its output.
func (g *group) is(title string, input, output any) { g.add(title, "", "", input, raw(output)) }

// bad adds a case that is refused with a primary code, and its good twin.
func (g *group) bad(title, twin, code string, input any) { g.add(title, twin, code, input, nil) }

var yes = []string{"accept", "allow"}

func (g *group) add(title, twin, code string, input any, output json.RawMessage) {
	c := vectors.Case{ID: g.name + "/" + slug(title), Rule: g.rule, Title: title, Now: g.now, Input: raw(input),
		Kind: g.Kind}
	for n, id := 2, c.ID; g.m.ids[c.ID]; n++ { // titles that differ in signs only
		c.ID = fmt.Sprintf("%s-%d", id, n)
	}
	g.m.ids[c.ID] = true
	if code != "" {
		c.Twin = g.name + "/" + slug(twin)
		if !g.m.ids[c.Twin] {
			Must(fmt.Errorf("%s: there is no twin %s", c.ID, c.Twin))
		}
	}
	request, err := g.Request(&c)
	Must(err)
	a := g.m.peer.Answer(request)
	ok := true
	fail := func(what string) {
		ok = false
		g.m.wrong = append(g.m.wrong, fmt.Sprintf("%s: %s: %s %v %.200s%s", c.ID, what, a.Verdict, a.Codes, a.Output,
			a.Error))
	}
	switch {
	case a.Error != "" || a.Unsupported:
		fail("not an answer")
	case code == "" && !slices.Contains(yes, a.Verdict):
		fail("want it accepted")
	case code != "" && code != none && (slices.Contains(yes, a.Verdict) || len(a.Codes) == 0 || a.Codes[0] != code):
		fail("want " + code)
	case code == none && slices.Contains(yes, a.Verdict):
		fail("want it refused")
	}
	if !ok {
		return
	}
	c.Want = vectors.Want{Verdict: a.Verdict, Codes: a.Codes, Steps: a.Steps, Output: a.Output}
	if output != nil {
		c.Want.Output = output
	}
	if o, why, _ := c.Judge(a); o != vectors.Passed {
		fail(why)
	}
	g.Cases = append(g.Cases, c)
}

// none is for what is refused without a code.
const none = "-"

// file writes a group, a case on each line.
func (g *group) file() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "{\n\"kind\": %s,\n\"about\": %s,\n", raw(g.Kind), raw(g.About))
	if len(g.Texts) > 0 {
		names := make([]string, 0, len(g.Texts))
		for name := range g.Texts {
			names = append(names, name)
		}
		slices.Sort(names)
		b.WriteString("\"texts\": {\n")
		for i, name := range names {
			fmt.Fprintf(&b, "%s: %s%s\n", raw(name), g.Texts[name], comma(i, len(names)))
		}
		b.WriteString("},\n")
	}
	b.WriteString("\"cases\": [\n")
	for i := range g.Cases {
		fmt.Fprintf(&b, "%s%s\n", raw(&g.Cases[i]), comma(i, len(g.Cases)))
	}
	b.WriteString("]\n}\n")
	return b.Bytes()
}

func comma(i, n int) string {
	if i == n-1 {
		return ""
	}
	return ","
}

func questionOf(kind string, input any) vectors.Request {
	return vectors.Request{ID: kind, Kind: kind, Input: raw(input)}
}
