package view_test

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/view"
)

// hard is a card that is hard to draw: wide characters, long words, nothing left, ended.
func hard(t testing.TB) *view.Card {
	c := cards(t)["denied"]
	root, child := *c.Chain[0], *c.Chain[1]
	child.Name = strings.Repeat("WMW@", 20) + " whose name somebody has typed in full " + strings.Repeat("通", 60)
	root.HumanPrincipal = "mailto:" + strings.Repeat("M", 80) + "@example.org"
	root.OrganizationDID = "did:web:" + strings.Repeat("采购代理", 20)
	c.Chain = []*passport.Passport{&root, &child}
	c.Now = root.ValidUntil.Add(12 * time.Hour)
	c.Budgets = []verify.Budget{budgetOf(1000000, 999999, 0), budgetOf(1000, 999, 1)}
	c.Budgets[0].Name = strings.Repeat("W", 200)
	c.Report.Violations[0].Detail = strings.Repeat("WWWW ", 60)
	c.Report.Violations = append(c.Report.Violations, verify.Violation{Code: verify.Code(strings.Repeat("w", 120))})
	return c
}

func budgetOf(limit, spent, held uint64) verify.Budget {
	return verify.Budget{Name: "acts per hour", Rate: true, Limit: verify.Count(int64(limit)),
		Used: verify.Used{Spent: verify.Count(int64(spent)), Held: verify.Count(int64(held)), Open: int(min(held, 1))}}
}

func width(text string, of func(rune) int) (n int) {
	for _, r := range text {
		n += of(r)
	}
	return n
}

// No text of a picture leaves it, and no line of a terminal its 80 columns, however wide the
// characters of a document are.
func TestNothingIsCutOff(t *testing.T) {
	require.Equal(t, []int{99, 105, 130, 30, 0},
		[]int{view.InEms('W'), view.InEms('通'), view.InEms('🛂'), view.InEms('I'), view.InEms('\u0301')})
	all := cards(t)
	all["hard"] = hard(t)
	texts := regexp.MustCompile(`<text x="(\d+)" y="\d+" class="([^"]*)">([^<]*)</text>`)
	sizes := map[string]int{"small": 12, "name": 18 * 113 / 100, "big": 24 * 113 / 100, "code": 16}
	for name, c := range all {
		drawn := draw(t, c)
		found := texts.FindAllStringSubmatch(drawn[".svg"], -1)
		require.Equal(t, strings.Count(drawn[".svg"], "<text"), len(found))
		for _, m := range found {
			x, err := strconv.Atoi(m[1])
			require.NoError(t, err)
			size := 14
			for class, of := range sizes {
				if strings.Contains(m[2], class) {
					size = of
				}
			}
			if strings.Contains(m[2], "mid") {
				continue // a sign, in its middle
			}
			require.LessOrEqual(t, x+width(m[3], view.InEms)*size/100, 720-28, "%s: %s", name, m[3])
		}
		for _, line := range strings.Split(drawn[".txt"], "\n") {
			require.LessOrEqual(t, width(line, view.InColumns), 80, line)
		}
	}
}

// Breaking a text into lines loses nothing but spaces, and ends.
func TestBroken(t *testing.T) {
	for _, text := range []string{"", " ", "a", "one two three", strings.Repeat("x", 50), "通通 通 通通通", "a  b   c", " lead", "trail "} {
		for most := 1; most < 20; most++ {
			lines := view.Broken(text, most, view.InColumns)
			require.Equal(t, strings.ReplaceAll(text, " ", ""), strings.ReplaceAll(strings.Join(lines, ""), " ", ""))
			for _, line := range lines {
				require.True(t, width(line, view.InColumns) <= most || len([]rune(line)) == 1, "%q in %d", line, most)
			}
		}
	}
	require.Equal(t, []string{"one two", "three"}, view.Broken("one two three", 9, view.InColumns))
}

// A bar that looks full says that nothing is left, and one that looks empty that nothing is
// spent; what there is can be seen.
func TestBarsDoNotLie(t *testing.T) {
	for _, limit := range []uint64{1, 2, 3, 7, 40, 1000, 1000003} {
		for _, spent := range []uint64{0, 1, limit / 3, limit / 2, limit - 1, limit} {
			for _, held := range []uint64{0, 1, limit / 2, limit - spent} {
				if spent > limit || held > limit-spent {
					continue
				}
				for _, c := range [][2]int{{40, 1}, {664, 6}, {1000, 8}} {
					long, least := c[0], c[1]
					s, h := view.Parts(budgetOf(limit, spent, held), long, least)
					for what, n := range map[string][2]uint64{
						"spent": {spent, uint64(s)}, "held": {held, uint64(h)}, "left": {limit - spent - held, uint64(long - s - h)},
					} {
						about := float64(n[0]) / float64(limit) * float64(long)
						require.Equal(t, n[0] > 0, n[1] >= uint64(least), "%s of %d, %d, %d in %d", what, limit, spent, held, long)
						require.InDelta(t, about, float64(n[1]), float64(2*least+2), "%s of %d, %d, %d in %d", what, limit, spent, held, long)
					}
				}
			}
		}
	}
	s, h := view.Parts(budgetOf(0, 0, 0), 40, 1) // nothing may be spent, so nothing is left
	require.Equal(t, [2]int{40, 0}, [2]int{s, h})
}

