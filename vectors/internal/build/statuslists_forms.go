package build

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
)

// entryForms are entries whose members have another form than they should.
func entryForms(g *group) {
	in := func(e any) object { return object{"op": "entry", "entry": e} }
	e := entry(listURL, "revocation", "94567")
	said := func(size int, list ...any) members {
		return e.with("statusPurpose", "message").with("statusSize", size).with("statusMessage", list)
	}
	says := func(status string) members { return o("status", status, "message", "says "+status) }
	all := func(bits int) (list []any) {
		for i := range 1 << bits {
			list = append(list, says(fmt.Sprintf("0x%x", i)))
		}
		return list
	}
	g.rule = "F-91"
	g.good("an entry with 256 messages", in(said(8, all(8)...)))
	g.good("messages in another order", in(said(1, says("0x1"), says("0x0"))))
	g.good("two references", in(e.with("statusReference",
		[]string{"https://issuer.example/a", "https://issuer.example/b"})))
	g.good("an entry with an id of its own", in(e.with("id", listURL+"#94567")))
	for _, b := range []struct {
		title, twin string
		entry       any
	}{
		{"nine bits and their messages", "an entry with 256 messages", said(9, all(9)...)},
		{"a size below zero", "an entry with 256 messages", said(-1, all(8)...)},
		{"a size with a fraction", "an entry with 256 messages", said(8, all(8)...).with("statusSize", 7.5)},
		{"three messages of two", "messages in another order", said(1, says("0x0"), says("0x1"), says("0x2"))},
		{"a message twice", "messages in another order", said(1, says("0x0"), says("0x0"))},
		{"a message of a status that there is not", "messages in another order", said(1, says("0x0"), says("0x2"))},
		{"a status without 0x", "messages in another order", said(1, says("0"), says("0x1"))},
		{"a status in decimal", "messages in another order", said(1, says("0x0"), says("1"))},
		{"a status of three digits", "messages in another order", said(1, says("0x000"), says("0x1"))},
		{"a status that is no digit", "messages in another order", said(1, says("0xg"), says("0x1"))},
		{"a status as a number", "messages in another order", said(1, o("status", 0, "message", "a"), says("0x1"))},
		{"a message as a number", "messages in another order", said(1, o("status", "0x0", "message", 1), says("0x1"))},
		{"a message without status", "messages in another order", said(1, o("message", "a"), says("0x1"))},
		{"a status without message", "messages in another order", said(1, o("status", "0x0"), says("0x1"))},
		{"a message that is a text", "messages in another order", said(1, "a", says("0x1"))},
		{"messages that are an object", "messages in another order",
			e.with("statusPurpose", "message").with("statusMessage", says("0x0"))},
		{"no references in a list", "two references", e.with("statusReference", []string{})},
		{"a reference that is relative", "two references", e.with("statusReference", "meaning")},
		{"a relative reference beside one", "two references",
			e.with("statusReference", []string{"https://issuer.example/a", "b"})},
		{"a reference that is a number", "two references", e.with("statusReference", 1)},
		{"a reference in StatusList2021", "a StatusList2021 entry",
			e.with("type", "StatusList2021Entry").with("statusReference", "https://issuer.example/meaning")},
		{"an id that is empty", "an entry with an id of its own", e.with("id", "")},
		{"an id that is a number", "an entry with an id of its own", e.with("id", 1)},
		{"a type that is a number", "an entry", e.with("type", 1)},
		{"a list URL that is a number", "an entry", e.with("statusListCredential", 1)},
		{"nothing", "an entry", o()},
	} {
		g.bad("entry with "+b.title, b.twin, status, in(b.entry))
	}
	g.bad("an entry that is a list", "an entry", status, in([]any{e}))
	g.bad("an entry that is a text", "an entry", status, in("94567"))
}

