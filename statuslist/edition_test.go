package statuslist

import (
	"bytes"
	"encoding/base64"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/did"
	"github.com/safeconduct/safeconduct/internal/code"
)

// TestEditionsAreLaterOneByOne: every edition is later than the one before,
// whatever the clock says, and has the next number; also after a restart.
func TestEditionsAreLaterOneByOne(t *testing.T) {
	p, key := publisher(t, nil), signer(t)
	var last *Edition
	publish := func(at time.Time) error {
		editions, err := p.Publish(ctx, key, PublishOptions{Now: at})
		if err != nil {
			return err
		}
		for _, e := range editions {
			l, err := ParseCredential(parseList(t, e.Raw))
			require.NoError(t, err)
			require.True(t, l.AsOf.Equal(e.AsOf), "the bytes say %s, the edition %s", l.AsOf, e.AsOf)
			require.False(t, e.AsOf.After(at), "never ahead of the clock")
			if last != nil {
				require.True(t, e.AsOf.After(last.AsOf))
				require.Equal(t, last.Number+1, e.Number)
			}
		}
		last = editions[0]
		return nil
	}
	half := testNow.Add(500*time.Millisecond + 250*time.Nanosecond)
	require.NoError(t, publish(half))
	require.True(t, last.AsOf.Equal(testNow), "in whole seconds where that will do")
	require.NoError(t, publish(half), "the same instant once more, in milliseconds")
	require.True(t, last.AsOf.Equal(testNow.Add(500*time.Millisecond)))
	require.NoError(t, publish(half), "and in nanoseconds")
	require.True(t, last.AsOf.Equal(half))
	for name, at := range map[string]time.Time{
		"the same instant": half, "the same second": testNow, "a clock that was set back": testNow.Add(-time.Hour),
	} {
		err := publish(at)
		require.ErrorIs(t, err, ErrNotLater, name)
		require.ErrorIs(t, err, code.RequestInvalid, name)
	}
	var err error
	p, err = RestorePublisher(p.MarshalState())
	require.NoError(t, err)
	require.ErrorIs(t, publish(half), ErrNotLater, "after a restart")
	require.NoError(t, publish(testNow.Add(time.Second)))
	require.Equal(t, 4, last.Number)
}

// A state of before editions were counted has published nothing that it knows.
func TestRestoreAStateWithoutEditions(t *testing.T) {
	p := publisher(t, nil)
	state := string(p.MarshalState())
	require.NotContains(t, state, "edition")
	_, err := p.Publish(ctx, signer(t), PublishOptions{Now: testNow})
	require.NoError(t, err)
	state = string(p.MarshalState())
	for name, odd := range map[string]string{
		"edition without instant": with(t, state, "asOf", ""),
		"instant without edition": with(t, state, "edition", ""),
		"edition 0":               with(t, state, "edition", "0"),
		"edition a text":          with(t, state, "edition", `"1"`),
		"instant not an instant":  with(t, state, "asOf", `"today"`),
	} {
		_, err := RestorePublisher([]byte(odd))
		require.ErrorIs(t, err, code.RequestInvalid, name)
	}
	q, err := RestorePublisher([]byte(with(t, with(t, state, "asOf", ""), "edition", "")))
	require.NoError(t, err)
	_, err = q.Publish(ctx, signer(t), PublishOptions{Now: testNow.Add(-time.Hour)})
	require.NoError(t, err)
}

func TestPublisherOptionsAreACopy(t *testing.T) {
	p := publisher(t, nil)
	o := p.Options()
	require.Equal(t, PublisherOptions{
		URL: testURL, Also: map[Encoding]string{StatusList2021: testURL2021}, Purpose: Revocation, Entries: MinEntries, Size: 1,
	}, o)
	o.Also[StatusList2021] = "https://mallory.example/"
	require.Equal(t, testURL2021, p.Options().Also[StatusList2021])
	restored, err := RestorePublisher(p.MarshalState())
	require.NoError(t, err)
	require.Equal(t, p.Options(), restored.Options())
}

