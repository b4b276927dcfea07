"""rfc8785. It takes values, so the json of the standard library reads the text."""
import hashlib
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import rfc8785
from serve import UNSUPPORTED, accept, serve


def jcs(i):
    if "text" not in i:
        return UNSUPPORTED
    # Integers beyond 2^53 are for the library to refuse: JSON has floats only.
    canonical = rfc8785.dumps(json.loads(i["text"], parse_int=lambda s: int(s) if abs(int(s)) < 2**53 else float(s)))
    return accept(canonical=canonical.decode(), sha256=hashlib.sha256(canonical).hexdigest())


serve({"jcs": jcs})
