package desk

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestDesk(t *testing.T) {
	now := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	made, err := Make(t.Context(), now)
	require.NoError(t, err)
	const other = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"
	forged := strings.Replace(made.Document, `"12.50"`, `"92.50"`, 1)
	all := Question{Document: made.Document, Trust: made.Trust, Lists: made.Lists}
	for name, c := range map[string]struct {
		change  func(*Question)
		at      time.Duration
		verdict string
		says    string
	}{
		"as it was made":     {func(*Question) {}, 0, "WOULD BE ALLOWED", "passed"},
		"the passport alone": {func(q *Question) { q.Document = made.Passport }, 0, "WOULD BE ALLOWED", "passed"},
		"nobody is believed": {func(q *Question) { q.Trust = "" }, 0, "UNVERIFIED", "nothing here was checked"},
		"another issuer":     {func(q *Question) { q.Trust = other }, 0, "WOULD BE DENIED", "anchor.untrusted_issuer"},
		"no list":            {func(q *Question) { q.Lists = "" }, 0, "WOULD BE UNDETERMINED, and so refused", "status.unavailable"},
		"an amount changed":  {func(q *Question) { q.Document = forged }, 0, "WOULD BE DENIED", "proof.invalid"},
		"a day later":        {func(*Question) {}, 25 * time.Hour, "WOULD BE DENIED", "time."},
	} {
		t.Run(name, func(t *testing.T) {
			q := all
			c.change(&q)
			a := Judge(t.Context(), q, now.Add(c.at))
			require.Empty(t, a.Error)
			require.Equal(t, c.verdict, a.Verdict)
			require.Contains(t, a.Page, c.says)
		})
	}
	for name, q := range map[string]Question{
		"no document": {}, "not JSON": {Document: "hello"}, "not a DID": {Document: made.Document, Trust: "ada"},
		"not a list": {Document: made.Document, Trust: made.Trust, Lists: "{}"}, "not a bundle": {Document: made.Document, Trust: made.Trust, Bundle: "{}"},
		"a presentation cut off": {Document: made.Document[:200]}, "<script>": {Document: "<script>alert(1)</script>"},
	} {
		a := Judge(t.Context(), q, now)
		require.NotEmpty(t, a.Error, name)
		require.Empty(t, a.Page, name)
	}
}
