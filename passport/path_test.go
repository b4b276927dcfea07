package passport_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/passport"
)

func TestTextCovers(t *testing.T) {
	for _, c := range []struct {
		pattern, value string
		want           bool
	}{
		{"https://a.example/x", "https://a.example/x", true}, {"https://a.example/*", "https://a.example/x", true},
		{"https://a.example/*", "https://a.example/x/y", true},
		{"https://a.example/*", "https://a.example/x/*", true}, {"https://a.example/*", "https://a.example/*", true},
		{"/*", "/srv", true}, {"/srv/*", "/srv/x", true}, {"file:///srv/*", "file:///srv/x", true},
		{"/srv/*", "/srv/", false}, {"/*", "/", false}, {"/*", "//host/x", false}, {"file:///*", "file:////x", false}, {"files/*", "files/x", true},
		{"https://a.example/*", "https://a.example/x?next=y#z", true},
		{"https://a.example/*", "https://a.example/50%20", true},
		{"https://a.example/*", "https://a.example/a...", true}, {"https://a.example/*", "https://a.example/.x", true},
		{"https://a.example/*", "https://a.example/", false}, {"https://a.example/*", "https://a.example", false},
		{"https://a.example/*", "https://a.example.evil/x", false},
		{"https://a.example/x", "https://a.example/x/y", false},
		{"https://a.example/x", "https://A.example/x", false}, {"https://a.example/x*", "https://a.example/xy", false}, {"*", "x", false}, {"", "x", false},
		{"https://*", "https://a.example", true},
	} {
		require.Equal(t, c.want, passport.TextCovers(c.pattern, c.value), "%s covers %s", c.pattern, c.value)
	}
}

// S9: a value in which two readers could see two places passes no wildcard, but
// its own exact text.
func TestS9AmbiguousValuesPassNoWildcard(t *testing.T) {
	for _, tail := range []string{
		"..", ".", "../x", "./x", "x/..", "x/.", "x/../y", "x/./y", "/x", "x//y", "x/", "%2e%2e/x", "%2E./x", "x%2fy", "x%2Fy", "x%5cy", "x%5Cy", `x\y`, `..\x`,
		// What only looks like a scheme hides nothing.
		"..//x://y", "../x://y", "x//y://z", "/..://x", "x://../y",
		// S9: what servers, frameworks and file systems make other paths of.
		"..;/x", "..;a=b/x", "x;/y", "%3b/x", "%3B", "..?/x", "..#/x", "?/../x", "%252e%252e/x", "%252f", "50%25", "..%00/x", "..%00", "x%0d", "\x00",
		"%c0%ae%c0%ae/x", "%c0%af", "%e0%80%ae", "\xc0\xae/x", "%ff", "..%c0", "%u002e%u002e/x", "%", "%2", "%2g", "%zz", "%%32%65",
		"\uff0e\uff0e/x", "%ef%bc%8e%ef%bc%8e/x", "x\uff0fy", "x\uff3cy", "\u2025/x", "\u2024\u2024/x", "\ufe52\ufe52/x", "\u2215x", "\u3002\u3002/x", "\uff05",
		".\u200b./x", "..\u00ad/x", "%e2%80%8b", "\u202e", "\u0085", "..%3f/x", "..%23/x",
		"...", ".../x", "..%20/x", ".%20./x", "%20../x", "..%c2%a0/x", "..%ef%b8%8f/x", "%20",
	} {
		for _, prefix := range []string{"https://a.example/v1/", "files/", "/srv/", "urn:x/"} {
			value := prefix + tail
			require.False(t, passport.TextCovers(prefix+"*", value), value)
			require.True(t, passport.TextCovers(value, value), value)
		}
	}
	for _, tail := range []string{"x%20y", "%3a", "%5d", "%6e%2d", "%40", "%2c", "caf%c3%a9", "caf\u00e9",
		"\u65e5\u672c", "a..b", "..a", "a...", "x?y=z", "x#y"} {
		require.True(t, passport.TextCovers("https://a.example/*", "https://a.example/"+tail), tail)
	}
}

func TestRegions(t *testing.T) {
	for _, r := range []string{"DE", "DE-BY", "US-CA", "GB-ENG", "FR-75C", "AT-9"} {
		require.NoError(t, passport.CheckRegion(r), r)
	}
	for _, r := range []string{"", "D", "EU", "UK", "XK", "ZZ", "de", "De", "DE-", "DE-by", "DE-BAYE", "DE_BY",
		"DE-B Y", "DEU", "DE-BY-M", "-BY", "E ", " D", "DE-\u00dc", "DE\n"} {
		require.ErrorIs(t, passport.CheckRegion(r), code.EnvelopeMalformed, "%q", r)
	}
	countries := 0
	for a := 'A'; a <= 'Z'; a++ {
		for b := 'A'; b <= 'Z'; b++ {
			if passport.CheckRegion(string(a)+string(b)) == nil {
				countries++
			}
		}
	}
	require.Equal(t, 249, countries, "the codes of ISO 3166-1")
	for _, c := range []struct {
		entry, region string
		want          bool
	}{
		{"DE", "DE", true}, {"DE", "DE-BY", true}, {"DE-BY", "DE-BY", true},
		{"DE-BY", "DE", false}, {"DE-BY", "DE-BE", false}, {"DE", "AT", false}, {"DE", "DEX", false},
		{"DE", "", false}, {"DE-B", "DE-BY", false}, {"DE", "D", false},
	} {
		require.Equal(t, c.want, passport.RegionCovers(c.entry, c.region), "%s covers %s", c.entry, c.region)
	}
}

// M5: what people write for countries is told with what would be right.
func TestCheckRegionSaysWhatWouldBeRight(t *testing.T) {
	for region, want := range map[string]string{
		"UK": "the United Kingdom is GB", "EL-A": "Greece is GR", "XK": "Kosovo has none", "EU": "name the countries",
		"EFTA": "name the countries", "de": "want capital letters: DE", "USA": "two letters, such as US", "": "two letters", "ZZ": "two letters",
	} {
		err := passport.CheckRegion(region)
		require.ErrorContains(t, err, want, "%q", region)
		if region != "UK" {
			require.NotContains(t, err.Error(), "Kingdom", region)
		}
	}
}
