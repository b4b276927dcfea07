package passport

import "strings"

// TextCovers reports whether an entry of payees, resources or audiences covers
// a value, or every value that another entry covers: exact text, or, for an
// entry that ends in "/*", text that starts with everything up to that "/" and
// goes on. A value with an empty, "." or ".." segment, or with an encoded dot,
// slash or backslash, is covered by no wildcard: two readers could see two
// places in it.
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

func ambiguousPath(value string) bool {
	rest := value
	if _, after, ok := strings.Cut(value, "://"); ok {
		rest = after
	}
	for segment := range strings.SplitSeq(rest, "/") {
		if segment == "" || segment == "." || segment == ".." {
			return true
		}
	}
	lower := strings.ToLower(value)
	return strings.Contains(lower, "%2e") || strings.Contains(lower, "%2f") || strings.Contains(lower, "%5c") || strings.Contains(value, `\`)
}

// RegionCovers reports whether a region of a passport covers another: "DE"
// covers "DE" and "DE-BY".
func RegionCovers(entry, region string) bool {
	return entry == region || len(entry) == 2 && strings.HasPrefix(region, entry) && len(region) > 2 && region[2] == '-'
}

// CheckRegion reports what is wrong with a region: ISO 3166-1 alpha-2 or
// ISO 3166-2, in upper case.
func CheckRegion(region string) error {
	country, part, has := strings.Cut(region, "-")
	if !isCountry(country) {
		return invalid("", "%.20q is not an ISO 3166-1 alpha-2 country", country)
	}
	if has {
		if len(part) < 1 || len(part) > 3 || strings.ToUpper(part) != part || !isToken(part, "", 1, 3, true) {
			return invalid("", "%.20q is not an ISO 3166-2 subdivision", region)
		}
	}
	return nil
}

// countries are the ISO 3166-1 alpha-2 codes.
const countries = "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ " +
	"CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR " +
	"GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP " +
	"KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ " +
	"NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW " +
	"SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ " +
	"UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW"

func isCountry(s string) bool {
	if len(s) != 2 || s[0] < 'A' || s[0] > 'Z' || s[1] < 'A' || s[1] > 'Z' {
		return false
	}
	for i := 0; i+2 <= len(countries); i += 3 {
		if countries[i:i+2] == s {
			return true
		}
	}
	return false
}
