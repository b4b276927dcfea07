package storebench

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/safeconduct/safeconduct/verify"
)

// turn is how long each side works before it is the other's.
const turn = 500 * time.Millisecond

// Rate is what so many callers got done.
type Rate struct {
	PerSecond float64
	Latencies []time.Duration // sorted
}

// At returns the latency that so many of a hundred acts did not pass.
func (r Rate) At(percent int) time.Duration { return r.Latencies[(len(r.Latencies)-1)*percent/100] }

// Measure lets callers act for a time.
func Measure(callers int, long time.Duration, do func() error) (Rate, error) {
	var wg sync.WaitGroup
	all, failed := make([][]time.Duration, callers), make([]error, callers)
	began := time.Now()
	for i := range callers {
		wg.Go(func() {
			for before := time.Now(); before.Sub(began) < long && failed[i] == nil; {
				failed[i] = do()
				after := time.Now()
				all[i] = append(all[i], after.Sub(before))
				before = after
			}
		})
	}
	wg.Wait()
	took := time.Since(began)
	r := Rate{Latencies: slices.Concat(all...)}
	for _, err := range failed {
		if err != nil {
			return r, err
		}
	}
	slices.Sort(r.Latencies)
	r.PerSecond = float64(len(r.Latencies)) / took.Seconds()
	return r, nil
}

// Turns are the rounds of a comparison, of which the median counts.
const Turns = 5

// Yardstick measures how often in a second something else than a ledger does what is like an
// act, at 16 callers.
type Yardstick struct {
	Name string
	Rate func() (float64, error)
}

// Rates reports how many acts a second 1, 16 and 64 callers get done, in turns, as the
// median of five, how many times as many as one, and latencies in milliseconds. Yardsticks
// take turns with them, and what part of theirs the rate of 16 callers is. Run it with
// -benchtime 1x.
func Rates(b *testing.B, l verify.Ledger, yardsticks ...Yardstick) {
	b.Helper()
	acts := NewActs(16, 24*time.Hour)
	do := func() error { return acts.Do(context.Background(), l) }
	many := []int{1, 16, 64}
	for range b.N {
		rates, times := map[int][]float64{}, map[int][]float64{}
		var p50, p99 [65][]float64
		others, parts := map[string][]float64{}, map[string][]float64{}
		for range Turns {
			for _, callers := range many {
				r, err := Measure(callers, turn, do)
				if err != nil {
					b.Fatal(err)
				}
				rates[callers] = append(rates[callers], r.PerSecond)
				times[callers] = append(times[callers], r.PerSecond/rates[1][len(rates[1])-1])
				p50[callers] = append(p50[callers], r.At(50).Seconds()*1000)
				p99[callers] = append(p99[callers], r.At(99).Seconds()*1000)
			}
			for _, y := range yardsticks {
				rate, err := y.Rate()
				if err != nil {
					b.Fatal(err)
				}
				others[y.Name] = append(others[y.Name], rate)
				parts[y.Name] = append(parts[y.Name], rates[16][len(rates[16])-1]/rate)
			}
		}
		for _, callers := range many {
			b.ReportMetric(Median(rates[callers]), fmt.Sprintf("acts/s@%d", callers))
			b.ReportMetric(Median(p50[callers]), fmt.Sprintf("p50-ms@%d", callers))
			b.ReportMetric(Median(p99[callers]), fmt.Sprintf("p99-ms@%d", callers))
			if callers > 1 {
				b.ReportMetric(Median(times[callers]), fmt.Sprintf("x@%d", callers))
			}
		}
		for name, list := range others {
			b.ReportMetric(Median(list), name+"/s")
			b.ReportMetric(Median(parts[name]), "x-"+name+"@16")
		}
		b.ReportMetric(0, "ns/op") // it says nothing
	}
}

// Median returns the one in the middle.
func Median(list []float64) float64 {
	list = slices.Sorted(slices.Values(list))
	return list[len(list)/2]
}
