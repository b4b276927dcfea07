package view

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/credential"
	"github.com/safeconduct/safeconduct/statuslist"
	"github.com/safeconduct/safeconduct/verify"
)

// A cause is said once, and in one line.
func TestCauseIsSaidOnce(t *testing.T) {
	away := errors.New("the disk is away")
	for name, c := range map[string]struct {
		err  error
		want string
	}{
		"none":           {nil, ""},
		"one":            {away, "the disk is away"},
		"behind a name":  {fmt.Errorf("%w: %w", statuslist.ErrRetrieval, away), "the disk is away"},
		"behind a word":  {fmt.Errorf("reading: %w", away), "reading: the disk is away"},
		"of another one": {&credential.Error{Detail: "no list", Err: away}, "no list: the disk is away"},
		"the same words": {&credential.Error{Detail: "not found", Err: away}, "the disk is away"},
		"two":            {errors.Join(away, errors.New("so is the other")), "the disk is away; so is the other"},
	} {
		require.Equal(t, c.want, cause(&verify.Violation{Detail: "not found", Err: c.err}), name)
	}

	// A folder into which nothing was published.
	url := "https://issuer.example/status/1"
	_, err := statuslist.Dir(t.TempDir()).StatusList(context.Background(), url)
	require.ErrorIs(t, err, statuslist.ErrNotFound)
	require.NotContains(t, err.Error(), "\n")
	var out bytes.Buffer
	Printer{W: &out}.reasons([]verify.Violation{{Code: verify.StatusUnavailable, Detail: "not found", Err: err}}, nil)
	require.Equal(t, 1, strings.Count(out.String(), "no such list"), out.String())
	require.NotContains(t, out.String(), `\n`)
}
