// Command bite plays the reference tests through this library, as it was built,
// and tells which cases it answers wrongly:
//
//	bite        the identifier of every such case, on a line of its own
//	bite each   reads mutants, "site way" on each line, and writes for each of
//	            them a line: site, way, and the cases that notice it
//
// It ends with 3 when a case does not end, which notices the mutant that it was at; with 4
// when a mutant left something behind; with 5 when it cannot do its work.
package main

import (
	"bufio"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/safeconduct/safeconduct/internal/mutants/guard"
	"github.com/safeconduct/safeconduct/vectors"
	"github.com/safeconduct/safeconduct/vectors/peer"
)

func main() {
	if err := run(slices.Contains(os.Args, "each")); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(5)
	}
}

// trial is a case, ready to be asked.
type trial struct {
	c                 *vectors.Case
	request           vectors.Request
	wasFalse, wasTrue []int // conditions that it meets
}

// longest is how long a case may take. Without mutants none takes a tenth of a
// second.
const longest = 20 * time.Second

// right asks a case. A verifier that panics is wrong.
func (t *trial) right(v vectors.Verifier) (ok bool) {
	late := time.AfterFunc(longest, func() { os.Exit(3) })
	defer late.Stop()
	defer func() {
		if recover() != nil {
			ok = false
		}
	}()
	o, _, _ := t.c.Judge(v.Answer(t.request))
	return o == vectors.Passed
}

// meets says whether the mutant changes a condition that the case meets.
func (t *trial) meets(site int, way guard.Way) bool {
	_, whenFalse := slices.BinarySearch(t.wasFalse, site)
	_, whenTrue := slices.BinarySearch(t.wasTrue, site)
	return whenTrue || whenFalse && way == guard.Negated
}

func run(each bool) error {
	groups, err := vectors.Load()
	if err != nil {
		return err
	}
	v := peer.New()
	var list []*trial
	for _, g := range groups {
		for i := range g.Cases {
			t := &trial{c: &g.Cases[i]}
			if t.request, err = g.Request(t.c); err != nil {
				return err
			}
			guard.Seen()
			ok := t.right(v)
			t.wasFalse, t.wasTrue = guard.Seen()
			list = append(list, t)
			if !ok && each {
				return fmt.Errorf("%s: it is answered wrongly without a mutant", t.c.ID)
			}
			if !ok {
				fmt.Println(t.c.ID)
			}
		}
	}
	lines := bufio.NewScanner(os.Stdin)
	for each && lines.Scan() {
		var site int
		var way guard.Way
		if _, err := fmt.Sscan(lines.Text(), &site, &way); err != nil {
			return err
		}
		var wrong []string
		for _, t := range list {
			if !t.meets(site, way) {
				continue
			}
			guard.Break(site, way)
			ok := t.right(v)
			guard.Mend()
			if ok {
				continue
			}
			wrong = append(wrong, t.c.ID)
			if !t.right(v) { // the mutant left something behind
				fmt.Println(site, way, strings.Join(wrong, " "))
				os.Exit(4)
			}
		}
		fmt.Println(site, way, strings.Join(wrong, " "))
	}
	return lines.Err()
}
