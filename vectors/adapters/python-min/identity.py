"""Identifiers, keys and proofs: format.md sections 8 and 9 (eddsa-jcs-2022 only)."""
import base64
import hashlib
import re
import unicodedata

from algebra import instant
from ed25519 import base58, good_key, verify
from strictjson import Refused, canonical, malformed, parse

DID = re.compile(r"did:([a-z0-9]+):((?:[A-Za-z0-9._:-]|%[0-9A-Fa-f]{2})*(?:[A-Za-z0-9._-]|%[0-9A-Fa-f]{2}))", re.ASCII)
IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:.+", re.ASCII | re.DOTALL)
PURPOSES = ("assertionMethod", "authentication", "capabilityInvocation", "capabilityDelegation")


def check_did(s):
    if not isinstance(s, str) or len(s) > 2048 or not DID.fullmatch(s):
        raise malformed("a DID")
    return s


def check_iri(s):
    """An absolute IRI of visible characters (F-12)."""
    if not isinstance(s, str) or not IRI.fullmatch(s) or len(s.encode()) > 2048:
        raise malformed("an IRI")
    rest = s[s.index(":") + 1:]
    for i, c in enumerate(rest):
        if c == "%" and not re.fullmatch("[0-9a-fA-F]{2}", rest[i + 1:i + 3]):
            raise malformed("a percent sign")
        if c <= " " or c in '<>"{}|\\^`' or c == "\x7f" or (c > "\x7f" and unicodedata.category(c)[0] in "CZ"):
            raise malformed("a character")
    if rest.count("#") > 1:
        raise malformed("two fragments")
    if rest.startswith("//") and "@" in re.split("[/?#]", rest[2:])[0]:
        raise malformed("user information")
    return s


def not_key(why=""):
    return Refused("proof.key_not_authorized", why)


def multikey(text):
    raw = base58(text[1:]) if isinstance(text, str) and text.startswith("z") else None
    if raw is None or raw[:2] != b"\xed\x01" or len(raw) != 34 or not good_key(raw[2:]):
        raise not_key("a Multikey")
    return raw[2:]


def unpadded(text):
    if not re.fullmatch(r"[A-Za-z0-9_-]*", text, re.ASCII) or len(text) % 4 == 1:
        raise ValueError("base64url")
    raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if base64.urlsafe_b64encode(raw).decode().rstrip("=") != text:
        raise ValueError("another spelling")
    return raw


def jwk(v):
    if not isinstance(v, dict) or v.get("kty") != "OKP" or v.get("crv") != "Ed25519" or "d" in v:
        raise not_key("a JWK")
    if v.get("use", "sig") != "sig" or v.get("alg", "EdDSA") not in ("EdDSA", "Ed25519") or "verify" not in v.get("key_ops", ["verify"]):
        raise not_key("a JWK")
    try:
        raw = unpadded(v["x"])
    except (KeyError, ValueError, TypeError) as e:
        raise not_key("a JWK") from e
    if not good_key(raw):
        raise not_key("a JWK")
    return raw


def find_key(url, purpose, at, documents=None):
    """The key of a DID URL for a purpose, at an instant."""
    did, _, fragment = url.partition("#")
    m = DID.fullmatch(did)
    if not m or not fragment:
        raise not_key("a DID URL")
    if m[1] == "key":
        key = multikey(m[2])
        if fragment != m[2]:
            raise not_key("a fragment")
    elif m[1] == "jwk":
        try:
            key = jwk(parse(unpadded(m[2])))
        except (Refused, ValueError) as e:
            raise not_key("did:jwk") from e
        if fragment != "0":
            raise not_key("a fragment")
    else:
        return document_key(did, url, purpose, at, documents)
    if purpose not in PURPOSES:
        raise Refused("proof.purpose_mismatch")
    return key


def secret(v):
    """Whether a private key stands in a document."""
    if isinstance(v, list):
        return any(map(secret, v))
    if not isinstance(v, dict):
        return False
    return any(n in ("privateKeyMultibase", "privateKeyJwk", "secretKeyMultibase", "privateKeyBase58") or n == "d" and "kty" in v
               for n in v) or any(secret(m) for n, m in v.items() if n != "@context")


