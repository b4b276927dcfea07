package statuslist

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/code"
	"github.com/safeconduct/safeconduct/internal/testvectors"
)

const listText = `{
  "@context": ["https://www.w3.org/ns/credentials/v2"],
  "id": "https://example.org/status/3",
  "type": ["VerifiableCredential", "BitstringStatusListCredential"],
  "issuer": "did:web:example.org",
  "validFrom": "2026-11-21T22:00:00Z",
  "validUntil": "2026-11-22T22:00:00Z",
  "credentialSubject": {
    "id": "https://example.org/status/3#list",
    "type": "BitstringStatusList",
    "statusPurpose": "revocation",
    "ttl": 300000,
    "encodedList": "` + textIndex7 + `"
  }
}`

var list2021Text = strings.NewReplacer(
	`"https://www.w3.org/ns/credentials/v2"`,
	`"https://www.w3.org/2018/credentials/v1", "https://w3id.org/vc/status-list/2021/v1", "https://w3id.org/security/data-integrity/v2"`,
	"BitstringStatusList", "StatusList2021", "validFrom", "issuanceDate", "validUntil", "expirationDate",
	`    "ttl": 300000,`+"\n", "", textIndex7, textIndex7[1:],
).Replace(listText)

// read parses a document as a list. What the credential floor refuses has a
// code of its own.
func read(t testing.TB, text string) (*ListCredential, error) {
	t.Helper()
	signed, err := credential.Parser{StatusList: true}.Credential([]byte(text))
	if err != nil {
		return nil, err
	}
	return ParseCredential(signed)
}

func mustRead(t testing.TB, text string) *ListCredential {
	t.Helper()
	l, err := read(t, text)
	require.NoError(t, err)
	return l
}

func entry7(change func(*Entry)) Entry {
	e := Entry{Purpose: Revocation, URL: "https://example.org/status/3", Index: 7}
	if change != nil {
		change(&e)
	}
	return e
}

// S1: a list that says when it ends does not go on for ever, however it says it.
func TestS1NoDateReadsAsNone(t *testing.T) {
	for _, text := range []string{listText, list2021Text} {
		for _, old := range []string{"2026-11-22T22:00:00Z", "2026-11-21T22:00:00Z"} {
			for _, zero := range []string{"0001-01-01T00:00:00Z", "0001-01-01T01:00:00+01:00", "1969-12-31T23:59:59Z"} {
				_, err := read(t, strings.Replace(text, old, zero, 1))
				require.ErrorIs(t, err, code.EnvelopeMalformed)
				require.ErrorContains(t, err, "1970")
			}
		}
	}
}

func TestListCredential(t *testing.T) {
	l := mustRead(t, listText)
	require.Equal(t, "https://example.org/status/3", l.ID)
	require.Equal(t, "did:web:example.org", l.Issuer)
	require.Equal(t, Bitstring, l.Encoding)
	require.Equal(t, []Purpose{Revocation}, l.Purposes)
	require.True(t, l.AsOf.Equal(testNow))
	require.True(t, l.ValidUntil.Equal(testNow.Add(24*time.Hour)))
	require.Equal(t, 5*time.Minute, l.TTL)

	old := mustRead(t, list2021Text)
	require.Equal(t, StatusList2021, old.Encoding)
	require.True(t, old.AsOf.Equal(testNow))
	require.False(t, old.HasTTL)

	for i := range 20 {
		want := Result{Purpose: Revocation, Message: "unset"}
		if i == 7 {
			want = Result{Value: 1, Set: true, Purpose: Revocation, Message: "set"}
		}
		r, err := l.Status(entry7(func(e *Entry) { e.Index = i }))
		require.NoError(t, err)
		require.Equal(t, want, r)
		r, err = old.Status(entry7(func(e *Entry) { e.Index, e.Encoding = i, StatusList2021 }))
		require.NoError(t, err)
		require.Equal(t, want, r)
	}
}

