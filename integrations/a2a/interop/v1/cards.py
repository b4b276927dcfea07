"""The SDK of A2A for Python, of protocol 1.0: it signs and checks cards.

    cards.py sign    signs the card that it reads with the JWK that it reads
    cards.py check   checks the card that it reads with the JWK that it reads
"""

import json
import sys

import jwt
from a2a.types import AgentCard
from a2a.utils.signing import SignatureVerificationError, create_agent_card_signer, create_signature_verifier
from google.protobuf.json_format import MessageToDict, Parse

key = jwt.PyJWK.from_json(sys.stdin.readline())
card = Parse(sys.stdin.readline(), AgentCard())
if sys.argv[1] == "sign":
    create_agent_card_signer(key, {"alg": "EdDSA", "kid": "key-1", "typ": "JOSE"})(card)
    print(json.dumps(MessageToDict(card), ensure_ascii=False))
else:
    try:
        create_signature_verifier(lambda kid, jku: key, ["EdDSA"])(card)
        print(json.dumps({"name": card.name}))
    except SignatureVerificationError as e:
        print(json.dumps({"refused": str(e)}))
