"""Instants, money, actions, regions, texts and windows: format.md sections 3 to 7."""
import re
import unicodedata
import urllib.parse
from datetime import datetime, timedelta, timezone
from fractions import Fraction
from zoneinfo import ZoneInfo, available_timezones

from strictjson import malformed

INSTANT = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)", re.ASCII)
SECOND = 10**9
DAY = 86400 * SECOND


def instant(text):
    """Nanoseconds since 1970 (F-17)."""
    m = INSTANT.fullmatch(text) if isinstance(text, str) else None
    if not m:
        raise malformed("an instant")
    year, month, day, hour, minute, second = map(int, m.groups()[:6])
    offset = 0
    if m[8] != "Z":
        h, mi = int(m[8][1:3]), int(m[8][4:])
        if m[8] == "-00:00" or mi > 59 or h * 60 + mi > 14 * 60:
            raise malformed("an offset")
        offset = (h * 60 + mi) * (-1 if m[8][0] == "-" else 1)
    if hour > 23 or minute > 59 or second > 59:
        raise malformed("a time of day")
    try:
        t = datetime(year, month, day, hour, minute, second)
    except ValueError as e:
        raise malformed("a date") from e
    seconds = int((t - datetime(1970, 1, 1)).total_seconds()) - offset * 60
    if not 0 <= seconds < 253402300800:
        raise malformed("a year")
    return seconds * SECOND + int((m[7] or "").ljust(9, "0"))


def text_of(at):
    """An instant as text, with as many digits as it has."""
    seconds, nanos = divmod(at, SECOND)
    t = datetime(1970, 1, 1) + timedelta(seconds=seconds)
    frac = ("%09d" % nanos).rstrip("0")
    return t.strftime("%Y-%m-%dT%H:%M:%S") + ("." + frac if frac else "") + "Z"


ISO = {}
for _n, _codes in {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF", 3: "BHD IQD JOD KWD LYD OMR TND",
    2: "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC CUP CVE CZK "
       "DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD "
       "KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP "
       "PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH "
       "USD UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG",
}.items():
    ISO.update({c: _n for c in _codes.split()})
TOKENS = {"USDC": 6, "USDT": 6, "EURC": 6, "PYUSD": 6}
CAIP19 = re.compile(r"[-a-z0-9]{3,8}:[-_a-zA-Z0-9]{1,32}/[-a-z0-9]{3,8}:[-.%a-zA-Z0-9]{1,128}(/[-.%a-zA-Z0-9]{1,78})?", re.ASCII)
AMOUNT = re.compile(r"(0|[1-9][0-9]{0,17})(?:\.([0-9]+))?", re.ASCII)


class Money:
    """An amount: units of 10^-18 of an asset."""

    def __init__(self, amount, currency, decimals=None):
        if not isinstance(amount, str) or not isinstance(currency, str):
            raise malformed("an amount is text")
        own = ISO.get(currency, TOKENS.get(currency))
        self.caip = own is None and bool(CAIP19.fullmatch(currency))
        if own is None and not self.caip:
            raise malformed("a currency")
        if decimals is None:
            if self.caip:
                raise malformed("decimals are missing")
            decimals = own
        else:
            low, high = (0, 18) if self.caip else (own + 1, 9)
            if currency in TOKENS or not low <= decimals <= high:
                raise malformed("decimals")
        m = AMOUNT.fullmatch(amount)
        if not m or len(m[2] or "") > decimals:
            raise malformed("an amount")
        self.units = int(m[1] + (m[2] or "").ljust(18, "0"))
        self.currency, self.decimals = currency, decimals

    def same_asset(self, o):
        return self.currency == o.currency and (not self.caip or self.decimals == o.decimals)

    @property
    def asset(self):
        return (self.currency, self.decimals if self.caip else None)


ACTION = re.compile(r"[a-z0-9_-]+(?:[.:][a-z0-9_-]+)*", re.ASCII)


def check_action(s):
    if not isinstance(s, str) or not 1 <= len(s.encode()) <= 256 or not ACTION.fullmatch(s):
        raise malformed("an action")
    return s


def check_pattern(s):
    if isinstance(s, str) and s[-2:] in (".*", ":*") and len(s.encode()) <= 256:
        check_action(s[:-2])
        return s
    return check_action(s)


def covers_action(pattern, action):
    if pattern == action or pattern == "*":
        return True
    return pattern[-2:] in (".*", ":*") and action.startswith(pattern[:-1]) and len(action) > len(pattern) - 1


COUNTRIES = set(
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI "
    "CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ "
    "GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS "
    "LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG "
    "PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK "
    "TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW".split())


