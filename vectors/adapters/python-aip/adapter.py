"""aip-protocol: the verifier of AIP-1 as PyPI serves it, which knows no mandates. It reads the clock itself, so it is
handed one."""
import datetime
import os
import sys

here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(here, ".."))
from aip_protocol import envelope, verification
from aip_protocol.revocation import RevocationStore
from aip_protocol.trust import TrustScoreEngine
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from serve import REFUSE, UNSUPPORTED, accept, serve

ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


class Clock(datetime.datetime):
    """What the library calls now."""
    at = None

    @classmethod
    def now(cls, tz=None):
        return cls.at


verification.datetime = Clock


def key(multikey):
    n = 0
    for c in multikey[1:]:
        n = n * 58 + ALPHABET.index(c)
    return Ed25519PublicKey.from_public_bytes(n.to_bytes(34, "big")[2:])


def dialect(i, now):
    if i["dialect"] != "aip1":
        return UNSUPPORTED
    Clock.at = datetime.datetime.fromisoformat(now.replace("Z", "+00:00"))
    e = envelope.envelope_from_json(i["text"])
    said = verification.verify_intent(e, key(i["key"]), revocation_store=RevocationStore(), trust_engine=TrustScoreEngine())
    if said.errors:
        if os.environ.get("EXPLAIN"):
            print(said.errors, file=sys.stderr)
        return REFUSE
    return accept(canonical=envelope._get_signable_payload(e).decode())


serve({"dialect": dialect}, clock=True)
