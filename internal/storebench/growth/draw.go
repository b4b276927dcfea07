package main

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// The table of docs/performance.md is between these lines.
const (
	begin = "<!-- growth: written by go run ./internal/storebench/growth -write -->\n"
	end   = "<!-- growth: end -->\n"
)

// publish writes the plot and the table.
func publish(docs string, sizes []int, rows []row) error {
	if err := os.WriteFile(filepath.Join(docs, "growth.svg"), []byte(plot(sizes, rows)), 0o644); err != nil {
		return err
	}
	page := filepath.Join(docs, "performance.md")
	text, err := os.ReadFile(page)
	if err != nil {
		return err
	}
	before, rest, found := strings.Cut(string(text), begin)
	_, after, closed := strings.Cut(rest, end)
	if !found || !closed {
		return fmt.Errorf("%s has no place for the table: want %q and %q", page, begin, end)
	}
	return os.WriteFile(page, []byte(before+begin+table(sizes, rows)+end+after), 0o644)
}

// table is one of Markdown. Its last column says how many times as much it is at the end
// as at the beginning.
func table(sizes []int, rows []row) string {
	var t strings.Builder
	t.WriteString("| decisions, all uses in one window |")
	for _, n := range sizes {
		fmt.Fprintf(&t, " %s |", power(n))
	}
	t.WriteString(" grows |\n|---|" + strings.Repeat("---|", len(sizes)+1) + "\n")
	for _, r := range rows {
		fmt.Fprintf(&t, "| %s (%s) |", r.name, r.unit)
		for _, v := range r.at {
			fmt.Fprintf(&t, " %s |", short(v))
		}
		fmt.Fprintf(&t, " %.1f × |\n", r.at[len(r.at)-1]/r.at[0])
	}
	return t.String()
}

func power(n int) string {
	for k, p := 1, 10; p <= n; k, p = k+1, p*10 {
		if p == n {
			return fmt.Sprintf("10^%d", k)
		}
	}
	return fmt.Sprint(n)
}

func short(v float64) string {
	if v < 10 {
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.0f", v)
}

// The plot, in its own units.
const (
	width, height = 760, 400
	left, right   = 70, 250 // room for labels
	top, bottom   = 50, 50
)

var colours = []string{"#1b6ca8", "#c0392b", "#2e8b57", "#8e44ad", "#d68910", "#5d6d7e", "#117a65"}

// plot draws times over sizes, both in powers of ten.
func plot(sizes []int, rows []row) string {
	rows = slices.DeleteFunc(slices.Clone(rows), func(r row) bool { return !r.flat })
	low, high := math.Inf(1), math.Inf(-1)
	for _, r := range rows {
		low, high = min(low, slices.Min(r.at)), max(high, slices.Max(r.at))
	}
	low, high = math.Floor(math.Log10(low)), math.Ceil(math.Log10(high))
	first, last := math.Log10(float64(sizes[0])), math.Log10(float64(sizes[len(sizes)-1]))
	x := func(n int) float64 {
		return left + (math.Log10(float64(n))-first)/max(last-first, 1)*(width-left-right)
	}
	y := func(v float64) float64 {
		return height - bottom - (math.Log10(v)-low)/max(high-low, 1)*(height-top-bottom)
	}
	var s strings.Builder
	p := func(format string, args ...any) { fmt.Fprintf(&s, format+"\n", args...) }
	p(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="12">`, width, height)
	p(`<title>Time of a call over the number of decisions that a store remembers</title>`)
	p(`<rect width="%d" height="%d" fill="#ffffff"/>`, width, height)
	p(`<text x="%d" y="24" font-size="14">Time of a call over decisions, all uses in one window</text>`, left)
	for k := low; k <= high; k++ {
		v := math.Pow(10, k)
		p(`<path d="M%d %.1fH%d" stroke="#dddddd"/>`, left, y(v), width-right)
		p(`<text x="%d" y="%.1f" text-anchor="end">%g µs</text>`, left-8, y(v)+4, v)
	}
	for _, n := range sizes {
		p(`<path d="M%.1f %dV%d" stroke="#dddddd"/>`, x(n), top, height-bottom)
		p(`<text x="%.1f" y="%d" text-anchor="middle">%s</text>`, x(n), height-bottom+20, power(n))
	}
	// Labels keep a distance from each other, in the order of the lines.
	order := slices.Clone(rows)
	end := func(r row) float64 { return y(r.at[len(r.at)-1]) }
	slices.SortFunc(order, func(a, b row) int { return int(math.Copysign(1, end(a)-end(b))) })
	labels, at := map[string]float64{}, 0.0
	for _, r := range order {
		at = max(at+16, end(r)+4)
		labels[r.name] = at
	}
	for i, r := range rows {
		colour := colours[i%len(colours)]
		var points strings.Builder
		for k, v := range r.at {
			fmt.Fprintf(&points, "%.1f,%.1f ", x(sizes[k]), y(v))
			p(`<circle cx="%.1f" cy="%.1f" r="3" fill="%s"/>`, x(sizes[k]), y(v), colour)
		}
		p(`<polyline points="%s" fill="none" stroke="%s" stroke-width="2"/>`, strings.TrimSpace(points.String()), colour)
		p(`<text x="%d" y="%.1f" fill="%s">%s</text>`, width-right+12, labels[r.name], colour, r.name)
	}
	p(`</svg>`)
	return s.String()
}
