// A stock client of the TypeScript SDK. It calls the tool "charge" of the server that
// the arguments start, and prints what the SDK gives back. With the text of a
// presentation in PRESENTATION it shows that, as docs/mcp.md says, having computed by
// itself what is bound.
import { createHash } from "node:crypto";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";

const [command, ...args] = process.argv.slice(2);
const transport = command.startsWith("http:")
  ? new StreamableHTTPClientTransport(new URL(command))
  : new StdioClientTransport({ command, args });
const client = new Client({ name: "stock", version: "1" });
await client.connect(transport);

// JCS of what has texts and objects alone.
const jcs = (v) =>
  typeof v === "object"
    ? "{" + Object.keys(v).sort().map((k) => JSON.stringify(k) + ":" + jcs(v[k])).join(",") + "}"
    : JSON.stringify(v);

const params = { name: "charge", arguments: { to: "did:web:cloud.example", amount: process.env.AMOUNT } };
const sha = createHash("sha256").update(jcs(params)).digest();
const digest = "u" + Buffer.concat([Buffer.from([0x12, 0x20]), sha]).toString("base64url");
const shown = process.env.PRESENTATION;
if (shown) {
  params._meta = {
    "io.github.safeconduct/presentation": shown,
    "io.github.safeconduct/want-receipt": true,
  };
}
const out = { digest, tools: (await client.listTools()).tools };
for (const key of ["first", "again"]) {
  try {
    out[key] = await client.callTool(params);
  } catch (e) {
    out[key] = { thrown: { message: e.message, code: e.code, data: e.data } };
  }
}
console.log(JSON.stringify(out));
await client.close();
