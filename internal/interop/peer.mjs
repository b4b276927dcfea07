// The other side of the interop test: Digital Bazaar's libraries and jose.
// One JSON object per line in, one per line out: {"do": ..., ...} gives
// {"ok": true, ...} or {"ok": false, "error": ...}. Nothing is ever fetched.
import * as bitstring from '@digitalbazaar/vc-bitstring-status-list';
import * as didKey from '@digitalbazaar/did-method-key';
import * as Ed25519Multikey from '@digitalbazaar/ed25519-multikey';
import * as jcs from '@digitalbazaar/eddsa-jcs-2022-cryptosuite';
import * as jsonld from 'jsonld';
import * as list2021 from '@digitalbazaar/vc-status-list';
import * as rdfc from '@digitalbazaar/eddsa-rdfc-2022-cryptosuite';
import * as vc from '@digitalbazaar/vc';
import {compactVerify, importJWK, jwtVerify, SignJWT} from 'jose';
import {createInterface} from 'node:readline';
import {DataIntegrityProof} from '@digitalbazaar/data-integrity';

// The suites that the peer knows, by name.
const suites = {
  'eddsa-jcs-2022': {
    sign: jcs.createSignCryptosuite, verify: jcs.createVerifyCryptosuite
  },
  'eddsa-rdfc-2022': {
    sign: () => rdfc.cryptosuite, verify: () => rdfc.cryptosuite
  }
};
const lists = {
  BitstringStatusListCredential: bitstring,
  StatusList2021Credential: list2021
};

const driver = didKey.driver();
driver.use({
  multibaseMultikeyHeader: 'z6Mk',
  fromMultibase: Ed25519Multikey.from
});

let contexts = {};

// A loader of what is at hand: contexts, did:key, and the documents named.
const loader = (documents = {}) => async url => {
  if(contexts[url]) {
    return {documentUrl: url, document: contexts[url]};
  }
  if(documents[url]) {
    return {documentUrl: url, document: structuredClone(documents[url])};
  }
  if(url.startsWith('did:key:')) {
    return {documentUrl: url, document: await driver.get({url})};
  }
  throw new Error(`not at hand: ${url}`);
};

async function keyPair(seed) {
  const key = await Ed25519Multikey.generate({
    seed: Buffer.from(seed, 'base64url')
  });
  key.controller = `did:key:${key.publicKeyMultibase}`;
  key.id = `${key.controller}#${key.publicKeyMultibase}`;
  return key;
}

async function jwk(seed) {
  const key = await keyPair(seed);
  const {x} = await Ed25519Multikey.toJwk({keyPair: key});
  return {
    kid: key.id,
    key: await importJWK({kty: 'OKP', crv: 'Ed25519', x, d: seed}, 'EdDSA')
  };
}

const signSuite = async q => new DataIntegrityProof({
  signer: (await keyPair(q.seed)).signer(),
  cryptosuite: suites[q.suite].sign(),
  date: q.created
});

const verifySuite = q => new DataIntegrityProof({
  cryptosuite: suites[q.suite].verify()
});

// The error that lies deepest says most.
function reason(e) {
  while(e?.errors?.length || e?.cause) {
    e = e.errors?.[0] ?? e.cause;
  }
  return e?.message ?? String(e);
}

function outcome(result) {
  if(result.verified) {
    return {};
  }
  const inner = result.credentialResults?.find(r => !r.verified)?.error;
  throw inner ?? result.error ?? result.statusResult?.error ??
    new Error('not verified');
}

// The libraries have one checkStatus for each kind of list and leave it to the
// caller to look at the bit.
const statusCheck = q => async options => {
  const results = [];
  for(const [type, library] of Object.entries(lists)) {
    // The older library throws at a VC 2.0.
    const v1 = 'https://www.w3.org/2018/credentials/v1';
    if(library === list2021 && options.credential['@context'][0] !== v1) {
      continue;
    }
    if(library.statusTypeMatches({credential: options.credential})) {
      const flags = {[`verify${type}`]: true};
      results.push(await library.checkStatus({...options, ...flags}));
    }
  }
  const failed = results.find(r => !r.verified);
  if(failed) {
    return failed;
  }
  const bits = results.flatMap(r => r.results ?? [r]);
  const revoked = bits.some(r => r.status);
  return {
    verified: bits.length > 0 && !revoked,
    error: revoked ? new Error('status bit is set') : undefined
  };
};

