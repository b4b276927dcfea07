"""APort's own packages, one JSON question on a line, one answer on a line."""
import json
import os
import pathlib
import sys
import tempfile

import aport_guardrails
from aport_guardrails.core.evaluator import Evaluator
from aporthq_sdk_python.decision_types import PolicyVerificationResponse


def act(q):
    """What the local evaluator says of an act under a passport."""
    with tempfile.TemporaryDirectory() as folder:
        passport = pathlib.Path(folder, "passport.json")
        passport.write_text(q["passport"], encoding="utf-8")
        config = pathlib.Path(folder, "config.yaml")
        config.write_text("mode: local\npassport_path: %s\naudit_log: false\n" % passport)
        os.environ["HOME"] = folder
        said = Evaluator(config).verify_sync({}, {}, {"tool": q["tool"], **q["context"]})
        written = pathlib.Path(folder, "decision.json")
        return {"allow": said["allow"], "code": said["reasons"][0]["code"],
                "decision": written.read_text(encoding="utf-8") if written.exists() else ""}


def packs(_):
    """The facts of the packs that the guardrails bring along."""
    root = pathlib.Path(aport_guardrails.__file__).parent / "runtime-bundle" / "external" / "aport-policies"
    out = {}
    for file in sorted(root.glob("*/policy.json")):
        pack = json.loads(file.read_text(encoding="utf-8"))
        context = pack["required_context"]
        out[pack["id"]] = {
            "capabilities": pack["requires_capabilities"], "assurance": pack["min_assurance"],
            "limits": pack["limits_required"], "required": context["required"],
            "context": sorted(context["properties"]),
            "codes": [r["deny_code"].removeprefix("oap.") for r in pack["evaluation_rules"]],
        }
    return {"packs": out}


def decision(q):
    """What the SDK makes of a decision as the service answers it."""
    d = PolicyVerificationResponse.from_api_response({"decision": json.loads(q["decision"])})
    return {"allow": d.allow, "id": d.decision_id, "level": d.assurance_level, "digest": d.passport_digest,
            "expiresIn": d.expires_in, "codes": [r["code"] for r in d.reasons]}


for line in sys.stdin:
    question = json.loads(line)
    print(json.dumps({"act": act, "packs": packs, "decision": decision}[question["op"]](question)), flush=True)
