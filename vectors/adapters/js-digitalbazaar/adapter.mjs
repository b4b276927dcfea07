// Digital Bazaar's libraries: Data Integrity proofs in both suites, RDF, the bit
// string of status lists, did:key.
import * as bitstring from '@digitalbazaar/vc-bitstring-status-list';
import * as didKey from '@digitalbazaar/did-method-key';
import * as Ed25519Multikey from '@digitalbazaar/ed25519-multikey';
import * as jcs from '@digitalbazaar/eddsa-jcs-2022-cryptosuite';
import * as list2021 from '@digitalbazaar/vc-status-list';
import * as rdfc from '@digitalbazaar/eddsa-rdfc-2022-cryptosuite';
import * as vc from '@digitalbazaar/vc';
import {DataIntegrityProof} from '@digitalbazaar/data-integrity';
import {createHash} from 'node:crypto';
import jsonld from 'jsonld';
import {accept, refuse, serve, unsupported} from '../serve.mjs';
import {contexts} from '../contexts.mjs';

const driver = didKey.driver();
driver.use({multibaseMultikeyHeader: 'z6Mk', fromMultibase: Ed25519Multikey.from});

// Nothing is fetched: contexts are at hand, did:key says its key itself.
const documentLoader = async url => {
  if(contexts[url]) {
    return {documentUrl: url, document: contexts[url]};
  }
  if(url.startsWith('did:key:')) {
    return {documentUrl: url, document: await driver.get({url})};
  }
  throw new Error(`not at hand: ${url}`);
};

const suite = () => [jcs.createVerifyCryptosuite(), rdfc.cryptosuite].map(cryptosuite => new DataIntegrityProof({cryptosuite}));

// The library asks for the bit; here it is not looked at.
const checkStatus = async () => ({verified: true});

await serve({
  rdfc: async ({document}) => {
    const nquads = await jsonld.canonize(JSON.parse(document), {algorithm: 'RDFC-1.0', safe: true, documentLoader});
    return accept({nquads, sha256: createHash('sha256').update(nquads).digest('hex')});
  },
  proof: async ({document, is}, now) => {
    if(!document.trimStart().startsWith('{')) {
      return unsupported; // a token
    }
    const doc = JSON.parse(document);
    const options = {suite: suite(), documentLoader, now: new Date(now), checkStatus};
    const proofs = [doc.proof ?? {}].flat();
    const {challenge, domain, verificationMethod} = proofs[0];
    const result = is === 'presentation' ?
      await vc.verify({presentation: doc, challenge, domain, ...options}) :
      await vc.verifyCredential({credential: doc, ...options});
    // The library leaves two things to its caller: whether every proof of a set
    // must hold, and whether the holder is who signed.
    const results = (result.presentationResult ?? result).results ?? [];
    if(results.length < proofs.length || !results.every(r => r.verified)) {
      return refuse;
    }
    if(is === 'presentation' && verificationMethod.split('#')[0] !== doc.holder) {
      return refuse;
    }
    if(!result.verified && process.env.EXPLAIN) {
      console.error(JSON.stringify(result.error, null, 1));
    }
    return result.verified ? accept() : refuse;
  },
  statuslist: async ({op, encodedList, encoding, size, index}) => {
    if(op !== 'decode' || (size ?? 1) !== 1) {
      return unsupported;
    }
    const library = encoding === 'StatusList2021' ? list2021 : bitstring;
    const list = await library.decodeList({encodedList});
    return accept({status: list.getStatus(index) ? 1 : 0});
  }
});
