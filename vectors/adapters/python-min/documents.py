"""Passports, presentations and status lists as documents: format.md sections 10, 11, 14, 15."""
import base64
import re
import unicodedata
import zlib

from algebra import check_action, check_pattern, check_region, check_window, instant, zone
from authority import LEVELS, as_money, rate_of
from identity import check_did, check_iri, read_proofs
from strictjson import Number, Refused, canonical, malformed, too_large

V1, V2, OURS = "https://www.w3.org/2018/credentials/v1", "https://www.w3.org/ns/credentials/v2", "https://w3id.org/safeconduct/v1"
V2021 = "https://w3id.org/vc/status-list/2021/v1"
KNOWN = {V1, V2, OURS, V2021, "https://w3id.org/security/data-integrity/v2",
         "https://w3id.org/security/data-integrity/v1", "https://w3id.org/security/multikey/v1",
         "https://w3id.org/security/jwk/v1", "https://www.w3.org/ns/did/v1", "https://w3id.org/security/suites/ed25519-2020/v1"}
ULID = "[0-7][0-9A-HJKMNP-TV-Z]{25}"
JSON_MEMBERS = {"params", "limits", "parameters", "extensions"}
# What contexts define at the root of a credential beside what a passport has.
VC_TERMS = {"name", "description", "credentialSchema", "evidence", "refreshService", "relatedResource", "termsOfUse", "confidenceMethod",
            "renderMethod", "issuanceDate", "expirationDate"}
MONEY = {"amount", "currency", "decimals"}
SUBJECT = {"id", "type", "name", "description", "role", "framework", "humanPrincipal", "organizationDID", "grantId", "templateId",
           "capabilities", "deniedActions", "allowedMPPCategories", "paymentRails", "maxTransactionAmount", "spendLimits", "limits", "payees",
           "resources", "audiences", "regions", "timeWindows", "assurance", "attestation", "consent", "delegationDepth",
           "maxDelegationDepth", "parentPassportId", "parentDigest", "extensions"}
FACETS = {"amount", "category", "rail", "region", "payee", "resource"}


def contexts(doc):
    cx = doc.get("@context")
    if not isinstance(cx, list) or not cx or any(not isinstance(c, str) for c in cx) or any(c not in KNOWN for c in cx):
        raise Refused("envelope.context")
    if cx[0] != V2 or len(set(cx)) != len(cx) or V1 in cx:
        raise Refused("envelope.context")
    return cx


def closed(v, allowed, defined=()):
    """An object holds only the members that its place has (F-7, F-13)."""
    if not isinstance(v, dict) or not v:
        raise malformed("an object with members")
    for name in v:
        if name in allowed:
            continue
        if name == "@context":
            raise Refused("envelope.context")
        if ":" in name or "@" in name or name in defined:
            raise malformed("a member that does not belong here: " + name)
        raise Refused("envelope.data_loss", name)
    return v


def profile(v, top=True):
    """No null, nothing empty, integers only; JSON members are objects of exact numbers (F-8, F-9, F-13)."""
    if v is None or v == [] or (v == {} and not top):
        raise malformed("nothing")
    if isinstance(v, Number) and v.integer() is None:
        raise malformed("a number")
    if isinstance(v, list):
        if any(isinstance(i, list) for i in v):
            raise malformed("an array in an array")
        if len({canonical(i) for i in v}) != len(v):
            raise malformed("an item twice")
        for i in v:
            profile(i, False)
    if isinstance(v, dict):
        for name, m in v.items():
            if name in JSON_MEMBERS:
                json_value(m)
            elif name not in ("@context", "proof", "verifiableCredential"):
                profile(m, False)


def json_value(v):
    if not isinstance(v, dict):
        raise malformed("JSON is an object")
    stack = [v]
    while stack:
        x = stack.pop()
        if isinstance(x, Number) and not x.is_exact():
            raise malformed("a number that is rounded")
        stack.extend(x.values() if isinstance(x, dict) else x if isinstance(x, list) else [])


def ids(v, into):
    if isinstance(v, dict):
        for name, m in v.items():
            if name == "id" and isinstance(m, str):
                into.append(m)
            elif name not in JSON_MEMBERS and name not in ("proof", "verifiableCredential", "@context"):
                ids(m, into)
    elif isinstance(v, list):
        for i in v:
            ids(i, into)
    return into


