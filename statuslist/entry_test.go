package statuslist

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/internal/code"
)

const (
	entryText = `{"id":"urn:safeconduct:status:passport:01KQZ3E5P4M8T6W2A9B7C1D0XY",` +
		`"type":"BitstringStatusListEntry","statusPurpose":"revocation","statusListIndex":"94567","statusListCredential":"https://example.org/status/3"}`
	entry2021Text = `{"id":"https://example.org/status/3/2021#94567","type":"StatusList2021Entry",` +
		`"statusPurpose":"suspension","statusListIndex":"94567","statusListCredential":"https://example.org/status/3/2021"}`
	messageText = `{"type":"BitstringStatusListEntry","statusPurpose":"message","statusListIndex":"0",` +
		`"statusListCredential":"https://example.org/status/8","statusSize":2,"statusMessage":[{"status":"0x0",` +
		`"message":"pending_review"},{"status":"0x1","message":"accepted"},{"status":"0x2","message":"rejected"},` +
		`{"status":"0x3","message":"undefined"}],"statusReference":"https://example.org/status-dictionary/"}`
)

func value(t testing.TB, text string) credential.Value {
	t.Helper()
	v, err := credential.ParseValue(text)
	require.NoError(t, err)
	return v
}

// with returns the text with one member replaced, added, or, if the new text
// is "", left out.
func with(t testing.TB, text, name, member string) string {
	t.Helper()
	v := value(t, text)
	var out []string
	for n, m := range v.Members() {
		if n != name {
			out = append(out, `"`+n+`":`+m.Raw())
		}
	}
	if member != "" {
		out = append(out, `"`+name+`":`+member)
	}
	return "{" + strings.Join(out, ",") + "}"
}

func TestParseEntry(t *testing.T) {
	e, err := ParseEntry(value(t, entryText))
	require.NoError(t, err)
	require.Equal(t, Entry{
		ID: "urn:safeconduct:status:passport:01KQZ3E5P4M8T6W2A9B7C1D0XY", Purpose: Revocation,
		URL: "https://example.org/status/3", Index: 94567, Size: 1,
	}, e)
	require.Equal(t, ScopePassport, e.Scope())

	e, err = ParseEntry(value(t, entry2021Text))
	require.NoError(t, err)
	require.Equal(t, Entry{
		Encoding: StatusList2021, ID: "https://example.org/status/3/2021#94567", Purpose: Suspension,
		URL: "https://example.org/status/3/2021", Index: 94567, Size: 1,
	}, e)
	require.Empty(t, e.Scope())

	e, err = ParseEntry(value(t, messageText))
	require.NoError(t, err)
	require.Equal(t, Entry{
		Purpose: Message, URL: "https://example.org/status/8", Size: 2,
		Messages:   []string{"pending_review", "accepted", "rejected", "undefined"},
		References: []string{"https://example.org/status-dictionary/"},
	}, e)
}

func TestEntryMarshalsAsItWasRead(t *testing.T) {
	two := with(t, messageText, "statusReference", `["https://a.example/","https://b.example/"]`)
	for _, text := range []string{entryText, entry2021Text, messageText, two} {
		e, err := ParseEntry(value(t, text))
		require.NoError(t, err)
		again, err := e.MarshalJSON()
		require.NoError(t, err)
		require.Equal(t, text, string(again))
		v, err := e.Value()
		require.NoError(t, err)
		require.Equal(t, text, v.Raw())
	}
}

func TestSTL02IndexIsACanonicalDecimalString(t *testing.T) {
	for index, kind := range map[string]error{
		`"-1"`: ErrMalformed, `"1.5"`: ErrMalformed, `"1e3"`: ErrMalformed, `"+1"`: ErrMalformed,
		`"01"`: ErrMalformed, `"00"`: ErrMalformed, `" 1"`: ErrMalformed, `"1 "`: ErrMalformed,
		`"0x10"`: ErrMalformed, `""`: ErrMalformed, `"1_000"`: ErrMalformed, `"-0"`: ErrMalformed,
		`"١"`: ErrMalformed, `"1\u0000"`: ErrMalformed, `"null"`: ErrMalformed,
		`1`: ErrMalformed, `0`: ErrMalformed, `null`: ErrMalformed, `true`: ErrMalformed, `["1"]`: ErrMalformed, `{}`: ErrMalformed,
		`"9223372036854775808"`: ErrRange, `"18446744073709551616"`: ErrRange, `"16777216"`: ErrRange,
		`"` + strings.Repeat("9", 1000) + `"`: ErrRange,
	} {
		for _, text := range []string{entryText, entry2021Text} {
			_, err := ParseEntry(value(t, with(t, text, "statusListIndex", index)))
			require.Error(t, err, index)
			refused(t, err, kind)
		}
	}
	for index, want := range map[string]int{`"0"`: 0, `"7"`: 7, `"16777215"`: 16777215} {
		e, err := ParseEntry(value(t, with(t, entryText, "statusListIndex", index)))
		require.NoError(t, err)
		require.Equal(t, want, e.Index)
	}
}

