// The protocol of the reference tests, for adapters in JavaScript: one request
// per line in, one answer per line out.
import {createInterface} from 'node:readline';

export const unsupported = {unsupported: true};
export const accept = output => ({verdict: 'accept', ...(output && {output})});
export const refuse = {verdict: 'refuse'};

// serve answers with the function of each kind. What a library throws is a refusal.
export async function serve(kinds) {
  for await (const line of createInterface({input: process.stdin})) {
    const request = JSON.parse(line);
    let answer = unsupported;
    try {
      answer = await kinds[request.kind]?.(request.input, request.now) ?? unsupported;
    } catch(e) {
      answer = refuse;
      if(process.env.EXPLAIN) {
        console.error(request.id, e);
      }
    }
    process.stdout.write(JSON.stringify({...answer, id: request.id}) + '\n');
  }
}
