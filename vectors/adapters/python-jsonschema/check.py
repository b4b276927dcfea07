"""Holds the published JSON Schema against the reference tests, with a validator that others have written.

Every passport that is right must be valid. Of the passports that are wrong, those must be invalid that are not in
beyond.txt: the cases whose fault JSON Schema cannot say. With -record it writes that file.
"""
import base64
import json
import os
import re
import sys

import jsonschema

here = os.path.dirname(os.path.abspath(__file__))
root = os.path.join(here, "../../..")


def read(*path):
    with open(os.path.join(root, *path), encoding="utf-8") as f:
        return json.load(f)


def fill(value, texts):
    if isinstance(value, dict):
        if list(value) == ["$text"]:
            return texts[value["$text"]]
        return {k: fill(v, texts) for k, v in value.items()}
    if isinstance(value, list):
        return [fill(v, texts) for v in value]
    return value


def ecma(node):
    """In Python $ also matches before a line break at the end; in JSON Schema it does not."""
    if isinstance(node, dict):
        return {k: re.sub(r"\$$", r"\\Z", v) if k == "pattern" and isinstance(v, str) else ecma(v)
                for k, v in node.items()}
    return [ecma(v) for v in node] if isinstance(node, list) else node


def passports(kind, given):
    """The passports of a case, as text or as values; those that are tokens are left out."""
    if kind == "passport" or kind == "proof" and given["is"] == "credential":
        return [given["document"]] if given["document"].lstrip().startswith("{") else []
    if kind != "present" or not given["presentation"].lstrip().startswith("{"):
        return []
    shown = json.loads(given["presentation"]).get("verifiableCredential", [])
    shown = shown if isinstance(shown, list) else [shown]
    return [c for c in shown if isinstance(c, dict) and not str(c.get("id", "")).startswith("data:")]


def is_passport(document):
    return "AgentPassportCredential" in document.get("type", [])


def is_chained(document):
    """Chains of proofs are right for a credential, and not for a passport: rule F-50 of docs/format.md."""
    proofs = document.get("proof", [])
    return any("previousProof" in p for p in (proofs if isinstance(proofs, list) else [proofs]))


def valid(schema, document):
    try:
        document = json.loads(document) if isinstance(document, str) else document
    except ValueError:
        return False
    return schema.is_valid(document)


def main():
    document = ecma(read("docs/passport.schema.json"))
    jsonschema.Draft202012Validator.check_schema(document)
    schema = jsonschema.Draft202012Validator(document, format_checker=None)
    good, bad, beyond, wrong = 0, 0, [], []
    for group in read("vectors/data/manifest.json")["groups"]:
        g = read("vectors/data", group["file"])
        for case in g["cases"]:
            right = case["expect"]["verdict"] in ("accept", "allow")
            if not right and g["kind"] != "passport":
                continue  # what is wrong there is mostly something else
            for text in passports(g["kind"], fill(case["input"], g.get("texts", {}))):
                if right:
                    value = json.loads(text) if isinstance(text, str) else text
                    if not is_passport(value) or is_chained(value):
                        continue
                    good += 1
                    if not valid(schema, value):
                        wrong.append(case["id"] + ": it is right, and the schema refuses it")
                elif valid(schema, text):
                    beyond.append(case["id"])
                else:
                    bad += 1
    path = os.path.join(here, "beyond.txt")
    if "-record" in sys.argv:
        with open(path, "w", encoding="utf-8") as f:
            f.write("".join(line + "\n" for line in beyond))
    with open(path, encoding="utf-8") as f:
        listed = f.read().split()
    wrong += [i + ": it is wrong, and the schema accepts it" for i in beyond if i not in listed]
    wrong += [i + ": it is in beyond.txt, and the schema refuses it" for i in listed if i not in beyond]
    print(f"{good} right passports were tried; {bad} wrong ones are invalid, {len(beyond)} are beyond a schema")
    print("\n".join(wrong))
    return 1 if wrong else 0


sys.exit(main())