// TestSTL06NotAList: wrong types, versions, contexts, subjects; a plain
// credential; a list without its address.
func TestSTL06NotAList(t *testing.T) {
	const anywhere = code.Code("") // refused by the floor below, with a code of its own
	subject := listText[strings.Index(listText, `{
    "id"`) : strings.LastIndex(listText, "}")-1]
	for name, tc := range map[string]struct {
		text     string
		old, new string
		kind     error
	}{
		"a plain credential": {listText, `, "BitstringStatusListCredential"`, ``, ErrVerification},
		"types of both": {listText, `"BitstringStatusListCredential"`,
			`"BitstringStatusListCredential", "StatusList2021Credential"`, anywhere},
		"2021 type in VC 2.0":            {listText, `BitstringStatusListCredential`, `StatusList2021Credential`, anywhere},
		"Bitstring type in VC 1.1":       {list2021Text, `StatusList2021Credential`, `BitstringStatusListCredential`, anywhere},
		"2021 without its context":       {list2021Text, `"https://w3id.org/vc/status-list/2021/v1", `, ``, anywhere},
		"2021 with one context more":     {list2021Text, `data-integrity/v2"`, `data-integrity/v2", "https://w3id.org/security/multikey/v1"`, ErrVerification},
		"entry instead of list":          {listText, `"type": "BitstringStatusList"`, `"type": "BitstringStatusListEntry"`, anywhere},
		"another subject type":           {list2021Text, `"type": "StatusList2021"`, `"type": "StatusList2021Entry"`, anywhere},
		"subject type as an array":       {listText, `"type": "BitstringStatusList",`, `"type": ["BitstringStatusList"],`, ErrVerification},
		"no subject type":                {listText, `"type": "BitstringStatusList",`, ``, anywhere},
		"no id":                          {listText, `"id": "https://example.org/status/3",`, ``, ErrMalformed},
		"id with a fragment":             {listText, `"id": "https://example.org/status/3"`, `"id": "https://example.org/status/3#x"`, ErrMalformed},
		"no purpose":                     {listText, `"statusPurpose": "revocation",`, ``, ErrMalformed},
		"purpose empty":                  {listText, `"revocation"`, `""`, ErrMalformed},
		"purpose a number":               {listText, `"revocation"`, `1`, anywhere},
		"purposes none":                  {listText, `"revocation"`, `[]`, anywhere},
		"purposes twice":                 {listText, `"revocation"`, `["revocation","revocation"]`, anywhere},
		"purposes in an object":          {listText, `"revocation"`, `{"a":1}`, anywhere},
		"two purposes in 2021":           {list2021Text, `"revocation"`, `["revocation","suspension"]`, ErrMalformed},
		"no list":                        {listText, `"encodedList": "` + textIndex7 + `"`, `"name": "x"`, ErrMalformed},
		"list a number":                  {listText, `"` + textIndex7 + `"`, `7`, ErrMalformed},
		"list of two":                    {listText, `"` + textIndex7 + `"`, `["` + textIndex7 + `"]`, ErrMalformed},
		"list without prefix":            {listText, textIndex7, textIndex7[1:], ErrMalformed},
		"2021 list with prefix":          {list2021Text, textIndex7[1:], textIndex7, ErrMalformed},
		"list too short":                 {listText, textIndex7, textShort, ErrLength},
		"list of nothing":                {listText, textIndex7, textNone, ErrLength},
		"ttl in 2021":                    {list2021Text, `"encodedList"`, `"ttl": 1, "encodedList"`, anywhere},
		"ttl a string":                   {listText, `300000`, `"300000"`, anywhere},
		"ttl a fraction":                 {listText, `300000`, `1.5`, anywhere},
		"ttl 10^18":                      {listText, `300000`, `1000000000000000000`, anywhere},
		"status size in the list":        {listText, `"ttl": 300000`, `"statusSize": 2`, anywhere},
		"unknown member":                 {listText, `"ttl": 300000`, `"evil": 2`, anywhere},
		"defined member, not of a list":  {listText, `"ttl": 300000`, `"digestMultibase": "uEiBZlVztZpfWHgPyslVv6-UwirFoQoRvW1htfx963sknNA"`, ErrMalformed},
		"two subjects":                   {listText, subject, `[` + subject + `,{"id":"urn:x:y"}]`, ErrMalformed},
		"a list that has a status":       {listText, `"credentialSubject"`, `"credentialStatus": ` + entryText + `, "credentialSubject"`, ErrVerification},
		"neither validFrom nor created":  {listText, `"validFrom": "2026-11-21T22:00:00Z",`, ``, ErrVerification},
		"duplicate member of the list":   {listText, `"ttl": 300000`, `"statusPurpose": "suspension"`, anywhere},
		"encodedList aliased":            {listText, `"encodedList"`, `"https://www.w3.org/ns/credentials/status#encodedList"`, anywhere},
		"issuer missing":                 {listText, `"issuer": "did:web:example.org",`, ``, anywhere},
		"validFrom that is no date time": {listText, `2026-11-21T22:00:00Z`, `2026-11-21`, anywhere},
	} {
		t.Run(name, func(t *testing.T) {
			require.Contains(t, tc.text, tc.old)
			_, err := read(t, strings.Replace(tc.text, tc.old, tc.new, 1))
			require.Error(t, err)
			if tc.kind == anywhere {
				require.NotEmpty(t, code.Of(err))
				return
			}
			refused(t, err, tc.kind)
		})
	}
	_, err := ParseCredential(nil)
	require.ErrorIs(t, err, code.RequestInvalid)
	_, err = Parser{Bounds: Bounds{Bytes: -1}}.Credential(nil)
	require.ErrorIs(t, err, code.RequestInvalid)
}

