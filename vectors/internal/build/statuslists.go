package build

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"strings"
)

func statuslists(m *maker) {
	g := m.group("statuslist", "statuslist", "Status lists: the bit string, the entry, and the list as a credential.")
	g.rule = "F-93"
	decode := func(text string, index int, more ...any) object {
		in := object{"op": "decode", "encodedList": text, "index": index}
		for i := 0; i < len(more); i += 2 {
			in[more[i].(string)] = more[i+1]
		}
		return in
	}
	is := func(title, text string, index, status int, more ...any) {
		g.is(title, decode(text, index, more...), object{"status": status})
	}
	one := bitstring(0, 9, 131071)
	is("the first bit", one, 0, 1)
	is("the second bit", one, 1, 0)
	is("the leftmost bit is the most significant", bitstring(0), 7, 0)
	is("bit 7", bitstring(7), 7, 1)
	is("bit 8 is in the next byte", bitstring(8), 8, 1)
	is("bit 9", one, 9, 1)
	is("a bit that is clear", one, 8, 0)
	is("the last bit", one, 131071, 1)
	is("two bits each: 0b10", wide(2, 0), 0, 2, "size", 2)
	is("two bits each: the second", wide(2, 3), 1, 1, "size", 2)
	is("four bits each", wide(4, 4, 7), 1, 9, "size", 4)
	is("eight bits each", wide(8, 8, 9, 10, 11, 12, 13, 14, 15), 1, 255, "size", 8)
	is("three bits each, across a byte", wide(3, 7, 8), 2, 3, "size", 3)
	plainText := one[1:]
	is("StatusList2021, base64url", plainText, 9, 1, "encoding", "StatusList2021")
	std := func(pad bool) string {
		raw, err := base64.RawURLEncoding.DecodeString(plainText)
		Must(err)
		if pad {
			return base64.StdEncoding.EncodeToString(raw)
		}
		return base64.RawStdEncoding.EncodeToString(raw)
	}
	is("StatusList2021, base64", std(false), 9, 1, "encoding", "StatusList2021")
	is("StatusList2021, base64 with padding", std(true), 9, 1, "encoding", "StatusList2021")
	packed := gz(make([]byte, listBytes))
	enc := func(b []byte) string { return "u" + base64.RawURLEncoding.EncodeToString(b) }
	edit := func(f func([]byte) []byte) string { return enc(f(append([]byte{}, packed...))) }
	twin := "the first bit"
	for _, b := range []struct{ title, text string }{
		{"no prefix", plainText}, {"prefix m", "m" + std(false)}, {"prefix U", "U" + plainText}, {"prefix z",
			"z" + plainText}, {"padding", one + "="},
		{"nothing", ""}, {"the prefix alone", "u"}, {"no base64", "u!!!!"}, {"a line break",
			one[:10] + "\n" + one[10:]}, {"standard alphabet", "u" + "+/" + plainText[2:]},
		{"not compressed", enc(make([]byte, listBytes))}, {"zlib", enc([]byte{0x78, 0x9c, 3, 0, 0, 0, 0, 1})},
		{"two members", enc(append(append([]byte{}, packed...), packed...))}, {"a byte behind",
			enc(append(append([]byte{}, packed...), 0))},
		{"cut short", enc(packed[:len(packed)-9])}, {"a wrong checksum",
			edit(func(b []byte) []byte { b[len(b)-8] ^= 1; return b })},
		{"a wrong length", edit(func(b []byte) []byte { b[len(b)-4] ^= 1; return b })}, {"reserved flags",
			edit(func(b []byte) []byte { b[3] = 0x80; return b })},
		{"another method", edit(func(b []byte) []byte { b[2] = 7; return b })}, {"bits left over in base64",
			one[:len(one)-1] + "B"},
		{"a multibase prefix for StatusList2021", ""},
	} {
		if strings.HasSuffix(b.title, "2021") {
			g.bad(b.title, "StatusList2021, base64url", status, decode(one, 0, "encoding", "StatusList2021"))
			continue
		}
		g.bad("list with "+b.title, twin, status, decode(b.text, 0))
	}
	g.bad("StatusList2021 with two bits each", "StatusList2021, base64url", status, decode(plainText, 0, "encoding",
		"StatusList2021", "size", 2))
	g.bad("nine bits each", "eight bits each", status, decode(one, 0, "size", 9))
	g.rule = "F-94"
	short := enc(gz(make([]byte, listBytes-1)))
	g.bad("a list of 131064 entries", twin, status, decode(short, 0))
	g.bad("a list too short for two bits each", "two bits each: 0b10", status, decode(one, 0, "size", 2))
	g.good("a list of 16777216 entries", decode(enc(gz(make([]byte, 2<<20))), 16777215))
	g.bad("a list above 2 MiB", "a list of 16777216 entries", status, decode(enc(gz(make([]byte, 2<<20+1))), 0))
	bomb := append([]byte{}, packed...)
	binary.LittleEndian.PutUint32(bomb[len(bomb)-4:], 1<<31)
	g.bad("a list that claims two gigabytes", twin, status, decode(enc(bomb), 0))
	g.bad("an index behind the list", "the last bit", status, decode(one, 131072))
	g.bad("an index behind a list of two bits each", "two bits each: 0b10", status, decode(wide(2), 131072, "size",
		2))

	entryIn := func(e members) object { return object{"op": "entry", "entry": e} }
	e := entry(listURL, "revocation", "94567")
	e2021 := e.with("type", "StatusList2021Entry")
	g.rule = "F-91"
	g.is("an entry", entryIn(e), object{"index": 94567, "size": 1, "purpose": "revocation"})
	g.is("a StatusList2021 entry", entryIn(e2021), object{"index": 94567, "size": 1, "purpose": "revocation"})
	g.good("index 0", entryIn(e.with("statusListIndex", "0")))
	g.good("an entry with an id", entryIn(e.with("id", "https://issuer.example/entries/1")))
	g.good("an entry with messages", entryIn(e.with("statusPurpose", "message").with("statusSize",
		2).with("statusMessage",
		[]any{o("status", "0x0", "message", "a"), o("status", "0x1", "message", "b"), o("status", "0x2", "message",
			"c"), o("status", "0x3", "message", "d")})))
	g.good("an entry with a reference", entryIn(e.with("statusReference", "https://issuer.example/meaning")))
	for _, b := range []struct {
		title string
		entry members
	}{
		{"an index as a number", e.with("statusListIndex", 94567)}, {"an index with a leading zero",
			e.with("statusListIndex", "094567")}, {"an index with a sign", e.with("statusListIndex", "+1")},
		{"a negative index", e.with("statusListIndex", "-1")}, {"an empty index", e.with("statusListIndex", "")},
		{"an index with a point", e.with("statusListIndex", "1.0")}, {"an index with an exponent",
			e.with("statusListIndex", "1e3")},
		{"an index with a space", e.with("statusListIndex", " 1")}, {"an index in hexadecimal",
			e.with("statusListIndex", "0x1")}, {"an index beyond every list", e.with("statusListIndex", "16777216")},
		{"an index beyond integers", e.with("statusListIndex", "99999999999999999999")},
		{"no index", e.with("statusListIndex", nil)}, {"no purpose", e.with("statusPurpose", nil)}, {"no list",
			e.with("statusListCredential", nil)}, {"no type", e.with("type", nil)},
		{"another type", e.with("type", "RevocationList2020Status")}, {"two types", e.with("type",
			[]string{"BitstringStatusListEntry", "StatusList2021Entry"})}, {"a list URL that is relative",
			e.with("statusListCredential", "/status/1")},
		{"a list URL with a fragment", e.with("statusListCredential", listURL+"#list")}, {"the id of its list",
			e.with("id", listURL)}, {"an id that is relative", e.with("id", "1")}, {"an unknown member",
			e.with("statusFoo", "1")},
		{"size 0", e.with("statusSize", 0)}, {"size 9", e.with("statusSize", 9)}, {"size 2 without messages",
			e.with("statusSize", 2)}, {"one message of two", e.with("statusMessage", []any{o("status", "0x0",
			"message", "a")})},
		{"a size as text", e.with("statusSize", "1")}, {"a size in StatusList2021", e2021.with("statusSize", 1)},
		{"messages in StatusList2021", e2021.with("statusMessage", []any{o("status", "0x0", "message", "a"),
			o("status", "0x1", "message", "b")})},
		{"a purpose as a list", e.with("statusPurpose", []string{"revocation"})},
	} {
		g.bad("entry with "+b.title, "an entry", status, entryIn(b.entry))
	}
	g.rule = "F-92"
	for _, p := range []string{"suspension", "refresh"} {
		g.good("purpose "+p, entryIn(e.with("statusPurpose", p)))
	}
	g.good("StatusList2021 purpose suspension", entryIn(e2021.with("statusPurpose", "suspension")))
	for _, p := range []string{"", "Revocation", "revoked", "unknown"} {
		g.bad(fmt.Sprintf("purpose %q", p), "an entry", status, entryIn(e.with("statusPurpose", p)))
	}
	g.bad("StatusList2021 purpose message", "StatusList2021 purpose suspension", status,
		entryIn(e2021.with("statusPurpose", "message")))
	g.rule = "F-97"
	urn := func(scope, id string) members { return e.with("id", "urn:safeconduct:status:"+scope+":"+id) }
	for _, s := range []string{"passport", "principal", "organization", "issuer"} {
		g.good("scope "+s, entryIn(urn(s, ulid(s))))
	}
	g.bad("scope agent", "scope passport", status, entryIn(urn("agent", ulid("x"))))
	g.bad("a ULID in small letters", "scope passport", status, entryIn(urn("passport", strings.ToLower(ulid("x")))))
	g.bad("a ULID cut short", "scope passport", status, entryIn(urn("passport", ulid("x")[:25])))
	g.bad("a ULID that begins with 8", "scope passport", status, entryIn(urn("passport", "8"+ulid("x")[1:])))

	inList := func(doc string, e members) object { return object{"op": "list", "document": doc, "entry": e} }
	l := plainList(listURL, "revocation", 7, 9)
	g.rule = "F-95"
	lookup := func(title string, doc members, e members, st int) {
		g.is(title, inList(list(issuer, doc), e), object{"status": st})
	}
	lookup("a list, set", l, entry(listURL, "revocation", "7"), 1)
	lookup("a list, clear", l, entry(listURL, "revocation", "8"), 0)
	lookup("a list of two purposes", l.at("credentialSubject/statusPurpose", []string{"revocation", "suspension"}),
		entry(listURL, "suspension", "9"), 1)
	lookup("a list with ttl", l.at("credentialSubject/ttl", 60000), entry(listURL, "revocation", "7"), 1)
	lookup("a list without an end", l.with("validUntil", nil), entry(listURL, "revocation", "7"), 1)
	old := list2021(listURL, "revocation", 7)
	lookup("a StatusList2021", old, entry(listURL, "revocation", "7").with("type", "StatusList2021Entry"), 1)
	g.is("a list without validFrom", inList(list(issuer, l.with("validFrom", nil)), entry(listURL, "revocation",
		"7")), object{"status": 1})
	twin = "a list, set"
	for _, b := range []struct {
		title string
		doc   members
		entry members
	}{
		{"another URL", l.with("id", listURL+"x"), entry(listURL, "revocation", "7")},
		{"no id", l.with("id", nil), entry(listURL, "revocation", "7")},
		{"another purpose", plainList(listURL, "suspension", 7), entry(listURL, "revocation", "7")},
		{"an entry of another kind", l, entry(listURL, "revocation", "7").with("type", "StatusList2021Entry")},
		{"an index behind it", l, entry(listURL, "revocation", "131072")},
		{"an own status", l.with("credentialStatus", entry("https://issuer.example/status/3", "revocation", "1")),
			entry(listURL, "revocation", "7")},
		{"no encodedList", l.at("credentialSubject/encodedList", nil), entry(listURL, "revocation", "7")},
		{"too few entries", l.at("credentialSubject/encodedList", short), entry(listURL, "revocation", "7")},
		{"a purpose twice", l.at("credentialSubject/statusPurpose", "revocation,revocation"), entry(listURL,
			"revocation", "7")},
		{"another type of credential", l.with("type", []string{"VerifiableCredential"}), entry(listURL, "revocation",
			"7")},
	} {
		g.bad("list: "+b.title, twin, status, inList(withoutProof(list(issuer, l))[:0]+b.doc.with("proof",
			json.RawMessage(proofOf(list(issuer, l)))).text(), b.entry))
	}
	g.rule = "F-96"
	g.bad("list: no instant at all", "a list without validFrom", status, inList(list(issuer, l.with("validFrom", nil),
		noCreated), entry(listURL, "revocation", "7")))
	g.good("a list as of its proof", inList(list(issuer, l.with("validFrom", nil)), entry(listURL, "revocation",
		"8")))
	entryForms(g)
	listForms(g)
}

// proofOf returns the proof of a document.
func proofOf(doc string) string {
	i := strings.LastIndex(doc, `,"proof":`) + len(`,"proof":`)
	return doc[i : len(doc)-1]
}

// list2021 is a StatusList2021 that is not signed yet.
func list2021(url, purpose string, set ...int) members {
	return o("@context", []string{"https://www.w3.org/2018/credentials/v1", "https://w3id.org/vc/status-list/2021/v1",
		"https://w3id.org/security/data-integrity/v2"},
		"id", url, "type", []string{"VerifiableCredential", "StatusList2021Credential"}, "issuer",
		issuer.DID().String(), "issuanceDate", "2026-11-21T08:30:00Z",
		"credentialSubject", o("id", url+"#list", "type", "StatusList2021", "statusPurpose", purpose, "encodedList",
			bitstring(set...)[1:]))
}
