// canonicalize (RFC 8785). It takes values, so JSON.parse reads the text: what
// that lets pass, such as a name twice, is not the library's doing.
import {createHash} from 'node:crypto';
import canonicalize from 'canonicalize';
import {accept, serve, unsupported} from '../serve.mjs';

await serve({
  jcs: ({text}) => {
    if(text === undefined) {
      return unsupported;
    }
    const canonical = canonicalize(JSON.parse(text));
    return accept({canonical, sha256: createHash('sha256').update(canonical).digest('hex')});
  }
});