func TestSTL15EntryIsClosed(t *testing.T) {
	list := `"https://example.org/status/3"`
	for name, tc := range map[string]struct{ text, member, value string }{
		"no type":                    {entryText, "type", ""},
		"unknown type":               {entryText, "type", `"RevocationList2020Status"`},
		"type of the list":           {entryText, "type", `"BitstringStatusList"`},
		"type in lower case":         {entryText, "type", `"bitstringstatuslistentry"`},
		"type as an array":           {entryText, "type", `["BitstringStatusListEntry"]`},
		"empty type":                 {entryText, "type", `""`},
		"unknown member":             {entryText, "statusEntry", `"x"`},
		"member with @":              {entryText, "@type", `"BitstringStatusListEntry"`},
		"no purpose":                 {entryText, "statusPurpose", ""},
		"unknown purpose":            {entryText, "statusPurpose", `"reputation"`},
		"empty purpose":              {entryText, "statusPurpose", `""`},
		"two purposes":               {entryText, "statusPurpose", `["revocation","suspension"]`},
		"no index":                   {entryText, "statusListIndex", ""},
		"no list":                    {entryText, "statusListCredential", ""},
		"list as an object":          {entryText, "statusListCredential", `{"id":` + list + `}`},
		"empty list":                 {entryText, "statusListCredential", `""`},
		"relative list":              {entryText, "statusListCredential", `"/status/3"`},
		"list with a fragment":       {entryText, "statusListCredential", `"https://example.org/status/3#list"`},
		"list with a space":          {entryText, "statusListCredential", `"https://example.org/a b"`},
		"list with a user":           {entryText, "statusListCredential", `"https://u:p@example.org/"`},
		"list too long":              {entryText, "statusListCredential", `"https://example.org/` + strings.Repeat("a", 2048) + `"`},
		"id of the list":             {entryText, "id", list},
		"empty id":                   {entryText, "id", `""`},
		"relative id":                {entryText, "id", `"abc"`},
		"id as a number":             {entryText, "id", `1`},
		"id with an unknown scope":   {entryText, "id", `"urn:safeconduct:status:planet:01KQZ3E5P4M8T6W2A9B7C1D0XY"`},
		"id with a lower-case ULID":  {entryText, "id", `"urn:safeconduct:status:passport:01kqz3e5p4m8t6w2a9b7c1d0xy"`},
		"size in 2021":               {entry2021Text, "statusSize", `1`},
		"messages in 2021":           {entry2021Text, "statusMessage", `[{"status":"0x0","message":"a"},{"status":"0x1","message":"b"}]`},
		"reference in 2021":          {entry2021Text, "statusReference", list},
		"purpose message in 2021":    {entry2021Text, "statusPurpose", `"message"`},
		"purpose refresh in 2021":    {entry2021Text, "statusPurpose", `"refresh"`},
		"reference is not a URL":     {messageText, "statusReference", `"dictionary"`},
		"reference empty":            {messageText, "statusReference", `[]`},
		"reference in an object":     {messageText, "statusReference", `{"id":` + list + `}`},
		"one of two references bad":  {messageText, "statusReference", `[` + list + `,1]`},
		"one of two references none": {messageText, "statusReference", `[` + list + `,"x"]`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ParseEntry(value(t, with(t, tc.text, tc.member, tc.value)))
			refused(t, err, ErrMalformed)
		})
	}
	for _, text := range []string{`[]`, `"x"`, `null`, `{}`, `1`} {
		_, err := ParseEntry(value(t, text))
		refused(t, err, ErrMalformed)
	}
	_, err := ParseEntry(credential.Value{})
	refused(t, err, ErrMalformed)
}

