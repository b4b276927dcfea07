package runner_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/safeconduct/safeconduct/vectors"
	"github.com/safeconduct/safeconduct/vectors/peer"
	"github.com/safeconduct/safeconduct/vectors/runner"
)

// The test binary is the command, too: it behaves as its first argument says.
func TestMain(m *testing.M) {
	if len(os.Args) > 2 && os.Args[1] == "be" {
		os.Exit(be(os.Args[2]))
	}
	os.Exit(m.Run())
}

func be(what string) int {
	v := peer.New()
	switch what {
	case "right":
	case "wrong":
		v = vectors.VerifierFunc(func(r vectors.Request) vectors.Answer { return vectors.Answer{Verdict: "accept"} })
	case "nothing":
		v = vectors.VerifierFunc(func(r vectors.Request) vectors.Answer { return vectors.Answer{Unsupported: true} })
	case "ends":
		return 3
	case "hangs":
		fmt.Scanln()
		select {}
	case "babbles":
		fmt.Println("hello")
	case "once": // answers one request, then ends
		v = vectors.VerifierFunc(func(r vectors.Request) vectors.Answer {
			raw, _ := json.Marshal(peer.New().Answer(r))
			fmt.Println(string(raw))
			os.Exit(0)
			return vectors.Answer{}
		})
	case "another":
		fmt.Println(`{"id":"another case","verdict":"accept"}`)
	case "long":
		fmt.Println(strings.Repeat("x", 5<<20))
	case "leaves out what is bad":
		v = vectors.VerifierFunc(leavesOut)
	case "gives no reason":
		v = vectors.VerifierFunc(noReason)
	}
	for _, c := range cheats {
		if c.name == what {
			v = vectors.VerifierFunc(c.answer)
		}
	}
	if err := vectors.Serve(os.Stdin, os.Stdout, v); err != nil {
		return 1
	}
	return 0
}

func run(t *testing.T, what string, edits ...func(*runner.Options)) *runner.Record {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	o := runner.Options{Command: []string{self, "be", what}, Kinds: []string{"region"}, Timeout: time.Hour}
	for _, e := range edits {
		e(&o)
	}
	r, err := runner.Run(context.Background(), o)
	require.NoError(t, err)
	return r
}

func TestEverythingPasses(t *testing.T) {
	var told [2]int
	r := run(t, "right", func(o *runner.Options) {
		o.Kinds, o.Progress = nil, func(done, total int) { told = [2]int{done, total} }
	})
	require.Empty(t, r.Failures)
	manifest, err := vectors.LoadManifest()
	require.NoError(t, err)
	require.Equal(t, manifest.Count, r.Total().Passed)
	require.Equal(t, [2]int{manifest.Count, manifest.Count}, told)
	require.Equal(t, manifest.Version, r.Vectors)
	var text bytes.Buffer
	require.NoError(t, r.Write(&text, 5))
	require.Contains(t, text.String(), "present")
}

func TestWrongAnswersAreFailures(t *testing.T) {
	r := run(t, "wrong")
	require.NotZero(t, r.Total().Failed)
	require.Equal(t, "F-28", r.Failures[len(r.Failures)-20].Rule)
	var text bytes.Buffer
	require.NoError(t, r.Write(&text, 1))
	require.Contains(t, text.String(), "more")
	require.Equal(t, run(t, "nothing").Total().Passed, 0)
	require.NotZero(t, run(t, "nothing").Total().Unsupported)
}

// A command that breaks fails the case that it was asked, is started again, and
// not for ever.
func TestACommandThatBreaks(t *testing.T) {
	for what, why := range map[string]string{
		"ends": "ended", "babbles": "not JSON", "another": "the answer is to", "long": "ended",
	} {
		r := run(t, what, func(o *runner.Options) { o.Restarts = 2 })
		require.Zero(t, r.Total().Passed, what)
		require.Contains(t, r.Failures[0].Why+r.Failures[1].Why, why, what)
		require.Contains(t, r.Failures[len(r.Failures)-1].Why, "not asked any more", what)
	}
	r := run(t, "once", func(o *runner.Options) { o.Restarts = 1000 })
	require.GreaterOrEqual(t, r.Total().Passed, r.Total().Failed, "every other question meets a command that is there")
}

// The clock is the caller's: no answer in time fails the case.
func TestNoAnswerInTime(t *testing.T) {
	r := run(t, "hangs", func(o *runner.Options) {
		o.Restarts = 1
		o.After = func(time.Duration) <-chan time.Time {
			c := make(chan time.Time, 1)
			c <- time.Time{}
			return c
		}
	})
	require.Zero(t, r.Total().Passed)
	require.Contains(t, r.Failures[0].Why, "no answer within")
}

func TestWhatCannotBeRun(t *testing.T) {
	_, err := runner.Run(context.Background(), runner.Options{})
	require.ErrorIs(t, err, runner.ErrCommand)
	_, err = runner.Run(context.Background(), runner.Options{Command: []string{"./there-is-no-such-command"}})
	require.ErrorIs(t, err, runner.ErrCommand)
	_, err = runner.Run(context.Background(), runner.Options{Command: []string{"x"}, Kinds: []string{"nonsense"}})
	require.ErrorContains(t, err, "nonsense")
	self, err := os.Executable()
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err = runner.Run(ctx, runner.Options{Command: []string{self, "be", "hangs"}})
	require.ErrorIs(t, err, context.Canceled)
}