// TestSTL06WithoutTheStrictProfile: what the contexts would have refused is
// refused here as well, where a host does without them.
func TestSTL06WithoutTheStrictProfile(t *testing.T) {
	const di = `, "https://w3id.org/security/data-integrity/v2"`
	for name, tc := range map[string]struct {
		text     string
		old, new string
		kind     error // nil: accepted
	}{
		"Bitstring":                    {listText, "", "", nil},
		"2021":                         {list2021Text, "", "", nil},
		"2021, no proof to be defined": {list2021Text, di, "", nil},
		"types of both": {listText, `"BitstringStatusListCredential"`,
			`"BitstringStatusListCredential", "StatusList2021Credential"`, ErrVerification},
		"2021 type in VC 2.0":      {listText, `BitstringStatusListCredential`, `StatusList2021Credential`, ErrVerification},
		"Bitstring type in VC 1.1": {list2021Text, `StatusList2021Credential`, `BitstringStatusListCredential`, ErrVerification},
		"all of Bitstring, in VC 1.1": {strings.NewReplacer(`"StatusList2021`, `"BitstringStatusList`, textIndex7[1:],
			textIndex7).Replace(list2021Text), "", "", ErrVerification},
		"all of 2021, in VC 2.0": {strings.NewReplacer(`"BitstringStatusList`, `"StatusList2021`, textIndex7,
			textIndex7[1:], `"ttl": 300000,`, ``).Replace(listText), "", "", ErrVerification},
		"2021 without its context":  {list2021Text, `"https://w3id.org/vc/status-list/2021/v1", `, ``, ErrVerification},
		"2021 with another":         {list2021Text, `status-list/2021/v1`, `status-list/2021/v2`, ErrVerification},
		"2021 subject in Bitstring": {listText, `"type": "BitstringStatusList"`, `"type": "StatusList2021"`, ErrVerification},
		"ttl in 2021":               {list2021Text, `"encodedList"`, `"ttl": 1, "encodedList"`, ErrMalformed},
		"status size in the list":   {listText, `"ttl": 300000`, `"statusSize": 2`, ErrMalformed},
		"purposes twice":            {listText, `"revocation"`, `["revocation","revocation"]`, ErrMalformed},
		"purposes none":             {listText, `"revocation"`, `[]`, ErrMalformed},
		"purposes in an object":     {listText, `"revocation"`, `{"a":"b"}`, ErrMalformed},
		"ttl a string":              {listText, `300000`, `"300000"`, ErrMalformed},
	} {
		t.Run(name, func(t *testing.T) {
			p := credential.Parser{StatusList: true, Profile: credential.Conformance}
			signed, err := p.Credential([]byte(strings.Replace(tc.text, tc.old, tc.new, 1)))
			if code.Of(err) != "" && tc.kind != nil {
				return // refused by the floor below even so
			}
			require.NoError(t, err)
			if _, err = ParseCredential(signed); tc.kind != nil {
				refused(t, err, tc.kind)
				return
			}
			require.NoError(t, err)
		})
	}
	// With a proof, the context that defines it is needed.
	key := signer(t)
	bare := strings.Replace(list2021Text, di, "", 1)
	signed, err := credential.SignJSON(ctx, key, []byte(bare), credential.SignOptions{Profile: credential.Conformance})
	require.NoError(t, err)
	_, err = ParseCredential(signed)
	refused(t, err, ErrVerification)
}

func TestSTL04Purposes(t *testing.T) {
	several := mustRead(t, strings.Replace(listText, `"revocation"`, `["suspension","revocation","something-else"]`, 1))
	require.Equal(t, []Purpose{Suspension, Revocation, "something-else"}, several.Purposes)
	for _, p := range []Purpose{Revocation, Suspension} {
		r, err := several.Status(entry7(func(e *Entry) { e.Purpose = p }))
		require.NoError(t, err)
		require.Equal(t, Result{Value: 1, Set: true, Purpose: p, Message: "set"}, r)
	}
	_, err := several.Status(entry7(func(e *Entry) { e.Purpose = Message }))
	refused(t, err, ErrVerification)
	_, err = mustRead(t, listText).Status(entry7(func(e *Entry) { e.Purpose = Suspension }))
	refused(t, err, ErrVerification)
	_, err = several.Status(entry7(func(e *Entry) { e.Purpose = "something-else" })) // no entry has it
	refused(t, err, ErrMalformed)
}

