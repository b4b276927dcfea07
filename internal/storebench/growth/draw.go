package main

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// record is what one run has measured.
type record struct {
	Of, Store string
	Sizes     []int
	Rows      []row
}

// row is one thing that was measured, at each size.
type row struct {
	Name, Unit string
	At         []float64
	Ratio      []float64 // to the smallest size
	Sent       []float64 `json:",omitempty"` // statements to the database, of each call
	Flat       bool      `json:",omitempty"` // it should not grow: it is drawn
}

func (r *record) name() string { return r.Of + "-" + r.Store }

// keep keeps a record in a folder.
func (r *record) keep(folder string) error {
	text, err := json.MarshalIndent(r, "", "\t")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(folder, r.name()+".json"), append(text, '\n'), 0o644)
}

// publish writes the tables of docs/performance.md, and a plot beside it, of each record that is kept in a folder.
// A table is between two lines that name it.
func publish(docs, folder string) error {
	files, err := filepath.Glob(filepath.Join(folder, "*.json"))
	if err != nil {
		return err
	}
	page := filepath.Join(docs, "performance.md")
	text, err := os.ReadFile(page)
	if err != nil {
		return err
	}
	for _, f := range files {
		raw, err := os.ReadFile(f)
		if err != nil {
			return err
		}
		var r record
		if err := json.Unmarshal(raw, &r); err != nil {
			return fmt.Errorf("%s: %w", f, err)
		}
		begin := "<!-- growth-" + r.name() + ": written by go run ./internal/storebench/growth -draw -->\n"
		const end = "<!-- end of growth -->\n"
		before, rest, found := strings.Cut(string(text), begin)
		_, after, closed := strings.Cut(rest, end)
		if !found || !closed {
			return fmt.Errorf("%s has no place for the table: want %q and %q", page, begin, end)
		}
		text = []byte(before + begin + r.table() + end + after)
		plot := filepath.Join(docs, "growth-"+r.name()+".svg")
		if err := os.WriteFile(plot, []byte(r.plot()), 0o644); err != nil {
			return err
		}
	}
	return os.WriteFile(page, text, 0o644)
}

// table is one of Markdown: what the smallest size costs, and how many times as much the others.
func (r *record) table() string {
	var t strings.Builder
	fmt.Fprintf(&t, "| %s on %s |", r.Of, r.Store)
	for _, n := range r.Sizes {
		fmt.Fprintf(&t, " %s |", power(n))
	}
	t.WriteString(" statements |\n|---|" + strings.Repeat("---|", len(r.Sizes)+1) + "\n")
	for _, w := range r.Rows {
		fmt.Fprintf(&t, "| %s |", w.Name)
		for k, v := range w.At {
			if k == 0 || !w.Flat {
				fmt.Fprintf(&t, " %s %s |", short(v), w.Unit)
			} else {
				fmt.Fprintf(&t, " %.2f × |", w.Ratio[k])
			}
		}
		t.WriteString(" " + w.statements() + " |\n")
	}
	return t.String()
}

// statements says how many one call sends, at the smallest and at the greatest size.
func (w *row) statements() string {
	if len(w.Sent) == 0 {
		return ""
	}
	few, many := short(w.Sent[0]), short(w.Sent[len(w.Sent)-1])
	if few == many {
		return few
	}
	return few + " to " + many
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

var colours = []string{
	"#1b6ca8", "#c0392b", "#2e8b57", "#8e44ad", "#d68910", "#5d6d7e",
	"#117a65", "#a04000", "#283747", "#b03a8c", "#6e7b14",
}

// plot draws times over sizes, both in powers of ten: of the smallest size what was measured, of the others that
// times the ratio, as the table has it.
func (r *record) plot() string {
	sizes, rows := r.Sizes, []row{}
	for _, w := range r.Rows {
		if !w.Flat {
			continue
		}
		drawn := row{Name: w.Name}
		for _, times := range w.Ratio {
			drawn.At = append(drawn.At, w.At[0]*times)
		}
		rows = append(rows, drawn)
	}
	low, high := math.Inf(1), math.Inf(-1)
	for _, r := range rows {
		low, high = min(low, slices.Min(r.At)), max(high, slices.Max(r.At))
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
	p(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="12">`,
		width, height)
	p(`<title>Time of a call over how much a %s on %s remembers</title>`, r.Of, r.Store)
	p(`<rect width="%d" height="%d" fill="#ffffff"/>`, width, height)
	p(`<text x="%d" y="24" font-size="14">Time of a call: %s on %s</text>`, left, r.Of, r.Store)
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
	end := func(r row) float64 { return y(r.At[len(r.At)-1]) }
	slices.SortFunc(order, func(a, b row) int { return int(math.Copysign(1, end(a)-end(b))) })
	labels, at := map[string]float64{}, 0.0
	for _, r := range order {
		at = max(at+16, end(r)+4)
		labels[r.Name] = at
	}
	for i, r := range rows {
		colour := colours[i%len(colours)]
		var points strings.Builder
		for k, v := range r.At {
			fmt.Fprintf(&points, "%.1f,%.1f ", x(sizes[k]), y(v))
			p(`<circle cx="%.1f" cy="%.1f" r="3" fill="%s"/>`, x(sizes[k]), y(v), colour)
		}
		p(`<polyline points="%s" fill="none" stroke="%s" stroke-width="2"/>`, strings.TrimSpace(points.String()), colour)
		p(`<text x="%d" y="%.1f" fill="%s">%s</text>`, width-right+12, labels[r.Name], colour, r.Name)
	}
	p(`</svg>`)
	return s.String()
}