def check_region(s):
    m = re.fullmatch(r"([A-Z]{2})(-[A-Z0-9]{1,3})?", s, re.ASCII) if isinstance(s, str) else None
    if not m or m[1] not in COUNTRIES:
        raise malformed("a region")
    return s


def covers_region(entry, region):
    return entry == region or len(entry) == 2 and region.startswith(entry + "-")


FOLDED = set("\u00a5\u037e\u20a9\u3002\uff61\u2215\u2216\u29f5\u29f8\u29f9\u2044\u2024\u2025\u2026")
ENDS = "[\u2047\u2048\u2049\ufe16\ufe56\ufe5f\uff03\uff1f]"  # what folds to a text with ? or #


def doubtful(value):
    """Whether two readers could see two places in a value (F-31)."""
    m = re.match(r"[A-Za-z0-9+.-]{1,64}://", value, re.ASCII)
    rest = value[m.end():] if m else value
    if rest == "" or rest.endswith("/"):
        return True
    for m in re.finditer("%", rest):
        code = rest[m.end():m.end() + 2]
        if not re.fullmatch("[0-9a-fA-F]{2}", code) or chr(int(code, 16)) in "/\\.%;":
            return True
    try:
        decoded = urllib.parse.unquote_to_bytes(rest.encode("utf-8")).decode("utf-8")
    except UnicodeDecodeError:
        return True
    for c in decoded:
        folded = unicodedata.normalize("NFKC", c)
        invisible = unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp") or "\ufe00" <= c <= "\ufe0f" or c in "\u115f\u1160\u3164\uffa0\u034f\u17b4\u17b5"
        if c in "\\;" or invisible or c in FOLDED or (c > "\x7f" and any(d in folded for d in "./\\%;")):
            return True
    segments = re.split("[/?#]", decoded[1:] if decoded.startswith("/") else decoded)
    if any(re.split(ENDS, s)[0].strip(" .\u00a0\u2000\u3000") == "" for s in segments if re.search(ENDS, s)):
        return True
    return any(s.strip(" .\u00a0\u2000\u3000") == "" for s in segments[:-1]) or (segments[-1] != "" and segments[-1].strip(" .\u00a0") == "")


def covers_text(entry, value):
    if entry == value:
        return True
    return entry.endswith("/*") and value.startswith(entry[:-1]) and len(value) > len(entry) - 1 and not doubtful(value)


ZONES = available_timezones() - {"Factory", "localtime", "Local"}
DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


def zone(name):
    if not isinstance(name, str) or name not in ZONES:
        raise malformed("a time zone")
    return ZoneInfo(name)


def clock(s):
    if not isinstance(s, str) or not re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]|24:00", s, re.ASCII):
        raise malformed("a time of day")
    return int(s[:2]) * 60 + int(s[3:])


def check_window(days, start, end, tz):
    if not days or any(d not in DAYS for d in days) or len(set(days)) != len(days):
        raise malformed("days")
    if clock(start) == 1440 or clock(end) == 0 or clock(start) == clock(end):
        raise malformed("a window")
    zone(tz)


def local(at, tz):
    t = datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(seconds=at // SECOND)
    return t.astimezone(zone(tz))


def in_window(w, at):
    start, end, t = clock(w["start"]), clock(w["end"]), local(at, w["timeZone"])
    minute, today, before = t.hour * 60 + t.minute, DAYS[t.weekday()], DAYS[t.weekday() - 1]
    if start < end:
        return today in w["days"] and start <= minute < end
    return today in w["days"] and minute >= start or before in w["days"] and minute < end


ROLLING = {"hour": 3600, "day": 86400, "week": 7 * 86400, "month": 30 * 86400}


def since(per, tz, at):
    """The first instant that counts (F-35); None: every use."""
    if per == "lifetime":
        return None
    if not tz:
        return at - ROLLING[per] * SECOND + 1
    t = local(at, tz)
    if per == "hour":
        return at - (t.minute * 60 + t.second) * SECOND - at % SECOND
    date = t.date()
    if per == "week":
        date -= timedelta(days=t.weekday())
    if per == "month":
        date = date.replace(day=1)
    # The first instant at which the zone shows that date, or a later one.
    utc = int((datetime(date.year, date.month, date.day) - datetime(1970, 1, 1)).total_seconds())
    low, high = utc - 26 * 3600, utc + 26 * 3600
    step = 900
    while local(low * SECOND, tz).date() < date:
        low += step
    return low * SECOND if low <= high else None


def at_most(number, bound):
    return Fraction(number.exact()) <= bound
