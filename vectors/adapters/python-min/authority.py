"""What an authority permits, and narrowing: format.md sections 11 to 13."""
from algebra import at_most, covers_action, covers_region, covers_text, in_window, Money
from strictjson import Number, Refused

LEVELS = ["L0", "L1", "L2", "L3", "L4KYC", "L4FIN"]
RATES = ("max_per_minute", "max_per_hour", "max_per_day")


def rate_of(name):
    for end in ("_per_minute", "_per_hour", "_per_day"):
        if name.endswith(end) and name != end:
            return end[5:]
    return None


def as_money(v):
    d = v.get("decimals")
    return Money(v["amount"], v["currency"], d.integer() if isinstance(d, Number) else d)


def limits_of(a):
    """Every limit of money as (action, money, per, zone, path); the ceiling is one per transaction."""
    out = []
    if "maxTransactionAmount" in a:
        out.append(("", as_money(a["maxTransactionAmount"]), "transaction", "", "maxTransactionAmount"))
    for i, l in enumerate(a.get("spendLimits", [])):
        out.append((l.get("action", ""), as_money(l), l["per"], l.get("timeZone", ""), "spendLimits/%d" % i))
    return out


def applies(action, act):
    return action == "" or covers_action(action, act["action"])


def kind_of(name, v):
    if isinstance(v, Number):
        return "rate" if name in RATES else "max"
    return "bool" if isinstance(v, bool) else "texts"


def attribute_of(name, v):
    return name[4:] if kind_of(name, v) == "max" and name.startswith("max_") and len(name) > 4 else name


def holds(cap, act):
    """The first reason against an entry of the allow-list, or None."""
    attrs = act.get("parameters", {})
    for name, v in cap.get("params", {}).items():
        kind = kind_of(name, v)
        if kind == "rate":
            continue
        a = attribute_of(name, v)
        if a not in attrs:
            return "authority.attribute_missing", name
        x = attrs[a]
        good = {"max": lambda: isinstance(x, Number) and at_most(x, v.integer()),
                "bool": lambda: isinstance(x, bool) and (v or not x),
                "texts": lambda: isinstance(x, str) and x in (v if isinstance(v, list) else [v])}[kind]()
        if not good:
            return "authority.limit_exceeded", name
    return None


def unpermitted(a, cap, act):
    for name, v in act.get("parameters", {}).items():
        if v is not True:
            continue
        allowed = a.get("limits", {}).get("allow_" + name)
        if allowed is None:
            allowed = cap.get("params", {}).get(name)
        if allowed is not True:
            yield "authority.limit_exceeded", "limits/allow_" + name.replace("~", "~0").replace("/", "~1")


def pass_under(a, act):
    """The reasons against an act by the allow-list (F-66); none if an entry lets it pass."""
    first = None
    for i, cap in enumerate(a.get("capabilities", [])):
        if not covers_action(cap["action"], act["action"]):
            continue
        why = holds(cap, act)
        reasons = [(why[0], "capabilities/%d/params/%s" % (i, why[1]))] if why else []
        reasons += unpermitted(a, cap, act)
        if not reasons:
            return []
        first = first or reasons
    return first or [("authority.action_not_allowed", "capabilities")] + list(unpermitted(a, {}, act))


def is_payment(act):
    return any(m in act for m in ("transactionAmount", "category", "rail", "payee"))


