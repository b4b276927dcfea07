package receipt

import (
	"encoding/base64"
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/safeconduct/safeconduct/did"
)

// Each row changes one thing of a proof that holds.
func TestVerifyRefuses(t *testing.T) {
	l, err := open(ctx, newMemory(), options(t))
	require.NoError(t, err)
	for i := range 11 {
		_, err := l.Append(ctx, sealed(t, i))
		require.NoError(t, err)
	}
	p, err := l.Prove(ctx, 5)
	require.NoError(t, err)
	text, err := p.MarshalText()
	require.NoError(t, err)
	receipt := sealed(t, 5).Text()
	_, err = Verify(ctx, []byte(receipt), text, trust(l))
	require.NoError(t, err, "the good twin")

	other, err := open(ctx, newMemory(), options(t))
	require.NoError(t, err)
	good := string(text)
	lines := strings.Split(good, "\n")
	for name, tt := range map[string]struct {
		receipt, proof string
		trust          func(*Trust)
	}{
		"another receipt":          {sealed(t, 6).Text(), good, nil},
		"a changed receipt":        {strings.Replace(receipt, `"allow"`, `"deny"`, 1), good, nil},
		"white space":              {receipt + " ", good, nil},
		"another index":            {receipt, strings.Replace(good, "index 5", "index 4", 1), nil},
		"an index beyond":          {receipt, strings.Replace(good, "index 5", "index 11", 1), nil},
		"an index with a zero":     {receipt, strings.Replace(good, "index 5", "index 05", 1), nil},
		"a hash less":              {receipt, strings.Replace(good, lines[3]+"\n", "", 1), nil},
		"a hash more":              {receipt, strings.Replace(good, lines[3]+"\n", lines[3]+"\n"+lines[3]+"\n", 1), nil},
		"a hash in another base64": {receipt, strings.Replace(good, lines[3], strings.TrimRight(lines[3], "="), 1), nil},
		"another size":             {receipt, strings.Replace(good, "\n11\n", "\n12\n", 1), nil},
		"no checkpoint":            {receipt, strings.Split(good, "\n\n")[0] + "\n\n", nil},
		"another header":           {receipt, strings.Replace(good, "@v1", "@v2", 1), nil},
		"nothing":                  {receipt, "", nil},
		"another log":              {receipt, good, func(t *Trust) { t.LogKey = other.Key() }},
		"another verifier":         {receipt, good, func(t *Trust) { t.Verifier = did.MustParse("did:web:other.example") }},
		"no resolver":              {receipt, good, func(t *Trust) { t.Resolver = nil }},
		"no key of the log":        {receipt, good, func(t *Trust) { t.LogKey = "" }},
		"no verifier":              {receipt, good, func(t *Trust) { t.Verifier = did.DID{} }},
		"too long":                 {receipt, good + strings.Repeat("\n", maxProofBytes), nil},
	} {
		t.Run(name, func(t *testing.T) {
			tr := trust(l)
			if tt.trust != nil {
				tt.trust(&tr)
			}
			says, err := Verify(ctx, []byte(tt.receipt), []byte(tt.proof), tr)
			require.ErrorIs(t, err, ErrInvalid)
			assert.Equal(t, Statement{}, says, "a refusal says nothing")
		})
	}
	t.Run("16 witnesses, with keys of another kind", func(t *testing.T) {
		// As many as C2SP signed-note wants, with signatures as long as it names.
		checkpoint := p.Checkpoint
		for i := range 16 {
			signature := base64.StdEncoding.EncodeToString(append([]byte{0, 0, 0, byte(i)}, make([]byte, 5000)...))
			checkpoint += fmt.Sprintf("— witness%d.example %s\n", i, signature)
		}
		many, err := (&Proof{p.Index, p.Hashes, checkpoint}).MarshalText()
		require.NoError(t, err)
		_, err = Verify(ctx, []byte(receipt), many, trust(l))
		require.NoError(t, err)
	})
	t.Run("extra data is passed over", func(t *testing.T) {
		_, err := Verify(ctx, []byte(receipt), []byte(strings.Replace(good, "index", "extra YWdl\nindex", 1)), trust(l))
		require.NoError(t, err)
	})
}

