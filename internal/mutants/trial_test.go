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
	"time"

	"github.com/stretchr/testify/require"
)

// trial collects how mutants fare.
type trial struct {
	t    *testing.T
	root string
	only *regexp.Regexp // names of mutants that are tried

	mu      sync.Mutex
	score   score
	tried   int
	lives   []string
	excused map[string][]string // reason: the mutants that it excuses
	notices map[string]int      // case: how many mutants it notices
}

// score counts mutants. Excused ones change nothing that the documents speak of.
type score struct{ noticed, lives, excused int }

func (s score) String() string {
	return fmt.Sprintf("%d noticed, %d live, %d are excused", s.noticed, s.lives, s.excused)
}

// build makes the program that plays the reference tests, from changed files, in
// a folder.
func (r *trial) build(replace map[string]string, dir string) (program string, err error) {
	overlay, program := filepath.Join(dir, "overlay.json"), filepath.Join(dir, "bite")
	text, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", err
	}
	if err := os.WriteFile(overlay, text, 0o600); err != nil {
		return "", err
	}
	cmd := exec.Command("go", "build", "-ldflags=-s -w", "-overlay="+overlay, "-o", program, "./vectors/internal/bite")
	cmd.Dir = r.root
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return program, nil
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
	if r.tried++; r.tried%100 == 0 { // it takes long
		fmt.Fprintf(os.Stderr, "%s %d tried, %s\n", time.Now().Format(time.TimeOnly), r.tried, r.score)
	}
	switch {
	case len(noticed) > 0 || brokeDown:
		r.score.noticed++
	case excuse(name) != "":
		r.score.excused++
		r.excused[excuse(name)] = append(r.excused[excuse(name)], name)
	default:
		r.score.lives++
		r.lives = append(r.lives, name)
	}
}

// table tries the mutants of the table that are in the judged files, each with
// a build of its own.
func (r *trial) table() {
	rows := make(chan mutant)
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Add(1)
		dir := r.t.TempDir()
		go func() {
			defer workers.Done()
			for m := range rows {
				r.row(m, dir)
			}
		}()
	}
	for _, m := range mutants {
		if slices.Contains(judged, filepath.ToSlash(filepath.Dir(m.file))) && outOfScope[m.file] == "" &&
			r.only.MatchString(m.name) {
			rows <- m
		}
	}
	close(rows)
	workers.Wait()
}

// row tries one of them.
func (r *trial) row(m mutant, dir string) {
	path, changed := filepath.Join(r.root, m.file), filepath.Join(dir, "mutant.go")
	source, err := os.ReadFile(path)
	if err == nil {
		err = os.WriteFile(changed, []byte(strings.Replace(string(source), m.old, m.new, 1)), 0o600)
	}
	if err != nil {
		r.t.Errorf("%s: %v", m.name, err)
		return
	}
	program, err := r.build(map[string]string{path: changed}, dir)
	if err != nil {
		r.t.Errorf("%s: it does not compile: %v", m.name, err)
		return
	}
	out, err := command(program).Output()
	r.judge(m.name, strings.Fields(string(out)), err != nil)
}

// made is a mutant made by machine.
type made struct{ key, name string }

// guards tries every nth mutant made by machine, all in one build.
func (r *trial) guards(every int) {
	files := instrument(r.t, r.root, r.t.TempDir())
	program, err := r.build(files.replace, r.t.TempDir())
	require.NoError(r.t, err, "the guarded code does not compile")
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

// excusedFile has the mutants that no case notices, under what excuses them.
const excusedFile = "testdata/excused.txt"

// report tells what survived.
func (r *trial) report(new bool) {
	slices.Sort(r.lives)
	known := livesWhy(r.t)
	for _, name := range r.lives {
		r.t.Log("lives: ", name)
		if _, ok := known[name]; new && !ok {
			r.t.Errorf("no case notices it, and it is not in %s: %s", livesFile, name)
		}
	}
	r.t.Log(r.score)
}

// write keeps how many mutants each case notices, and which mutants none does.
func (r *trial) write() {
	var bites, excused strings.Builder
	for _, id := range slices.Sorted(maps.Keys(r.notices)) {
		fmt.Fprintf(&bites, "%s %d\n", id, r.notices[id])
	}
	for _, reason := range slices.Sorted(maps.Keys(r.excused)) {
		slices.Sort(r.excused[reason])
		fmt.Fprintf(&excused, "%d: %s\n\t%s\n", len(r.excused[reason]), reason,
			strings.Join(r.excused[reason], "\n\t"))
	}
	require.NoError(r.t, os.WriteFile(bitesFile, []byte(bites.String()), 0o644))
	var lives strings.Builder
	known := livesWhy(r.t)
	for _, name := range r.lives {
		fmt.Fprintf(&lives, "%s\n\t%s\n", name, known[name]) // who reads it adds what is missing
	}
	require.NoError(r.t, os.WriteFile(livesFile, []byte(lives.String()), 0o644))
	require.NoError(r.t, os.WriteFile(excusedFile, []byte(excused.String()), 0o644))
}
