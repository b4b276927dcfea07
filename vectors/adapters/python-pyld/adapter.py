"""PyLD: JSON-LD and RDFC-1.0. Nothing is fetched."""
import hashlib
import json
import os
import sys

here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(here, ".."))
from pyld import jsonld
from serve import accept, serve

NAMES = {"https://www.w3.org/ns/credentials/v2": "credentials-v2", "https://www.w3.org/2018/credentials/v1": "credentials-v1",
         "https://w3id.org/safeconduct/v1": "safeconduct-v1", "https://w3id.org/vc/status-list/2021/v1": "status-list-2021-v1",
         "https://w3id.org/security/data-integrity/v2": "data-integrity-v2"}


def load(url, options):
    with open(os.path.join(here, "../../../internal/contexts/data", NAMES[url] + ".jsonld"), encoding="utf-8") as f:
        return {"contextUrl": None, "documentUrl": url, "contentType": "application/ld+json", "document": json.load(f)}


ALGORITHM = "RDFC-1.0" if "RDFC" in open(jsonld.__file__, encoding="utf-8").read() else "URDNA2015"


def rdfc(i):
    nquads = jsonld.normalize(json.loads(i["document"]), {"algorithm": ALGORITHM, "format": "application/n-quads", "documentLoader": load})
    return accept(nquads=nquads, sha256=hashlib.sha256(nquads.encode()).hexdigest())


serve({"rdfc": rdfc})