// A checkpoint is what C2SP tlog-checkpoint says, whoever signed something else.
func TestCheckpointText(t *testing.T) {
	o := options(t)
	l, err := open(ctx, newMemory(), o)
	require.NoError(t, err)
	signer := l.note
	signer.ctx = ctx
	root := base64.StdEncoding.EncodeToString(make([]byte, 32))
	const ofNothing = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=" // SHA-256 of nothing
	for name, tt := range map[string]struct {
		text string
		good bool
	}{
		"plain":                  {origin + "\n5\n" + root + "\n", true},
		"extensions":             {origin + "\n5\n" + root + "\nextra 1\n— extra\n", true},
		"nothing yet":            {origin + "\n0\n" + ofNothing + "\n", true},
		"nothing, and a root":    {origin + "\n0\n" + root + "\n", false},
		"an empty line":          {origin + "\n5\n" + root + "\n\n", false},
		"an empty extension":     {origin + "\n5\n" + root + "\n\nextra\n", false},
		"an empty one in others": {origin + "\n5\n" + root + "\na\n\nb\n", false},
		"a size with a zero":     {origin + "\n05\n" + root + "\n", false},
		"a size with a sign":     {origin + "\n+5\n" + root + "\n", false},
		"a root cut":             {origin + "\n5\n" + root[:40] + "\n", false},
		"no root":                {origin + "\n5\n", false},
		"another origin":         {"other.example\n5\n" + root + "\n", false},
	} {
		t.Run(name, func(t *testing.T) {
			text, err := note.Sign(&note.Note{Text: tt.text}, signer)
			require.NoError(t, err)
			c, err := OpenCheckpoint(text, l.Key())
			if tt.good {
				require.NoError(t, err)
				require.Equal(t, string(text), c.Text)
				return
			}
			require.ErrorIs(t, err, ErrInvalid)
		})
	}
}

func TestConsistency(t *testing.T) {
	o := options(t)
	m := newMemory()
	l, err := open(ctx, m, o)
	require.NoError(t, err)
	empty, err := l.Checkpoint(ctx)
	require.NoError(t, err)
	points := []*Checkpoint{empty}
	for i := range 20 {
		_, err := l.Append(ctx, sealed(t, i))
		require.NoError(t, err)
		c, err := l.Checkpoint(ctx)
		require.NoError(t, err)
		points = append(points, c)
	}
	for _, old := range points {
		proof, newest, err := l.ProveConsistency(ctx, old)
		require.NoError(t, err)
		require.NoError(t, VerifyConsistency(old, newest, proof))
	}

	// Another history under the same key.
	fork, err := open(ctx, newMemory(), o)
	require.NoError(t, err)
	for i := range 25 {
		n := i
		if i == 3 {
			n = 99
		}
		_, err := fork.Append(ctx, sealed(t, n))
		require.NoError(t, err)
	}
	forked, err := fork.Checkpoint(ctx)
	require.NoError(t, err)
	points = points[1:] // the empty one fits every log
	for i, old := range points {
		proof, _, err := fork.ProveConsistency(ctx, old)
		if i < 3 {
			require.NoError(t, err)
			require.NoError(t, VerifyConsistency(old, forked, proof), "they part later")
			continue
		}
		require.ErrorIs(t, err, ErrInvalid, "the log notices by itself")
		// One that would not say so proves nothing.
		v := fork.view()
		hashes, err := tlog.ProveTree(v.edge.size, old.Size, v.hashes())
		require.NoError(t, err)
		require.ErrorIs(t, VerifyConsistency(old, forked, consistencyText(hashes)), ErrInvalid)
	}
	proof, newest, err := l.ProveConsistency(ctx, points[4])
	require.NoError(t, err)
	for name, err := range map[string]error{
		"the wrong way round":  VerifyConsistency(newest, points[4], proof),
		"no proof":             VerifyConsistency(points[4], newest, nil),
		"for another":          VerifyConsistency(points[5], newest, proof),
		"not opened":           VerifyConsistency(&Checkpoint{Origin: origin, Size: 5}, newest, proof),
		"nothing":              VerifyConsistency(nil, newest, proof),
		"same size, two roots": VerifyConsistency(&Checkpoint{Origin: origin, Size: 20, Text: "x"}, newest, nil),
		"two logs":             VerifyConsistency(&Checkpoint{Origin: "other", Size: 20, Text: "x"}, newest, nil),
	} {
		assert.ErrorIs(t, err, ErrInvalid, name)
	}
	ofAnother := *points[4]
	ofAnother.Origin = "other.example"
	for _, old := range []*Checkpoint{
		nil, {Origin: origin, Size: 21}, {Origin: origin, Size: -1}, {Origin: origin}, &ofAnother,
	} {
		_, _, err = l.ProveConsistency(ctx, old)
		require.ErrorIs(t, err, ErrInvalid)
	}
}

