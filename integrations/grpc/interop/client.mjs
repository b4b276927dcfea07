// A client in Node. It calls UnaryCall for so many cents, with the presentation that the
// environment has, and prints what comes back and what is bound, as it computes it.
import { createHash } from "node:crypto";
import grpc from "@grpc/grpc-js";
import loader from "@grpc/proto-loader";

const [address, cents] = process.argv.slice(2);
const definition = loader.loadSync(new URL("test.proto", import.meta.url).pathname);
const { TestService } = grpc.loadPackageDefinition(definition).grpc.testing;
const client = new TestService(address, grpc.credentials.createInsecure());

const message = { responseSize: Number(cents) };
const call = `{"message":{"responseSize":${message.responseSize}},"method":"/grpc.testing.TestService/UnaryCall"}`; // is JCS
const sha = createHash("sha256").update(call).digest();
const digest = "u" + Buffer.concat([Buffer.from([0x12, 0x20]), sha]).toString("base64url");

const metadata = new grpc.Metadata();
if (process.env.PRESENTATION) {
  metadata.set("agent-passport-bin", Buffer.from(process.env.PRESENTATION));
}
client.UnaryCall(message, metadata, (err) => {
  const details = err?.metadata.get("grpc-status-details-bin")[0];
  console.log(JSON.stringify({ digest, code: err?.code ?? 0, text: err?.details ?? "", details: details?.toString("base64") }));
  client.close();
});
