"""The SDK of A2A for Python, of protocol 0.3: it calls an agent, and signs and checks cards.

    client.py call URL AMOUNT   prints what is bound, reads a presentation, calls, prints what comes back
    client.py fetch URL         fetches the card as the SDK does, and checks it with the JWK that it reads
    client.py sign              signs the card that it reads with the JWK that it reads
"""

import asyncio
import hashlib
import json
import sys
from base64 import urlsafe_b64encode

import httpx
import jwt
from a2a.client import A2ACardResolver, ClientCallInterceptor, ClientConfig, ClientFactory
from a2a.client.errors import A2AClientJSONRPCError
from a2a.types import AgentCard, DataPart, Message, Part, Role
from a2a.utils.signing import SignatureVerificationError, create_agent_card_signer, create_signature_verifier

URI = "https://safeconduct.github.io/a2a/passport/v1"


def say(**what):
    print(json.dumps(what), flush=True)


class Presents(ClientCallInterceptor):
    """Shows a passport with each call."""

    async def intercept(self, method_name, request_payload, http_kwargs, agent_card, context):
        params = request_payload["params"]
        if not params.get("configuration", {}).get("acceptedOutputModes", True):
            del params["configuration"]["acceptedOutputModes"]  # what is empty is not bound
        text = json.dumps({"method": method_name, "params": params}, sort_keys=True, ensure_ascii=False,
                          separators=(",", ":"))  # JCS, of a message like this
        digest = b"\x12\x20" + hashlib.sha256(text.encode()).digest()
        say(digest="u" + urlsafe_b64encode(digest).decode().rstrip("="))
        if shown := sys.stdin.readline().strip():
            params["metadata"] = {URI + "/presentation": shown}
        return request_payload, http_kwargs


async def call(url, amount):
    card = AgentCard(name="shop", description="shop", url=url, version="1", skills=[], default_input_modes=[],
                     default_output_modes=[], capabilities={"streaming": False})
    async with httpx.AsyncClient() as http:
        client = ClientFactory(ClientConfig(httpx_client=http)).create(card, interceptors=[Presents()])
        message = Message(role=Role.user, message_id="1", metadata={URI + "/skill": "charge"},
                          parts=[Part(root=DataPart(data={"amount": amount}))])
        try:
            async for event in client.send_message(message):
                task = event[0] if isinstance(event, tuple) else event
                say(state=task.status.state.value)
        except A2AClientJSONRPCError as e:
            say(code=e.error.code, text=e.error.data["error"])


async def fetch(url):
    key = jwt.PyJWK.from_json(sys.stdin.readline())
    check = create_signature_verifier(lambda kid, jku: key, ["EdDSA"])
    async with httpx.AsyncClient() as http:
        try:
            card = await A2ACardResolver(http, url).get_agent_card(signature_verifier=check)
            say(name=card.name)
        except SignatureVerificationError as e:
            say(refused=str(e))


def sign():
    key = jwt.PyJWK.from_json(sys.stdin.readline())
    card = AgentCard.model_validate_json(sys.stdin.readline())
    card = create_agent_card_signer(key, {"alg": "EdDSA", "kid": "key-1", "jku": None, "typ": "JOSE"})(card)
    print(card.model_dump_json(by_alias=True, exclude_none=True))


if __name__ == "__main__":
    verb, *args = sys.argv[1:]
    if verb == "sign":
        sign()
    else:
        asyncio.run({"call": call, "fetch": fetch}[verb](*args))
