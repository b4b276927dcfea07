package build

import (
	"encoding/json"
	"strings"

	"github.com/safeconduct/safeconduct/credential"
)

// signBundle secures a bundle.
func signBundle(doc members) string {
	d, err := credential.SignDocument(ctx, issuer, []byte(doc.text()), bundleCaps, credential.SignOptions{})
	Must(err)
	return string(d.Bytes())
}

var bundleCaps = credential.JSONCaps{Bytes: 1 << 20, Depth: 32, Members: 4096, ArrayLength: 1024, KeyBytes: 256,
	StringBytes: 1 << 18}

func bundles(m *maker) {
	g := m.group("bundle", "bundle", "Trust bundles: signed snapshots for verifiers without network.")
	g.now = nowText
	web := o("@context", []string{"https://www.w3.org/ns/did/v1"}, "id", "did:web:org.example", "assertionMethod",
		[]any{
			o("id", "did:web:org.example#1", "type", "Multikey", "controller", "did:web:org.example",
				"publicKeyMultibase", agent.PublicKey().Multikey())}).text()
	item := func(id, content string, edits ...func(members) members) members {
		e := o("id", id, "source", "https://org.example/did.json", "digest", sha(content), "fetchedAt",
			"2026-11-21T08:00:00Z", "useBy", "2026-11-25T08:00:00Z", "content", content)
		for _, f := range edits {
			e = f(e)
		}
		return e
	}
	lst := list(issuer, plainList(listURL, "revocation", 7))
	base := o("type", "SafeconductTrustBundle", "version", 1, "id", "https://issuer.example/bundles", "issuer",
		issuer.DID().String(), "sequence", 7,
		"created", "2026-11-21T08:45:00Z", "validUntil", "2026-11-28T08:45:00Z",
		"didDocuments", []any{item("did:web:org.example", web)}, "statusLists", []any{item(listURL, lst)})
	in := func(doc string, more ...any) object {
		q := object{"bundle": doc, "signers": []string{issuer.DID().String()}}
		for i := 0; i < len(more); i += 2 {
			q[more[i].(string)] = more[i+1]
		}
		return q
	}
	with := func(edits ...func(members) members) string {
		b := base
		for _, e := range edits {
			b = e(b)
		}
		return signBundle(b)
	}
	good := with()
	g.rule = "F-103"
	g.good("a bundle", in(good))
	g.good("without documents", in(with(set("didDocuments", nil))))
	anchor := o("issuer", "did:web:org.example", "actions", []string{"payments.*"}, "ceilings", []any{money("100.00",
		"USD")}, "maxAssurance", "L2")
	anchorItem := func(content members) members {
		canon := m.canonical(content)
		return item("did:web:org.example", "", set("digest", sha(canon)), set("content", content))
	}
	g.good("an anchor", in(with(set("anchors", []any{anchorItem(anchor)}))))
	for _, b := range []struct{ title, code, doc string }{
		{"another type", "envelope.unsupported", replace(good, `"SafeconductTrustBundle"`, `"TrustBundle"`)},
		{"another version", "envelope.unsupported", replace(good, `"version":1`, `"version":2`)},
		{"an unknown member", malformed, replace(good, `"version":1`, `"version":1,"more":true`)},
		{"sequence zero", malformed, replace(good, `"sequence":7`, `"sequence":0`)},
		{"no sequence", malformed, replace(good, `"sequence":7,`, ``)},
		{"an empty list", malformed, base.with("didDocuments", []any{}).with("proof",
			json.RawMessage(proofOf(good))).text()},
		{"an end before its beginning", malformed, replace(good, `"validUntil":"2026-11-28`,
			`"validUntil":"2026-11-20`)},
		{"a member twice", malformed, replace(good, `"version":1`, `"version":1,"version":1`)},
		{"no proof", "proof.missing", withoutProof(good)},
		{"a changed sequence", invalid, replace(good, `"sequence":7`, `"sequence":8`)},
		{"an entry twice", malformed, base.with("didDocuments", []any{item("did:web:org.example", web),
			item("did:web:org.example", web)}).with("proof", json.RawMessage(proofOf(good))).text()},
		{"a context", badCtx, replace(good, `"version":1`,
			`"@context":["https://www.w3.org/ns/credentials/v2"],"version":1`)},
	} {
		g.bad("bundle with "+b.title, "a bundle", b.code, in(b.doc))
	}
	g.rule = "F-104"
	g.bad("a signer that is not told", "a bundle", "anchor.untrusted_issuer", object{"bundle": good,
		"signers": []string{agent.DID().String()}})
	g.bad("a name of the issuer with another key", "a bundle", notKey, in(strings.TrimSuffix(good,
		proofOf(good)+"}")+replace(proofOf(good), issuer.KeyID().String(), mallory.KeyID().String())+"}"))
	g.bad("another series", "a bundle", "anchor.untrusted_issuer", in(good, "id", "https://issuer.example/other"))
	g.rule = "F-105"
	g.bad("a content that was changed", "a bundle", malformed, in(with(set("didDocuments",
		[]any{item("did:web:org.example", web, set("digest", sha("other")))}))))
	g.bad("an anchor that was changed", "an anchor", malformed, in(with(set("anchors",
		[]any{anchorItem(anchor).with("digest", sha("other"))}))))
	g.rule = "F-106"
	g.good("for this audience", in(with(set("audience", []string{audience})), "audience", audience))
	g.bad("for another audience", "for this audience", "proof.audience_mismatch", in(with(set("audience",
		[]string{"did:web:other.example"})), "audience", audience))
	g.bad("for an audience that is not told", "for this audience", "proof.audience_mismatch", in(with(set("audience",
		[]string{audience}))))
	g.good("the sequence that was seen", in(good, "minSequence", 7))
	g.bad("a lower sequence than was seen", "the sequence that was seen", "status.rolled_back", in(good,
		"minSequence", 8))
	g.now = "2026-11-28T08:45:00Z"
	g.bad("at its end", "a bundle", "time.expired", in(good))
	g.now = "2026-11-28T08:44:59Z"
	g.good("a second before its end", in(good))
	g.now = "2026-11-21T08:44:59Z"
	g.bad("before it was made", "a bundle", "time.not_yet_valid", in(good))
	g.good("before it was made, within the skew", in(good, "skew", 1))
	g.now = nowText
	g.bad("a bundle that lives for two months", "a bundle", "time.lifetime_exceeded", in(with(set("validUntil",
		"2027-01-21T08:45:00Z"))))
	bundleForms(g, base, item, anchorItem)
}

// canonical is the JCS form of a value.
func (m *maker) canonical(v any) string {
	a := m.peer.Answer(questionOf("jcs", text(string(raw(v)))))
	var out struct{ Canonical string }
	Must(json.Unmarshal(a.Output, &out))
	return out.Canonical
}
