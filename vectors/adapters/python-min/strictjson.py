"""Strict JSON (format.md section 1) and its canonical form (section 2)."""
import hashlib
import base64
from decimal import Decimal


class Refused(Exception):
    """A document or question is refused, with a code."""

    def __init__(self, code, why=""):
        super().__init__(code, why)
        self.code, self.why = code, why


def malformed(why=""):
    return Refused("envelope.malformed", why)


def too_large(why=""):
    return Refused("envelope.too_large", why)


class Number:
    """A number with its text, which alone says what it is exactly."""

    __slots__ = ("text", "value")

    def __init__(self, text):
        self.text, self.value = text, float(text)

    def exact(self):
        return Decimal(self.text)

    def integer(self):
        """The number as an integer that every reader holds, or None."""
        if not self.text.lstrip("-").isdigit():
            return None
        n = int(self.text)
        return n if abs(n) <= 2**53 - 1 else None

    def is_exact(self):
        if self.value == 0:
            return not self.text.startswith("-")
        return Decimal(self.text) == Decimal(repr(self.value))


DEPTH, MEMBERS, ITEMS, NAME, STRING = 32, 4096, 1024, 256, 16 * 1024
ESCAPES = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


class Parser:
    def __init__(self, text, long_strings=False):
        if isinstance(text, bytes):
            try:
                text = text.decode("utf-8")
            except UnicodeDecodeError as e:
                raise malformed("not UTF-8") from e
        if len(text.encode("utf-8", "surrogatepass")) > 1 << 22:
            raise too_large()
        self.s, self.i, self.members = text, 0, 0
        self.most = 1 << 22 if long_strings else STRING

    def parse(self):
        v = self.value(1)
        self.space()
        if self.i != len(self.s):
            raise malformed("data behind the document")
        return v

    def space(self):
        while self.i < len(self.s) and self.s[self.i] in " \t\r\n":
            self.i += 1

    def peek(self):
        if self.i >= len(self.s):
            raise malformed("cut short")
        return self.s[self.i]

    def count(self):
        self.members += 1
        if self.members > MEMBERS:
            raise too_large("members")

    def value(self, depth):
        self.space()
        c = self.peek()
        if c in "{[":
            if depth > DEPTH:
                raise too_large("depth")
            return self.object(depth) if c == "{" else self.array(depth)
        if c == '"':
            return self.string(self.most)
        for word, v in (("true", True), ("false", False), ("null", None)):
            if self.s.startswith(word, self.i):
                self.i += len(word)
                return v
        return self.number()

    def object(self, depth):
        self.i += 1
        out = {}
        self.space()
        if self.peek() == "}":
            self.i += 1
            return out
        while True:
            self.space()
            if self.peek() != '"':
                raise malformed("a name")
            name = self.string(NAME)
            if name in out:
                raise malformed("a name twice")
            self.space()
            if self.peek() != ":":
                raise malformed("a colon")
            self.i += 1
            self.count()
            out[name] = self.value(depth + 1)
            self.space()
            c = self.peek()
            self.i += 1
            if c == "}":
                return out
            if c != ",":
                raise malformed("a comma")

    def array(self, depth):
        self.i += 1
        out = []
        self.space()
        if self.peek() == "]":
            self.i += 1
            return out
        while True:
            self.count()
            out.append(self.value(depth + 1))
            if len(out) > ITEMS:
                raise too_large("items")
            self.space()
            c = self.peek()
            self.i += 1
            if c == "]":
                return out
            if c != ",":
                raise malformed("a comma")

    def string(self, most):
        self.i += 1
        out = []
        while True:
            c = self.peek()
            self.i += 1
            if c == '"':
                break
            if c < " ":
                raise malformed("a control character")
            if "\ud800" <= c <= "\udfff":
                raise malformed("not UTF-8")
            if c == "\\":
                c = self.escape()
            out.append(c)
        text = "".join(out)
        if len(text.encode("utf-8")) > most:
            raise too_large("a string")
        return text

    def unit(self):
        digits = self.s[self.i:self.i + 4]
        if len(digits) < 4 or any(d not in "0123456789abcdefABCDEF" for d in digits):
            raise malformed("an escape")
        self.i += 4
        return int(digits, 16)

    def escape(self):
        e = self.peek()
        self.i += 1
        if e != "u":
            if e not in ESCAPES:
                raise malformed("an escape")
            return ESCAPES[e]
        u = self.unit()
        if 0xDC00 <= u <= 0xDFFF:
            raise malformed("a lone surrogate")
        if 0xD800 <= u <= 0xDBFF:
            if self.s[self.i:self.i + 2] != "\\u":
                raise malformed("a lone surrogate")
            self.i += 2
            low = self.unit()
            if not 0xDC00 <= low <= 0xDFFF:
                raise malformed("a lone surrogate")
            u = 0x10000 + ((u - 0xD800) << 10) + (low - 0xDC00)
        return chr(u)

    def number(self):
        s, start, i = self.s, self.i, self.i

        def digits(i):
            j = i
            while j < len(s) and s[j] in "0123456789":
                j += 1
            if j == i:
                raise malformed("a number")
            return j

        if s[i] == "-":
            i += 1
        if i < len(s) and s[i] == "0":
            i += 1
            if i < len(s) and s[i] in "0123456789":
                raise malformed("a leading zero")
        else:
            i = digits(i)
        if i < len(s) and s[i] == ".":
            i = digits(i + 1)
        if i < len(s) and s[i] in "eE":
            i += 1
            if i < len(s) and s[i] in "+-":
                i += 1
            i = digits(i)
        n = Number(s[start:i])
        if n.value in (float("inf"), float("-inf")):
            raise malformed("out of range")
        if n.value == 0 and any(c in "123456789" for c in n.text.lower().split("e")[0]):
            raise malformed("too close to zero")
        self.i = i
        return n