// STO-12: an entry that is changed, removed, swapped or taken from another
// log is found, and named.
func TestSTO12Fsck(t *testing.T) {
	m, o := newMemory(), options(t)
	l, err := open(ctx, m, o)
	require.NoError(t, err)
	const n = 300
	for i := range n {
		_, err := l.Append(ctx, sealed(t, i))
		require.NoError(t, err)
		if i == 278 {
			require.NoError(t, l.Publish(ctx))
		}
	}
	require.NoError(t, l.Close(ctx))
	files := m.fs().(fstest.MapFS)
	first, second := tilePath(-1, 0, 256), tilePath(-1, 1, 44)
	for level := -1; level < 1; level++ { // of the time when the log was smaller, for who has its checkpoint of then
		require.NotNil(t, files[tilePath(level, 1, 23)])
	}
	flipped := func(name string) []byte {
		data := append([]byte(nil), files[name].Data...)
		data[len(data)/2] ^= 1
		return data
	}
	entries, err := splitBundle(files[first].Data, 256)
	require.NoError(t, err)
	bundle := func(entries [][]byte) (out []byte) {
		for _, e := range entries {
			out = appendEntry(out, e)
		}
		return out
	}
	edited := func(at int, entry []byte) []byte {
		list := append([][]byte(nil), entries...)
		list[at] = entry
		return bundle(list)
	}
	longer := func(bundle []byte, at int, entries [][]byte) []byte { // by one byte, says the length of an entry
		place := 1
		for _, e := range entries[:at] {
			place += 2 + len(e)
		}
		bundle[place]++
		return bundle
	}
	swapped := append([][]byte(nil), entries...)
	swapped[7], swapped[8] = swapped[8], swapped[7]
	for name, tt := range map[string]struct {
		file string
		data []byte
		leaf int64 // -1: none is named
	}{
		"edited":               {first, edited(17, []byte(strings.Replace(string(entries[17]), "allow", "deny!", 1))), 17},
		"from elsewhere":       {first, edited(3, []byte(sealedText(999))), 3},
		"swapped":              {first, bundle(swapped), 7},
		"removed":              {first, bundle(entries[:255]), 255},
		"a length":             {first, longer(bundle(entries), 9, entries), 9},
		"one more":             {first, bundle(append(entries[:256:256], entries[0])), 255},
		"cut":                  {second, files[second].Data[:100], 256},
		"a tile is cut":        {tilePath(0, 1, 44), files[tilePath(0, 1, 44)].Data[:32], 257},
		"an upper tile is cut": {tilePath(1, 0, 1), []byte("x"), -1},
		"no bundle":            {second, nil, 256},
		"a checkpoint less":    {checkpointFile, []byte("x"), -1},
		"a left bundle":        {tilePath(-1, 0, 100), files[second].Data, 0},
		"a smaller bundle":     {tilePath(-1, 1, 23), flipped(tilePath(-1, 1, 23)), 267},
		"a smaller tile":       {tilePath(0, 1, 23), files[tilePath(0, 1, 23)].Data[:32], 257},
		"a tile with no end":   {tilePath(0, 1, 7), files[tilePath(0, 1, 44)].Data, 262},
	} {
		t.Run(name, func(t *testing.T) {
			broken := fstest.MapFS{}
			for f, data := range files {
				broken[f] = data
			}
			if broken[tt.file] = (&fstest.MapFile{Data: tt.data}); tt.data == nil {
				delete(broken, tt.file)
			}
			_, err := Fsck(ctx, broken, l.Key(), nil)
			require.ErrorIs(t, err, ErrDamaged)
			var leaf *BrokenLeaf
			if tt.leaf < 0 {
				require.False(t, asLeaf(err, &leaf))
				return
			}
			require.True(t, asLeaf(err, &leaf), "%v", err)
			assert.Equal(t, tt.leaf, leaf.Index)
		})
	}
	t.Run("the caller's own check", func(t *testing.T) {
		_, err := Fsck(ctx, files, l.Key(), func(r *Receipt) error {
			if r.ID() == sealed(t, 200).ID() {
				return fs.ErrInvalid
			}
			return nil
		})
		var leaf *BrokenLeaf
		require.True(t, asLeaf(err, &leaf))
		assert.Equal(t, int64(200), leaf.Index)
	})
}

