// jose: tokens of the kind proof (vc+jwt, vp+jwt), with keys out of did:key.
import {importJWK, jwtVerify, decodeProtectedHeader} from 'jose';
import {accept, serve, unsupported} from '../serve.mjs';

const alphabet = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';

// The x of a JWK in a did:key of Ed25519.
function x(did) {
  let n = [...did.slice('did:key:z'.length)].reduce((n, c) => n * 58n + BigInt(alphabet.indexOf(c)), 0n);
  const bytes = Buffer.from(n.toString(16).padStart(68, '0'), 'hex');
  return bytes.subarray(2).toString('base64url');
}

await serve({
  proof: async ({document, is}, now) => {
    if(document.trimStart().startsWith('{')) {
      return unsupported; // Data Integrity
    }
    const {kid} = decodeProtectedHeader(document);
    const key = await importJWK({kty: 'OKP', crv: 'Ed25519', x: x(kid.split('#')[0])}, 'EdDSA');
    await jwtVerify(document, key, {
      typ: is === 'presentation' ? 'vp+jwt' : 'vc+jwt', algorithms: ['EdDSA'], currentDate: new Date(now), issuer: kid.split('#')[0]
    });
    return accept();
  }
});