func TestSTL14SizeAndMessages(t *testing.T) {
	msgs := func(statuses ...string) string {
		for i, s := range statuses {
			statuses[i] = `{"status":"` + s + `","message":"m"}`
		}
		return "[" + strings.Join(statuses, ",") + "]"
	}
	for name, tc := range map[string]struct{ size, messages string }{
		"size 0":                     {`0`, msgs("0x0")},
		"size 0 without messages":    {`0`, ""},
		"size 0 with 2 messages":     {`0`, msgs("0x0", "0x1")},
		"size -1":                    {`-1`, msgs("0x0", "0x1")},
		"size 64":                    {`64`, msgs("0x0", "0x1")},
		"size 9":                     {`9`, msgs("0x0", "0x1")},
		"size 1.0":                   {`1.0`, ""},
		"size 1e0":                   {`1e0`, ""},
		"size as a string":           {`"2"`, msgs("0x0", "0x1", "0x2", "0x3")},
		"size null":                  {`null`, ""},
		"size 2^53":                  {`9007199254740993`, ""},
		"size 2 without messages":    {`2`, ""},
		"size 3 with 4 messages":     {`3`, msgs("0x0", "0x1", "0x2", "0x3")},
		"size 2 with 3 messages":     {`2`, msgs("0x0", "0x1", "0x2")},
		"size 2 with 5 messages":     {`2`, msgs("0x0", "0x1", "0x2", "0x3", "0x4")},
		"size 1 with 4 messages":     {`1`, msgs("0x0", "0x1", "0x2", "0x3")},
		"no size with 4 messages":    {"", msgs("0x0", "0x1", "0x2", "0x3")},
		"a status twice":             {`2`, msgs("0x0", "0x1", "0x2", "0x2")},
		"a status too large":         {`2`, msgs("0x0", "0x1", "0x2", "0x4")},
		"a status of three digits":   {`2`, msgs("0x0", "0x1", "0x2", "0x003")},
		"a status without digits":    {`2`, msgs("0x0", "0x1", "0x2", "0x")},
		"a status of other letters":  {`2`, msgs("0xg", "0x1", "0x2", "0x3")},
		"a status with a sign":       {`2`, msgs("0x0", "0x1", "0x2", "0x+3")},
		"a decimal status":           {`2`, msgs("0", "1", "2", "3")},
		"a status with upper-case X": {`2`, msgs("0X0", "0x1", "0x2", "0x3")},
		"no messages in the array":   {`1`, `[]`},
		"one message as an object":   {`1`, `{"status":"0x0","message":"m"}`},
		"a message that is a string": {`1`, `["a","b"]`},
		"a message without status":   {`1`, `[{"message":"a","x":1},{"status":"0x1","message":"b"}]`},
		"a message without text":     {`1`, `[{"status":"0x0","message":1},{"status":"0x1","message":"b"}]`},
	} {
		t.Run(name, func(t *testing.T) {
			text := with(t, with(t, messageText, "statusSize", tc.size), "statusMessage", tc.messages)
			_, err := ParseEntry(value(t, text))
			refused(t, err, ErrMalformed)
		})
	}
	for name, tc := range map[string]struct {
		size, messages string
		want           Entry
	}{
		"size 1, no messages": {`1`, "", Entry{Size: 1}},
		"neither":             {"", "", Entry{Size: 1}},
		"size 1, messages":    {`1`, `[{"status":"0x0","message":"a"},{"status":"0x1","message":"b"}]`, Entry{Size: 1, Messages: []string{"a", "b"}}},
		"in any order":        {`1`, `[{"message":"b","status":"0x01"},{"status":"0x0","message":"a"}]`, Entry{Size: 1, Messages: []string{"a", "b"}}},
	} {
		e, err := ParseEntry(value(t, with(t, with(t, messageText, "statusSize", tc.size), "statusMessage", tc.messages)))
		require.NoError(t, err, name)
		require.Equal(t, tc.want.Size, e.Size)
		require.Equal(t, tc.want.Messages, e.Messages)
	}
}

func TestMessagesOfEverySize(t *testing.T) {
	for size := 1; size <= MaxSize; size++ {
		e := Entry{Purpose: Message, URL: "https://example.org/m", Size: size}
		for range 1 << size {
			e.Messages = append(e.Messages, "text "+strings.Repeat("\"é\n", len(e.Messages)%3))
		}
		v, err := e.Value()
		require.NoError(t, err)
		back, err := ParseEntry(v)
		require.NoError(t, err)
		require.Equal(t, e, back)
		e.Messages = e.Messages[1:]
		_, err = e.MarshalJSON()
		refused(t, err, ErrMalformed)
	}
}

// TestHandMadeEntry: what ParseEntry would refuse is not written either.
func TestHandMadeEntry(t *testing.T) {
	good := Entry{Purpose: Revocation, URL: "https://example.org/status/3", Index: 5}
	_, err := good.MarshalJSON()
	require.NoError(t, err, "a size of 0 means 1")
	for name, spoil := range map[string]func(*Entry){
		"encoding":    func(e *Entry) { e.Encoding = Encoding(len(kinds)) },
		"negative":    func(e *Entry) { e.Size = -1 },
		"large":       func(e *Entry) { e.Size = 9 },
		"no purpose":  func(e *Entry) { e.Purpose = "" },
		"no URL":      func(e *Entry) { e.URL = "" },
		"id is list":  func(e *Entry) { e.ID = e.URL },
		"not UTF-8":   func(e *Entry) { e.Messages = []string{"\xff", ""} },
		"reference":   func(e *Entry) { e.References = []string{"x"} },
		"2021 size":   func(e *Entry) { e.Encoding, e.Size = StatusList2021, 2 },
		"bad own id":  func(e *Entry) { e.ID = idPrefix + "issuer:1" },
		"id not utf8": func(e *Entry) { e.ID = "urn:\xff" },
	} {
		e := good
		spoil(&e)
		_, err := e.MarshalJSON()
		require.Error(t, err, name)
		refused(t, err, ErrMalformed)
	}
	for _, i := range []int{-1, 1 << 24, 1 << 62} {
		e := good
		e.Index = i
		_, err := e.MarshalJSON()
		refused(t, err, ErrRange)
	}
}

