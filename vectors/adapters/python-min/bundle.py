"""Trust bundles (format.md section 17)."""
import documents
from algebra import check_pattern, check_region, instant
from documents import digest as check_digest, items, text
from identity import check_did, check_iri, check_proof, find_key, method_of, read_proofs
from strictjson import Number, Refused, canonical, digest, malformed, parse

LEVELS = ("L0", "L1", "L2", "L3", "L4KYC", "L4FIN")
MEMBERS = {"type", "version", "id", "issuer", "audience", "sequence", "created", "validUntil", "didDocuments", "statusLists", "credentials",
           "anchors", "proof"}
ENTRY = {"id", "source", "digest", "fetchedAt", "useBy", "content", "vouched"}
HOUR = 3600 * 10**9


def only(v, allowed, required=()):
    if not isinstance(v, dict) or not set(v) <= set(allowed) or not set(required) <= set(v):
        raise malformed("members")
    return v


def anchor(v):
    only(v, {"issuer", "types", "actions", "ceilings", "regions", "maxAssurance"}, {"issuer"})
    check_did(v["issuer"])
    if "types" in v:
        items(v["types"], text)
    if "actions" in v:
        items(v["actions"], lambda p: p if p == "*" else check_pattern(p))
    if "ceilings" in v:
        items(v["ceilings"], lambda m: documents.money(only(m, {"amount", "currency", "decimals"})))
        seen = set()
        for m in v["ceilings"]:
            if m["currency"] in seen:
                raise malformed("a currency twice")
            seen.add(m["currency"])
    if "regions" in v:
        items(v["regions"], check_region)
    if "maxAssurance" in v and v["maxAssurance"] not in LEVELS:
        raise malformed("a level")
    return v["issuer"]


def entry(kind, e, created, until):
    only(e, ENTRY, ENTRY - {"vouched"})
    check_iri(e["id"])
    check_iri(e["source"])
    check_digest(e["digest"])
    fetched, use = instant(e["fetchedAt"]), instant(e["useBy"])
    if fetched > created or use > until or kind == "anchors" and use <= created:
        raise malformed("instants of an entry")
    if "vouched" in e and (e["vouched"] is not True or kind != "statusLists"):
        raise malformed("vouched")
    content = e["content"]
    if kind == "anchors":
        if not isinstance(content, dict):
            raise malformed("content")
        if anchor(content) != e["id"]:
            raise malformed("id of an anchor")
        if digest(canonical(content)) != e["digest"]:
            raise malformed("digest")
        return use
    if not isinstance(content, str):
        raise malformed("content")
    if digest(content) != e["digest"]:
        raise malformed("digest")
    doc = parse(content, long_strings=True)
    if not isinstance(doc, dict) or doc.get("id") != e["id"]:
        raise malformed("id of the content")
    if kind == "didDocuments":
        if check_did(e["id"]).split(":")[1] in ("key", "jwk"):
            raise malformed("a document of what says its key itself")
    if kind == "statusLists":
        proofs = read_proofs(doc) if "proof" in doc else []
        if e.get("vouched"):
            if proofs:
                raise Refused("status.invalid")
        else:
            if not proofs:
                raise Refused("status.invalid")
            by = documents.issuer_of(doc)
            for p in proofs:
                if method_of(p).partition("#")[0] != by:
                    raise Refused("status.invalid")
    return use


def bundle(i, at):
    doc = parse(i["bundle"], long_strings=True)
    if not isinstance(doc, dict):
        raise malformed("a bundle")
    if "@context" in doc:
        raise Refused("envelope.context")
    if doc.get("type") != "SafeconductTrustBundle" or not isinstance(doc.get("version"), Number) or doc["version"].integer() != 1:
        raise Refused("envelope.unsupported")
    if "proof" not in doc:
        raise Refused("proof.missing")
    only(doc, MEMBERS, {"type", "version", "id", "issuer", "sequence", "created", "validUntil"})
    check_iri(doc["id"])
    issuer = check_did(doc["issuer"])
    sequence = doc["sequence"].integer() if isinstance(doc["sequence"], Number) else None
    if sequence is None or sequence < 1:
        raise malformed("sequence")
    created, until = instant(doc["created"]), instant(doc["validUntil"])
    if until <= created:
        raise malformed("an end before its beginning")
    if until - created > 720 * HOUR:
        raise Refused("time.lifetime_exceeded")
    if "audience" in doc:
        items(doc["audience"], check_iri)
    entries, anchors = {}, 0
    skew = int(i["skew"].text) * 10**9 if "skew" in i else 0
    for kind in ("didDocuments", "statusLists", "credentials", "anchors"):
        if kind not in doc:
            continue
        if not isinstance(doc[kind], list) or not doc[kind]:
            raise malformed("a list")
        seen = set()
        for e in doc[kind]:
            use = entry(kind, e, created, until)
            if e["id"] in seen:
                raise malformed("an entry twice")
            seen.add(e["id"])
            entries[e["id"]] = e["digest"]
            anchors += kind == "anchors" and at < use + skew
    if issuer not in i["signers"]:
        raise Refused("anchor.untrusted_issuer")
    p = doc["proof"]
    only(p, {"type", "cryptosuite", "verificationMethod", "proofPurpose", "proofValue"})
    if p.get("type") != "DataIntegrityProof" or p.get("cryptosuite") != "eddsa-jcs-2022":
        raise Refused("proof.transformation")
    method = method_of(p)
    if method.partition("#")[0] != issuer:
        raise Refused("proof.key_not_authorized")
    if p.get("proofPurpose") != "assertionMethod":
        raise Refused("proof.purpose_mismatch")
    check_proof(doc, p, find_key(method, "assertionMethod", at), "assertionMethod")
    if "id" in i and i["id"] and doc["id"] != i["id"]:
        raise Refused("anchor.untrusted_issuer")
    if at < created - skew:
        raise Refused("time.not_yet_valid")
    if at >= until + skew:
        raise Refused("time.expired")
    if "audience" in doc and i.get("audience") not in doc["audience"]:
        raise Refused("proof.audience_mismatch")
    if "minSequence" in i and sequence < int(i["minSequence"].text):
        raise Refused("status.rolled_back")
    return {"verdict": "accept", "output": {"sequence": sequence, "issuer": issuer, "entries": entries, "anchors": anchors}}
