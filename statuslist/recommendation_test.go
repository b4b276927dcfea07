package statuslist

import (
	"bytes"
	"compress/flate"
	"compress/zlib"
	"encoding/base64"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
)

// D4: what is wrong with a list is told by what it is, before anything else is
// made of its bytes.
func TestD4WhatAnEncodedListIs(t *testing.T) {
	list := make([]byte, listBytes)
	good := zip(t, list)
	deflated := func(zlibHeader bool) []byte {
		var b bytes.Buffer
		if zlibHeader {
			w := zlib.NewWriter(&b)
			_, _ = w.Write(list)
			_ = w.Close()
		} else {
			w, err := flate.NewWriter(&b, 6)
			require.NoError(t, err)
			_, _ = w.Write(list)
			_ = w.Close()
		}
		return b.Bytes()
	}
	raw := base64.RawURLEncoding.EncodeToString(good)
	std := base64.StdEncoding.EncodeToString(good)
	// Python's zlib at each level: the second byte of the header differs.
	for _, second := range []byte{0x01, 0x5e, 0x9c, 0xda} {
		z := deflated(true)
		z[1] = second
		_, err := Decode(bitstring(z), Bitstring, 1)
		refused(t, err, ErrMalformed)
		require.ErrorContains(t, err, "encodedList is zlib (RFC 1950), want GZIP")
	}
	for name, tc := range map[string]struct {
		text string
		e    Encoding
		says string
	}{
		"zlib": {bitstring(deflated(true)), Bitstring,
			"is zlib (RFC 1950), want GZIP (RFC 1952): MALFORMED_VALUE_ERROR (compress it with gzip"},
		"zlib in 2021":              {bitstring(deflated(true))[1:], StatusList2021, "is zlib (RFC 1950), want GZIP"},
		"DEFLATE alone":             {bitstring(deflated(false)), Bitstring, "begins with the bytes"},
		"not compressed":            {bitstring(list), Bitstring, "is 16384 bytes that are not compressed, want GZIP"},
		"not compressed in 2021":    {bitstring(list)[1:], StatusList2021, "is 16384 bytes that are not compressed, want GZIP"},
		"Zstandard":                 {bitstring(append([]byte{0x28, 0xb5, 0x2f, 0xfd}, list...)), Bitstring, "is Zstandard, want GZIP"},
		"bzip2":                     {bitstring([]byte("BZh91AY&SY")), Bitstring, "is bzip2, want GZIP"},
		"xz":                        {bitstring([]byte("\xfd7zXZ\x00\x00\x04")), Bitstring, "is xz, want GZIP"},
		"ZIP":                       {bitstring([]byte("PK\x03\x04....")), Bitstring, "is a ZIP archive, want GZIP"},
		"base64 twice":              {bitstring([]byte(raw)), Bitstring, "is base64 a second time, want GZIP"},
		"multibase twice":           {bitstring([]byte("u" + raw)), Bitstring, "is multibase a second time, want GZIP"},
		"a byte":                    {bitstring([]byte{7}), Bitstring, "begins with the bytes 07 and not as GZIP does (1f 8b)"},
		"GZIP cut to its magic":     {bitstring(good[:2]), Bitstring, "is too short for GZIP"},
		"nothing behind the prefix": {"u", Bitstring, "encodedList is empty"},
		"nothing":                   {"", Bitstring, "encodedList is empty"},
		"nothing in 2021":           {"", StatusList2021, "encodedList is empty"},
		"plain base64url": {raw, Bitstring,
			`is base64 without a multibase prefix, which is the form of StatusList2021: MALFORMED_VALUE_ERROR (put "u" in front`},
		"plain base64": {std, Bitstring, "is base64 without a multibase prefix"},
		"multibase in 2021": {"u" + raw, StatusList2021,
			`has a multibase prefix, which is the form of BitstringStatusList: MALFORMED_VALUE_ERROR (leave out the "u")`},
		"base58btc":                   {"z6Mk", Bitstring, `has the multibase prefix "z" (base58btc), want "u"`},
		"base64 as multibase":         {"m" + std, Bitstring, `has the multibase prefix "m" (base64), want "u"`},
		"base64url, padded, as such":  {"U" + raw, Bitstring, `has the multibase prefix "U" (base64url with padding), want "u"`},
		"base16":                      {"f1f8b", Bitstring, `has the multibase prefix "f" (base16), want "u"`},
		"a data URL":                  {"data:application/gzip;base64," + std, Bitstring, "is a data: URL"},
		"bits as text":                {"0001000", Bitstring, `begins with "0", want the multibase prefix "u"`},
		"padded":                      {"u" + raw + "=", Bitstring, "no = at the end"},
		"the other alphabet":          {"u" + raw[:20] + "+/" + raw[22:], Bitstring, "want - and _ for + and /"},
		"2 GiB stated by what is not": {bitstring(restate(deflated(true), 2164318273)), Bitstring, "is zlib"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Decode(tc.text, tc.e, 1)
			refused(t, err, ErrMalformed)
			require.ErrorContains(t, err, tc.says)
			require.NotContains(t, err.Error(), "bytes of content", "of what is not GZIP no length is read")
		})
	}
	_, err := Decode(bitstring(good), Bitstring, 1)
	require.NoError(t, err)
}

