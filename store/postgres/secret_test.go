package postgres_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/internal/testpostgres"
	"github.com/safeconduct/safeconduct/store/postgres"
)

// shows fails if an error shows any of these, however it is printed.
func shows(t *testing.T, err error, secrets ...string) {
	t.Helper()
	require.Error(t, err)
	var b bytes.Buffer
	slog.New(slog.NewJSONHandler(&b, nil)).Error("opening", "err", err)
	for ; err != nil && !errors.As(err, new(interface{ SQLState() string })); err = errors.Unwrap(err) {
		fmt.Fprintf(&b, "%v %+v %s %q\n", err, err, err, err)
	}
	for _, s := range secrets {
		require.NotContains(t, b.String(), s)
	}
}

// KEY-03, STO-15: no error shows the password, wherever it stands, and however wrong the
// connection string is.
func TestNoErrorShowsThePassword(t *testing.T) {
	const hidden, other = "hunter2", "s3cr3t" // the second one behind a blank, or in another place
	for name, dsn := range map[string]string{
		"URL":                           "postgres://u:hunter2@127.0.0.1:1/d",
		"URL, escaped":                  "postgres://u:hunter2%20s3cr3t@127.0.0.1:1/d",
		"URL, with a blank":             "postgres://u:hunter2 s3cr3t@127.0.0.1:1/d",
		"URL, with an @":                "postgres://u:hunter2@s3cr3t@127.0.0.1:1/d",
		"URL, with a slash":             "postgres://u:hunter2/s3cr3t@127.0.0.1:1/d",
		"URL, a number and a slash":     "postgres://u:1/s3cr3t@127.0.0.1:1/d",
		"URL, with a question mark":     "postgres://u:1?s3cr3t=hunter2@127.0.0.1:1/d",
		"URL, with a number sign":       "postgres://u:1#s3cr3t@127.0.0.1:1/d",
		"URL, with a percent":           "postgres://u:hunter2%zzs3cr3t@127.0.0.1:1/d",
		"URL, with a colon":             "postgres://u:hunter2:s3cr3t@127.0.0.1:1/d",
		"URL, bad port":                 "postgres://u:hunter2@127.0.0.1:port/d",
		"URL, no host":                  "postgres://u:hunter2@:x/d",
		"URL, in the query":             "postgres://u@127.0.0.1:1/d?password=hunter2&sslmode=bogus",
		"URL, in the query, with an @":  "postgres://u@127.0.0.1:1/d?password=hunter2@s3cr3t",
		"URL, in the query, escaped":    "postgres://u@127.0.0.1:1/d?pass%77ord=hunter2&sslmode=bogus",
		"URL, key":                      "postgres://u@127.0.0.1:1/d?sslpassword=hunter2&sslmode=bogus",
		"URL, of another scheme":        "postgre://u:hunter2@127.0.0.1:1/d",
		"URL, with a capital":           "Postgres://u:hunter2@127.0.0.1:1/d",
		"URL, with a blank before":      " postgres://u:hunter2@127.0.0.1:1/d",
		"URL, other name":               "postgresql://u:hunter2@s3cr3t@127.0.0.1:1/d",
		"words":                         "host=127.0.0.1 port=1 user=u password=hunter2",
		"words, in quotes":              "host=127.0.0.1 port=1 user=u password='hunter2 s3cr3t'",
		"words, with blanks":            "host=127.0.0.1 port=1 user=u password = hunter2 s3cr3t",
		"words, with blanks and more":   "host=127.0.0.1 port=1 password = hunter2 s3cr3t sslmode=bogus",
		"words, no end of the quotes":   "host=127.0.0.1 port=1 user=u password='hunter2 s3cr3t",
		"words, a quote in it":          `host=127.0.0.1 port=1 user=u password='hunter2\'s3cr3t' sslmode=bogus`,
		"words, a backslash at the end": `host=127.0.0.1 port=1 user=u password=hunter2\`,
		"words, other quotes":           `host=127.0.0.1 port=1 user=u password="hunter2 s3cr3t"`,
		"words, the rest is a name":     "port=1 password=hunter2 s3cr3t host=127.0.0.1",
		"words, the password alone":     "hunter2",
		"words, no value":               "host=127.0.0.1 password hunter2",
		"words, in capitals":            "host=127.0.0.1 port=1 PASSWORD=hunter2 sslmode=bogus",
		"words, key":                    "host=127.0.0.1 port=1 sslpassword=hunter2 sslmode=bogus",
		"words, bad port":               "host=127.0.0.1 port=x password=hunter2",
		"words, bad timeout":            "host=127.0.0.1 port=1 connect_timeout=x password=hunter2",
		"words, bad mode":               "host=127.0.0.1 port=1 default_query_exec_mode=hunter2 password=hunter2",
		"words, a zero":                 "host=127.0.0.1 port=1 password=hunter2\x00s3cr3t sslmode=bogus",
		"a service that is not there":   "service=hunter2 password=hunter2",
	} {
		t.Run(name, func(t *testing.T) {
			c, cancel := context.WithTimeout(ctx, 5*time.Second)
			defer cancel()
			_, err := postgres.Open(c, dsn, postgres.Options{})
			shows(t, err, hidden, other)
		})
	}
	for name, env := range map[string]string{"PGPASSWORD": hidden + " " + other, "PGPASSFILE": ""} {
		t.Run(name, func(t *testing.T) {
			if name == "PGPASSFILE" {
				env = filepath.Join(t.TempDir(), "pass")
				require.NoError(t, os.WriteFile(env, []byte("*:*:*:*:hunter2 s3cr3t\n"), 0o600))
			}
			t.Setenv(name, env)
			for _, dsn := range []string{
				"postgres://u@127.0.0.1:1/d", "host=127.0.0.1 port=1", "host=127.0.0.1 port=1 sslmode=bogus", "host = h bogus",
			} {
				c, cancel := context.WithTimeout(ctx, 5*time.Second)
				_, err := postgres.Open(c, dsn, postgres.Options{})
				cancel()
				shows(t, err, hidden, other)
			}
		})
	}
}

// What a server says shows no part of a password, either; what is no secret is told.
func TestNoErrorOfTheServerShowsThePassword(t *testing.T) {
	u, err := url.Parse(testpostgres.DSN(t))
	require.NoError(t, err)
	words := fmt.Sprintf("host=%s port=%s user=%s dbname=postgres ", u.Hostname(), u.Port(), u.User.Username())
	for dsn, want := range map[string]string{
		words + "password=hunter2 s3cr3t=x":     "SQLSTATE 42704",
		words + "password=hunter2 search_path=": "",
		words + "password=hunter2 user=hunter2": "28000", // that user has no name here
		words + "password='a b' dbname=nowhere": `database "nowhere" does not exist`,
		words + "password=a work_mem=s3cr3t":    "SQLSTATE 22023",
	} {
		_, err := postgres.Open(ctx, dsn, postgres.Options{})
		if want == "" {
			continue
		}
		require.ErrorContains(t, err, want)
		shows(t, err, "hunter2", "s3cr3t")
	}
}

// A connection string that is good is read as before.
func TestGoodConnectionStrings(t *testing.T) {
	dsn := place(t, t.Name())
	for _, more := range []string{"", "&application_name=me%40example.com", "&statement_timeout=10000", "&a.b=c"} {
		s, err := postgres.Open(ctx, dsn+more, anyClock)
		require.NoError(t, err, more)
		require.NoError(t, s.Close())
	}
	s, err := postgres.Open(ctx, strings.Replace(dsn, "postgres@", "postgres:p%40%2F%3F%23@", 1), anyClock)
	require.NoError(t, err)
	require.NoError(t, s.Close())
}
