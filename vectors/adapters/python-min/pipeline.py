"""How a verifier decides (pipeline.md)."""
import re

import documents
from algebra import SECOND, check_action, check_region, covers_action, covers_region, instant, since
from authority import LEVELS, Effective, as_money, applies, attribute_of, holds, kind_of, permits, rate_of, unpermitted
from identity import check_all, check_did, find_key, method_of, check_proof, multikey, read_proofs
from ledger import Ledger
from strictjson import Number, Refused, canonical, digest, parse

NAMES = ["envelope", "anchor", "time", "proof", "delegation", "status", "authority", "ledger"]
UNKNOWN = {"proof.unresolvable", "proof.timeout", "status.stale", "status.rolled_back", "status.early", "status.unavailable",
           "ledger.unavailable", "internal.error"}
PASSING = {"time.not_yet_valid", "status.suspended", "status.issuer_paused", "authority.outside_time_window", "authority.scope_withdrawn",
           "ledger.budget_exceeded", "ledger.rate_exceeded", "trust.too_low", "anchor.out_of_scope"} - {"trust.too_low", "anchor.out_of_scope"}
MIN = 60 * SECOND
HOUR = 60 * MIN
ACT = ("action", "resource", "transactionAmount", "payee", "category", "rail", "region", "parameters")


class Verifier:
    def __init__(self, case):
        self.config, self.documents, self.siblings = case.get("config", {}), case.get("documents", {}), case.get("siblings", {})
        if any(m in self.config for m in ("rules", "operations", "formats", "oap")):
            raise NotImplementedError("rules of hosts, tokens, other systems")
        self.ledger, self.newest, self.revoked, self.number = Ledger(), {}, set(), 0
        self.skew = number(self.config.get("skew"), 0) * SECOND
        self.anchors = {a["issuer"]: a for a in self.config.get("anchors", [])}

    def decide(self, presented, question, lists, now):
        return Decision(self, presented, question, lists, now).run()


def number(v, default):
    return v.integer() if v is not None else default


