"""Calls an office with Grantex's published client, unmodified, and prints what came of each call as a line of JSON.

argv: base address of Grantex's calls, API key, issuer of its tokens
"""
import json
import sys
import warnings

from grantex import (
    AllocateBudgetParams, AuthorizeParams, DebitBudgetParams, ExchangeTokenParams, Grantex, GrantexApiError,
    GrantexAuthError, IssuePassportParams, ListGrantsParams, ListPassportsParams, MaxTransactionAmount,
    RefreshTokenParams, VerifyGrantTokenOptions, verify_grant_token,
)

BASE, KEY, ISSUER = sys.argv[1:4]
warnings.simplefilter("ignore")  # it warns of the claims that the service itself writes
SCOPES = ["payments:mpp:inference", "payments:mpp:compute"]


def attempt(call, do):
    try:
        result = do()
    except GrantexApiError as e:  # what the client raises is what is looked at
        result = f"{type(e).__name__} {e.status_code} {e.code}" + ("" if e.request_id else ", no request id")
    except Exception as e:
        result = f"{type(e).__name__}: {e}"[:160]
    print(json.dumps({"call": call, "result": str(result)}), flush=True)


def run(client):
    agent = client.agents.register(name="shopper", description="it shops", scopes=SCOPES)
    sub = client.agents.register(name="helper", description="it helps", scopes=SCOPES[:1])
    attempt("agents.register", lambda: f"{agent.status} {list(agent.scopes) == SCOPES} {agent.id[:3]}")
    attempt("agents.get", lambda: client.agents.get(agent.id) == agent)
    attempt("agents.list", lambda: {a.id for a in client.agents.list().agents} >= {agent.id, sub.id})
    attempt("agents.update", lambda: client.agents.update(agent.id, name="buyer").name)
    attempt("agents.update, suspended",
            lambda: client.agents.update(sub.id, status="suspended", status_reason="odd").status)
    attempt("agents.update, active", lambda: client.agents.update(sub.id, status="active").status)
    attempt("agents.get of another", lambda: client.agents.get("ag_01M7YNAYM0WFH2R27YX843KRGR"))
    attempt("agents.register without a name", lambda: client.agents.register(name="", scopes=[]))

    asked = client.authorize(AuthorizeParams(agent_id=agent.id, user_id="user_alice", scopes=SCOPES, expires_in="24h"))
    attempt("authorize", lambda: f"sandbox={asked.sandbox}")
    held = client.tokens.exchange(ExchangeTokenParams(code=asked.code, agent_id=agent.id))
    attempt("tokens.exchange", lambda: list(held.scopes) == SCOPES)
    attempt("tokens.verify",
            lambda: (client.tokens.verify(held.grant_token).valid, held.grant_id) == (True, client.tokens.verify(held.grant_token).grant_id))
    options = VerifyGrantTokenOptions(jwks_uri=BASE + "/.well-known/jwks.json", issuer=ISSUER, required_scopes=SCOPES)
    attempt("verify_grant_token", lambda: verify_grant_token(held.grant_token, options).grant_id == held.grant_id)
    options = VerifyGrantTokenOptions(
        jwks_uri=BASE + "/.well-known/jwks.json", issuer=ISSUER, bounded_jwks_fetch=True, algorithms=["RS256"])
    attempt("verify_grant_token, bounded", lambda: verify_grant_token(held.grant_token, options).principal_id)
    forged = held.grant_token[:-8] + ("A" * 8)
    attempt("verify_grant_token, forged", lambda: verify_grant_token(forged, options))
    again = client.tokens.refresh(RefreshTokenParams(held.refresh_token, agent.id))
    attempt("tokens.refresh", lambda: again.grant_id == held.grant_id)
    for name in ("exchange", "refresh"):  # again: what was issued is revoked
        twice = client.authorize(AuthorizeParams(agent_id=agent.id, user_id="user_bob", scopes=SCOPES, expires_in="1h"))
        first = client.tokens.exchange(ExchangeTokenParams(twice.code, agent.id))
        if name == "exchange":
            attempt("tokens.exchange again", lambda: client.tokens.exchange(ExchangeTokenParams(twice.code, agent.id)))
        else:
            client.tokens.refresh(RefreshTokenParams(first.refresh_token, agent.id))
            attempt("tokens.refresh again", lambda: client.tokens.refresh(RefreshTokenParams(first.refresh_token, agent.id)))
        attempt(f"tokens.verify, {name} again", lambda: client.tokens.verify(first.grant_token).valid)

    grant = client.grants.get(held.grant_id)
    attempt("grants.get", lambda: f"{grant.status} {grant.principal_id} {grant.agent_did == agent.did}")
    attempt("grants.list",
            lambda: [g.id for g in client.grants.list(ListGrantsParams(agent_id=agent.id, status="active")).grants] == [grant.id])
    attempt("grants.list, by page",
            lambda: [g.id for g in client.grants.list(ListGrantsParams(principal_id="user_alice", page=1, page_size=1)).grants] == [grant.id])
    attempt("grants.verify", lambda: client.grants.verify(held.grant_token).grant_id == grant.id)
    attempt("grants.delegate",
            lambda: client.grants.delegate(parent_grant_token=held.grant_token, sub_agent_id=sub.id, scopes=SCOPES[:1], expires_in="1h")["scopes"] == SCOPES[:1])
    attempt("grants.delegate of more",
            lambda: client.grants.delegate(parent_grant_token=held.grant_token, sub_agent_id=sub.id, scopes=SCOPES))

    attempt("budgets.allocate",
            lambda: client.budgets.allocate(AllocateBudgetParams(grant.id, 100, "USDC")).initial_budget)
    attempt("budgets.allocate again", lambda: client.budgets.allocate(AllocateBudgetParams(grant.id, 100, "USDC")))
    attempt("budgets.debit",
            lambda: client.budgets.debit(DebitBudgetParams(grant.id, 12.5, "one answer", {"n": 1})).remaining)
    attempt("budgets.debit of more", lambda: client.budgets.debit(DebitBudgetParams(grant.id, 100)))
    attempt("budgets.balance", lambda: client.budgets.balance(grant.id).remaining_budget)
    attempt("budgets.transactions",
            lambda: [(t.amount, t.description, t.metadata) for t in client.budgets.transactions(grant.id, 1, 10).transactions])

    params = IssuePassportParams(
        agent_id=agent.id, grant_id=grant.id, allowed_mpp_categories=["inference", "compute"],
        max_transaction_amount=MaxTransactionAmount(amount=50, currency="USDC"), payment_rails=["tempo"])
    passport = client.passports.issue(params)
    attempt("passports.issue", lambda: passport.credential["credentialSubject"]["maxTransactionAmount"])
    params.max_transaction_amount = MaxTransactionAmount(amount=1000, currency="USDC")
    attempt("passports.issue of more", lambda: client.passports.issue(params))
    params.max_transaction_amount, params.expires_in = MaxTransactionAmount(amount=5, currency="USDC"), "721h"
    attempt("passports.issue for too long", lambda: client.passports.issue(params))
    attempt("passports.get", lambda: client.passports.get(passport.passport_id).status)
    listed = client.passports.list(ListPassportsParams(agent_id=agent.id, status="active")).passports
    attempt("passports.list", lambda: [p.encoded_credential == passport.encoded_credential for p in listed])
    attempt("passports.revoke", lambda: client.passports.revoke(passport.passport_id).revoked)
    attempt("passports.get, revoked", lambda: client.passports.get(passport.passport_id).status)
    attempt("passports.get of another", lambda: client.passports.get("urn:grantex:passport:01M7YNAYM0WFH2R27YX843KRGR"))

    attempt("tokens.revoke", lambda: client.tokens.revoke(client.grants.verify(again.grant_token).token_id))
    attempt("tokens.verify, revoked", lambda: client.tokens.verify(again.grant_token).valid)
    attempt("grants.revoke", lambda: client.grants.revoke(grant.id))
    attempt("grants.revoke again", lambda: client.grants.revoke(grant.id))
    attempt("grants.verify, revoked", lambda: client.grants.verify(held.grant_token))
    attempt("agents.delete", lambda: client.agents.delete(sub.id))
    attempt("agents.get, deleted", lambda: client.agents.get(sub.id))
    limit = client.last_rate_limit
    attempt("last_rate_limit", lambda: 0 < limit.remaining < limit.limit)
    attempt("audit.list", lambda: client.audit.list())
    attempt("webhooks.list", lambda: client.webhooks.list())
    attempt("agents.keys.list", lambda: client.agents.keys.list(agent.id))


with Grantex(api_key=KEY, base_url=BASE, max_retries=0) as client:
    run(client)
with Grantex(api_key="gx_live_wrong", base_url=BASE, max_retries=0) as client:
    attempt("a wrong key", lambda: client.agents.list())
