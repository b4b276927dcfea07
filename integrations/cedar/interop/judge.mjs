// Cedar of its authors. Each line of standard input is a question of isAuthorized; each line of
// the answer says what it decides, and how many policies have failed.
import { createInterface } from "node:readline";
import { isAuthorized } from "@cedar-policy/cedar-wasm/nodejs";

for await (const line of createInterface({ input: process.stdin })) {
  const answer = isAuthorized(JSON.parse(line));
  console.log(
    JSON.stringify(
      answer.type === "success"
        ? { decision: answer.response.decision, failed: answer.response.diagnostics.errors.length }
        : { problem: JSON.stringify(answer.errors) },
    ),
  );
}
