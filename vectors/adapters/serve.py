"""The protocol of the reference tests, for adapters in Python."""
import json
import os
import sys


def accept(**output):
    return {"verdict": "accept", "output": output}


REFUSE = {"verdict": "refuse"}
UNSUPPORTED = {"unsupported": True}


def serve(kinds, clock=False):
    """Answers with the function of each kind, which is told the time if it wants a clock. What a library raises is a
    refusal."""
    for line in sys.stdin:
        request = json.loads(line)
        f = kinds.get(request["kind"])
        try:
            out = f(request["input"], *([request.get("now")] if clock else [])) if f else UNSUPPORTED
        except Exception as e:
            if os.environ.get("EXPLAIN"):
                print(request["id"], repr(e), file=sys.stderr)
            out = REFUSE
        sys.stdout.write(json.dumps({**out, "id": request["id"]}) + "\n")
        sys.stdout.flush()
