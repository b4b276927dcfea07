"""The ledger (ledger.md), in memory."""
from strictjson import Refused


def share(cap, place):
    """What all chains through one place may have of a cap of the root (L-10)."""
    for _ in range(place):
        cap = max(cap // 4, min(cap, 1))
    return cap


class Ledger:
    def __init__(self):
        self.replay, self.decisions, self.intents, self.uses, self.mark = {}, {}, {}, {}, None
        self.acts, self.opened = [], set()

    def state(self, hold, at):
        """open, spent, back: past the deadline an open hold counts as spent (L-14)."""
        if hold["state"] == "open" and at >= hold["by"]:
            return "unresolved"
        return hold["state"]

    def used(self, account, name, since, at):
        spent = held = 0
        for hold, units, when in self.uses.get((account, name), []):
            if since is not None and when < since or hold["state"] == "back":
                continue
            units = hold["part"].get((account, name), units)
            if self.state(hold, at) == "open":
                held += units
            else:
                spent += units
        return spent, held

    def reserve(self, r, peek=False):
        """Takes all of it or nothing; the answer is the decision that it repeats, or None."""
        pairs = [(c["account"], c["name"]) for c in r["charges"]]
        if len(set(pairs)) != len(pairs):
            raise Refused("internal.error")
        key = (r["agent"], r["audience"], r["challenge"])
        if r.get("challenge") is not None:
            if key in self.replay or r["decision"] in self.decisions:
                raise Refused("ledger.replay")
            if self.mark is not None and r["replayUntil"] <= self.mark:
                raise Refused("ledger.unavailable")
        known = self.intents.get((r["agent"], r["audience"], r["intent"])) if r.get("intent") else None
        repeats = None
        if known and known["known"] >= r["at"]:
            if known["content"] != r["content"]:
                raise Refused("ledger.conflict")
            if known["hold"]["state"] != "back":
                if not r.get("acceptRepeat"):
                    raise Refused("ledger.repeated")
                repeats = known["decision"]
        if repeats is None:
            self.caps(r)
            reasons = []
            for c in r["charges"]:
                spent, held = self.used(c["account"], c["name"], c["since"], r["at"])
                if spent + held + c["use"] > c["limit"]:
                    reasons.append("ledger.rate_exceeded" if c["rate"] else "ledger.budget_exceeded")
            if not reasons and r.get("accounts") is not None:
                opened = {(tuple(r["chain"][:r["chain"].index(c["account"]) + 1]), c["account"], c["name"]) for c in r["charges"]}
                for i in range(len(r["chain"])):
                    place = tuple(r["chain"][:i + 1])
                    if sum(1 for o in self.opened | opened if o[0][:i + 1] == place) > share(r["accounts"], i):
                        raise Refused("ledger.rate_exceeded")
            if reasons:
                refused = Refused(sorted(reasons)[0])
                refused.all = reasons
                raise refused
        if peek:
            return repeats
        if r.get("challenge") is not None:
            self.replay[key] = r["replayUntil"]
        if repeats is None:
            hold = {"state": "open", "by": r["holdBy"], "part": {}, "reservation": r}
            self.decisions[r["decision"]] = hold
            if r.get("rootActs") is not None:
                self.acts.append((r["knownUntil"], tuple(r["chain"])))
                self.opened |= {(tuple(r["chain"][:r["chain"].index(c["account"]) + 1]), c["account"], c["name"]) for c in r["charges"]}
            for c in r["charges"]:
                self.uses.setdefault((c["account"], c["name"]), []).append((hold, c["use"], r["at"]))
            if r.get("intent"):
                self.intents[r["agent"], r["audience"], r["intent"]] = {
                    "content": r["content"], "known": r["knownUntil"], "decision": r["decision"], "hold": hold}
        return repeats

    def caps(self, r):
        live = sum(1 for (agent, _, _), until in self.replay.items() if agent == r["agent"] and until >= r["at"])
        acts = sum(1 for k, i in self.intents.items() if k[0] == r["agent"] and i["known"] >= r["at"])
        if r.get("nonces") is not None and live >= r["nonces"] or r.get("acts") is not None and acts >= r["acts"]:
            raise Refused("ledger.rate_exceeded")

        for i in range(len(r.get("chain") or [])):
            if r.get("rootActs") is None:
                break
            below = sum(1 for known, chain in self.acts if known >= r["at"] and chain[:i + 1] == tuple(r["chain"][:i + 1]))
            if below >= share(r["rootActs"], i):
                raise Refused("ledger.rate_exceeded")

    def settle(self, decision, outcome, at, by="", money=None):
        hold = self.decisions.get(decision)
        if hold is None:
            return "unknown decision"
        r = hold["reservation"]
        if money is not None:
            reserved = r.get("money")
            if reserved is None or not reserved.same_asset(money) or money.units > reserved.units:
                return "not reserved"
        want, now = ("spent" if outcome == "done" else "back"), self.state(hold, at)
        if now != "open" and not by and not (now == want or now == "unresolved" and want == "spent" and money is None):
            return "settled otherwise"
        hold["state"] = want
        if money is not None:
            hold["part"] = {(c["account"], c["name"]): money.units for c in r["charges"] if not c["rate"]}
        return "ok"

    def unresolved(self, at):
        return sorted(d for d, h in self.decisions.items() if self.state(h, at) == "unresolved")

    def forget(self, before):
        for key, until in list(self.replay.items()):
            if until < before:
                del self.replay[key]
                self.mark = max(self.mark or until, until)
        for key, i in list(self.intents.items()):
            if i["known"] < before:
                del self.intents[key]
        return "ok"