class Decision:
    def __init__(self, v, presented, question, lists, now):
        self.v, self.presented, self.q, self.lists, self.now = v, presented, question, lists, now
        self.reasons, self.outcomes, self.repeats, self.signers, self.fetches = [], ["not reached"] * 8, None, [], 0

    def run(self):
        try:
            self.check_question()
        except Refused:
            self.reasons.append((0, "request.invalid"))
            self.outcomes[0] = "failed"
            return self.answer()
        for i, name in enumerate(NAMES):
            failed = {s for s, _ in self.reasons}
            if failed and not (name == "authority" and failed == {5}):
                break
            self.step = i
            try:
                getattr(self, name)()
            except Refused as r:
                for code in getattr(r, "all", [r.code]):
                    self.add(code)
            mine = [c for s, c in self.reasons if s == i]
            self.outcomes[i] = "passed" if not mine else "failed" if any(c not in UNKNOWN for c in mine) else "undetermined"
        return self.answer()

    def add(self, code):
        self.reasons.append((self.step, code))

    def collect(self, f, *args):
        """Notes a refusal and goes on; tells whether there was none."""
        try:
            f(*args)
            return True
        except Refused as r:
            self.add(r.code)
            return False

    def answer(self):
        denials = [(s, c) for s, c in self.reasons if c not in UNKNOWN]
        if not self.reasons:
            out = {"verdict": "allow", "steps": self.outcomes}
            if self.repeats:
                out["output"] = {"repeated": True}
            return out
        if denials:
            first = [c for s, c in denials if s == denials[0][0]]
            primary = next((c for c in first if c not in PASSING), first[0])
        else:
            primary = self.reasons[0][1]
        codes = [primary] + [c for _, c in self.reasons if c != primary]
        return {"verdict": "deny" if denials else "undetermined", "codes": codes, "steps": self.outcomes}

    # Before step 1 (P-4).
    def check_question(self):
        q = self.q
        bad = Refused("request.invalid")
        if not q.get("audience") or ("nonce" in q and q["nonce"] and not 16 <= len(q["nonce"].encode()) <= 128):
            raise bad
        check_action(q.get("action"))
        if q.get("minAssurance", "L0") not in LEVELS:
            raise bad
        if "region" in q:
            check_region(q["region"])
        if "bodyDigest" in q:
            documents.digest(q["bodyDigest"])
        if "transactionAmount" in q:
            as_money(q["transactionAmount"])
        attrs = q.get("parameters", {})
        if not isinstance(attrs, dict) or set(attrs) & documents.FACETS:
            raise bad
        if any(n.integer() < 0 for n in q.get("usage", {}).values()):
            raise bad
        for name in ("audience", "resource", "payee", "category", "rail"):
            if name in q:
                documents.word(q[name])
                if "*" in q[name]:
                    raise bad
        self.act = {n: q[n] for n in ACT if n in q}

    # Step 1.
    def envelope(self):
        raw = self.presented
        if raw.strip(" \t\r\n") == "":
            raise Refused("envelope.missing")
        if re.match(r"\s*[A-Za-z]", raw) and raw.strip() not in ("null", "true", "false"):
            raise Refused("envelope.unsupported")
        if len(raw.encode()) > 512 * 1024:
            raise Refused("envelope.too_large")
        doc = parse(raw)
        if not isinstance(doc, dict):
            raise Refused("envelope.malformed")
        self.bare = "VerifiablePresentation" not in (doc.get("type") or []) and "credentialSubject" in doc
        if self.bare:
            documents.passport(doc)
            if not self.v.config.get("allowBare"):
                raise Refused("presentation.required")
            self.vp, self.intent, credentials = None, None, [doc]
        else:
            credentials = self.presentation(doc)
        self.sort(credentials)

    def presentation(self, doc):
        cx = documents.contexts(doc)
        types = doc.get("type")
        if not isinstance(types, list) or "VerifiablePresentation" not in types:
            raise Refused("envelope.malformed")
        read_proofs(doc)
        documents.closed(doc, {"@context", "type", "holder", "verifiableCredential", "intent", "proof"},
                         {"id", "name", "description", "termsOfUse"})
        if len(cx) < 2 or cx[1] != documents.OURS:
            raise Refused("envelope.context")
        documents.profile(doc)
        credentials = doc.get("verifiableCredential", [])
        credentials = credentials if isinstance(credentials, list) else [credentials]
        if len(credentials) > 16:
            raise Refused("envelope.too_large")
        # What stands in the presentation is read before the presentation is judged.
        self.read = [self.credential(c) for c in credentials]
        texts = [canonical(c) for c in credentials]
        if len(set(texts)) != len(texts):
            raise Refused("envelope.malformed")
        if sorted(types) != ["AgentPresentation", "VerifiablePresentation"]:
            raise Refused("envelope.malformed")
        documents.check_iri(doc.get("holder"))
        documents.intent(doc.get("intent"))
        shape(doc)
        self.vp, self.intent = doc, doc["intent"]
        return credentials

    def credential(self, c):
        if not isinstance(c, dict):
            raise Refused("envelope.malformed")
        if c.get("type") == "EnvelopedVerifiableCredential":
            raise Refused("envelope.unsupported")
        if "AgentPassportCredential" in (c.get("type") or []):
            return documents.passport(c)
        documents.contexts(c)
        return None

    def sort(self, credentials):
        if not credentials:
            raise Refused("envelope.missing")
        self.links, self.others = [], []
        for i, c in enumerate(credentials):
            if "AgentPassportCredential" not in (c.get("type") or []):
                if i == 0:
                    raise Refused("envelope.unsupported")
                self.others.append(c)
                continue
            if self.others:
                raise Refused("envelope.malformed")
            if i > number(self.v.config.get("links"), 5):
                raise Refused("envelope.too_large")
            shape(c)
            self.links.append(c)
        self.subjects = [c["credentialSubject"] for c in self.links]
        self.root, self.leaf = self.links[0], self.links[-1]

    # Step 2.
    def anchor(self):
        a = self.v.anchors.get(documents.issuer_of(self.root))
        if depth(self.subjects[0]) or a is None:
            raise Refused("anchor.untrusted_issuer")
        q, bad = self.q, Refused("anchor.out_of_scope")
        if a.get("types") and "AgentPassportCredential" not in a["types"]:
            self.add(bad.code)
        if "actions" in a and not any(covers_action(p, q["action"]) for p in a["actions"]):
            self.add(bad.code)
        if "regions" in a and not any(covers_region(r, q.get("region", "")) for r in a["regions"]):
            self.add(bad.code)
        if "ceilings" in a and "transactionAmount" in q:
            m = as_money(q["transactionAmount"])
            same = [c for c in map(as_money, a["ceilings"]) if c.same_asset(m)]
            if not same or any(m.units > c.units for c in same):
                self.add(bad.code)
        self.trust = a

    # Step 3.
    def early(self, at):
        return self.now < at - self.v.skew

    def ended(self, at):
        return self.now >= at + self.v.skew

    def span(self, start, end, code):
        if start is not None and self.early(start):
            self.add("time.not_yet_valid")
        if end is not None and self.ended(end):
            self.add(code)

    def proof_times(self, doc):
        for p in read_proofs(doc):
            self.span(instant(p["created"]) if "created" in p else None, instant(p["expires"]) if "expires" in p else None, "proof.expired")

    def time(self):
        for c in self.links:
            start, end = instant(c["validFrom"]), instant(c["validUntil"])
            self.span(start, end, "time.expired")
            if end - start > number(self.v.config.get("passportLife"), 720 * 3600) * SECOND:
                self.add("time.lifetime_exceeded")
            self.proof_times(c)
        if self.vp:
            start, end = instant(self.intent["issuedAt"]), instant(self.intent["expiresAt"])
            self.span(start, end, "time.intent_expired")
            if end - start > number(self.v.config.get("intentLife"), 300) * SECOND:
                self.add("time.lifetime_exceeded")
            self.proof_times(self.vp)

    # Step 4.
    def proven(self, doc, by, purpose, party):
        for p in read_proofs(doc):
            method = method_of(p)
            if method.partition("#")[0] != by:
                raise Refused("proof.key_not_authorized")
            if method.startswith("did:web:"):
                self.fetch()
            key = find_key(method, purpose, self.now, self.v.documents)
            check_proof(doc, p, key, purpose)
            self.signers.append((party, key))

    def fetch(self):
        self.fetches += 1
        if self.fetches > 16:
            raise Refused("envelope.too_large")

    def walk(self):
        issuer = documents.issuer_of(self.root)
        for i, c in enumerate(self.links):
            if documents.issuer_of(c) != issuer:
                raise Refused("delegation.invalid")
            self.proven(c, issuer, "assertionMethod", i)
            issuer = c["credentialSubject"]["id"]
        if self.vp:
            if self.vp["holder"] != issuer:
                raise Refused("proof.holder_mismatch")
            self.proven(self.vp, issuer, "authentication", len(self.links))

    def proof(self):
        self.collect(self.walk)
        if not self.vp:
            return
        proofs = read_proofs(self.vp)
        for p in proofs:
            if p.get("domain") not in (self.q["audience"], [self.q["audience"]]):
                self.add("proof.audience_mismatch")
            challenge = p.get("challenge", "")
            if self.q.get("nonce") and challenge != self.q["nonce"]:
                self.add("proof.challenge_mismatch")
            elif not 16 <= len(challenge.encode()) <= 128:
                self.add("envelope.nonce_invalid")
            elif challenge != proofs[0].get("challenge"):
                self.add("proof.challenge_mismatch")
        if self.intent["passportId"] != self.leaf["id"] or self.intent.get("bodyDigest") != self.q.get("bodyDigest"):
            self.add("proof.intent_mismatch")
        for name in ACT:
            a, b = self.intent.get(name), self.q.get(name)
            if a is not None and b is not None and name == "transactionAmount":
                x, y = as_money(a), as_money(b)
                same = x.same_asset(y) and x.units == y.units
            elif a is None or b is None:
                same = a is b
            else:
                same = canonical(a) == canonical(b)
            if not same:
                self.add("proof.intent_mismatch")

    # Step 5.
    def delegation(self):
        for i, (party, key) in enumerate(self.signers):
            for before, other in self.signers[:i]:
                if key == other and party != before and party >= 2:
                    raise Refused("delegation.invalid")
        effective = Effective(self.subjects[0])
        agents = [documents.issuer_of(self.root), self.subjects[0]["id"]]
        for i in range(1, len(self.links)):
            above, c, s, p = self.links[i - 1], self.links[i], self.subjects[i], self.subjects[i - 1]
            if s["parentPassportId"] != above["id"]:
                self.add("delegation.parent_mismatch")
            if s["parentDigest"] != digest(canonical(above)):
                self.add("delegation.parent_mismatch")
            if s["id"] in agents or any(same_key(s["id"], a) for a in agents):
                self.add("delegation.invalid")
            if instant(c["validFrom"]) < instant(above["validFrom"]) or instant(c["validUntil"]) > instant(above["validUntil"]):
                self.add("delegation.widened")
            own, deepest = depth(p), p.get("maxDelegationDepth")
            if depth(s) != own + 1:
                self.add("delegation.invalid")
            if depth(s) > number(deepest, own):
                self.add("delegation.too_deep")
            for name in ("humanPrincipal", "organizationDID", "grantId"):
                if name in s and s[name] != self.subjects[0].get(name):
                    self.add("delegation.invalid")
            link = Effective(s)
            for _ in effective.widened(link):
                self.add("delegation.widened")
            if self.reasons:
                return
            effective = effective.meet(link)
            agents.append(s["id"])

    # Step 6.
    def status(self):
        for c in self.links:
            entries = c.get("credentialStatus", [])
            for e in entries if isinstance(entries, list) else [entries]:
                self.collect(self.entry, c, e)
        principal = self.subjects[0].get("humanPrincipal")
        for s in self.subjects:
            if "consent" in s:
                self.collect(self.consent, s["consent"], principal)

    def is_set(self, issuer, e):
        """Whether an entry is set, by its list."""
        if (issuer, e["statusListCredential"], e["statusListIndex"], e["statusPurpose"]) in self.v.revoked:
            return True
        self.fetch()
        raw = self.lists.get(e["statusListCredential"])
        if raw is None:
            raise Refused("status.unavailable")
        try:
            doc = parse(raw, long_strings=True)
            if not isinstance(doc, dict) or documents.issuer_of(doc) != issuer or not read_proofs(doc):
                raise Refused("status.invalid")
            self.signed_list(doc, issuer)
            status, as_of = documents.status_list(doc, e)
        except Refused as r:
            raise Refused(r.code if r.code in UNKNOWN else "status.invalid", r.why) from r
        if any("created" in p and self.early(instant(p["created"])) for p in read_proofs(doc)) or self.early(as_of):
            raise Refused("status.early")
        if any("expires" in p and self.ended(instant(p["expires"])) for p in read_proofs(doc)):
            raise Refused("status.stale")
        until = doc.get("validUntil", doc.get("expirationDate"))
        key = (issuer, e["statusListCredential"])
        newest = self.v.newest.get(key)
        if newest and as_of < newest[0]:
            as_of, until, doc = newest
            try:
                self.signed_list(doc, issuer)
            except Refused as r:
                raise Refused("status.rolled_back") from r
            self.fresh(as_of, until, "status.rolled_back")
            status, _ = documents.status_list(doc, e)
        else:
            if newest and as_of == newest[0]:
                status |= documents.status_list(newest[2], e)[0]
            self.v.newest[key] = (as_of, until, doc)
            self.fresh(as_of, until, "status.stale")
        if status and e["statusPurpose"] == "revocation":
            self.v.revoked.add((issuer, e["statusListCredential"], e["statusListIndex"], e["statusPurpose"]))
        return status != 0

    def signed_list(self, doc, issuer):
        """Every proof of a list, with the keys of now."""
        for p in read_proofs(doc):
            method = method_of(p)
            if method.partition("#")[0] != issuer:
                raise Refused("status.invalid")
            check_proof(doc, p, find_key(method, "assertionMethod", self.now, self.v.documents), "assertionMethod")

    def fresh(self, as_of, until, code):
        if until and self.ended(instant(until)) or self.now - as_of > number(self.v.config.get("statusAge"), 86400) * SECOND:
            raise Refused(code)

    def entry(self, c, e):
        issuer = documents.issuer_of(c)
        if e["statusPurpose"] in ("message", "refresh") or not self.is_set(issuer, e):
            return
        scope = e.get("id", "").split(":")[3] if e.get("id", "").startswith("urn:safeconduct:status:") else ""
        if issuer != documents.issuer_of(self.root):
            scope = ""
        raise Refused({"principal": "status.principal_revoked", "organization": "status.principal_revoked", "issuer": "status.issuer_paused"}.get(
            scope, "status.suspended" if e["statusPurpose"] == "suspension" else "status.revoked"))

    def consent(self, c, principal):
        found = [o for o in self.others if o.get("id") == c["id"]]
        if not found and c["id"] in self.v.siblings:
            self.fetch()
            found = [parse(self.v.siblings[c["id"]])]
        if not found:
            raise Refused("consent.missing")
        doc = found[0]
        if c["type"] not in doc.get("type", []) or digest(canonical(doc)) != c["digestMultibase"]:
            raise Refused("consent.invalid")
        issuer = documents.issuer_of(doc)
        if not principal or issuer != principal or doc["credentialSubject"].get("id") != principal:
            raise Refused("consent.subject_mismatch")
        if "validFrom" not in doc or self.early(instant(doc["validFrom"])):
            raise Refused("consent.invalid")
        if "validUntil" in doc and self.ended(instant(doc["validUntil"])):
            raise Refused("consent.expired")
        try:
            check_did(issuer)
            if not read_proofs(doc):
                raise Refused("consent.invalid")
            if any("created" in p and self.early(instant(p["created"])) for p in read_proofs(doc)):
                raise Refused("consent.invalid")
            ended = any("expires" in p and self.ended(instant(p["expires"])) for p in read_proofs(doc))
            check_all(doc, issuer, "assertionMethod", self.now, self.v.documents)
        except Refused as r:
            raise Refused(r.code if r.code in UNKNOWN else "consent.invalid") from r
        if ended:
            raise Refused("consent.expired")
        entries = doc.get("credentialStatus", [])
        for e in entries if isinstance(entries, list) else [entries]:
            try:
                documents.entry(e)
            except Refused as r:
                raise Refused("consent.invalid") from r
            if self.is_set(issuer, e):
                raise Refused("consent.revoked")

    # Step 7.
    def authority(self):
        q = self.q
        if "resourceOwner" in q and q["resourceOwner"] != self.subjects[0].get("humanPrincipal"):
            self.add("authority.resource_not_allowed")
        for code, _ in permits(self.subjects, self.act, q["audience"], self.now):
            self.add(code)
        if "transactionAmount" not in q and any(covers_action(p, q["action"]) for p in self.v.config.get("payments", [])):
            self.add("authority.attribute_missing")
        level = min([LEVELS.index(self.trust.get("maxAssurance", "L0"))] +
                    [LEVELS.index(s.get("assurance", {}).get("level", "L0")) for s in self.subjects])
        if level < LEVELS.index(q.get("minAssurance", "L0")):
            self.add("authority.assurance_insufficient")
        if q.get("running"):
            self.attestation(q["running"], self.subjects[-1].get("attestation", {}))

    def attestation(self, runs, says):
        before = len(self.reasons)
        if any(runs.get(n) != says.get(n) for n in ("modelDigest", "toolsDigest")):
            self.add("attestation.model_mismatch")
        if runs.get("promptDigest") != says.get("promptDigest"):
            self.add("attestation.prompt_mismatch")
        if runs.get("framework") != says.get("framework"):
            self.add("attestation.framework_unregistered")
        by = documents.issuer_of(self.leaf)
        if len(self.reasons) == before and by != documents.issuer_of(self.root) and by not in self.v.config.get("delegates", []):
            self.add("attestation.framework_unregistered")

    # Step 8.
    def ledger(self):
        if self.v.config.get("ledgerFails"):
            raise Refused("ledger.unavailable")
        self.v.number += 1
        self.decision = "decision %d" % self.v.number
        r = {"at": self.now, "decision": self.decision, "agent": self.subjects[-1]["id"], "audience": self.q["audience"], "challenge": None,
             "charges": self.charges(), "holdBy": self.now + 5 * MIN, "acceptRepeat": self.q.get("acceptRepeat"),
             "nonces": number(self.v.config.get("liveNonces"), 100000)}
        if self.vp:
            until = instant(self.intent["expiresAt"]) + 2 * self.v.skew
            content = {n: v for n, v in self.intent.items() if n not in ("issuedAt", "expiresAt")}
            r.update(challenge=read_proofs(self.vp)[0]["challenge"], replayUntil=until, knownUntil=until + 24 * HOUR,
                     intent=self.intent["id"], content=digest(canonical(content)))
        self.repeats = self.v.ledger.reserve(r)

    def charges(self):
        out = {}
        for c, s in zip(self.links, self.subjects):
            granted = s.get("grantId") and documents.issuer_of(c) == documents.issuer_of(self.links[0])
            account = (documents.issuer_of(c), s["grantId"], s["id"]) if granted else (documents.issuer_of(c), c["id"])

            def charge(name, use, limit, rate, first):
                if use:
                    one = {"account": account, "name": name, "rate": rate, "use": use, "limit": limit, "since": first}
                    old = out.get((account, name))
                    if old is None or limit < old["limit"]:
                        out[account, name] = one

            money = as_money(self.q["transactionAmount"]) if "transactionAmount" in self.q else None
            for l in s.get("spendLimits", []):
                m = as_money(l)
                if money is None or l["per"] == "transaction" or not m.same_asset(money) or not applies(l.get("action", ""), self.act):
                    continue
                own = c["id"] if l["per"] == "lifetime" else ""
                charge(("spend", l["per"], m.currency, l.get("timeZone", ""), l.get("action", ""), own), money.units, m.units, False,
                       since(l["per"], l.get("timeZone"), self.now))
            for name, v in s.get("limits", {}).items():
                window = rate_of(name)
                if window and not isinstance(v, bool):
                    counter = name[:-len("_per_" + window)]
                    use = 1 if counter == "requests" else number(self.q.get("usage", {}).get(counter), 0)
                    charge(name, use, v.integer(), True, self.now - WINDOW[window] + 1)
            cap = self.under(s)
            for name, v in (cap or {}).get("params", {}).items():
                if kind_of(name, v) == "rate":
                    charge((cap["action"], name), 1, v.integer(), True, self.now - WINDOW[rate_of(name)] + 1)
        return list(out.values())

    def under(self, s):
        """The capability that the act passes under (L-4)."""
        good = [c for c in s.get("capabilities", []) if covers_action(c["action"], self.act["action"]) and holds(c, self.act) is None
                and not list(unpermitted(s, c, self.act))]
        free = [c for c in good if not any(kind_of(n, v) == "rate" for n, v in c.get("params", {}).items())]
        return free[0] if free else max(good, key=lambda c: len(c["action"]), default=None)


