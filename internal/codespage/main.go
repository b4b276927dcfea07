// Command codespage writes docs/codes.md from the table in package verify.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"log"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/safeconduct/safeconduct/passport/profile/oap"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/policy/packs"
)

func main() {
	out := flag.String("o", "docs/codes.md", "where the page goes")
	flag.Parse()
	if err := os.WriteFile(*out, page(), 0o644); err != nil {
		log.Fatal(err)
	}
}

const head = `# Codes

<!-- Written by go generate ./verify from verify/codes_table.go. Change it there. -->

Every reason to refuse has one code. It is the same word in Go (` + "`errors.Is(err, verify.StatusRevoked)`" + `), in the
problem body of an HTTP refusal, in the output of the command, in logs and in the test vectors. The part before the
point says what was looked at. A code never changes its meaning. New ones may be added: treat one that you do not know by
its verdict.

*denied* means no. *undetermined* means that it could not be found out; it is refused all the same, and may be asked
again with a new presentation. A denial that *can pass* ends by itself: ` + "`Violation.Until`" + ` and ` + "`Retry-After`" + ` say when,
where that is known. HTTP is the status of a refusal with this code as the primary one.

`

// page writes one section for each group of codes.
func page() []byte {
	var b bytes.Buffer
	b.WriteString(head)
	group := ""
	for _, info := range verify.Codes() {
		if g, _, _ := strings.Cut(string(info.Code), "."); g != group {
			group = g
			fmt.Fprintf(&b, "## %s\n\n", group)
		}
		verdict := "denied"
		if info.Undetermined {
			verdict = "undetermined"
		}
		if info.Passing {
			verdict += ", can pass"
		}
		fmt.Fprintf(&b, "### `%s`\n\n%s. %s, HTTP %d.\n\n", info.Code, sentence(info.Meaning), sentence(verdict), info.HTTP)
		fmt.Fprintf(&b, "What the agent can do: %s.\n\n", info.Remedy)
		if names := elsewhere(&info); names != "" {
			fmt.Fprintf(&b, "Elsewhere: %s.\n\n", names)
		}
	}
	b.WriteString(foreign())
	words(&b)
	return append(bytes.TrimSpace(b.Bytes()), '\n')
}

// foreign writes the way back: for each word of another system, our codes.
func foreign() string {
	var b strings.Builder
	b.WriteString("## The codes of other systems\n\nWhat each of their words is here: one of these codes, by what was met.\n")
	for _, system := range []struct {
		name  string
		words func(*verify.Info) []string
	}{
		{"AIP-1", func(i *verify.Info) []string {
			if number, name := i.AIP1Error(); !i.AIP1Near {
				return []string{number + "` `" + name}
			}
			return nil
		}},
		{"Grantex", func(i *verify.Info) []string { return i.Grantex }},
		{"OAP", func(i *verify.Info) []string {
			var words []string
			for _, w := range i.OAP {
				words = append(words, "oap."+w)
			}
			return words
		}},
	} {
		here := map[string][]string{}
		for _, info := range verify.Codes() {
			for _, word := range system.words(&info) {
				here[word] = append(here[word], "`"+string(info.Code)+"`")
			}
		}
		fmt.Fprintf(&b, "\n| %s | here |\n|---|---|\n", system.name)
		for _, word := range slices.Sorted(maps.Keys(here)) {
			fmt.Fprintf(&b, "| `%s` | %s |\n", word, strings.Join(here[word], ", "))
		}
	}
	return b.String()
}

// words writes the words of other systems that are read here, and what they are.
func words(b *bytes.Buffer) {
	b.WriteString("\n## Words of the Open Agent Passport\n\n" +
		"`passport/profile/oap` refuses in these words. The format has few of its own for a reader.\n\n" +
		"| word | here |\n|---|---|\n")
	for _, c := range oap.Codes() {
		fmt.Fprintf(b, "| `%s` | `%s` |\n", c, c.Ours())
	}
	b.WriteString("\n## Words of policy packs\n\n" +
		"A pack of `verify/policy/packs` refuses with its own word in the group policy. The steps that are\n" +
		"the same for all packs say `policy.invalid_context`, `policy.unknown_capability`, `policy.passport_suspended` and\n" +
		"`policy.assurance_insufficient`.\n\n| word | here | packs |\n|---|---|---|\n")
	of := map[string][]string{}
	for _, id := range packs.IDs() {
		p, err := packs.Published(id)
		if err != nil {
			log.Fatal(err)
		}
		for _, c := range p.Codes() {
			if !slices.Contains(of[c], id) {
				of[c] = append(of[c], id)
			}
		}
	}
	for _, c := range slices.Sorted(maps.Keys(of)) {
		fmt.Fprintf(b, "| `oap.%s` | `policy.%s` | %s |\n", c, c, strings.Join(of[c], ", "))
	}
}

func sentence(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// elsewhere are the names that other systems have for the same thing.
func elsewhere(info *verify.Info) string {
	number, name := info.AIP1Error()
	aip1 := fmt.Sprintf("AIP-1 `%s` (`%s`)", number, name)
	if info.AIP1Near {
		aip1 = fmt.Sprintf("AIP-1 `%s` (the nearest group)", number)
	}
	list := []string{aip1}
	for _, system := range []struct {
		name, prefix string
		words        []string
	}{{"OAP", "oap.", info.OAP}, {"Grantex", "", info.Grantex}, {"W3C", "", info.W3C}} {
		for i, word := range system.words {
			text := "`" + system.prefix + word + "`"
			if i == 0 {
				text = system.name + " " + text
			}
			list = append(list, text)
		}
	}
	return strings.Join(list, ", ")
}