func asLeaf(err error, leaf **BrokenLeaf) bool {
	for e := err; e != nil; {
		if l, ok := e.(*BrokenLeaf); ok {
			*leaf = l
			return true
		}
		u, ok := e.(interface{ Unwrap() error })
		if !ok {
			return false
		}
		e = u.Unwrap()
	}
	return false
}

// Whatever is read as a proof writes itself again as the same text, but for
// extra data.
func FuzzProof(f *testing.F) {
	f.Add(proofHeader + "\nindex 5\n" + strings.Repeat("A", 43) + "=\n\no\n1\n\n")
	f.Add(proofHeader + "\nextra YQ==\nindex 0\n\n\n")
	f.Fuzz(func(t *testing.T, text string) {
		var p Proof
		if p.UnmarshalText([]byte(text)) != nil {
			return
		}
		again, err := p.MarshalText()
		require.NoError(t, err)
		if !strings.HasPrefix(text, proofHeader+"\nextra ") && string(again) != text {
			t.Errorf("%q was read as %q", text, again)
		}
	})
}

// Whatever is read as a receipt is within bounds and has its id.
func FuzzParse(f *testing.F) {
	f.Add(sealedText(0))
	f.Add(strings.Replace(sealedText(1), `"allow"`, `"deny"`, 1))
	f.Fuzz(func(t *testing.T, text string) {
		r, err := Parse([]byte(text))
		if err != nil {
			require.ErrorIs(t, err, ErrInvalid)
			return
		}
		require.Equal(t, text, r.Text())
		require.Equal(t, idPrefix+r.plain, r.ID())
		require.Len(t, r.Unverified().Steps, 8)
	})
}

// Whatever a journal has, reading it again after the cut gives the same.
func FuzzJournal(f *testing.F) {
	f.Add(appendFrame(nil, 0, 1, appendEntry(nil, []byte("a"))), int64(0))
	f.Add(appendFrame(appendFrame(nil, 0, 1, appendEntry(nil, []byte("a"))), 1, 1, appendEntry(nil, nil))[:100], int64(1))
	f.Fuzz(func(t *testing.T, data []byte, from int64) {
		entries, whole, err := readJournal(data, from)
		if err != nil {
			return
		}
		again, same, err := readJournal(data[:whole], from)
		require.NoError(t, err)
		require.Equal(t, whole, same)
		require.Equal(t, fmt.Sprint(entries), fmt.Sprint(again))
	})
}