// The strip of time tells its marks apart, and what is outside of the validity.
func TestStrip(t *testing.T) {
	c := cards(t)["denied"]
	inside := draw(t, c)[".txt"]
	require.Regexp(t, `(?m)^  \[=+s=+n=+\]$`, inside)
	c.Now = c.Chain[0].ValidUntil.Add(time.Hour)
	require.Regexp(t, `(?m)^  \[=+\]-*n$`, draw(t, c)[".txt"])
	c.Now = c.Chain[0].ValidFrom.Add(-6 * time.Hour)
	early := draw(t, c)
	require.Regexp(t, `(?m)^  s-*n-+\[=+\]$`, early[".txt"])
	require.Regexp(t, `<rect class="spent" x="\d{2,}" y="2"`, early[".html"], "what is valid does not begin at once")
	for _, sign := range []string{"├", "┤", "◆", "▼"} {
		require.Equal(t, 2, strings.Count(early[".svg"], ">"+sign+"<"), "%s: on the strip, and beside its name", sign)
		require.Equal(t, 2, strings.Count(early[".html"], ">"+sign+"<"), sign)
	}
}

// Why something is refused comes first, and below its code: a code is wider than half a phone.
func TestWhyComesFirst(t *testing.T) {
	for _, name := range []string{"denied", "undetermined"} {
		for ending, got := range draw(t, cards(t)[name]) {
			if ending == ".mmd" {
				continue
			}
			why, who := strings.LastIndex(got, "authority.amount_exceeded"), strings.LastIndex(got, "Price finder")
			if name == "undetermined" {
				why = strings.LastIndex(got, "status.unavailable")
			}
			require.Positive(t, why)
			require.Less(t, why, who, name+ending)
		}
	}
	require.Contains(t, draw(t, cards(t)["denied"])[".html"], `<dl class="why">`)
	require.Contains(t, view.PageStyle, ".why { display: block")
}

// A reader of the screen is told a picture once: by its title and its description, which need
// no ids, so that two cards fit into one page. A chain of one link is not drawn as one.
func TestPicturesAreToldOnce(t *testing.T) {
	for name, c := range cards(t) {
		drawn := draw(t, c)
		require.NotRegexp(t, `\sid=`, drawn[".svg"], name)
		require.NotRegexp(t, `\sid=`, drawn[".html"], name)
		require.NotContains(t, drawn[".svg"], "aria-labelledby", name)
		_, rest, _ := strings.Cut(drawn[".svg"], "</style>")
		require.Regexp(t, `^<g aria-hidden="true">.*</g></svg>\n$`, rest, name)
		_, desc, _ := strings.Cut(drawn[".svg"], "<desc>")
		require.NotContains(t, desc[:strings.Index(desc, "</desc>")], " .", name)
		require.Equal(t, len(c.Chain) > 1, strings.Contains(drawn[".html"], "The chain"), name)
		require.Contains(t, drawn[".html"], `<html lang="en">`)
		require.Contains(t, drawn[".mmd"], "\n  accTitle: ", "Mermaid makes it the title of its picture")
	}
}

// WCAG 2.2, 1.4.3 and 1.4.11: texts have a contrast of 4.5 to 1 with what they are on, light
// and dark, and the outlines of bars one of 3 to 1. The picture has the colours of the page.
func TestContrast(t *testing.T) {
	light, dark, ok := strings.Cut(view.PageStyle, "@media (prefers-color-scheme: dark)")
	require.True(t, ok)
	colours := regexp.MustCompile(`--(\w+): #([0-9a-f]{3,6})`)
	for scheme, text := range map[string]string{"light": light, "dark": dark} {
		of := map[string]float64{}
		for _, m := range colours.FindAllStringSubmatch(text, -1) {
			of[m[1]] = luminance(t, m[2])
		}
		require.Len(t, of, 9, scheme)
		for _, name := range []string{"ink", "faint", "good", "bad", "open", "none"} {
			require.Greater(t, contrast(of[name], of["paper"]), 4.5, "%s %s", scheme, name)
		}
		require.Greater(t, contrast(of["ink"], of["line"]), 3.0)
		require.Greater(t, contrast(of["open"], of["line"]), 3.0)
	}
	for _, m := range regexp.MustCompile(`#[0-9a-f]{3,6}`).FindAllString(view.SVGStyle, -1) {
		require.Contains(t, view.PageStyle, m, "a colour of the picture alone")
	}
	require.Contains(t, view.SVGStyle, ".track{fill:#cfd6e2;stroke:#596275}")
	require.Contains(t, view.PageStyle, "border: 1px solid var(--faint)")
}

func contrast(a, b float64) float64 { return (max(a, b) + 0.05) / (min(a, b) + 0.05) }

func luminance(t testing.TB, hex string) (sum float64) {
	if len(hex) == 3 {
		hex = string([]byte{hex[0], hex[0], hex[1], hex[1], hex[2], hex[2]})
	}
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		n, err := strconv.ParseUint(hex[2*i:2*i+2], 16, 8)
		require.NoError(t, err)
		c := float64(n) / 255
		if c <= 0.04045 {
			sum += weight * c / 12.92
		} else {
			sum += weight * math.Pow((c+0.055)/1.055, 2.4)
		}
	}
	return sum
}