def text(v):
    if not isinstance(v, str) or not v:
        raise malformed("a text")
    return v


def word(v):
    if any(c <= " " or c == "\x7f" or (c > "\x7f" and unicodedata.category(c)[0] in "CZ") for c in text(v)):
        raise malformed("a word")
    return v


def pattern(v):
    if "*" in (v[:-2] if word(v).endswith("/*") else v):
        raise malformed("a star that is not at the end behind a slash")
    return v


def name(v):
    if not re.fullmatch("[A-Za-z0-9_.:-]{1,64}", text(v), re.ASCII):
        raise malformed("a name")
    return v


def digest(v):
    raw = None
    if isinstance(v, str) and re.fullmatch("u[A-Za-z0-9_-]{46}", v, re.ASCII):
        raw = base64.urlsafe_b64decode(v[1:] + "==")
        if base64.urlsafe_b64encode(raw).decode().rstrip("=") != v[1:]:
            raw = None
    if raw is None or raw[:2] != b"\x12\x20":
        raise malformed("a digest")
    return v


def count(v):
    n = v.integer() if isinstance(v, Number) else None
    if n is None or n < 0:
        raise malformed("a count")
    return n


def items(v, check, most=64):
    if not isinstance(v, list) or not v:
        raise malformed("a list")
    if len(v) > most:
        raise too_large("a list")
    for i in v:
        check(i)
    if len({canonical(i) for i in v}) != len(v):
        raise malformed("an item twice")
    return v


def passport_id(v):
    if not re.search(":" + ULID + "$", check_iri(v), re.ASCII):
        raise malformed("a passport id")
    return v


def params(v):
    if not isinstance(v, dict) or not v:
        raise malformed("params")
    for name, p in v.items():
        if not re.fullmatch("[A-Za-z0-9_-]{1,64}", name, re.ASCII):
            raise malformed("a name of an attribute")
        if isinstance(p, Number):
            count(p)
        elif isinstance(p, list):
            items(p, text)
        elif not isinstance(p, bool):
            text(p)


def capability(v):
    closed(v, {"action", "params"})
    check_pattern(v.get("action"))
    if "params" in v:
        params(v["params"])


def spend_limit(v):
    closed(v, MONEY | {"per", "timeZone", "action"})
    money(v, extra={"per", "timeZone", "action"})
    if v.get("per") not in ("transaction", "hour", "day", "week", "month", "lifetime"):
        raise malformed("per")
    if "timeZone" in v:
        if v["per"] in ("transaction", "lifetime"):
            raise malformed("a zone")
        zone(v["timeZone"])
    if "action" in v:
        check_pattern(v["action"])


def money(v, extra=frozenset()):
    closed(v, MONEY | extra)
    if not isinstance(v.get("amount"), str) or not isinstance(v.get("currency"), str):
        raise malformed("an amount")
    if "decimals" in v:
        count(v["decimals"])
    return as_money(v)


def limits(v):
    if not isinstance(v, dict) or not v:
        raise malformed("limits")
    for name, x in v.items():
        if isinstance(x, bool):
            m = re.fullmatch("allow_([A-Za-z0-9_-]{1,64})", name, re.ASCII)
            if not m or m[1] in FACETS:
                raise malformed("a permission")
            continue
        count(x)
        is_max = re.fullmatch("max_([A-Za-z0-9_-]{1,64})", name, re.ASCII)
        rate = rate_of(name)
        if bool(is_max) == bool(rate) or (is_max and is_max[1] in FACETS) or not re.fullmatch("[A-Za-z0-9_-]+", name, re.ASCII):
            raise malformed("a limit")


def window(v):
    closed(v, {"days", "start", "end", "timeZone"})
    check_window(items(v.get("days"), text), v.get("start"), v.get("end"), v.get("timeZone"))


def assurance(v):
    closed(v, {"level", "method", "provider", "verifiedAt", "evidenceDigest"})
    if v.get("level") not in LEVELS:
        raise malformed("a level")
    for name, check in (("method", text), ("provider", text), ("verifiedAt", instant), ("evidenceDigest", digest)):
        if name in v:
            check(v[name])


