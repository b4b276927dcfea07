package httpsource

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var testNow = time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)

// TestLifetime: what a host can say about how long its answer is good.
func TestLifetime(t *testing.T) {
	const unsaid = -1
	for header, want := range map[string]time.Duration{
		"": unsaid, "Cache-Control: public": unsaid, "Cache-Control:": unsaid, "Cache-Control: s-maxage=60": unsaid, "Cache-Control: stale-if-error=60": unsaid,
		"Cache-Control: max-age=300":                                                  300,
		"Cache-Control: public, MAX-AGE=300, immutable":                               300,
		"Cache-Control: public,max-age=300":                                           300,
		`Cache-Control: max-age="300"`:                                                300,
		"Cache-Control: private; Cache-Control: max-age=300":                          300,
		"Cache-Control: max-age=300; Age: 100":                                        200,
		"Cache-Control: max-age=300; Age: 301":                                        0,
		"Cache-Control: max-age=300; Age: -1":                                         300,
		"Cache-Control: max-age=300; Age: x":                                          300,
		"Cache-Control: max-age=0":                                                    0,
		"Cache-Control: max-age=-1":                                                   0,
		"Cache-Control: max-age=":                                                     0,
		"Cache-Control: max-age":                                                      0,
		"Cache-Control: max-age=1.5":                                                  0,
		"Cache-Control: max-age=300, max-age=20":                                      20,
		"Cache-Control: max-age=20; Cache-Control: max-age=300":                       20,
		"Cache-Control: max-age=99999999999999999999999":                              maxSeconds,
		"Cache-Control: max-age=9223372036854775807":                                  maxSeconds,
		"Cache-Control: no-cache":                                                     0,
		"Cache-Control: no-store, max-age=300":                                        0,
		"Cache-Control: max-age=300, No-Cache":                                        0,
		`Cache-Control: no-cache="Set-Cookie"`:                                        0,
		"Cache-Control: max-age=300; Expires: 0":                                      300,
		"Expires: Sat, 21 Nov 2026 09:05:00 GMT":                                      300,
		"Expires: Sat, 21 Nov 2026 08:59:00 GMT":                                      0,
		"Expires: 0":                                                                  0,
		"Expires: tomorrow":                                                           0,
		"Expires: Sat, 21 Nov 2026 09:05:00 GMT; Date: Sat, 21 Nov 2026 09:04:00 GMT": 60,
		"Expires: Sat, 21 Nov 2026 09:05:00 GMT; Date: today":                         300,
		"Cache-Control: public; Expires: Sat, 21 Nov 2026 09:05:00 GMT":               300,
	} {
		got, stated := lifetime(headerOf(header), testNow)
		if want == unsaid {
			require.False(t, stated, header)
			continue
		}
		require.True(t, stated, header)
		require.Equal(t, want*time.Second, got, header)
	}
}

func headerOf(text string) http.Header {
	h := http.Header{}
	for line := range strings.SplitSeq(text, "; ") {
		if name, value, ok := strings.Cut(line, ":"); ok {
			h.Add(name, strings.TrimSpace(value))
		}
	}
	return h
}

func TestRetryAfter(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"": 0, "0": 0, "120": 120, "-5": 0, "soon": 0, "1.5": 0, "99999999999999999999": maxSeconds,
		"Sat, 21 Nov 2026 09:02:00 GMT": 120, "Sat, 21 Nov 2026 08:00:00 GMT": 0,
	} {
		require.Equal(t, want*time.Second, retryAfter(text, testNow), text)
	}
}

// Whatever a host writes, the answer is a time in bounds.
func FuzzLifetime(f *testing.F) {
	f.Add("max-age=300", "", "", "")
	f.Add(`public, max-age="5", no-cache`, "7", "0", "")
	f.Add("", "", "Sat, 21 Nov 2026 09:05:00 GMT", "Sat, 21 Nov 2026 09:04:00 GMT")
	f.Fuzz(func(t *testing.T, control, age, expires, date string) {
		h := http.Header{"Cache-Control": {control}, "Age": {age}, "Expires": {expires}, "Date": {date}, "Retry-After": {expires}}
		d, stated := lifetime(h, testNow)
		require.GreaterOrEqual(t, d, time.Duration(0))
		require.True(t, stated || d == 0)
		if expires == "" {
			require.LessOrEqual(t, d, time.Duration(maxSeconds)*time.Second)
		}
		require.GreaterOrEqual(t, retryAfter(expires, testNow), time.Duration(0))
	})
}