func TestStatusOfAnotherList(t *testing.T) {
	l, old := mustRead(t, listText), mustRead(t, list2021Text)
	for name, tc := range map[string]struct {
		list   *ListCredential
		change func(*Entry)
		kind   error
	}{
		"2021 entry, Bitstring list": {l, func(e *Entry) { e.Encoding = StatusList2021 }, ErrVerification},
		"Bitstring entry, 2021 list": {old, nil, ErrVerification},
		"another URL":                {l, func(e *Entry) { e.URL += "/" }, ErrVerification},
		"another case":               {l, func(e *Entry) { e.URL = "https://EXAMPLE.org/status/3" }, ErrVerification},
		"no URL":                     {l, func(e *Entry) { e.URL = "" }, ErrMalformed},
		"index behind the end":       {l, func(e *Entry) { e.Index = MinEntries }, ErrRange},
		"index -1":                   {l, func(e *Entry) { e.Index = -1 }, ErrRange},
		"size too large for it":      {l, func(e *Entry) { e.Size, e.Messages = 2, make([]string, 4) }, ErrLength},
		"size 9":                     {l, func(e *Entry) { e.Size = 9 }, ErrMalformed},
		"messages of another size":   {l, func(e *Entry) { e.Messages = make([]string, 4) }, ErrMalformed},
		"zero entry":                 {l, func(e *Entry) { *e = Entry{} }, ErrMalformed},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := tc.list.Status(entry7(tc.change))
			refused(t, err, tc.kind)
		})
	}
	_, err := new(ListCredential).Status(entry7(nil))
	refused(t, err, ErrVerification)
}

func TestStatusMessages(t *testing.T) {
	l := mustRead(t, strings.NewReplacer(textIndex7, textPairs, `"revocation"`, `"message"`).Replace(listText))
	for index, want := range []string{"zero", "one", "two", "three"} {
		r, err := l.Status(entry7(func(e *Entry) {
			e.Index, e.Purpose, e.Size, e.Messages = index, Message, 2, []string{"zero", "one", "two", "three"}
		}))
		require.NoError(t, err)
		require.Equal(t, Result{Value: uint8(index), Set: index != 0, Purpose: Message, Message: want}, r)
	}
	r, err := l.Status(entry7(func(e *Entry) { e.Index, e.Purpose, e.Messages = 3, Message, []string{"no", "yes"} }))
	require.NoError(t, err)
	require.Equal(t, "yes", r.Message, "0b00011011, bit 3")
}

// TestSTL10TTL: whatever ttl says, it only moves the next fetch, and not by
// more than the oldest list that any configuration takes.
func TestSTL10TTL(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"0": 0, "-1": 0, "-9007199254740991": 0, "1": time.Millisecond,
		"604800000": 7 * 24 * time.Hour, "604800001": 7 * 24 * time.Hour, "9007199254740991": 7 * 24 * time.Hour,
	} {
		l := mustRead(t, strings.Replace(listText, "300000", text, 1))
		require.True(t, l.HasTTL)
		require.Equal(t, want, l.TTL, text)
		require.True(t, l.AsOf.Equal(testNow))
	}
	l := mustRead(t, strings.Replace(listText, `"ttl": 300000,`, ``, 1))
	require.False(t, l.HasTTL)
	require.Zero(t, l.TTL)
}