def attestation(v):
    closed(v, {"framework", "modelDigest", "promptDigest", "toolsDigest"})
    for name, x in v.items():
        text(x) if name == "framework" else digest(x)


def consent(v):
    if isinstance(v, dict) and v.get("type") not in ("ManifestationOfWillCredential", "AgreementAcceptanceCredential"):
        raise Refused("envelope.data_loss")
    closed(v, {"id", "type", "digestMultibase"})
    check_iri(v.get("id"))
    digest(v.get("digestMultibase"))


def path(v):
    word(v)


CHECKS = {
    "name": text, "description": text, "role": text, "framework": text, "humanPrincipal": check_iri, "organizationDID": check_iri,
    "templateId": passport_id, "capabilities": lambda v: items(v, capability), "maxTransactionAmount": money,
    "deniedActions": lambda v: items(v, lambda p: p if p == "*" else check_pattern(p)),
    "allowedMPPCategories": lambda v: items(v, name), "paymentRails": lambda v: items(v, name),
    "spendLimits": lambda v: items(v, spend_limit), "limits": limits, "payees": lambda v: items(v, pattern),
    "resources": lambda v: items(v, pattern), "audiences": lambda v: items(v, pattern), "regions": lambda v: items(v, check_region),
    "timeWindows": lambda v: items(v, window), "assurance": assurance, "attestation": attestation, "consent": consent,
    "delegationDepth": count, "maxDelegationDepth": count, "parentPassportId": passport_id, "parentDigest": digest, "extensions": json_value,
}


def subject(s):
    if not isinstance(s, dict) or not s:
        raise malformed("credentialSubject")
    if s.get("type") != "AIAgent":
        raise Refused("envelope.data_loss", "the type of the subject")
    closed(s, SUBJECT)
    profile(s)
    check_did(s.get("id"))
    if "grantId" in s and len(word(s["grantId"]).encode()) > 256:
        raise malformed("grantId")
    for name, check in CHECKS.items():
        if name in s:
            check(s[name])
    actions = [c["action"] for c in s.get("capabilities", [])]
    if len(set(actions)) != len(actions):
        raise malformed("an action twice")
    keys = [(l.get("action"), l["currency"], l["per"], l.get("timeZone")) for l in s.get("spendLimits", [])]
    if len(set(keys)) != len(keys):
        raise malformed("a limit twice")
    assets = {(a["currency"], a["decimals"].text) for a in s.get("spendLimits", []) + [s.get("maxTransactionAmount", {})] if "/" in a.get("currency", "")}
    if len({currency for currency, _ in assets}) != len(assets):
        raise malformed("an asset with two numbers of decimals")
    depth = count(s["delegationDepth"]) if "delegationDepth" in s else 0
    parent = ("parentPassportId" in s) + ("parentDigest" in s)
    if depth > 0 and (parent < 2 or "templateId" in s) or depth == 0 and parent:
        raise malformed("a parent")
    if "maxDelegationDepth" in s and count(s["maxDelegationDepth"]) < depth:
        raise malformed("maxDelegationDepth")
    return depth


def messages(list_, size):
    if not isinstance(list_, list):
        raise malformed("messages")
    seen = set()
    for m in list_:
        status = m.get("status") if isinstance(m, dict) else None
        if not isinstance(status, str) or not re.fullmatch("0x[0-9a-fA-F]{1,2}", status) or not isinstance(m.get("message"), str):
            raise malformed("a message")
        seen.add(int(status, 16))
    if len(seen) != len(list_) or seen and max(seen) >= 2**size:
        raise malformed("messages")