// D4: what is missing is named, and why it is asked for.
func TestD4WhatAListLacks(t *testing.T) {
	for name, tc := range map[string]struct{ text, old, new, says string }{
		"no id": {listText, `  "id": "https://example.org/status/3",` + "\n", ``,
			"a list without id, want the URL where it is published: MALFORMED_VALUE_ERROR (without it, one list of an issuer could be passed off as another)"},
		"no id in 2021": {list2021Text, `  "id": "https://example.org/status/3",` + "\n", ``, "a list without id"},
		"types in a list": {listText, `"type": "BitstringStatusList"`, `"type": ["BitstringStatusList"]`,
			`the type of the list itself is an array, want the text "BitstringStatusList" alone`},
		"two types in a list":  {listText, `"type": "BitstringStatusList"`, `"type": ["BitstringStatusList","Thing"]`, "is an array"},
		"types in a 2021 list": {list2021Text, `"type": "StatusList2021"`, `"type": ["StatusList2021"]`, `is an array, want the text "StatusList2021" alone`},
		"no type":              {listText, `    "type": "BitstringStatusList",` + "\n", ``, "the list itself has no type, want BitstringStatusList"},
		"the credential's type": {listText, `"type": "BitstringStatusList"`,
			`"type": "BitstringStatusListCredential"`, `the list itself is of type "BitstringStatusListCredential", want BitstringStatusList`},
		"type of another kind": {list2021Text, `"type": "StatusList2021"`, `"type": "BitstringStatusList"`, `want StatusList2021`},
		"type a number":        {listText, `"type": "BitstringStatusList"`, `"type": 1`, "is a number"},
		"not a list at all": {listText, `"BitstringStatusListCredential"`, `"ExampleCredential"`,
			`not a status list but ["VerifiableCredential" "ExampleCredential"], want BitstringStatusListCredential`},
		"no purpose":             {listText, `    "statusPurpose": "revocation",` + "\n", ``, "a list without statusPurpose"},
		"no list":                {listText, `"encodedList": "` + textIndex7 + `"`, `"name": "x"`, "a list without encodedList"},
		"neither from nor proof": {listText, `"validFrom": "2026-11-21T22:00:00Z",`, ``, "the list does not say when it was made"},
	} {
		t.Run(name, func(t *testing.T) {
			require.Contains(t, tc.text, tc.old)
			p := credential.Parser{StatusList: true, Profile: credential.Conformance}
			signed, err := p.Credential([]byte(strings.Replace(tc.text, tc.old, tc.new, 1)))
			if err == nil {
				_, err = ParseCredential(signed)
			}
			require.Error(t, err)
			if !strings.Contains(err.Error(), "envelope.") { // the floor below may have refused it, in its own words
				require.ErrorContains(t, err, tc.says)
			}
		})
	}
	_, err := ParseEntry(value(t, with(t, entryText, "type", `["BitstringStatusListEntry"]`)))
	refused(t, err, ErrMalformed)
	require.ErrorContains(t, err, "the type of a status entry is an array, want one text: BitstringStatusListEntry")
}

// D5: each element of statusMessage has status and message, "and MAY contain
// additional properties" (section 2.1).
func TestD5StatusMessageWithMore(t *testing.T) {
	for name, member := range map[string]string{
		"a language": `,"lang":"en"`, "an object": `,"x":{"status":"0x1"}`,
		"a reference": `,"id":"https://example.org/0"`, "several": `,"a":1,"b":[2],"c":null`,
	} {
		text := strings.Replace(messageText, `{"status":"0x0","message":"pending_review"`, `{"status":"0x0","message":"pending_review"`+member, 1)
		require.NotEqual(t, messageText, text)
		e, err := ParseEntry(value(t, text))
		require.NoError(t, err, name)
		require.Equal(t, []string{"pending_review", "accepted", "rejected", "undefined"}, e.Messages, name)
	}
	for name, element := range map[string]string{
		"no message": `{"status":"0x0","note":"x"}`, "no status": `{"message":"x","note":"0x0"}`, "neither": `{"a":1,"b":2}`, "empty": `{}`, "a text": `"0x0"`,
		"message an object": `{"status":"0x0","message":{"en":"x"}}`, "status a number": `{"status":0,"message":"x"}`,
	} {
		text := strings.Replace(messageText, `{"status":"0x0","message":"pending_review"}`, element, 1)
		_, err := ParseEntry(value(t, text))
		require.Error(t, err, name)
		refused(t, err, ErrMalformed)
		if strings.Contains(name, "no ") || name == "neither" {
			require.ErrorContains(t, err, "want an object with status and message", name)
		}
	}
}

// D5: lists of the time of StatusList2021 have the first version of the context
// of Data Integrity.
func TestD5DataIntegrityV1In2021(t *testing.T) {
	const v1, v2 = `"https://w3id.org/security/data-integrity/v1"`, `"https://w3id.org/security/data-integrity/v2"`
	key := signer(t)
	for name, tc := range map[string]struct {
		contexts string // in the place of v2
		ok       bool
	}{
		"v2": {v2, true}, "v1": {v1, true}, "both": {v1 + ", " + v2, false},
		"both, the other way": {v2 + ", " + v1, false}, "v1 twice": {v1 + ", " + v1, false},
	} {
		t.Run(name, func(t *testing.T) {
			text := strings.Replace(list2021Text, v2, tc.contexts, 1)
			text = strings.Replace(text, "did:web:example.org", key.KeyID().DID().String(), 1)
			signed, err := credential.SignJSON(ctx, key, []byte(text), credential.SignOptions{Created: testNow})
			if err == nil {
				require.NoError(t, signed.CheckProofs(ctx, did.KeyMethods(), did.AssertionMethod, testNow))
				_, err = ParseCredential(signed)
			}
			require.Equal(t, tc.ok, err == nil, "%v", err)
		})
	}
}