def document_key(did, url, purpose, at, documents):
    if documents is None or did not in documents or documents[did] is None:
        raise Refused("proof.unresolvable")
    if documents[did] == "timeout":
        raise Refused("proof.timeout")
    try:
        doc = parse(documents[did])
    except Refused as e:
        raise Refused("proof.unresolvable") from e
    if not isinstance(doc, dict) or doc.get("id") != did:
        raise Refused("proof.unresolvable")
    if secret(doc):
        raise not_key("a private key")
    methods, listed = {}, set()

    def full(name):
        return did + name if name.startswith("#") else name

    def put(v):
        name = full(v["id"])
        if name in methods and canonical(methods[name]) != canonical(v):
            raise not_key("two keys of one id")
        methods[name] = v
        return name

    def items(name):
        return doc[name] if isinstance(doc.get(name), list) else []

    def is_method(v):
        return isinstance(v, dict) and all(isinstance(v.get(n), str) for n in ("id", "type", "controller"))

    for v in filter(is_method, items("verificationMethod")):
        put(v)
    referable = set(methods)
    for relationship in PURPOSES + ("keyAgreement",):
        for item in items(relationship):
            if not is_method(item) and not isinstance(item, str):
                continue
            name = put(item) if isinstance(item, dict) else full(item)
            if relationship == purpose and (isinstance(item, dict) or name in referable):
                listed.add(name)
    if len(methods) > 64:
        raise Refused("proof.unresolvable")
    v = methods.get(url)
    if v is None or url.partition("#")[0] != did:
        raise not_key("not in the document")
    if url not in listed:
        raise Refused("proof.purpose_mismatch")
    if v.get("controller") != did or ("publicKeyMultibase" in v) == ("publicKeyJwk" in v):
        raise not_key("a method")
    for end in ("expires", "revoked"):
        try:
            over = end in v and instant(v[end]) <= at
        except Refused as e:
            raise not_key(end) from e
        if over:
            raise not_key(end)
    if v.get("type") in ("Multikey", "Ed25519VerificationKey2020") and "publicKeyMultibase" in v:
        return multikey(v["publicKeyMultibase"])
    if v.get("type") in ("JsonWebKey", "JsonWebKey2020") and "publicKeyJwk" in v:
        return jwk(v["publicKeyJwk"])
    raise not_key("a type of key")


PROOF = {"type", "cryptosuite", "verificationMethod", "proofPurpose", "proofValue", "id", "created", "expires", "domain", "challenge",
         "nonce", "previousProof", "@context"}


def words(v):
    list_ = v if isinstance(v, list) else [v]
    if not list_ or any(not isinstance(w, str) or not w for w in list_) or len(set(list_)) != len(list_):
        raise malformed("a list of words")
    return list_


def read_proofs(doc):
    """The proofs of a document, their form checked (F-43)."""
    if "proof" not in doc:
        return []
    proofs = doc["proof"] if isinstance(doc["proof"], list) else [doc["proof"]]
    if not proofs:
        raise malformed("no proofs")
    if len(proofs) > 8:
        raise Refused("envelope.too_large")
    for p in proofs:
        if not isinstance(p, dict) or not p:
            raise malformed("a proof")
        if not supported(p):
            continue
        for name, v in p.items():
            if name not in PROOF:
                raise malformed("an option of a proof")
            if name in ("created", "expires"):
                instant(v)
            elif name == "domain" or name == "previousProof":
                words(v)
            elif name != "@context" and (not isinstance(v, str) or not v):
                raise malformed(name)
    return proofs


def supported(p):
    return p.get("type") == "DataIntegrityProof" and p.get("cryptosuite") in ("eddsa-jcs-2022", "eddsa-rdfc-2022")


def check_proof(doc, p, key, purpose):
    if not supported(p):
        raise Refused("proof.transformation")
    if p.get("proofPurpose") != purpose:
        raise Refused("proof.purpose_mismatch")
    if p["cryptosuite"] != "eddsa-jcs-2022":
        raise NotImplementedError(p["cryptosuite"])
    if "@context" in p:
        own = doc.get("@context")
        cx = p["@context"] if isinstance(p["@context"], list) else [p["@context"]]
        if not isinstance(own, list) or own[:len(cx)] != cx:
            raise Refused("envelope.context")
    options = {n: v for n, v in p.items() if n != "proofValue"}
    body = {n: v for n, v in doc.items() if n != "proof"}
    signed = b"".join(hashlib.sha256(canonical(v).encode()).digest() for v in (options, body))
    value = p.get("proofValue", "")
    raw = base58(value[1:]) if value.startswith("z") else None
    if raw is None or len(raw) != 64 or not verify(key, signed, raw):
        raise Refused("proof.invalid")


def method_of(p):
    m = p.get("verificationMethod")
    if not isinstance(m, str) or not DID.fullmatch(m.partition("#")[0]) or not m.partition("#")[2]:
        raise not_key("a verification method")
    return m


def check_all(doc, by, purpose, at, documents=None):
    """Every proof by one party, as of passports and presentations."""
    for p in read_proofs(doc):
        if not supported(p):
            raise Refused("proof.transformation")
        method = method_of(p)
        if method.partition("#")[0] != by:
            raise not_key("by another party")
        check_proof(doc, p, find_key(method, purpose, at, documents), purpose)