def entry(e):
    try:
        kind = e.get("type") if isinstance(e, dict) else None
        bit = kind == "BitstringStatusListEntry"
        if not bit and kind != "StatusList2021Entry":
            raise malformed("a type")
        allowed = {"id", "type", "statusPurpose", "statusListIndex", "statusListCredential"}
        closed(e, allowed | ({"statusSize", "statusMessage", "statusReference"} if bit else set()))
        if e.get("statusPurpose") not in (("revocation", "suspension", "message", "refresh") if bit else ("revocation", "suspension")):
            raise malformed("a purpose")
        url = check_iri(e.get("statusListCredential"))
        if "#" in url or e.get("id") == url:
            raise malformed("a URL")
        index = e.get("statusListIndex")
        if not isinstance(index, str) or not re.fullmatch("0|[1-9][0-9]{0,7}", index, re.ASCII) or int(index) >= 16777216:
            raise malformed("an index")
        size = count(e["statusSize"]) if "statusSize" in e else 1
        if not 1 <= size <= 8 or ("statusMessage" in e and len(e["statusMessage"]) != 2**size) or (size > 1 and "statusMessage" not in e):
            raise malformed("a size")
        messages(e.get("statusMessage", []), size)
        references = e.get("statusReference", "urn:x:y")
        for r in references if isinstance(references, list) and references else [references]:
            check_iri(r)
        if "id" in e:
            check_iri(e["id"])
            if e["id"].startswith("urn:safeconduct:status:") and not re.fullmatch(
                    "urn:safeconduct:status:(passport|principal|organization|issuer):" + ULID, e["id"], re.ASCII):
                raise malformed("an id")
        return int(index), size
    except Refused as r:
        raise Refused("status.invalid", r.why) from r


def passport(doc):
    """Reads a passport; raises what is wrong with it. Returns its depth."""
    cx = contexts(doc)
    types = doc.get("type")
    if not isinstance(types, list) or "VerifiableCredential" not in types or len(set(map(str, types))) != len(types):
        raise malformed("type")
    if "AgentPassportCredential" not in types:
        raise Refused("envelope.unsupported")
    if len(types) != 2:
        raise malformed("type")
    if len(cx) < 2 or cx[1] != OURS:
        raise Refused("envelope.context")
    own = {"@context", "id", "type", "issuer", "validFrom", "validUntil", "credentialStatus", "credentialSubject", "proof"}
    issuer = doc.get("issuer")
    if isinstance(issuer, dict):
        closed(issuer, {"id", "name", "description"})
        issuer = issuer.get("id")
    check_did(issuer)
    for name in ("validFrom", "validUntil"):
        instant(doc.get(name))
    statuses = doc.get("credentialStatus", [])
    statuses = statuses if isinstance(statuses, list) else [statuses]
    if len(statuses) > 6:
        raise too_large("credentialStatus")
    read_proofs(doc)
    closed(doc, own, VC_TERMS)
    profile(doc)
    all_ids = ids({n: v for n, v in doc.items() if n != "issuer"}, [])
    if isinstance(doc["issuer"], dict):
        all_ids.append(issuer)
    elif any(e.get("id") == issuer for e in statuses if isinstance(e, dict)):
        raise malformed("an id twice")
    if len(set(all_ids)) != len(all_ids):
        raise malformed("an id twice")
    passport_id(doc.get("id"))
    depth = subject(doc.get("credentialSubject"))
    for e in statuses:
        entry(e)
    if instant(doc["validUntil"]) <= instant(doc["validFrom"]):
        raise malformed("an end")
    if not statuses and depth == 0:
        raise malformed("no status")
    return depth


def issuer_of(doc):
    i = doc.get("issuer")
    return i.get("id") if isinstance(i, dict) else i


def intent(v):
    if not isinstance(v, dict):
        raise malformed("an intent")
    if v.get("type") != "AgentIntent":
        raise malformed("an intent")
    closed(v, {"id", "type", "passportId", "action", "resource", "transactionAmount", "payee", "category", "rail", "region", "parameters",
               "bodyDigest", "issuedAt", "expiresAt"}, {"name", "description"})
    if not re.fullmatch("urn:safeconduct:intent:" + ULID, text(v.get("id")), re.ASCII):
        raise malformed("an id")
    check_iri(v.get("passportId"))
    check_action(v.get("action"))
    for name, check in (("resource", word), ("transactionAmount", money), ("payee", word), ("category", word), ("rail", word),
                        ("region", check_region), ("parameters", json_value), ("bodyDigest", digest)):
        if name in v:
            check(v[name])
    if instant(v.get("expiresAt")) <= instant(v.get("issuedAt")):
        raise malformed("an end")