// Of two faults, that of the entry itself is told before that of the address.
func TestOrderOfFaults(t *testing.T) {
	e := Entry{Purpose: Revocation, Index: -1, URL: "not a URL"}
	require.ErrorIs(t, e.check(""), ErrRange)
	_, err := (&ListCredential{ID: "not a URL"}).Status(e)
	require.ErrorIs(t, err, ErrRange)
	e.Index = 0
	require.ErrorIs(t, e.check(""), ErrMalformed)
	_, err = (&ListCredential{ID: "https://issuer.example/1"}).Status(e)
	require.ErrorIs(t, err, ErrMalformed)
	e.URL = ""
	_, err = (&ListCredential{}).Status(e)
	require.ErrorIs(t, err, ErrMalformed, "an address that nobody has checked")
}

func TestSafeconductID(t *testing.T) {
	for _, s := range []Scope{ScopePassport, ScopePrincipal, ScopeOrganization, ScopeIssuer} {
		text := "urn:safeconduct:status:" + string(s) + ":01KQZ3E5P4M8T6W2A9B7C1D0XY"
		id, err := ParseSafeconductID(text)
		require.NoError(t, err)
		require.Equal(t, SafeconductID{s, "01KQZ3E5P4M8T6W2A9B7C1D0XY"}, id)
		require.Equal(t, text, id.String())
		require.Equal(t, s, Entry{ID: text}.Scope())
	}
	for _, text := range []string{
		"", "urn:safeconduct:status:", "urn:safeconduct:status:issuer", "urn:safeconduct:status:issuer:",
		"urn:safeconduct:status::01KQZ3E5P4M8T6W2A9B7C1D0XY",
		"urn:safeconduct:status:Issuer:01KQZ3E5P4M8T6W2A9B7C1D0XY",
		"URN:safeconduct:status:issuer:01KQZ3E5P4M8T6W2A9B7C1D0XY",
		"urn:safeconduct:status:issuer:01KQZ3E5P4M8T6W2A9B7C1D0X",
		"urn:safeconduct:status:issuer:01KQZ3E5P4M8T6W2A9B7C1D0XYZ",
		"urn:safeconduct:status:issuer:81KQZ3E5P4M8T6W2A9B7C1D0XY", // more than 128 bits
		"urn:safeconduct:status:issuer:01KQZ3E5P4M8T6W2A9B7C1D0XU", // U is not in the alphabet
		"urn:safeconduct:status:issuer:01KQZ3E5P4M8T6W2A9B7C1D0X:",
		"urn:safeconduct:status:issuer:01KQZ3E5P4M8T6W2A9B7C1D0XY:x",
	} {
		_, err := ParseSafeconductID(text)
		require.Error(t, err, text)
		refused(t, err, ErrMalformed)
	}
}

func TestErrorsNameThePlace(t *testing.T) {
	for member, bad := range map[string]string{
		"statusListIndex": `"01"`, "statusPurpose": `1`, "statusListCredential": `1`, "statusSize": `0`, "type": `"x"`, "evil": `1`,
	} {
		v := value(t, `{"credentialStatus":[`+entryText+`,`+with(t, entryText, member, bad)+`]}`)
		at := 0
		for item := range v.Get("credentialStatus").Items() {
			_, err := ParseEntry(item)
			if at++; at == 1 {
				require.NoError(t, err)
				continue
			}
			var e *code.Error
			require.ErrorAs(t, err, &e)
			require.Equal(t, "/credentialStatus/1/"+member, e.Path)
		}
	}
	var e *code.Error
	_, err := ParseEntry(value(t, with(t, entryText, "statusListIndex", `"16777216"`)))
	require.ErrorAs(t, err, &e)
	require.Equal(t, "/statusListIndex", e.Path)
}

func FuzzParseEntry(f *testing.F) {
	for _, text := range []string{entryText, entry2021Text, messageText, `{}`, `[]`, with(f, messageText, "statusSize", "3")} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		v, err := credential.ParseValue(text)
		if err != nil {
			return
		}
		e, err := ParseEntry(v)
		if err != nil {
			require.ErrorIs(t, err, code.StatusInvalid)
			return
		}
		again, err := e.Value()
		require.NoError(t, err)
		back, err := ParseEntry(again)
		require.NoError(t, err)
		require.Equal(t, e, back)
	})
}
