// The JSON-LD contexts of the project, by URL, for adapters in JavaScript.
import {readFileSync} from 'node:fs';

const folder = new URL('../../internal/contexts/data/', import.meta.url);
export const contexts = Object.fromEntries(Object.entries({
  'https://www.w3.org/ns/credentials/v2': 'credentials-v2',
  'https://www.w3.org/2018/credentials/v1': 'credentials-v1',
  'https://w3id.org/safeconduct/v1': 'safeconduct-v1',
  'https://w3id.org/vc/status-list/2021/v1': 'status-list-2021-v1',
  'https://w3id.org/security/data-integrity/v1': 'data-integrity-v1',
  'https://w3id.org/security/data-integrity/v2': 'data-integrity-v2'
}).map(([url, name]) => [url, JSON.parse(readFileSync(new URL(`${name}.jsonld`, folder), 'utf8'))]));