def permits(chain, act, audience, at):
    """Every reason against an act, as (code, path)."""
    out = []

    def each(rule):
        for i, a in enumerate(chain):
            out.extend((code, "/%d/%s" % (i, path)) for code, path in rule(a))

    each(lambda a: pass_under(a, act))
    each(lambda a: [("authority.action_denied", "deniedActions")]
         if any(covers_action(p, act["action"]) for p in a.get("deniedActions", [])) else [])
    payment = is_payment(act)
    money = as_money(act["transactionAmount"]) if "transactionAmount" in act else None
    if payment:
        for facet, member, code in (("allowedMPPCategories", "category", "authority.category_not_allowed"),
                                    ("paymentRails", "rail", "authority.rail_not_allowed")):
            stated = [i for i, a in enumerate(chain) if facet in a]
            if stated and member not in act:
                out.append((code, "/%d/%s" % (stated[0], facet)))
            elif stated:
                each(lambda a: [] if act[member] in a.get(facet, []) else [(code, facet)])
            elif member in act:
                out.append((code, "/0/" + facet))

    def spend(a):
        for action, limit, per, _, path in limits_of(a):
            if money is None and action and applies(action, act):
                yield "authority.attribute_missing", path
        if money is None:
            return
        if not any(l.same_asset(money) and applies(action, act) for action, l, _, _, _ in limits_of(a)):
            yield "authority.currency_not_allowed", "maxTransactionAmount"
        for action, l, per, _, path in limits_of(a):
            if per == "transaction" and l.same_asset(money) and applies(action, act) and money.units > l.units:
                yield "authority.amount_exceeded", path

    each(spend)

    def attributes(a):
        for name, v in a.get("limits", {}).items():
            attrs = act.get("parameters", {})
            if rate_of(name):
                continue
            x = attrs.get(name[6:] if isinstance(v, bool) else name[4:], attrs)
            if x is attrs:
                continue
            if isinstance(v, bool) and not isinstance(x, bool) or \
                    not isinstance(v, bool) and not (isinstance(x, Number) and at_most(x, v.integer())):
                yield "authority.limit_exceeded", "limits/" + name

    each(attributes)
    if payment:
        each(lambda a: outside(a, "payees", act.get("payee"), "authority.payee_not_allowed", covers_text))
    each(lambda a: outside(a, "resources", act.get("resource"), "authority.resource_not_allowed", covers_text))
    each(lambda a: outside(a, "audiences", audience, "authority.resource_not_allowed", covers_text))
    each(lambda a: outside(a, "regions", act.get("region"), "authority.region_blocked", covers_region))
    each(lambda a: [("authority.outside_time_window", "timeWindows")]
         if "timeWindows" in a and not any(in_window(w, at) for w in a["timeWindows"]) else [])
    return out


def outside(a, facet, value, code, covers):
    if facet in a and (not value or not any(covers(e, value) for e in a[facet])):
        yield code, facet


