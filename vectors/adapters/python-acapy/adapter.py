"""ACA-Py's DataIntegrityManager: eddsa-jcs-2022 with did:key. It canonicalises with Matrix's canonicaljson."""
import asyncio
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from acapy_agent.askar.profile import AskarProfile
from acapy_agent.askar.store import AskarStoreConfig
from acapy_agent.config.injection_context import InjectionContext
from acapy_agent.resolver.default.key import KeyDIDResolver
from acapy_agent.resolver.did_resolver import DIDResolver
from acapy_agent.vc.data_integrity.manager import DataIntegrityManager
from acapy_agent.wallet.key_type import KeyTypes
from serve import REFUSE, UNSUPPORTED, serve


async def open_profile():
    """A wallet in memory: the library wants one, although only public keys are used."""
    store = AskarStoreConfig({"name": "vectors", "key": "5BngFuBpS4wjFfVFCtPqoix3ZXG2XR8XJ7qosUzMak7R",
                              "key_derivation_method": "RAW"})
    profile = AskarProfile(opened=await store.open_store(provision=True, in_memory=True),
                           context=InjectionContext(settings={"wallet.id": "vectors"}))
    resolver = DIDResolver()
    resolver.register_resolver(KeyDIDResolver())
    profile.context.injector.bind_instance(DIDResolver, resolver)
    profile.context.injector.bind_instance(KeyTypes, KeyTypes())
    return profile


loop = asyncio.new_event_loop()
profile = loop.run_until_complete(open_profile())


async def verify(document):
    async with profile.session() as session:
        return (await DataIntegrityManager(session).verify_proof(document)).verified


def proof(i):
    if not i["document"].lstrip().startswith("{"):
        return UNSUPPORTED  # a token
    document = json.loads(i["document"])
    proofs = document.get("proof") or []
    proofs = proofs if isinstance(proofs, list) else [proofs]
    if not proofs:
        return REFUSE  # the library raises an error of its own
    if any(p.get("cryptosuite") == "eddsa-rdfc-2022" for p in proofs):
        return UNSUPPORTED
    # Who signs, and for what, the library leaves to its caller.
    by = document.get("holder" if i["is"] == "presentation" else "issuer")
    for p in proofs:
        if p.get("proofPurpose") != i["purpose"] or p.get("verificationMethod", "").split("#")[0] != by:
            return REFUSE
    return {"verdict": "accept"} if loop.run_until_complete(verify(document)) else REFUSE


serve({"proof": proof})
