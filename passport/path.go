package passport

import (
	"strings"

	"github.com/safeconduct/safeconduct/internal/onepath"
)

// TextCovers reports whether an entry of payees, resources or audiences covers
// a value, or every value that another entry covers: exact text, or, for an
// entry that ends in "/*", text that starts with everything up to that "/" and
// goes on. The comparison is one of text. A wildcard covers no value in which
// two readers could see two places: one with a segment that is empty or has dots
// and blanks alone, with a backslash, a semicolon, a control or an invisible character, with a '%' that
// encodes nothing or one of these or a dot or a slash, or with a character that
// some readers fold to one of these. The slashes that a URL's authority or an
// absolute path begins with make no empty segment; one at the end of a value
// does.
func TextCovers(pattern, value string) bool {
	if pattern == value {
		return true
	}
	prefix, ok := strings.CutSuffix(pattern, "*")
	if !ok || !strings.HasSuffix(prefix, "/") {
		return false
	}
	return len(value) > len(prefix) && strings.HasPrefix(value, prefix) && !ambiguousPath(value)
}

// ambiguousPath reports whether two readers could see two places in a value.
func ambiguousPath(value string) bool {
	rest := value
	// Only what can be a scheme is cut off: in "a/../b://c" nothing may hide.
	if scheme, after, ok := strings.Cut(value, "://"); ok && isToken(scheme, "+-.", 1, 64, true) {
		rest = after
	}
	return rest == "" || strings.HasSuffix(rest, "/") || onepath.Doubt(rest) != ""
}

// RegionCovers reports whether a region of a passport covers another: "DE"
// covers "DE" and "DE-BY", "DE-BY" only itself.
func RegionCovers(entry, region string) bool {
	return entry == region || len(entry) == 2 && strings.HasPrefix(region, entry) && len(region) > 2 && region[2] == '-'
}

// CheckRegion reports what is wrong with a region: an ISO 3166-1 alpha-2 code,
// or one with the form of an ISO 3166-2 subdivision, in upper case. The list of
// subdivisions itself is not looked at.
func CheckRegion(region string) error {
	country, part, has := strings.Cut(region, "-")
	if !isCountry(country) {
		return noCountry(country)
	}
	if has {
		if strings.ToUpper(part) != part || !isToken(part, "", 1, 3, true) {
			return invalid("", "%.20q is not an ISO 3166-2 subdivision", region)
		}
	}
	return nil
}

// notCountries are codes that people write for countries, and what would be right.
var notCountries = map[string]string{
	"UK": "the United Kingdom is GB", "EL": "Greece is GR", "XK": "Kosovo has none, XK is a user-assigned code",
	"EU": "name the countries of the group", "EEA": "name the countries of the group", "EFTA": "name the countries of the group",
}

func noCountry(code string) error {
	why := notCountries[code]
	switch {
	case why != "":
	case isCountry(strings.ToUpper(code)):
		why = "want capital letters: " + strings.ToUpper(code)
	default:
		why = "want two letters, such as US"
	}
	return invalid("", "%.20q is not an ISO 3166-1 alpha-2 country: %s", code, why)
}

// countries are the ISO 3166-1 alpha-2 codes.
const countries = "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ " +
	"CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR " +
	"GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP " +
	"KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ " +
	"NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW " +
	"SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ " +
	"UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW"

// isISO marks the countries by their two letters.
var isISO = func() (t [26][26]bool) {
	for _, c := range strings.Fields(countries) {
		t[c[0]-'A'][c[1]-'A'] = true
	}
	return t
}()

func isCountry(s string) bool {
	if len(s) != 2 {
		return false
	}
	a, b := s[0]-'A', s[1]-'A' // what stands before 'A' wraps around and is out of range
	return a < 26 && b < 26 && isISO[a][b]
}