// listForms are lists whose members have another form than they should.
func listForms(g *group) {
	l, old := plainList(listURL, "revocation", 7, 9), list2021(listURL, "revocation", 7)
	e := entry(listURL, "revocation", "7")
	e2021 := e.with("type", "StatusList2021Entry")
	ask := func(doc, e members) object {
		return object{"op": "list", "entry": e,
			"document": doc.with("proof", json.RawMessage(proofOf(list(issuer, l)))).text()}
	}
	v1, v2 := old.get("@context").([]string), l.get("@context")
	g.rule = "F-95"
	g.is("a list with many purposes", ask(l.at("credentialSubject/statusPurpose",
		[]string{"suspension", "revocation", "refresh"}), e), object{"status": 1})
	for _, b := range []struct {
		title, twin, code string
		doc, entry        members
	}{
		{"a purpose twice in it", "a list of two purposes", malformed,
			l.at("credentialSubject/statusPurpose", []string{"revocation", "revocation"}), e},
		{"an empty purpose", "a list of two purposes", status,
			l.at("credentialSubject/statusPurpose", []string{"revocation", ""}), e},
		{"no purposes", "a list of two purposes", malformed, l.at("credentialSubject/statusPurpose", []string{}), e},
		{"no purpose at all", "a list, set", status, l.at("credentialSubject/statusPurpose", nil), e},
		{"a purpose that is a number", "a list, set", status, l.at("credentialSubject/statusPurpose", 1), e},
		{"no type of subject", "a list, set", dataLoss, l.at("credentialSubject/type", nil), e},
		{"a type of subject that is a list", "a list, set", status,
			l.at("credentialSubject/type", []string{"BitstringStatusList"}), e},
		{"another type of subject", "a list, set", dataLoss, l.at("credentialSubject/type", "StatusList2021"), e},
		{"a ttl with a fraction", "a list with ttl", malformed, l.at("credentialSubject/ttl", 0.5), e},
		{"a ttl as text", "a list with ttl", status, l.at("credentialSubject/ttl", "60000"), e},
		{"an encodedList that is a number", "a list, set", status, l.at("credentialSubject/encodedList", 1), e},
		{"an unknown member of its subject", "a list, set", dataLoss, l.at("credentialSubject/colour", "red"), e},
		{"two subjects", "a list, set", malformed,
			l.with("credentialSubject", []any{l.get("credentialSubject"), l.get("credentialSubject")}), e},
		{"both types of credential", "a list, set", dataLoss, l.with("type", []string{"VerifiableCredential",
			"BitstringStatusListCredential", "StatusList2021Credential"}), e},
		{"the contexts of version 1", "a list, set", malformed, l.with("@context", v1), e},
		{"a StatusList2021 with the contexts of version 2", "a StatusList2021", malformed,
			old.with("@context", v2), e2021},
		{"a StatusList2021 without its own context", "a StatusList2021", dataLoss,
			old.with("@context", []string{v1[0], v1[2]}), e2021},
		{"a StatusList2021 with a third purpose", "a StatusList2021", status,
			old.at("credentialSubject/statusPurpose", "message"), e2021},
		{"a StatusList2021 with a ttl", "a StatusList2021", dataLoss, old.at("credentialSubject/ttl", 1), e2021},
		{"no issuer", "a list, set", malformed, l.with("issuer", nil), e},
		{"an end before its beginning", "a list, set", malformed, l.with("validUntil", "2026-11-20T00:00:00Z"), e},
	} {
		g.bad("list: "+b.title, b.twin, b.code, ask(b.doc, b.entry))
	}
	g.rule = "F-93"
	decode := func(text string) object { return object{"op": "decode", "encodedList": text, "index": 0} }
	enc := func(b []byte) string { return "u" + base64.RawURLEncoding.EncodeToString(b) }
	packed := gz(make([]byte, listBytes))
	g.bad("list with ten bytes", "the first bit", status, decode(enc(packed[:10])))
	g.bad("list with a header alone", "the first bit", status, decode(enc(packed[:18])))
	g.bad("list with a carriage return", "the first bit", status, decode(enc(packed)[:10]+"\r"+enc(packed)[10:]))
	g.bad("list with letters beyond ASCII", "the first bit", status, decode("u"+strings.Repeat("é", 100)))
}
