"""A small second verifier of agent passports, written from the documents and the reference tests alone.

It is not a product: it is slow, keeps everything in memory and looks up nothing. It shows that the documents are enough.
It needs Python 3.9 or later with a database of time zones, and nothing else.

    safeconduct vectors run -- python3 vectors/adapters/python-min/verifier.py
"""
import base64
import hashlib
import json
import sys

import algebra
import documents
import identity
import pipeline
from authority import Effective, as_money, permits
from bundle import bundle
from ledger import Ledger
from strictjson import Number, Refused, canonical, malformed, parse


def refused(code=None, **output):
    out = {"verdict": "refuse"}
    if code:
        out["codes"] = [code]
    if output:
        out["output"] = output
    return out


def accept(**output):
    return {"verdict": "accept", "output": output}


def covers(yes):
    return accept(covers=yes)


def source(i):
    return base64.b64decode(i["base64"]) if "base64" in i else i["text"]


def json_(i, now):
    parse(source(i))
    return accept()


def jcs(i, now):
    text = canonical(parse(source(i)))
    return accept(canonical=text, sha256=hashlib.sha256(text.encode()).hexdigest())


def time(i, now):
    seconds, nanos = divmod(algebra.instant(i["text"]), algebra.SECOND)
    return accept(unix=seconds, nanos=nanos)


def money(i, now):
    a = as_money(i["a"])
    if i["op"] == "read":
        return accept(units=str(a.units))
    b = as_money(i["b"])
    same = a.same_asset(b)
    if i["op"] == "compare":
        return accept(sameAsset=True, order=(a.units > b.units) - (a.units < b.units)) if same else accept(sameAsset=False)
    if not same or a.units + b.units >= 10**36:
        return refused()
    return accept(units=str(a.units + b.units))


def action(i, now):
    if i["op"] == "covers":
        return covers(algebra.covers_action(i["pattern"], i["action"]))
    algebra.check_action(i["action"]) if i["op"] == "action" else algebra.check_pattern(i["pattern"])
    return accept()


def region(i, now):
    if i["op"] == "covers":
        return covers(algebra.covers_region(i["entry"], i["region"]))
    algebra.check_region(i["region"])
    return accept()


def text(i, now):
    return covers(algebra.covers_text(i["entry"], i["value"]))


def window(i, now):
    if i["op"] == "since":
        since = algebra.since(i["per"], i["timeZone"], now)
        return accept(since=None if since is None else algebra.text_of(since))
    w = i["window"]
    try:
        algebra.check_window(w["days"], w["start"], w["end"], w["timeZone"])
    except Refused:
        return accept(contains=False)
    return accept(contains=algebra.in_window(w, now))


def did(i, now):
    if i["op"] == "parse":
        return accept(method=identity.check_did(i["did"]).split(":")[1])
    if i["op"] == "location":
        return accept(url=location(i["did"]))
    key = identity.find_key(i["url"], i["purpose"], now, {i["url"].partition("#")[0]: i["document"]} if "document" in i else None)
    value = int.from_bytes(b"\xed\x01" + key, "big")
    out = ""
    while value:
        value, digit = divmod(value, 58)
        out = identity_alphabet[digit] + out
    return accept(publicKeyMultibase="z" + out)


identity_alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def location(d):
    import re
    identity.check_did(d)
    bad = identity.not_key()
    if not d.startswith("did:web:"):
        raise bad
    host, *path = d[8:].split(":")
    name, mark, port = host.partition("%3A")
    label = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
    if not re.fullmatch(label + r"(\." + label + ")*", name) or re.fullmatch(r"(.*\.)?[0-9]+", name):
        raise bad
    if mark and not (re.fullmatch("[1-9][0-9]{0,4}", port) and int(port) < 65536):
        raise bad
    if len(path) > 32 or any(p in ("", ".", "..") or "%" in p for p in path):
        raise bad
    return "https://" + name + (":" + port if mark else "") + "/" + "/".join((path or [".well-known"]) + ["did.json"])


def proof(i, now):
    raw = i["document"]
    if not raw.lstrip().startswith("{"):
        raise NotImplementedError("tokens")
    doc = parse(raw)
    proofs = identity.read_proofs(doc)
    if not proofs:
        raise Refused("proof.missing")
    by = doc.get("holder") if i["is"] == "presentation" else documents.issuer_of(doc)
    if i["is"] == "credential" and "AgentPassportCredential" in doc.get("type", []):
        documents.passport(doc)
    bound = False
    if not any(identity.supported(p) for p in proofs):
        raise Refused("proof.transformation")
    for p in proofs:
        if not identity.supported(p):
            continue
        method = identity.method_of(p)
        if p.get("cryptosuite") != "eddsa-jcs-2022":
            raise NotImplementedError("RDF")
        identity.check_proof(doc, p, identity.find_key(method, i["purpose"], now), i["purpose"])
        bound = bound or method.partition("#")[0] == by
    if not bound:
        raise identity.not_key()
    return {"verdict": "accept"}


