package verifyhttp_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/passport"
	"github.com/safeconduct/safeconduct/verify"
	"github.com/safeconduct/safeconduct/verify/verifyhttp"
)

// keyed sends a POST with idempotency keys and returns status and code.
func keyed(t *testing.T, client *http.Client, url, text string, keys ...string) (int, verify.Code) {
	t.Helper()
	r, err := http.NewRequest(http.MethodPost, url, strings.NewReader(text))
	require.NoError(t, err)
	if len(keys) > 0 {
		r.Header["Idempotency-Key"] = keys
	}
	resp, err := client.Do(r)
	if err != nil {
		return 0, ""
	}
	defer resp.Body.Close()
	if resp.StatusCode < 400 {
		return resp.StatusCode, ""
	}
	p, err := verifyhttp.ReadProblem(resp)
	require.NoError(t, err)
	return resp.StatusCode, p.Code
}

// F8, F9: an act that is asked for again under one idempotency key is done once,
// whatever became of the answers, and the client learns that it was done.
func TestF8F9RetriesUnderOneKeyActOnce(t *testing.T) {
	const key, other = "6f1c1f0e-5f4e-4f5e-9b1e-111111111111", "6f1c1f0e-5f4e-4f5e-9b1e-222222222222"
	s := newShop(t)
	lost := 0
	client := s.agent(func(c *verifyhttp.RoundTripperConfig) {
		c.Base = spy(func(r *http.Request) (*http.Response, error) {
			resp, err := s.server.Client().Transport.RoundTrip(r)
			if err == nil && lost == 0 {
				lost++
				_ = resp.Body.Close()
				return nil, errors.New("connection reset by peer")
			}
			return resp, err
		})
	})
	url := s.server.URL + "/charge"
	status, _ := keyed(t, client, url, body, key)
	require.Zero(t, status, "the answer is lost")
	for range 3 {
		status, code := keyed(t, client, url, body, key)
		require.Equal(t, 409, status)
		require.Equal(t, verify.LedgerRepeated, code)
	}
	require.EqualValues(t, 1, s.ran.Load())

	// Another act under that key is refused; under another key, or none, it is
	// another act.
	status, code := keyed(t, client, url, `{"other":1}`, key)
	require.Equal(t, 409, status)
	require.Equal(t, verify.LedgerConflict, code)
	for _, keys := range [][]string{{other}, {strings.ToUpper(key)}, {`"` + key + `"`}, nil, nil} {
		status, code := keyed(t, client, url, body, keys...)
		require.Equal(t, 204, status, code)
	}
	require.EqualValues(t, 6, s.ran.Load())

	// Two keys are no key.
	status, _ = keyed(t, client, url, body, key, other)
	require.Zero(t, status)
	require.EqualValues(t, 6, s.ran.Load())

	// An identifier of the host's own holds.
	own := s.agent(func(c *verifyhttp.RoundTripperConfig) {
		c.Intent = func(*http.Request) (passport.Intent, error) {
			return s.Intent(func(in *passport.Intent) { in.ID = passport.IntentURN + "01J0000000000000000000000A" }), nil
		}
	})
	status, code = keyed(t, own, url, body, "a")
	require.Equal(t, 204, status, code)
	status, code = keyed(t, own, url, body, "b")
	require.Equal(t, 409, status, code)
}

// F8: the server may answer a retry as it answered before.
func TestF8RetryIsAnsweredAsBefore(t *testing.T) {
	s := newShop(t, func(c *verifyhttp.GuardConfig) {
		ask := c.Request
		c.Request = func(r *http.Request) (verify.Request, error) {
			q, err := ask(r)
			q.AcceptRepeat = true
			return q, err
		}
		c.Repeat = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusAccepted)
			_, _ = io.WriteString(w, "as before")
		})
	})
	for i, want := range []int{204, 202, 202} {
		status, code := keyed(t, s.agent(), s.server.URL, body, "k")
		require.Equal(t, want, status, "%d: %s", i, code)
	}
	require.EqualValues(t, 1, s.ran.Load())
}

// F9: a repeat has a title of its own, which does not blame the presentation.
func TestF9RepeatIsNotAReplay(t *testing.T) {
	s := newShop(t)
	in := s.Intent(func(in *passport.Intent) { in.ID = passport.IntentURN + "01J0000000000000000000000A" })
	send := func(vp []byte, code verify.Code) string {
		r, err := http.NewRequest(http.MethodPost, s.server.URL+"/charge", nil)
		require.NoError(t, err)
		r.Header.Set("Agent-Passport", encode(vp))
		if code == "" {
			s.allowed(r)
			return ""
		}
		return s.refused(r, code)
	}
	first := s.Present(s.pass, in)
	send(first, "")
	repeated := send(s.Present(s.pass, in), verify.LedgerRepeated)
	replayed := send(first, verify.LedgerReplay)
	conflict := send(s.Present(s.pass, s.Intent(func(c *passport.Intent) {
		c.ID, c.Resource = in.ID,
			"https://elsewhere.example/x"
	})), verify.ProofIntentMismatch)
	require.Contains(t, repeated, "this act was decided before")
	require.NotContains(t, repeated, "presentation")
	require.Contains(t, replayed, "this presentation was used already")
	require.NotEqual(t, conflict, repeated)
}
