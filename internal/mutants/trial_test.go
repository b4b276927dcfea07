//go:build mutants

package mutants

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// trial collects how mutants fare.
type trial struct {
	t    *testing.T
	root string
	only *regexp.Regexp // names of mutants that are tried

	mu      sync.Mutex
	score   score
	lives   []string
	notices map[string]int // case: how many mutants it notices
}

// score counts mutants. Excused ones change nothing that the documents speak of.
type score struct{ noticed, lives, excused int }

func (s score) String() string {
	return fmt.Sprintf("%d noticed, %d live, %d are excused", s.noticed, s.lives, s.excused)
}

// build makes the program that plays the reference tests, from changed files.
func (r *trial) build(replace map[string]string, name string) (program string, ok bool) {
	dir := r.t.TempDir()
	overlay, program := filepath.Join(dir, "overlay.json"), filepath.Join(dir, name)
	text, err := json.Marshal(map[string]any{"Replace": replace})
	require.NoError(r.t, err)
	require.NoError(r.t, os.WriteFile(overlay, text, 0o600))
	cmd := exec.Command("go", "build", "-overlay="+overlay, "-o", program, "./vectors/internal/bite")
	cmd.Dir = r.root
	out, err := cmd.CombinedOutput()
	if err != nil {
		r.t.Logf("%s", out)
	}
	return program, err == nil
}

// command is the program. A mutant of a bound may ask for all memory there is.
func command(program string, args ...string) *exec.Cmd {
	cmd := exec.Command("sh", append([]string{"-c", `ulimit -v 6000000; exec "$0" "$@"`, program}, args...)...)
	cmd.Env = append(os.Environ(), "GOTRACEBACK=none")
	return cmd
}

// judge counts a mutant by the cases that noticed it. A verifier that broke
// down was noticed by a case that has no name here.
func (r *trial) judge(name string, noticed []string, brokeDown bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, id := range noticed {
		r.notices[id]++
	}
	switch {
	case len(noticed) > 0 || brokeDown:
		r.score.noticed++
	case excuse(name) != "":
		r.score.excused++
	default:
		r.score.lives++
		r.lives = append(r.lives, name)
	}
}

// table tries the mutants of the table that are in the judged folders, each with
// a build of its own.
func (r *trial) table() {
	for i, m := range mutants {
		if !slices.Contains(judged, filepath.ToSlash(filepath.Dir(m.file))) || !r.only.MatchString(m.name) {
			continue
		}
		path := filepath.Join(r.root, m.file)
		source, err := os.ReadFile(path)
		require.NoError(r.t, err)
		changed := filepath.Join(r.t.TempDir(), "mutant.go")
		require.NoError(r.t, os.WriteFile(changed, []byte(strings.Replace(string(source), m.old, m.new, 1)), 0o600))
		program, ok := r.build(map[string]string{path: changed}, fmt.Sprintf("m%d", i))
		if !ok {
			r.t.Errorf("%s: it does not compile", m.name)
			continue
		}
		out, err := command(program).Output()
		r.judge(m.name, strings.Fields(string(out)), err != nil)
		require.NoError(r.t, os.Remove(program))
	}
}

// made is a mutant made by machine.
type made struct{ key, name string }

// guards tries every nth mutant made by machine, all in one build.
func (r *trial) guards(every int) {
	files := instrument(r.t, r.root, r.t.TempDir())
	program, ok := r.build(files.replace, "guards")
	require.True(r.t, ok, "the guarded code does not compile")
	n := 0
	share := make([][]made, runtime.GOMAXPROCS(0))
	for _, s := range files.sites {
		for _, way := range s.ways {
			m := made{fmt.Sprintf("%d %s", s.id, way), fmt.Sprintf("%s: %s", s.name, way)}
			if n++; n%every == 0 && r.only.MatchString(m.name) {
				share[n/every%len(share)] = append(share[n/every%len(share)], m)
			}
		}
	}
	r.t.Logf("%d conditions, %d mutants made of them", len(files.sites), n)
	var workers sync.WaitGroup
	for _, list := range share {
		workers.Add(1)
		go func() {
			defer workers.Done()
			for len(list) > 0 {
				list = r.run(program, list)
			}
		}()
	}
	workers.Wait()
}

// run tries mutants in one process, until all are done or one of them ends it.
// It returns those that are left.
func (r *trial) run(program string, list []made) []made {
	var in bytes.Buffer
	for _, m := range list {
		fmt.Fprintln(&in, m.key)
	}
	cmd := command(program, "each")
	cmd.Stdin = &in
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		r.t.Errorf("%s: %v", program, err)
		return nil
	}
	done := 0
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() && done < len(list) {
		rest, ok := strings.CutPrefix(lines.Text(), list[done].key)
		if !ok {
			r.t.Errorf("%s answers %q", list[done].key, lines.Text())
			break
		}
		r.judge(list[done].name, strings.Fields(rest), false)
		done++
	}
	err = cmd.Wait()
	code := cmd.ProcessState.ExitCode()
	switch {
	case err == nil && done == len(list):
		return nil
	case err == nil || code == 5:
		r.t.Errorf("after %d mutants: %v %s", done, err, complaint.String())
		return nil
	case code == 4: // it wants a fresh start
		return list[done:]
	}
	r.judge(list[done].name, nil, true)
	return list[done+1:]
}

// livesFile has the mutants that no case notices and that nothing excuses.
const livesFile = "testdata/lives.txt"

// report tells what survived.
func (r *trial) report(new bool) {
	slices.Sort(r.lives)
	raw, err := os.ReadFile(livesFile)
	require.NoError(r.t, err)
	known := strings.Split(string(raw), "\n")
	for _, name := range r.lives {
		r.t.Log("lives: ", name)
		if new && !slices.Contains(known, name) {
			r.t.Errorf("no case notices it, and it is not in %s: %s", livesFile, name)
		}
	}
	r.t.Log(r.score)
}

// write keeps how many mutants each case notices.
func (r *trial) write() {
	var b strings.Builder
	for _, id := range slices.Sorted(maps.Keys(r.notices)) {
		fmt.Fprintf(&b, "%s %d\n", id, r.notices[id])
	}
	require.NoError(r.t, os.WriteFile(bitesFile, []byte(b.String()), 0o644))
	require.NoError(r.t, os.WriteFile(livesFile, []byte(strings.Join(r.lives, "\n")+"\n"), 0o644))
}