def parse(text, long_strings=False):
    return Parser(text, long_strings).parse()


def es6(x):
    """A number as ECMAScript writes it."""
    if x == 0:
        return "0"
    sign, x = ("-", -x) if x < 0 else ("", x)
    mantissa, _, exp = ("%r" % x).partition("e")
    whole, _, frac = mantissa.partition(".")
    digits = (whole + frac).lstrip("0")
    point = len(whole) + int(exp or 0)
    if whole.strip("0") == "":
        point -= len(whole) + (len(frac) - len(frac.lstrip("0")))
    else:
        point -= len(whole) - len(whole.lstrip("0"))
    digits = digits.rstrip("0")
    n = len(digits)
    if n <= point <= 21:
        return sign + digits + "0" * (point - n)
    if 0 < point <= 21:
        return sign + digits[:point] + "." + digits[point:]
    if -6 < point <= 0:
        return sign + "0." + "0" * -point + digits
    e = point - 1
    return sign + digits[0] + ("." + digits[1:] if n > 1 else "") + "e" + ("+" if e > 0 else "-") + str(abs(e))


SHORT = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def canonical(v):
    """The JCS form, as text."""
    if v is None:
        return "null"
    if v is True or v is False:
        return "true" if v else "false"
    if isinstance(v, str):
        return '"' + "".join(SHORT.get(c) or ("\\u%04x" % ord(c) if c < " " else c) for c in v) + '"'
    if isinstance(v, Number):
        return es6(v.value)
    if isinstance(v, list):
        return "[" + ",".join(map(canonical, v)) + "]"
    names = sorted(v, key=lambda n: n.encode("utf-16-be"))
    return "{" + ",".join(canonical(n) + ":" + canonical(v[n]) for n in names) + "}"


def digest(text):
    raw = b"\x12\x20" + hashlib.sha256(text.encode("utf-8")).digest()
    return "u" + base64.urlsafe_b64encode(raw).decode().rstrip("=")
