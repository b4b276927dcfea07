// Signs a request with Cloudflare's package, or verifies one. It reads and prints JSON.
import { readFileSync } from "node:fs";
import { signatureHeaders, verify } from "web-bot-auth";
import { signerFromJWK, verifierFromJWK } from "web-bot-auth/crypto";

const { url, headers, jwk, sign } = JSON.parse(readFileSync(0, "utf8"));
const request = new Request(url, { headers });
if (sign) {
  const created = new Date();
  const expires = new Date(created.getTime() + 60_000);
  console.log(JSON.stringify(await signatureHeaders(request, await signerFromJWK(jwk), { created, expires })));
} else {
  try {
    await verify(request, await verifierFromJWK(jwk));
    console.log(JSON.stringify({ holds: true }));
  } catch (e) {
    console.log(JSON.stringify({ holds: false, why: String(e) }));
  }
}
