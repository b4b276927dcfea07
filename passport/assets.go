package passport

import "strings"

// tokenNames are the registered stablecoins, all with six decimals.
const tokenNames = "USDC, USDT, EURC, PYUSD"

// ISO 4217 codes by their number of minor digits, as of the list published on
// 2026-01-01, without funds codes, metals and test codes.
const (
	iso0 = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"
	iso3 = "BHD IQD JOD KWD LYD OMR TND"
	iso2 = "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD " +
		"CAD CDF CHF CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD " +
		"HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL " +
		"MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD " +
		"PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL " +
		"THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG"
)

var assets = func() map[string]uint8 {
	m := make(map[string]uint8, 200)
	for decimals, list := range map[uint8]string{0: iso0, 2: iso2, 3: iso3, 6: strings.ReplaceAll(tokenNames, ",", "")} {
		for _, code := range strings.Fields(list) {
			m[code] = decimals
		}
	}
	return m
}()

// isToken6 reports whether a code is a registered stablecoin.
func isToken6(currency string) bool {
	d, ok := assets[currency]
	return ok && d == 6
}

func assetDecimals(currency string) (uint8, bool) {
	d, ok := assets[currency]
	return d, ok
}

// isCAIP19 reports whether s is an asset id as CAIP-19 writes it:
// <namespace>:<reference>/<namespace>:<reference>[/<token>].
func isCAIP19(s string) bool {
	chain, asset, ok := strings.Cut(s, "/")
	if !ok {
		return false
	}
	asset, token, hasToken := strings.Cut(asset, "/")
	if hasToken && !isToken(token, "-.%", 1, 78, true) {
		return false
	}
	chainSpace, chainRef, ok1 := strings.Cut(chain, ":")
	assetSpace, assetRef, ok2 := strings.Cut(asset, ":")
	return ok1 && ok2 &&
		isToken(chainSpace, "-", 3, 8, false) && isToken(chainRef, "-_", 1, 32, true) &&
		isToken(assetSpace, "-", 3, 8, false) && isToken(assetRef, "-.%", 1, 128, true)
}

func isToken(s, extra string, min, max int, upper bool) bool {
	if len(s) < min || len(s) > max {
		return false
	}
	for _, c := range []byte(s) {
		switch {
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9', upper && 'A' <= c && c <= 'Z', strings.IndexByte(extra, c) >= 0:
		default:
			return false
		}
	}
	return true
}