def statuslist(i, now):
    if i["op"] == "decode":
        kind, size = i.get("encoding", "BitstringStatusList"), pipeline.number(i.get("size"), 1)
        if not 1 <= size <= (8 if kind == "BitstringStatusList" else 1):
            raise Refused("status.invalid")
        return accept(status=documents.status_at(documents.inflate(i["encodedList"], kind), i["index"].integer(), size))
    if i["op"] == "entry":
        index, size = documents.entry(i["entry"])
        return accept(index=index, size=size, purpose=i["entry"]["statusPurpose"])
    status, _ = documents.status_list(parse(i["document"], long_strings=True), i["entry"])
    return accept(status=status)


def passport(i, now):
    doc = parse(i["document"])
    depth = documents.passport(doc)
    statuses = doc.get("credentialStatus", [])
    return accept(id=doc["id"], issuer=documents.issuer_of(doc), agent=doc["credentialSubject"]["id"], depth=depth,
                  validFrom=algebra.instant(doc["validFrom"]) // algebra.SECOND, validUntil=algebra.instant(doc["validUntil"]) // algebra.SECOND,
                  entries=len(statuses) if isinstance(statuses, list) else 1)


def narrow(i, now):
    effective = Effective(i["chain"][0])
    for a in i["chain"][1:]:
        effective = effective.meet(Effective(a))
    paths = sorted(set(effective.widened(Effective(i["child"]))))
    return refused("delegation.widened", paths=paths) if paths else {"verdict": "accept"}


def permits_(i, now):
    reasons = permits(i["chain"], i["act"], i.get("audience", ""), now)
    if not reasons:
        return {"verdict": "accept"}
    return {"verdict": "refuse", "codes": [c for c, _ in reasons], "output": {"paths": sorted({p for _, p in reasons})}}


def present(i, now):
    return pipeline.play(i, now)


def ledger(i, now):
    book, answers = Ledger(), []

    def at(v):
        return algebra.instant(v) if v else None

    for s in i["steps"]:
        op, when = s["op"], at(s.get("at"))
        try:
            if op in ("reserve", "peek"):
                r = {n: s.get(n) for n in ("decision", "agent", "audience", "challenge", "intent", "content", "acceptRepeat")}
                r.update({n: at(s[n]) for n in ("replayUntil", "knownUntil", "holdBy")}, at=when,
                         money=as_money(s["amount"]) if "amount" in s else None)
                r["charges"] = [{**c, "since": at(c["since"]), "use": int(c["use"]), "limit": int(c["limit"])} for c in s.get("charges", [])]
                if "caps" in s:
                    for name, cap in (("nonces", "Nonces"), ("acts", "Acts"), ("rootActs", "RootActs"), ("accounts", "RootAccounts")):
                        r[name] = s["caps"][cap].integer()
                    r["chain"] = s["chain"]
                repeats = book.reserve(r, op == "peek")
                answers.append("repeats " + repeats if repeats else "ok")
            elif op == "settle":
                answers.append(book.settle(s["decision"], s["outcome"], when, s.get("by", ""), as_money(s["amount"]) if "amount" in s else None))
            elif op == "usage":
                spent, held = book.used(s["account"], s["name"], at(s["since"]), when)
                answers.append({"spent": str(spent), "held": str(held)})
            elif op == "unresolved":
                answers.append(book.unresolved(when))
            else:
                answers.append(book.forget(at(s["before"])))
        except Refused as r:
            answers.append(r.code)
    return accept(answers=answers)


KINDS = {"json": json_, "jcs": jcs, "time": time, "money": money, "action": action, "region": region, "text": text, "window": window, "did": did,
         "proof": proof, "statuslist": statuslist, "passport": passport, "narrow": narrow, "permits": permits_, "present": present, "ledger": ledger,
         "bundle": bundle}


def answer(request):
    f = KINDS.get(request["kind"])
    if f is None:
        return {"unsupported": True}
    try:
        return f(request["input"], algebra.instant(request["now"]) if "now" in request else None)
    except Refused as r:
        return refused(r.code)
    except NotImplementedError:
        return {"unsupported": True}


def main():
    for line in sys.stdin:
        # The request is not of a stranger, and its strings are long.
        request = load(line)
        try:
            out = answer(request)
        except Exception as e:  # a fault of this program
            out = {"error": "%s: %s" % (type(e).__name__, e)}
        out["id"] = request["id"]
        sys.stdout.write(json.dumps(out) + "\n")
        sys.stdout.flush()


def load(line):
    return json.loads(line, parse_int=Number, parse_float=Number)


if __name__ == "__main__":
    main()