WINDOW = {"minute": MIN, "hour": HOUR, "day": 24 * HOUR}


def depth(s):
    return number(s.get("delegationDepth"), 0)


def shape(doc):
    """One proof, or two of different suites (F-50)."""
    proofs = read_proofs(doc)
    if not proofs:
        raise Refused("proof.missing")
    if len(proofs) > 2:
        raise Refused("envelope.too_large")
    if len({p.get("cryptosuite") for p in proofs}) != len(proofs) or any("previousProof" in p for p in proofs):
        raise Refused("envelope.malformed")


def same_key(a, b):
    def key(did):
        fragment = did[8:] if did.startswith("did:key:") else "0"
        try:
            return find_key(did + "#" + fragment, "authentication", 0) if did.startswith(("did:key:", "did:jwk:")) else None
        except Refused:
            return None
    k = key(a)
    return k is not None and k == key(b)


def play(case, now):
    """All of a case of the kind present: what came before, then the question."""
    v = Verifier(case)
    for m in case.get("before", []):
        at = instant(m["now"]) if "now" in m else now
        v.documents = m.get("documents", case.get("documents", {}))
        d = Decision(v, m["presentation"], m["request"], m.get("lists", case["lists"]), at)
        a = d.run()
        if a["verdict"] != m.get("verdict", "allow"):
            raise ValueError("what came before: %s" % a)
        if m.get("settle"):
            v.ledger.settle(d.decision, m["settle"], at)
    v.documents = case.get("documents", {})
    return v.decide(case["presentation"], case["request"], case["lists"], now)