const commands = {
  async contexts(q) {
    contexts = q.contexts;
    return {};
  },
  async nquads(q) {
    return {nquads: await jsonld.default.canonize(q.document, {
      algorithm: 'RDFC-1.0', format: 'application/n-quads', safe: true,
      rdfDirection: 'i18n-datatype', base: null, documentLoader: loader(),
      canonizeOptions: {maxWorkFactor: q.work ?? 1}
    })};
  },
  async key(q) {
    return {id: (await keyPair(q.seed)).id};
  },
  async 'sign-vc'(q) {
    return {document: await vc.issue({
      credential: q.document, suite: await signSuite(q),
      documentLoader: loader(), now: q.now
    })};
  },
  async 'verify-vc'(q) {
    return outcome(await vc.verifyCredential({
      credential: q.document, suite: verifySuite(q), now: q.now,
      documentLoader: loader(q.documents), checkStatus: statusCheck(q)
    }));
  },
  async 'sign-vp'(q) {
    return {document: await vc.signPresentation({
      presentation: q.document, suite: await signSuite(q),
      challenge: q.challenge, domain: q.domain,
      documentLoader: loader(), now: q.now
    })};
  },
  async 'verify-vp'(q) {
    return outcome(await vc.verify({
      presentation: q.document, suite: verifySuite(q),
      challenge: q.challenge, domain: q.domain, now: q.now,
      documentLoader: loader(q.documents), checkStatus: statusCheck(q)
    }));
  },
  async 'make-list'(q) {
    const library = lists[q.type];
    const list = await library.createList({length: q.length});
    for(const i of q.set) {
      list.setStatus(i, true);
    }
    return {document: await library.createCredential({
      id: q.id, list, statusPurpose: q.purpose
    })};
  },
  async 'read-list'(q) {
    const list = await lists[q.type].decodeList({
      encodedList: q.document.credentialSubject.encodedList
    });
    const set = [];
    for(let i = 0; i < list.length; ++i) {
      if(list.getStatus(i)) {
        set.push(i);
      }
    }
    return {length: list.length, set};
  },
  async 'sign-jwt'(q) {
    const {kid, key} = await jwk(q.seed);
    return {token: await new SignJWT(q.document)
      .setProtectedHeader({alg: 'EdDSA', typ: q.typ, kid}).sign(key)};
  },
  async 'verify-jwt'(q) {
    const {key} = await publicJwk(q.key);
    const {payload, protectedHeader} = await jwtVerify(q.token, key, {
      algorithms: ['EdDSA'], typ: q.typ, audience: q.audience,
      currentDate: new Date(q.now)
    });
    if(payload.nonce !== q.nonce) {
      throw new Error('another nonce');
    }
    return {document: payload, kid: protectedHeader.kid};
  },
  // Microseconds of one run of another command's work, the best of rounds.
  async time(q) {
    const work = {
      'verify-vc': () => commands['verify-vc'](q),
      'decode-list': () => lists[q.type].decodeList({
        encodedList: q.document.credentialSubject.encodedList
      }),
      'verify-jwt': async () => compactVerify(q.token, q.imported)
    }[q.what];
    if(q.key) {
      q.imported = (await publicJwk(q.key)).key;
    }
    let best = Infinity;
    for(let round = 0; round < q.rounds; ++round) {
      const start = process.hrtime.bigint();
      for(let i = 0; i < q.turns; ++i) {
        await work();
      }
      const took = Number(process.hrtime.bigint() - start) / 1000 / q.turns;
      best = Math.min(best, took);
    }
    return {micros: best};
  }
};

async function publicJwk(multikey) {
  const keyPair = await Ed25519Multikey.from({
    type: 'Multikey', id: `did:key:${multikey}#${multikey}`,
    controller: `did:key:${multikey}`, publicKeyMultibase: multikey
  });
  const {x} = await Ed25519Multikey.toJwk({keyPair});
  return {key: await importJWK({kty: 'OKP', crv: 'Ed25519', x}, 'EdDSA')};
}

for await (const line of createInterface({input: process.stdin})) {
  let answer;
  try {
    const q = JSON.parse(line);
    answer = {ok: true, ...await commands[q.do](q)};
  } catch(e) {
    answer = {ok: false, error: reason(e)};
  }
  process.stdout.write(JSON.stringify(answer) + '\n');
}
