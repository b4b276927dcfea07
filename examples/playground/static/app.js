"use strict";
// The glue between the page and the verifier. It stores nothing and sends nothing; the one thing that it fetches is the
// verifier itself.
const $ = (id) => document.getElementById(id);
const fields = ["document", "trust", "lists", "bundle"];
const buttons = ["make", "flip", "clear"];

function judge() {
  if (!$("document").value.trim()) {
    show({ verdict: "There is nothing on the desk.", page: "", error: "" });
    return;
  }
  const question = Object.fromEntries(fields.map((id) => [id, $(id).value]));
  show(JSON.parse(safeconductJudge(JSON.stringify(question))));
}

function show(answer) {
  $("verdict").textContent = answer.verdict || "It could not be read.";
  $("error").textContent = answer.error || "";
  $("error").hidden = !answer.error;
  $("card").srcdoc = answer.page || "";
  $("card").hidden = !answer.page;
}

function make() {
  const made = JSON.parse(safeconductMake());
  if (made.error) {
    show({ error: made.error });
    return;
  }
  $("document").value = made.document;
  $("trust").value = made.trust;
  $("lists").value = made.lists;
  $("bundle").value = "";
  judge();
}

// flip changes the last digit of the amount that is asked for, or any digit or letter in the middle.
function flip() {
  const area = $("document");
  const text = area.value;
  const caret = area.selectionStart;
  let at = caret > 0 && caret < text.length ? caret : text.lastIndexOf('"12.50"') + 2;
  if (at < 2) at = text.length >> 1;
  while (at < text.length && !/[0-9A-Za-z]/.test(text[at])) at++;
  if (at >= text.length) return;
  area.value = text.slice(0, at) + (text[at] === "7" ? "8" : "7") + text.slice(at + 1);
  judge();
}

function safeconductReady() {
  for (const id of buttons) $(id).disabled = false;
  $("verdict").textContent = "The verifier is ready.";
  document.body.dataset.ready = "yes";
}
globalThis.safeconductReady = safeconductReady;

$("make").addEventListener("click", make);
$("flip").addEventListener("click", flip);
$("clear").addEventListener("click", () => {
  for (const id of fields) $(id).value = "";
  judge();
});
for (const id of fields) {
  const area = $(id);
  area.addEventListener("input", judge);
  area.addEventListener("dragover", (e) => e.preventDefault());
  area.addEventListener("drop", async (e) => {
    if (!e.dataTransfer.files.length) return;
    e.preventDefault();
    area.value = (await Promise.all([...e.dataTransfer.files].map((f) => f.text()))).join("\n");
    judge();
  });
}

const go = new Go();
fetch("safeconduct.wasm")
  .then((r) => r.arrayBuffer())
  .then((bytes) => WebAssembly.instantiate(bytes, go.importObject))
  .then(({ instance }) => go.run(instance))
  .catch((e) => {
    $("verdict").textContent = "The verifier could not be started.";
    $("error").textContent = String(e);
    $("error").hidden = false;
  });
