// Signs a request with Cloudflare's package, or verifies one. It reads and prints JSON.
import { readFileSync } from "node:fs";
import { verify as verifyMessage } from "http-message-sig";
import { directoryResponseHeaders, signatureHeaders, verify } from "web-bot-auth";
import { signerFromJWK, verifierFromJWK } from "web-bot-auth/crypto";

const { url, headers, jwk, sign, directory } = JSON.parse(readFileSync(0, "utf8"));
const request = new Request(url, { headers });
if (directory) {
  // The answer of a directory, signed by one key; with headers, one that is checked.
  const pair = { request: new Request(url), response: new Response("", { headers }) };
  try {
    if (!sign) {
      await verifyMessage(pair, await verifierFromJWK(jwk));
      console.log(JSON.stringify({ holds: true }));
    } else {
      const created = new Date();
      const expires = new Date(created.getTime() + 60_000);
      console.log(JSON.stringify(await directoryResponseHeaders(pair, [await signerFromJWK(jwk)], { created, expires })));
    }
  } catch (e) {
    console.log(JSON.stringify({ holds: false, why: String(e) }));
  }
} else if (sign) {
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