class Effective:
    """What a chain allows together, to compare a child with."""

    def __init__(self, a):
        stated = a.get("limits", {})
        self.caps = [(c["action"], {n: False if v is True and stated.get("allow_" + n) is False else v
                                    for n, v in c.get("params", {}).items()})
                     for c in a.get("capabilities", [])]
        self.lists = {f: a.get(f) for f in ("allowedMPPCategories", "paymentRails", "payees", "resources", "audiences", "regions")}
        self.limits = [(action, m, per, tz, path.partition("/")[0]) for action, m, per, tz, path in limits_of(a)]
        self.grants = {(m.asset, action) for action, m, _, _, _ in self.limits}
        self.numbers = {n: v.integer() for n, v in stated.items() if not isinstance(v, bool)}
        self.allow = {n[6:] for n, v in stated.items() if v is True}
        self.level = LEVELS.index(a.get("assurance", {}).get("level", "L0"))
        d = a.get("maxDelegationDepth")
        self.deepest = d.integer() if d is not None else None

    def widened(self, c):
        """The paths of what a child (Effective) has beyond this."""
        for i, (action, params) in enumerate(c.caps):
            yield from self.widened_capability(i, action, params, c)
        for facet in ("allowedMPPCategories", "paymentRails"):
            if c.lists[facet] is not None and not set(c.lists[facet]) <= set(self.lists[facet] or []):
                yield "/" + facet
        if any(not any(covers_grant(p, g) for p in self.grants) for g in c.grants):
            yield "/spendLimits"
        for action, m, per, tz, path in c.limits:
            key = (action, per, tz, m.asset)  # stated twice, the lower holds (F-84)
            units = min(o.units for a, o, p, z, _ in c.limits if (a, p, z, o.asset) == key)
            if any((a, p, z, o.asset) == key and units > o.units for a, o, p, z, _ in self.limits):
                yield "/" + path
        for n, v in c.numbers.items():
            if n in self.numbers and v > self.numbers[n]:
                yield "/limits/" + n
        for n in c.allow - self.allow:
            yield "/limits/allow_" + n
        for facet in ("payees", "resources", "audiences", "regions"):
            covers = covers_region if facet == "regions" else covers_text
            own, above = c.lists[facet], self.lists[facet]
            if own is not None and above is not None and any(not any(covers(e, x) for e in above) for x in own):
                yield "/" + facet
        if c.level > self.level:
            yield "/assurance/level"
        if c.deepest is not None and c.deepest > (self.deepest if self.deepest is not None else 0):
            yield "/maxDelegationDepth"

    def widened_capability(self, i, action, params, c):
        """The paths of one entry; none if it lies in one entry of this."""
        best = None
        for above, theirs in self.caps:
            if not covers_action(above, action):
                continue
            paths = ["/capabilities/%d/params/%s" % (i, n) for n, v in params.items()
                     if not within(n, v, theirs, self.allow)]
            if not paths:
                return
            if best is None or len(paths) < len(best):
                best = paths
        yield from best or ["/capabilities/%d/action" % i]

    def meet(self, c):
        out = Effective({})
        for a, p in self.caps:
            for b, q in c.caps:
                if covers_action(a, b) or covers_action(b, a):
                    out.caps.append((b if covers_action(a, b) else a, meet_params(p, q, self.allow, c.allow)))
        for facet in ("allowedMPPCategories", "paymentRails"):
            out.lists[facet] = [x for x in self.lists[facet] or [] if x in (c.lists[facet] or [])]
        for facet in ("payees", "resources", "audiences", "regions"):
            covers = covers_region if facet == "regions" else covers_text
            p, q = self.lists[facet], c.lists[facet]
            if p is None or q is None:
                out.lists[facet] = p if q is None else q
            else:
                out.lists[facet] = [x for x in q if any(covers(e, x) for e in p)] + [x for x in p if any(covers(e, x) for e in q)]
        out.grants = {g for p in self.grants for g in c.grants if covers_grant(p, g)} | \
                     {p for p in self.grants for g in c.grants if covers_grant(g, p)}
        out.limits = self.limits + c.limits
        out.numbers = dict(self.numbers)
        for n, v in c.numbers.items():
            out.numbers[n] = min(v, out.numbers.get(n, v))
        out.allow, out.level = self.allow & c.allow, min(self.level, c.level)
        out.deepest = c.deepest
        return out


def covers_grant(p, g):
    return p[0] == g[0] and (p[1] == "" or g[1] != "" and covers_action(p[1], g[1]))


def texts(v):
    return set(v if isinstance(v, list) else [v])


def within(name, v, theirs, allow):
    if name not in theirs:
        return v is not True or name in allow
    p = theirs[name]
    if kind_of(name, v) != kind_of(name, p):
        return False
    if isinstance(v, bool):
        return p or not v
    if isinstance(v, Number):
        return v.integer() <= p.integer()
    return texts(v) <= texts(p)


def meet_params(p, q, pallow, qallow):
    out = {}
    for n in list(p) + [n for n in q if n not in p]:
        if n not in p or n not in q:
            v, other = (p[n], qallow) if n in p else (q[n], pallow)
            out[n] = v and n in other if isinstance(v, bool) else v
        elif kind_of(n, p[n]) != kind_of(n, q[n]):
            out[n] = []
        elif isinstance(p[n], bool):
            out[n] = p[n] and q[n]
        elif isinstance(p[n], Number):
            out[n] = p[n] if p[n].integer() <= q[n].integer() else q[n]
        else:
            out[n] = sorted(texts(p[n]) & texts(q[n]))
    return out