def inflate(s, kind):
    """The bytes of an encodedList (F-93)."""
    try:
        if kind == "StatusList2021":
            if s.startswith("uH4s"):
                raise ValueError("a prefix")
            url = s.replace("+", "-").replace("/", "_").rstrip("=")
            if ("-" in s or "_" in s) and ("+" in s or "/" in s) or (s.endswith("=") and len(s) % 4):
                raise ValueError("base64")
        else:
            if not s.startswith("u") or "=" in s:
                raise ValueError("a prefix")
            url = s[1:]
        if not re.fullmatch("[A-Za-z0-9_-]+", url, re.ASCII):
            raise ValueError("base64")
        raw = base64.urlsafe_b64decode(url + "=" * (-len(url) % 4))
        if base64.urlsafe_b64encode(raw).decode().rstrip("=") != url:
            raise ValueError("base64")
        if raw[:3] != b"\x1f\x8b\x08" or raw[3] & 0xE0:
            raise ValueError("GZIP")
        z = zlib.decompressobj(16 + zlib.MAX_WBITS)
        bits = z.decompress(raw, 2 * 1024 * 1024 + 1)
        if not z.eof or z.unused_data or z.unconsumed_tail or len(bits) > 2 * 1024 * 1024:
            raise ValueError("GZIP")
        return bits
    except (ValueError, zlib.error) as e:
        raise Refused("status.invalid", str(e)) from e


def status_at(bits, index, size):
    if len(bits) * 8 // size < 131072 or index >= len(bits) * 8 // size:
        raise Refused("status.invalid", "the index")
    at = index * size
    whole = int.from_bytes(bits[at // 8:at // 8 + 2].ljust(2, b"\0"), "big")
    return whole >> (16 - at % 8 - size) & (2**size - 1)


def status_list(doc, e):
    """The status of an entry in a list credential (F-95), and the instant that the list speaks of."""
    index, size = entry(e)

    def bad(why):
        return Refused("status.invalid", why)

    kind = e["type"][:-len("Entry")]
    types = doc.get("type")
    if not isinstance(types, list) or kind + "Credential" not in types:
        raise bad("another kind")
    bit = kind == "BitstringStatusList"
    first, start, end = (V2, "validFrom", "validUntil") if bit else (V1, "issuanceDate", "expirationDate")
    if doc.get("@context", [None])[0] != first or not isinstance(doc.get("issuer"), (str, dict)):
        raise malformed("the list")
    if not bit and V2021 not in doc["@context"] or set(types) != {"VerifiableCredential", kind + "Credential"}:
        raise Refused("envelope.data_loss")
    more = [c for c in doc["@context"] if c not in (V1, V2021)]
    if not bit and (len(more) > 1 or set(more) - {"https://w3id.org/security/data-integrity/v1", "https://w3id.org/security/data-integrity/v2"}):
        raise bad("the contexts")
    if doc.get("id") != e["statusListCredential"] or "credentialStatus" in doc:
        raise bad("the list")
    if start in doc and end in doc and instant(doc[end]) < instant(doc[start]):
        raise malformed("an end")
    s = doc.get("credentialSubject")
    if not isinstance(s, dict):
        raise malformed("the subject")
    if set(s) - {"id", "type", "statusPurpose", "encodedList"} - ({"ttl"} if bit else set()):
        raise Refused("envelope.data_loss")
    if s.get("type") in (None, "StatusList2021" if bit else "BitstringStatusList"):
        raise Refused("envelope.data_loss")
    if s["type"] != kind or not isinstance(s.get("encodedList"), str):
        raise bad("the subject")
    purposes = s.get("statusPurpose")
    purposes = purposes if isinstance(purposes, list) else [purposes]
    if not purposes or len(set(purposes)) != len(purposes):
        raise malformed("the purposes")
    if "" in purposes or e["statusPurpose"] not in purposes:
        raise bad("the purpose")
    if isinstance(s.get("ttl"), str):
        raise bad("a ttl")
    if "ttl" in s and (not isinstance(s["ttl"], Number) or s["ttl"].integer() is None):
        raise malformed("a ttl")
    status = status_at(inflate(s["encodedList"], kind), index, size)
    times = [instant(doc[start])] if start in doc else []
    created = [p.get("created") for p in read_proofs(doc) if p.get("verificationMethod", "").partition("#")[0] == issuer_of(doc)]
    if created and all(created):
        times.append(min(map(instant, created)))
    if not times:
        raise bad("no instant")
    return status, max(times)
