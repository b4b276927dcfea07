package build

import (
	"encoding/json"
	"fmt"
)

// many are distinct words that are actions and IRIs alike.
func many(n int) (out []string) {
	for i := range n {
		out = append(out, fmt.Sprintf("a:%d", i))
	}
	return out
}

// bundleForms are bundles whose members have another form than they should. They
// are signed: what is wrong is not the proof.
func bundleForms(g *group, base members, item func(id, content string, edits ...func(members) members) members,
	anchorItem func(members) members) {
	ask := func(doc members) object {
		return object{"bundle": signBundle(doc), "signers": []string{issuer.DID().String()}}
	}
	web := base.get("didDocuments").([]any)[0].(members)
	lst := base.get("statusLists").([]any)[0].(members)
	docs := func(e any) members { return base.with("didDocuments", []any{e}) }
	lists := func(e any) members { return base.with("statusLists", []any{e}) }
	anchor := o("issuer", "did:web:org.example", "actions", []string{"payments.*"}, "ceilings",
		[]any{money("100.00", "USD")}, "maxAssurance", "L2", "regions", []string{"DE"}, "types",
		[]string{"AgentPassportCredential"})
	anchors := func(a members) members { return base.with("anchors", []any{anchorItem(a)}) }
	g.rule = "F-103"
	g.good("an anchor with every member", ask(anchors(anchor)))
	g.good("two ceilings", ask(anchors(anchor.with("ceilings", []any{money("1.00", "USD"), money("1.00", "EUR")}))))
	g.good("two audiences", object{"bundle": signBundle(base.with("audience", []string{audience, "did:web:b.example"})),
		"signers": []string{issuer.DID().String()}, "audience": audience})
	g.good("a ceiling with decimals", ask(anchors(anchor.with("ceilings", []any{money("1.50", dai, "decimals",
		18)}))))
	vouched := item(listURL, withoutProof(lst.get("content").(string))).with("vouched", true)
	g.good("a list that is vouched for", ask(lists(vouched)))
	anchorUse := func(useBy string) members {
		return base.with("anchors", []any{anchorItem(anchor).with("useBy", useBy)})
	}
	g.good("an anchor for a second", ask(anchorUse("2026-11-21T08:45:01Z")))
	for _, b := range []struct {
		title, twin, code string
		doc               members
	}{
		{"a list that is not vouched for in so many words", "a list that is vouched for", malformed,
			lists(vouched.with("vouched", false))},
		{"a document that is vouched for", "a list that is vouched for", malformed, docs(web.with("vouched", true))},
		{"an anchor that is over", "an anchor for a second", malformed, anchorUse("2026-11-21T08:45:00Z")},
		{"an anchor that is a text", "an anchor with every member", malformed, base.with("anchors", []any{item(
			"did:web:org.example", `{"issuer":"did:web:org.example"}`)})},
		{"an entry that is a text", "a bundle", malformed, docs("did:web:org.example")},
		{"an entry without id", "a bundle", malformed, docs(web.with("id", nil))},
		{"an entry without source", "a bundle", malformed, docs(web.with("source", nil))},
		{"an entry without digest", "a bundle", malformed, docs(web.with("digest", nil))},
		{"an entry without fetchedAt", "a bundle", malformed, docs(web.with("fetchedAt", nil))},
		{"an entry without useBy", "a bundle", malformed, docs(web.with("useBy", nil))},
		{"an entry without content", "a bundle", malformed, docs(web.with("content", nil))},
		{"an entry with more members", "a bundle", malformed, docs(web.with("note", "x"))},
		{"an entry that was fetched later", "a bundle", malformed, docs(web.with("fetchedAt", "2026-11-21T08:46:00Z"))},
		{"an entry that outlives it", "a bundle", malformed, docs(web.with("useBy", "2026-11-29T08:45:00Z"))},
		{"an instant that is none", "a bundle", malformed, docs(web.with("useBy", "tomorrow"))},
		{"a source that is relative", "a bundle", malformed, docs(web.with("source", "did.json"))},
		{"a digest of another form", "a bundle", malformed, docs(web.with("digest", "abc"))},
		{"a content that is an object", "a bundle", malformed, docs(web.with("content", o("id", "x")))},
		{"an entry by the name of another document", "a bundle", malformed, docs(item("did:web:other.example",
			web.get("content").(string)))},
		{"a document of did:key", "a bundle", malformed, docs(item(agent.DID().String(), `{"id":"`+
			agent.DID().String()+`"}`))},
		{"a list by the name of another", "a bundle", malformed, lists(lst.with("id", listURL+"x"))},
		{"a list that is not signed", "a bundle", status, lists(item(listURL,
			withoutProof(lst.get("content").(string))))},
		{"a signed list that is vouched for", "a bundle", status, lists(lst.with("vouched", true))},
		{"a list signed by somebody else", "a bundle", status, lists(item(listURL, list(mallory, plainList(listURL,
			"revocation", 7))))},
		{"a ceiling with decimals below zero", "two ceilings", malformed,
			anchors(anchor.with("ceilings", []any{money("1.00", "USD", "decimals", -1)}))},
		{"a ceiling with decimals as text", "two ceilings", malformed,
			anchors(anchor.with("ceilings", []any{money("1.00", "USD", "decimals", "2")}))},
		{"an anchor of 65 actions", "an anchor with every member", tooLarge, anchors(anchor.with("actions", many(65)))},
		{"65 audiences", "two audiences", tooLarge, base.with("audience", many(65))},
		{"entries that are an object", "a bundle", malformed, base.with("didDocuments", web)},
		{"an audience that is a text", "two audiences", malformed, base.with("audience", audience)},
		{"an empty audience", "two audiences", malformed, base.with("audience", []string{})},
		{"an audience twice", "two audiences", malformed, base.with("audience", []string{audience, audience})},
		{"an id that is relative", "a bundle", malformed, base.with("id", "bundles")},
		{"an issuer that is no DID", "a bundle", malformed, base.with("issuer", "https://issuer.example/")},
		{"a sequence with a fraction", "a bundle", malformed, base.with("sequence", 1.5)},
		{"a sequence as text", "a bundle", malformed, base.with("sequence", "7")},
		{"an end at its beginning", "a bundle", malformed, base.with("validUntil", "2026-11-21T08:45:00Z")},
		{"an anchor without issuer", "an anchor with every member", malformed, anchors(anchor.with("issuer", nil))},
		{"an anchor of another party", "an anchor with every member", malformed,
			anchors(anchor.with("issuer", "did:web:other.example"))},
		{"an anchor of an unknown level", "an anchor with every member", malformed,
			anchors(anchor.with("maxAssurance", "L9"))},
		{"an anchor with an empty level", "an anchor with every member", malformed,
			anchors(anchor.with("maxAssurance", ""))},
		{"an anchor with more members", "an anchor with every member", malformed, anchors(anchor.with("note", "x"))},
		{"an anchor with an action twice", "an anchor with every member", malformed,
			anchors(anchor.with("actions", []string{"a", "a"}))},
		{"an anchor with an action in capitals", "an anchor with every member", malformed,
			anchors(anchor.with("actions", []string{"Payments"}))},
		{"an anchor whose actions are a text", "an anchor with every member", malformed,
			anchors(anchor.with("actions", "payments.*"))},
		{"an anchor with an empty type", "an anchor with every member", malformed,
			anchors(anchor.with("types", []string{""}))},
		{"an anchor with a region that there is not", "an anchor with every member", malformed,
			anchors(anchor.with("regions", []string{"XX"}))},
		{"two ceilings of one currency", "two ceilings", malformed,
			anchors(anchor.with("ceilings", []any{money("1.00", "USD"), money("2.00", "USD")}))},
		{"a ceiling with more members", "two ceilings", malformed,
			anchors(anchor.with("ceilings", []any{money("1.00", "USD", "per", "day")}))},
		{"a ceiling with a number", "two ceilings", malformed,
			anchors(anchor.with("ceilings", []any{o("amount", json.RawMessage("1"), "currency", "USD")}))},
		{"a ceiling with 19 decimals", "two ceilings", malformed, anchors(anchor.with("ceilings", []any{money("1.00",
			"eip155:1/erc20:0x6b175474e89094c44da98b954eedeac495271d0f", "decimals", 19)}))},
	} {
		g.bad("bundle: "+b.title, b.twin, b.code, ask(b.doc))
	}
}
