"""Calls an office with the published clients, unmodified, and prints what came of each call as a line of JSON.

argv: base address of APort's calls, API key, agent id, base address of AIP-1's calls, token
"""
import asyncio
import json
import os
import pathlib
import subprocess
import sys
import tempfile

BASE, KEY, AGENT, AIP, TOKEN = sys.argv[1:6]


def tell(call, result):
    print(json.dumps({"call": call, "result": result}), flush=True)


async def attempt(call, do):
    try:
        tell(call, await do)
    except Exception as e:  # what the client raises is what is looked at
        status = getattr(e, "status", None)
        tell(call, f"error {status}" if status is not None else f"{type(e).__name__}: {e}"[:120])


async def aport():
    from aporthq_sdk_python import APortClient, APortClientOptions, PolicyVerifier

    async with APortClient(APortClientOptions(base_url=BASE, api_key=KEY, timeout_ms=10000)) as client:
        verifier = PolicyVerifier(client)

        async def allow(decision):
            d = await decision
            return f"allow={d.allow} {d.reasons[0]['code']}"

        message = {"channel_id": "c", "message": "hello", "message_type": "text"}
        await attempt("verify_messaging", allow(verifier.verify_messaging(AGENT, message)))
        await attempt("verify_policy", allow(client.verify_policy(AGENT, "messaging.message.send.v1", message, "key-0001")))
        refund = {
            "order_id": "o", "customer_id": "c", "amount": 500, "currency": "USD", "region": "US",
            "reason_code": "r", "idempotency_key": "key-0002",
        }
        await attempt("verify_refund", allow(verifier.verify_refund(AGENT, refund)))
        await attempt("verify_policy of another agent", allow(client.verify_policy("ap_x", "messaging.message.send.v1", message)))

        async def view():
            return "status=" + (await client.get_passport_view(AGENT))["status"]

        await attempt("get_passport_view", view())
        passport = {"agent_id": AGENT, "status": "active"}
        await attempt("verify_policy_with_passport", client.verify_policy_with_passport(passport, "messaging.message.send.v1"))
        token = None

        async def decided():
            nonlocal token
            token = await client.get_decision_token(AGENT, "messaging.message.send.v1", message)
            return len(token.split("."))

        async def read(validate, token):
            d = await validate(token)
            return f"allow={d.allow} {d.reasons[0]['code']} {d.expires_in}"

        await attempt("get_decision_token", decided())
        await attempt("validate_decision_token", read(client.validate_decision_token, token))
        await attempt("validate_decision_token_local", read(client.validate_decision_token_local, token))
        await attempt("validate_decision_token of another", client.validate_decision_token("t"))

        async def keys():
            return [k["alg"] for k in (await client.get_jwks()).keys]

        await attempt("get_jwks", keys())


def fastapi():
    from fastapi import FastAPI
    from fastapi.testclient import TestClient
    from aporthq_middleware_fastapi import AgentPassportMiddleware, AgentPassportMiddlewareOptions

    for name, policy in (("middleware: passport", None), ("middleware: policy", "messaging.message.send.v1")):
        app = FastAPI()
        options = AgentPassportMiddlewareOptions(base_url=BASE, api_key=KEY, policy_id=policy)
        app.add_middleware(AgentPassportMiddleware, options=options)

        @app.get("/act")
        def act():
            return {}

        client = TestClient(app)
        tell(name, client.get("/act", headers={"X-Agent-Passport-Id": AGENT}).status_code)
        if policy is None:
            tell(name + ", unknown agent", client.get("/act", headers={"X-Agent-Passport-Id": "ap_x"}).status_code)
            tell(name + ", no agent", client.get("/act").status_code)


def aip():
    """The command line of aip-protocol, as it is installed: watch shows decisions, and goes on until it is stopped."""
    with tempfile.TemporaryDirectory() as home:
        folder = pathlib.Path(home, ".aip")
        folder.mkdir()
        folder.joinpath("credentials.json").write_text(json.dumps({"type": "jwt", "token": TOKEN}))
        env = dict(os.environ, HOME=home, AIP_CLOUD_URL=AIP, COLUMNS="160", PYTHONUNBUFFERED="1")
        command = os.path.join(os.path.dirname(sys.executable), "aip")
        watch = subprocess.Popen([command, "watch"], env=env, stdout=subprocess.PIPE, text=True)
        text = ""
        for line in watch.stdout:
            text += line
            if "Polling" in line or "error" in line.lower():
                break
        watch.kill()
        watch.wait()
        tell("aip watch", "shows the decision" if "read_data" in text and "PASS" in text else text[-200:])
        status = subprocess.run([command, "status"], env=env, capture_output=True, text=True)
        tell("aip status", "unreachable" if "unreachable" in status.stdout else "connected")


asyncio.run(aport())
fastapi()
aip()