// TestSTL10AsOf: only the issuer's own proof makes a list younger, so that
// nobody who hands on an old list can.
func TestSTL10AsOf(t *testing.T) {
	issuer, stranger := signer(t), signer(t)
	at := func(hours int) time.Time { return testNow.Add(time.Duration(hours) * time.Hour) }
	type proof struct {
		by      *did.KeyPair
		created time.Time
	}
	for name, tc := range map[string]struct {
		from   bool // validFrom 22:00
		proofs []proof
		want   time.Time // zero: refused
	}{
		"validFrom alone":                  {true, nil, at(0)},
		"nothing":                          {false, nil, time.Time{}},
		"created alone":                    {false, []proof{{issuer, at(1)}}, at(1)},
		"created later":                    {true, []proof{{issuer, at(1)}}, at(1)},
		"created earlier":                  {true, []proof{{issuer, at(-1)}}, at(0)},
		"no created":                       {true, []proof{{issuer, time.Time{}}}, at(0)},
		"neither":                          {false, []proof{{issuer, time.Time{}}}, time.Time{}},
		"a stranger's is later":            {true, []proof{{issuer, at(1)}, {stranger, at(9)}}, at(1)},
		"a stranger's is earlier":          {true, []proof{{stranger, at(-9)}, {issuer, at(1)}}, at(1)},
		"only a stranger's":                {false, []proof{{stranger, at(9)}}, time.Time{}},
		"a stranger's beside none":         {false, []proof{{issuer, time.Time{}}, {stranger, at(9)}}, time.Time{}},
		"two of the issuer":                {false, []proof{{issuer, at(5)}, {issuer, at(2)}}, at(2)},
		"two of the issuer, other order":   {false, []proof{{issuer, at(2)}, {issuer, at(5)}}, at(2)},
		"two of the issuer, one without":   {true, []proof{{issuer, at(5)}, {issuer, time.Time{}}}, at(0)},
		"two of the issuer, other without": {false, []proof{{issuer, time.Time{}}, {issuer, at(5)}}, time.Time{}},
	} {
		t.Run(name, func(t *testing.T) {
			text := strings.Replace(listText, "did:web:example.org", issuer.KeyID().DID().String(), 1)
			if !tc.from {
				text = strings.Replace(text, `"validFrom": "2026-11-21T22:00:00Z",`, "", 1)
			}
			for _, p := range tc.proofs {
				signed, err := credential.SignJSON(ctx, p.by, []byte(text), credential.SignOptions{Created: p.created})
				require.NoError(t, err)
				text = string(signed.Bytes())
			}
			l, err := read(t, text)
			if tc.want.IsZero() {
				refused(t, err, ErrVerification)
				return
			}
			require.NoError(t, err)
			require.True(t, l.AsOf.Equal(tc.want), "as of %s, want %s", l.AsOf, tc.want)
		})
	}
}

// TestBytes: the bounds of a Parser hold for what it reads.
func TestStatusListBytes(t *testing.T) {
	signed, err := credential.Parser{StatusList: true}.Credential([]byte(listText))
	require.NoError(t, err)
	for _, tc := range []struct {
		bounds Bounds
		ok     bool
	}{
		{Bounds{}, true},
		{Bounds{Bytes: listBytes}, true},
		{Bounds{Bytes: listBytes - 1}, false},
	} {
		_, err := Parser{Bounds: tc.bounds}.Credential(signed)
		require.Equal(t, tc.ok, err == nil, "%+v: %v", tc.bounds, err)
	}
	// More entries than the bounds allow show when the size is known.
	l, err := Parser{Bounds: Bounds{Entries: MinEntries - 1}}.Credential(signed)
	require.NoError(t, err)
	_, err = l.Status(entry7(nil))
	refused(t, err, ErrVerification)
}

func TestStatusAllocatesNothing(t *testing.T) {
	l, e := mustRead(t, listText), entry7(nil)
	require.Zero(t, testing.AllocsPerRun(100, func() {
		r, err := l.Status(e)
		if err != nil {
			panic(err)
		}
		sink += r.Value
	}))
}

// TestG12GrantexListsAreNoCredentials: as published they are neither signed
// nor VC 1.1, and are refused whole.
func TestG12GrantexListsAreNoCredentials(t *testing.T) {
	for _, name := range []string{"statuslist-before.json", "statuslist-after-child-revoked.json"} {
		_, err := read(t, string(testvectors.Read(t, "grantex", name)))
		require.Error(t, err)
	}
}

func FuzzListCredential(f *testing.F) {
	for _, text := range []string{
		listText, list2021Text, `{}`, entryText,
		strings.Replace(listText, `"revocation"`, `["revocation","suspension"]`, 1),
		strings.Replace(listText, textIndex7, textPairs, 1),
	} {
		f.Add(text, 7, 1)
	}
	f.Fuzz(func(t *testing.T, text string, index, size int) {
		l, err := read(t, text)
		if err != nil {
			require.NotEmpty(t, code.Of(err))
			return
		}
		require.False(t, l.AsOf.IsZero())
		require.NotEmpty(t, l.Purposes)
		require.GreaterOrEqual(t, len(l.bits)*8, MinEntries)
		e := Entry{Encoding: l.Encoding, Purpose: l.Purposes[0], URL: l.ID, Index: index, Size: size}
		if size > 1 && size <= MaxSize {
			e.Messages = make([]string, 1<<size)
		}
		if r, err := l.Status(e); err != nil {
			require.ErrorIs(t, err, code.StatusInvalid)
		} else {
			require.Equal(t, r.Value != 0, r.Set)
		}
	})
}