// TestEncodingsAreRows: what there is of one encoding there is of each.
func TestEncodingsAreRows(t *testing.T) {
	names := map[string]bool{}
	for i, k := range kinds {
		e := Encoding(i)
		require.False(t, names[k.name] || names[k.stateURL], k.name)
		names[k.name], names[k.stateURL] = true, true
		require.Equal(t, k.name, e.String())
		require.Equal(t, k.context, e.Context())
		require.NotEmpty(t, k.mediaType)
		require.Contains(t, k.purposes, Revocation)
		require.True(t, k.vc != nil || k.sign != nil && k.open != nil)
		l, err := New(MinEntries, 1)
		require.NoError(t, err)
		require.NoError(t, l.Set(7, 1))
		again, err := Decode(l.Encode(e), e, 1)
		require.NoError(t, err)
		require.Equal(t, l, again)
	}
	none := Encoding(len(kinds))
	require.Equal(t, "unknown encoding", none.String())
	require.Empty(t, none.Context())
	require.Empty(t, new(List).Encode(none))
	_, err := Decode(textEmpty, none, 1)
	refused(t, err, ErrMalformed)
}

// TestTargetsRefuseAnOlderEdition: what a publisher that was overtaken puts
// there changes nothing.
func TestTargetsRefuseAnOlderEdition(t *testing.T) {
	early, late := editionAt(t, testURL, testNow), editionAt(t, testURL, testNow.Add(time.Second))
	twin := editionAt(t, testURL, testNow.Add(time.Second)) // of the same instant, by another
	other := editionAt(t, testURL+"/2", testNow.Add(-time.Hour))
	misplaced := *late
	misplaced.URL = testURL + "/3"
	lies := *early
	lies.AsOf, lies.Number = late.AsOf.Add(time.Hour), 99
	for name, target := range map[string]interface {
		Target
		Source
	}{"Dir": Dir(t.TempDir()), "Memory": new(Memory)} {
		t.Run(name, func(t *testing.T) {
			has := func(want *Edition) {
				f, err := target.StatusList(ctx, want.URL)
				require.NoError(t, err)
				require.Equal(t, string(want.Raw), string(f.Raw))
				require.False(t, f.At.IsZero())
			}
			f, err := target.StatusList(ctx, testURL)
			missing(t, f, err)
			require.NoError(t, target.Put(ctx, early))
			require.NoError(t, target.Put(ctx, late))
			require.NoError(t, target.Put(ctx, late), "the same bytes again")
			for name, e := range map[string]*Edition{"older": early, "of the same instant": twin, "older, and lies about it": &lies} {
				err := target.Put(ctx, e)
				require.ErrorIs(t, err, ErrOlder, name)
				require.ErrorIs(t, err, code.RequestInvalid, name)
			}
			for name, e := range map[string]*Edition{
				"of another URL": &misplaced, "not a list": {URL: testURL, Raw: []byte("{}")}, "nothing": {URL: testURL}, "no URL": {Raw: late.Raw},
			} {
				require.Error(t, target.Put(ctx, e), name)
			}
			has(late)
			require.NoError(t, target.Put(ctx, other))
			has(other)
			has(late)
		})
	}
	dir := Dir(t.TempDir())
	name, err := FileName(testURL)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(string(dir), name), late.Raw[:100], 0o644))
	require.NoError(t, dir.Put(ctx, early), "a file that is not a list is replaced")
}

// TestSTL20PutAtOnce: whoever comes last, the latest edition stays. A folder is
// locked against other processes, too, and so against other goroutines.
func TestSTL20PutAtOnce(t *testing.T) {
	const n = 16
	var editions [n]*Edition
	for i := range editions {
		editions[i] = editionAt(t, testURL, testNow.Add(time.Duration(i)*time.Second))
	}
	for name, target := range map[string]interface {
		Target
		Source
	}{"Dir": Dir(t.TempDir()), "Memory": new(Memory)} {
		var wg sync.WaitGroup
		for _, e := range editions {
			wg.Go(func() { _ = target.Put(ctx, e) })
		}
		wg.Wait()
		f, err := target.StatusList(ctx, testURL)
		require.NoError(t, err)
		require.Equal(t, string(editions[n-1].Raw), string(f.Raw), name)
	}
}

