#!/bin/sh
# Verifies files of a release with openssl (3.0 or newer) and nothing of ours:
#
#   verify.sh release.pub FILE...
#
# release.pub is the public key of the releases. Have it, and this script, from elsewhere than the release: from the
# repository. provenance.intoto.jsonl lies beside the files. It is one line of JSON, in the very form that
# internal/release writes; whatever is of another form is refused.
set -eu

fail() { echo "verify: $*" >&2; exit 1; }
[ $# -ge 2 ] || fail "want the public key and the files to verify"
key=$1
shift
here=$(dirname "$1")
line=$here/provenance.intoto.jsonl
[ -f "$key" ] || fail "there is no $key"
[ -f "$line" ] || fail "there is no $line"
[ "$(wc -l <"$line")" -eq 1 ] || fail "$line is not one line"
temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT

# member NAME: the value of the only member of that name, which must be made of the letters of base64.
member() {
  grep -o "\"$1\":\"[A-Za-z0-9+/=]*\"" "$line" >"$temp/found" || fail "$line has no $1"
  [ "$(wc -l <"$temp/found")" -eq 1 ] || fail "$line has more than one $1"
  cut -d '"' -f 4 "$temp/found"
}
grep -q '^{"payloadType":"application/vnd.in-toto+json","payload":"[A-Za-z0-9+/=]*","signatures":\[{"keyid":"[^"]*","sig":"[A-Za-z0-9+/=]*"}\]}$' \
  "$line" || fail "$line is not of the form that releases have"
member payload | openssl base64 -d -A >"$temp/payload"
member sig | openssl base64 -d -A >"$temp/sig"

# What was signed: the type and the payload, each after its length in bytes (DSSE).
{
  printf 'DSSEv1 28 application/vnd.in-toto+json %d ' "$(wc -c <"$temp/payload")"
  cat "$temp/payload"
} >"$temp/signed"
openssl pkeyutl -verify -pubin -inkey "$key" -rawin -in "$temp/signed" -sigfile "$temp/sig" >/dev/null 2>&1 ||
  fail "$line is not signed by the key in $key"
grep -q '^{"_type":"https://in-toto.io/Statement/v1","subject":\[' "$temp/payload" || fail "$line is not a statement"
grep -q ',"predicateType":"https://slsa.dev/provenance/v1","predicate":{' "$temp/payload" || fail "$line has no provenance"

# Only now is the statement read: the subjects, one in a line.
sed 's/,"predicateType":.*//' "$temp/payload" | grep -o '{"name":"[^"]*","digest":{"sha256":"[0-9a-f]*"}}' >"$temp/subjects"
for file in "$@"; do
  name=$(basename "$file")
  [ "$name" != provenance.intoto.jsonl ] || continue
  [ "$(dirname "$file")" = "$here" ] || fail "$file is not beside $line"
  sum=$(openssl dgst -sha256 -r "$file" | cut -d ' ' -f 1)
  if ! grep -qxF "{\"name\":\"$name\",\"digest\":{\"sha256\":\"$sum\"}}" "$temp/subjects"; then
    fail "$file is not a file that was signed: its SHA-256 is $sum"
  fi
  echo "$name is as it was signed"
done
