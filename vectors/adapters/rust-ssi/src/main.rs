//! Answers the reference tests with the crates of ssi by SpruceID: JSON-LD and its
//! canonical form, eddsa-rdfc-2022, tokens, bit strings of status lists, did:key.
//! Nothing is fetched.
use chrono::{DateTime, Utc};
use did_method_key::DIDKey;
use serde_json::{json, Value};
use sha2::{Digest, Sha256};
use ssi_claims::data_integrity::{AnyDataIntegrity, DataIntegrityDocument};
use ssi_claims::vc_jose_cose::{JoseVc, JoseVp};
use ssi_claims::{JwsVec, VerificationParameters};
use ssi_dids_core::DIDResolver;
use ssi_json_ld::{CompactJsonLd, ContextLoader, Expandable};
use ssi_rdf::{AnyLdEnvironment, LdEnvironment, LexicalInterpretation};
use ssi_status::bitstring_status_list::{EncodedList, SizedBitString};
use ssi_verification_methods::{AnyJwkMethod, AnyMethod};
use std::error::Error;
use std::io::{BufRead, Write};

type Answer = Result<Value, Box<dyn Error>>;

/// The contexts of the project that the crates do not have.
const CONTEXTS: [(&str, &str); 2] = [
    ("https://w3id.org/safeconduct/v1", "safeconduct-v1"),
    ("https://w3id.org/vc/status-list/2021/v1", "status-list-2021-v1"),
];

fn contexts(folder: &str) -> Result<ContextLoader, Box<dyn Error>> {
    let mut map = std::collections::HashMap::new();
    for (url, name) in CONTEXTS {
        map.insert(url.to_owned(), std::fs::read_to_string(format!("{folder}/{name}.jsonld"))?);
    }
    Ok(ContextLoader::default().with_context_map_from(map)?)
}

fn unsupported() -> Answer {
    Ok(json!({"unsupported": true}))
}

fn text<'a>(input: &'a Value, member: &str) -> Result<&'a str, Box<dyn Error>> {
    input[member].as_str().ok_or_else(|| format!("no {member}").into())
}

async fn rdfc(input: &Value, loader: &ContextLoader) -> Answer {
    let document = CompactJsonLd(text(input, "document")?.parse()?);
    let mut ld = LdEnvironment::<(), LexicalInterpretation>::default();
    let expanded = document.expand_with(&mut ld, loader).await?;
    let nquads = ld.canonical_form_of(&expanded)?.concat();
    let sha256: String = Sha256::digest(nquads.as_bytes()).iter().map(|b| format!("{b:02x}")).collect();
    Ok(json!({"verdict": "accept", "output": {"nquads": nquads, "sha256": sha256}}))
}

/// A token. The library leaves it to its caller who may sign, and as what.
async fn token(input: &Value, now: DateTime<Utc>) -> Answer {
    let keys = DIDKey.into_vm_resolver::<AnyJwkMethod>();
    let params = VerificationParameters::from_resolver(keys).with_date_time(now);
    let jws = JwsVec::new(text(input, "document")?.as_bytes().to_vec()).map_err(|_| "no token")?;
    if input["is"] == "presentation" {
        JoseVp::decode_any(&jws)?.verify(&params).await??;
    } else {
        JoseVc::decode_any(&jws)?.verify(&params).await??;
    }
    Ok(json!({"verdict": "accept"}))
}

async fn proof(input: &Value, now: DateTime<Utc>, loader: &ContextLoader) -> Answer {
    let raw = text(input, "document")?;
    if !raw.trim_start().starts_with('{') {
        return token(input, now).await;
    }
    let document: Value = serde_json::from_str(raw)?;
    if raw.contains("\"eddsa-jcs-2022\"") {
        return unsupported();
    }
    let keys = DIDKey.into_vm_resolver::<AnyMethod>();
    let params =
        VerificationParameters::from_resolver(keys).with_date_time(now).with_json_ld_loader(loader.clone());
    let signed: AnyDataIntegrity<DataIntegrityDocument> = serde_json::from_str(raw)?;
    if signed.proofs.is_empty() {
        return Err("no proof".into());
    }
    // The library leaves it to its caller whose keys and what purpose are right.
    let by = if input["is"] == "presentation" { &document["holder"] } else { &document["issuer"] };
    let by = if by.is_object() { &by["id"] } else { by };
    let proofs = if document["proof"].is_array() { document["proof"].clone() } else { json!([document["proof"]]) };
    for p in proofs.as_array().into_iter().flatten() {
        if text(p, "verificationMethod")?.split('#').next() != by.as_str() || p["proofPurpose"] != input["purpose"] {
            return Err("another's key, or for another purpose".into());
        }
    }
    signed.verify(&params).await??;
    Ok(json!({"verdict": "accept"}))
}

fn statuslist(input: &Value) -> Answer {
    if input["op"] != "decode" || !input["encoding"].is_null() {
        return unsupported();
    }
    let size = u8::try_from(input["size"].as_u64().unwrap_or(1))?;
    let bytes = EncodedList::new(text(input, "encodedList")?.to_owned()).decode(None)?;
    let list = SizedBitString::from_bytes(size.try_into()?, bytes);
    let index = usize::try_from(input["index"].as_u64().ok_or("no index")?)?;
    Ok(json!({"verdict": "accept", "output": {"status": list.get(index).ok_or("beyond the end")?}}))
}

async fn answer(request: &Value, loader: &ContextLoader) -> Answer {
    let input = &request["input"];
    let now = || text(request, "now").and_then(|now| Ok(now.parse::<DateTime<Utc>>()?));
    match request["kind"].as_str() {
        Some("rdfc") => rdfc(input, loader).await,
        Some("proof") => proof(input, now()?, loader).await,
        Some("statuslist") => statuslist(input),
        _ => unsupported(),
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let loader = contexts(&std::env::args().nth(1).ok_or("the folder of the contexts")?)?;
    let explain = std::env::var_os("EXPLAIN").is_some();
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let mut out = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let request: Value = serde_json::from_str(&line?)?;
        let mut said = runtime.block_on(answer(&request, &loader)).unwrap_or_else(|e| {
            if explain {
                eprintln!("{} {e}", request["id"]);
            }
            json!({"verdict": "refuse"})
        });
        said["id"] = request["id"].clone();
        writeln!(out, "{said}")?;
        out.flush()?;
    }
    Ok(())
}
