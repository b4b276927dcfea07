//! Answers the reference tests with crates that others have written:
//! serde_json_canonicalizer (RFC 8785), ed25519-dalek and bs58. Together they
//! are enough for eddsa-jcs-2022 with did:key.
use ed25519_dalek::{Signature, VerifyingKey};
use serde_json::{json, Value};
use sha2::{Digest, Sha256};
use std::io::{BufRead, Write};

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

fn refuse() -> Value {
    json!({"verdict": "refuse"})
}

fn unsupported() -> Value {
    json!({"unsupported": true})
}

fn jcs(input: &Value) -> Option<Value> {
    let Some(text) = input["text"].as_str() else {
        return Some(unsupported());
    };
    let value: Value = serde_json::from_str(text).ok()?;
    let canonical = serde_json_canonicalizer::to_string(&value).ok()?;
    let sha256 = hex(&Sha256::digest(canonical.as_bytes()));
    Some(json!({"verdict": "accept", "output": {"canonical": canonical, "sha256": sha256}}))
}

/// The key of a did:key of Ed25519, by its DID URL.
fn key(url: &str) -> Option<VerifyingKey> {
    let (did, fragment) = url.split_once('#')?;
    let id = did.strip_prefix("did:key:")?;
    if id != fragment {
        return None;
    }
    let raw = bs58::decode(id.strip_prefix('z')?).into_vec().ok()?;
    let key: [u8; 32] = raw.strip_prefix(&[0xed, 0x01])?.try_into().ok()?;
    let key = VerifyingKey::from_bytes(&key).ok()?;
    (!key.is_weak()).then_some(key)
}

fn holds(document: &Value, proof: &Value, purpose: &str) -> Option<()> {
    if proof["type"] != "DataIntegrityProof" || proof["proofPurpose"] != purpose {
        return None;
    }
    if let Some(own) = proof.get("@context") {
        let (own, all) = (own.as_array()?, document["@context"].as_array()?);
        if !all.starts_with(own) {
            return None;
        }
    }
    let (mut options, mut body) = (proof.clone(), document.clone());
    options.as_object_mut()?.remove("proofValue");
    body.as_object_mut()?.remove("proof");
    let mut signed = vec![];
    for part in [&options, &body] {
        signed.extend(Sha256::digest(serde_json_canonicalizer::to_vec(part).ok()?));
    }
    let value = proof["proofValue"].as_str()?.strip_prefix('z')?;
    let signature = Signature::from_slice(&bs58::decode(value).into_vec().ok()?).ok()?;
    key(proof["verificationMethod"].as_str()?)?.verify_strict(&signed, &signature).ok()
}

fn proof(input: &Value) -> Option<Value> {
    let text = input["document"].as_str()?;
    if !text.trim_start().starts_with('{') {
        return Some(unsupported()); // a token
    }
    let document: Value = serde_json::from_str(text).ok()?;
    let proofs = match document.get("proof")? {
        Value::Array(list) => list.clone(),
        one => vec![one.clone()],
    };
    if proofs.iter().any(|p| p["cryptosuite"] == "eddsa-rdfc-2022") {
        return Some(unsupported());
    }
    let by = if input["is"] == "presentation" { &document["holder"] } else { &document["issuer"] };
    for p in &proofs {
        if p["cryptosuite"] != "eddsa-jcs-2022" || p["verificationMethod"].as_str()?.split('#').next() != by.as_str() {
            return None;
        }
        holds(&document, p, input["purpose"].as_str()?)?;
    }
    Some(json!({"verdict": "accept"}))
}

fn main() {
    let mut out = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let request: Value = serde_json::from_str(&line.expect("a line")).expect("a request");
        let mut answer = match request["kind"].as_str() {
            Some("jcs") => jcs(&request["input"]).unwrap_or_else(refuse),
            Some("proof") => proof(&request["input"]).unwrap_or_else(refuse),
            _ => unsupported(),
        };
        answer["id"] = request["id"].clone();
        writeln!(out, "{answer}").and_then(|()| out.flush()).expect("standard output");
    }
}