// TestReadUnverified reads lists in every form, without a key.
func TestReadUnverified(t *testing.T) {
	key := signer(t)
	signed, err := credential.SignJSON(ctx, key, []byte(listText), credential.SignOptions{})
	require.NoError(t, err)
	jws := func(header, payload string) []byte {
		enc := base64.RawURLEncoding.EncodeToString
		return []byte(enc([]byte(header)) + "." + enc([]byte(payload)) + "." + enc(make([]byte, 64)))
	}
	const header = `{"alg":"EdDSA","typ":"vc+jwt","kid":"did:web:example.org#key-1"}`
	for name, tc := range map[string]struct {
		raw   []byte
		media string
	}{
		"unsigned":              {[]byte(listText), "application/vc"},
		"signed":                {signed.Bytes(), "application/vc"},
		"2021":                  {[]byte(list2021Text), "application/vc+ld+json"},
		"token":                 {jws(header, listText), "application/vc+jwt"},
		"token, with a newline": {append(jws(header, listText), '\n'), "application/vc+jwt"},
		"by another":            {bytes.Replace(signed.Bytes(), []byte("did:web:example.org"), []byte("did:web:mallory.org"), 1), "application/vc"},
	} {
		l, err := ReadUnverified(tc.raw)
		require.NoError(t, err, name)
		require.Equal(t, "https://example.org/status/3", l.ID, name)
		require.Equal(t, tc.media, l.MediaType, name)
		require.True(t, l.AsOf.Equal(testNow), name)
	}
	for name, raw := range map[string][]byte{
		"nothing": nil, "space": []byte(" \n"), "not a list": []byte(entryText), "two parts": []byte("e30.e30"), "four parts": []byte("e30.e30.e30.e30"),
		"header not base64": []byte("e30=.e30."), "header not JSON": jws("x", listText),
		"header a list": jws("[]", listText), "payload not base64": []byte("e30.%.e30"),
		"SIG-27: a line break inside":           bytes.Replace(jws(header, listText), []byte("ey"), []byte("e\ny"), 1),
		"SIG-27: a line break in the signature": append(jws(header, listText), "\r\nAAAA"...),
		"signature not base64":                  append(jws(header, listText), '='),
		"payload not a list":                    jws(header, "{}"), "payload with a proof": jws(header, signed.Text()),
	} {
		_, err := ReadUnverified(raw)
		require.Error(t, err, name)
	}
	_, err = tokens{}.Seal(ctx, key, nil, credential.KindCredential)
	require.ErrorIs(t, err, errUnverified)
	envelope, err := tokens{}.Open(jws(header, listText), credential.KindCredential)
	require.NoError(t, err)
	pub, err := did.GenerateKey()
	require.NoError(t, err)
	require.ErrorIs(t, envelope.Check(pub.PublicKey()), errUnverified)
}

// Whoever stores, serves or caches lists reads what strangers wrote.
func FuzzReadUnverified(f *testing.F) {
	enc := base64.RawURLEncoding.EncodeToString
	for _, text := range []string{
		listText, list2021Text, "", " {}", "e30.e30.e30", enc([]byte(`{"kid":"did:web:example.org#k"}`)) + "." + enc([]byte(listText)) + ".e30",
		enc([]byte(`{"kid":1}`)) + "." + enc([]byte(`{"iat":1}`)) + ".\n",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		l, err := ReadUnverified(raw)
		if err != nil {
			require.NotEmpty(t, code.Of(err))
			return
		}
		require.NoError(t, checkURL("", l.ID))
		require.False(t, l.AsOf.IsZero())
		require.NotEmpty(t, l.MediaType)
	})
}
