"""Answers one JSON line for each: what AIP-1's own SDK says of an envelope, or an envelope that it signs."""

import json
import sys

from aip_protocol import verification
from aip_protocol.crypto import public_key_to_b64
from aip_protocol.envelope import (
    _get_signable_payload, create_envelope, envelope_from_json, envelope_to_json, sign_envelope,
)
from aip_protocol.models import VerificationTier
from aip_protocol.passport import AgentPassport
from aip_protocol.revocation import RevocationStore
from aip_protocol.trust import TrustScoreEngine
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def verify(q):
    args = q["args"]
    store, trust = RevocationStore(), TrustScoreEngine()
    for agent in args.get("revoked", []):
        store.revoke(agent)
    for agent in args.get("suspended", []):
        store.suspend(agent)
    for nonce in args.get("seen_nonces", []):
        store.check_nonce(nonce)
    for agent, history in args.get("history", {}).items():
        for _ in range(history.get("ok", 0)):
            trust.record_success(agent)
        for _ in range(history.get("violations", 0)):
            trust.record_violation(agent)
    frameworks = args.get("registered_frameworks")
    hmac_key = args.get("hmac_key_hex")
    envelope = envelope_from_json(q["text"])
    result = verification.verify_intent(
        envelope,
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(args["public_key_hex"])),
        revocation_store=store,
        trust_engine=trust,
        min_trust_score=args.get("min_trust_score", 0.0),
        registered_frameworks=None if frameworks is None else set(frameworks),
        hmac_key=None if hmac_key is None else bytes.fromhex(hmac_key),
        known_model_hashes=args.get("known_model_hashes"),
        known_prompt_hashes=args.get("known_prompt_hashes"),
        request_geo=args.get("request_geo"),
    )
    return {
        "codes": [code.value.removeprefix("AIP-") for code in result.errors],
        "canonical": _get_signable_payload(envelope).decode(),
    }


def sign(q):
    passport = AgentPassport.create(
        domain="acme.example", agent_name="buyer", allowed_actions=["transfer_funds"],
        monetary_limit_per_txn=800, currency="USD",
    )
    envelope = create_envelope(
        passport, "transfer_funds", target="did:web:shop.example", parameters=json.loads(q["parameters"]),
        tier=VerificationTier(q["tier"]),
    )
    envelope = sign_envelope(envelope, passport.private_key)
    return {
        "text": envelope_to_json(envelope, pretty=q["pretty"]),
        "canonical": _get_signable_payload(envelope).decode(),
        "key": public_key_to_b64(passport.public_key),
    }


for line in sys.stdin:
    question = json.loads(line)
    try:
        answer = {"verify": verify, "sign": sign}[question["op"]](question)
    except Exception as error:  # what the SDK raises is an answer
        answer = {"raised": f"{type(error).__name__}: {error}"}
    print(json.dumps(answer), flush=True)
