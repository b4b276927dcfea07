"""The protocol of the reference tests, for adapters in Python."""
import json
import os
import sys


def accept(**output):
    return {"verdict": "accept", "output": output}


REFUSE = {"verdict": "refuse"}
UNSUPPORTED = {"unsupported": True}


def serve(kinds):
    """Answers with the function of each kind. What a library raises is a refusal."""
    for line in sys.stdin:
        request = json.loads(line)
        f = kinds.get(request["kind"])
        try:
            out = f(request["input"]) if f else UNSUPPORTED
        except Exception as e:
            if os.environ.get("EXPLAIN"):
                print(request["id"], repr(e), file=sys.stderr)
            out = REFUSE
        sys.stdout.write(json.dumps({**out, "id": request["id"]}) + "\n")
        sys.stdout.flush()
