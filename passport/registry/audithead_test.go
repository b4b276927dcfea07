package registry_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/passport/registry"
	"github.com/safeconduct/safeconduct/store/sqlite"
	"github.com/safeconduct/safeconduct/verify/receipt"
	"github.com/safeconduct/safeconduct/verify/verifytest"
)

// shortened is a store whose logs were cut off, or written anew with another reason.
type shortened struct {
	registry.Store
	at     int64 // the last line that is left
	reason string
}

// anew writes a line again, behind another one, as whoever knows the format can.
func anew(body []byte, reason, previous string) (line []byte, hash string) {
	var l registry.AuditRecord
	_ = json.Unmarshal(body, &l)
	l.Reason, l.Previous, l.Hash = reason, previous, ""
	line, _ = json.Marshal(&l)
	l.Hash = fmt.Sprintf("%x", sha256.Sum256(line))
	line, _ = json.Marshal(&l)
	return line, l.Hash
}

func (s *shortened) View(c context.Context, f func(registry.Tx) error) error {
	return s.Store.View(c, func(tx registry.Tx) error { return f(shortTx{tx, s}) })
}

type shortTx struct {
	registry.Tx
	s *shortened
}

func (t shortTx) Read(stream string, after int64, limit int) ([]registry.Entry, error) {
	list, err := t.Tx.Read(stream, 0, 0)
	previous := ""
	for i := range list {
		if list[i].Number > t.s.at {
			list = list[:i]
			break
		}
		if t.s.reason != "" {
			list[i].Body, previous = anew(list[i].Body, t.s.reason, previous)
		}
	}
	list = list[min(int(after), len(list)):]
	return list[:min(limit, len(list))], err
}

// P11: a log that was cut off, or written anew, is found out by a head that somebody
// has kept; any other head, and what is no head, is refused.
func TestP11TruncationIsSeen(t *testing.T) {
	db, err := sqlite.Open(ctx, sqlite.Memory, sqlite.Options{InsecureNoSync: true})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	store := &shortened{Store: db.Registry(), at: 1 << 60}
	open := func(issuer string) *registry.Registry {
		r, err := registry.Open(registry.Config{
			Store: store, Issuer: verifytest.Key(issuer), BaseURL: "https://issuer.example",
		})
		require.NoError(t, err)
		return r
	}
	r := open("issuer")
	org, err := r.Orgs.Create(ctx, registry.Root(), registry.NewOrg{Name: "x"})
	require.NoError(t, err)
	other, err := r.Orgs.Create(ctx, registry.Root(), registry.NewOrg{Name: "y"})
	require.NoError(t, err)
	lines := func() int64 {
		list, err := r.Audit.List(ctx, org.Admin(), "", 0, 0)
		require.NoError(t, err)
		return int64(len(list))
	}
	agent := func(name string) {
		_, err := r.Agents.Create(ctx, org.Admin(), registry.NewAgent{Name: name, DID: verifytest.Key(name).DID()})
		require.NoError(t, err)
	}
	agent("a")
	early, err := r.Audit.Head(ctx, org.Admin(), "")
	require.NoError(t, err)
	agent("b")
	head, err := r.Audit.Head(ctx, org.Admin(), "")
	require.NoError(t, err)
	n := lines()
	for _, h := range [][]byte{early, head} {
		require.NoError(t, r.Audit.VerifySince(ctx, org.Admin(), "", h))
	}

	// Others read it with the note format that they know.
	key, err := r.Audit.Key(ctx, org.Admin(), "")
	require.NoError(t, err)
	c, err := receipt.OpenCheckpoint(head, key)
	require.NoError(t, err)
	require.Equal(t, "issuer.example/audit/"+org.ID, c.Origin)
	require.Equal(t, n, c.Size)
	witnessed := append(bytes.Clone(head), "— witness.example AAAAAAAA\n"...)
	require.NoError(t, r.Audit.VerifySince(ctx, org.Admin(), "", witnessed))

	store.at = n - 1
	require.NoError(t, r.Audit.Verify(ctx, org.Admin(), ""), "by itself it cannot tell")
	require.ErrorIs(t, r.Audit.VerifySince(ctx, org.Admin(), "", head), registry.ErrBroken)
	require.NoError(t, r.Audit.VerifySince(ctx, org.Admin(), "", early))
	store.at = 1 << 60
	store.reason = "another one"
	require.NoError(t, r.Audit.Verify(ctx, org.Admin(), ""), "by itself it cannot tell")
	require.ErrorIs(t, r.Audit.VerifySince(ctx, org.Admin(), "", head), registry.ErrBroken)
	store.reason = ""

	root, err := r.Audit.Head(ctx, registry.Root(), "")
	require.NoError(t, err)
	require.NoError(t, r.Audit.VerifySince(ctx, registry.Root(), "", root), "the office's own log may be empty")
	theirs, err := r.Audit.Head(ctx, other.Admin(), "")
	require.NoError(t, err)
	forged, err := open("enemy").Audit.Head(ctx, org.Admin(), "")
	require.NoError(t, err)
	for name, h := range map[string][]byte{
		"of another log":    theirs,
		"of another office": forged,
		"nothing":           nil,
		"another number":    bytes.Replace(head, []byte("\n"+string(rune('0'+n))+"\n"), []byte("\n1\n"), 1),
		"without signature": []byte(strings.SplitAfter(string(head), "\n\n")[0]),
		"more lines":        bytes.Replace(head, []byte("\n\n"), []byte("\nx\n\n"), 1),
	} {
		require.ErrorIs(t, r.Audit.VerifySince(ctx, org.Admin(), "", h), registry.BadRequest, name)
	}
}
