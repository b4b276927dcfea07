package sqlstore

import (
	"slices"
	"strings"
)

// A server gets the rows of a table column by column, each as one array: a transaction
// has few statements, whose texts, and so their plans, are the same for any number of
// rows. To an engine in this process a statement of many rows is no cheaper than one for
// each row.

// insert inserts rows. twice is what follows the statement.
func (w *work) insert(table string, columns []column, rows [][]any, twice string) error {
	if w.engine.Arrays {
		return w.arrays(table, columns, rows, twice)
	}
	query := "INSERT INTO " + table + " (" + names(columns) + ") VALUES " + blanks(len(columns)) + twice
	for _, r := range rows {
		if err := w.exec(query, r...); err != nil {
			return err
		}
	}
	return nil
}

// change updates the last columns of rows, which have all columns and then the key.
func (w *work) change(table string, columns []column, last int, key []column, rows [][]any) error {
	still := len(columns) - last
	if w.engine.Arrays && len(key) == 1 && last <= mostPlaced && last < len(columns) {
		return w.place(table, columns[still:], still, key[0], len(columns), rows)
	}
	if w.engine.Arrays {
		var set []string
		for _, c := range columns[still:] {
			set = append(set, c.name+" = excluded."+c.name)
		}
		// All rows are there. So each is found by its key, whatever the
		// planner believes of the table.
		return w.arrays(table, slices.Concat(columns, key), rows,
			" ON CONFLICT ("+names(key)+") DO UPDATE SET "+strings.Join(set, ", "))
	}
	query := "UPDATE " + table + " SET " + equal(columns[still:], ", ") + " WHERE " + equal(key, " AND ")
	for _, r := range rows {
		if err := w.exec(query, r[still:]...); err != nil {
			return err
		}
	}
	return nil
}

// mostPlaced is of how many columns the values are looked for by the place of the key, which
// takes time with the square of the rows.
const mostPlaced = 2

// place updates a few columns of rows that have many: each row is found by its key, and its
// values by the place of the key in the list. So the other columns need not be sent.
func (w *work) place(table string, set []column, first int, key column, keyAt int, rows [][]any) error {
	if len(rows) == 0 {
		return nil
	}
	keys := arrayOf(rows, keyAt, key.kind)
	list, args := make([]string, len(set)), make([]any, 0, 2*len(set)+1)
	for i, c := range set {
		list[i] = c.name + " = (" + w.array(c) + ")[ARRAY_POSITION(" + w.array(key) + ", " + key.name + ")]"
		args = append(args, arrayOf(rows, first+i, c.kind), keys)
	}
	return w.exec("UPDATE "+table+" SET "+strings.Join(list, ", ")+" WHERE "+key.name+" = ANY("+w.array(key)+")",
		append(args, keys)...)
}

// remove deletes rows by their keys.
func (w *work) remove(table string, key []column, keys [][]any) error {
	if w.engine.Arrays && len(key) == 1 && len(keys) > 0 {
		return w.exec(w.removing(table, key[0]), arrayOf(keys, 0, key[0].kind))
	}
	query := "DELETE FROM " + table + " WHERE " + equal(key, " AND ")
	for _, k := range keys {
		if err := w.exec(query, k...); err != nil {
			return err
		}
	}
	return nil
}

// removing deletes rows by an array of their keys.
func (w *work) removing(table string, key column) string {
	return "DELETE FROM " + table + " WHERE " + key.name + " = ANY(" + w.array(key) + ")"
}

// arrays inserts rows column by column.
func (w *work) arrays(table string, columns []column, rows [][]any, conflict string) error {
	if len(rows) == 0 {
		return nil
	}
	args := make([]any, len(columns))
	for i, c := range columns {
		args[i] = arrayOf(rows, i, c.kind)
	}
	return w.exec(w.inserting(table, columns, conflict), args...)
}

// insertLists is arrays for rows of groups.
func (w *work) insertLists(table string, columns []column, rows []*redone, conflict string) error {
	if len(rows) == 0 {
		return nil
	}
	return w.exec(w.inserting(table, columns, conflict), listsOf(columns, rows)...)
}

// inserting inserts rows, whose columns are arrays. In the list of what is selected the arrays are taken
// apart in step; after FROM the server would first write each of them into a store of its own.
func (w *work) inserting(table string, columns []column, conflict string) string {
	lists := make([]string, len(columns))
	for i, c := range columns {
		lists[i] = "UNNEST(" + w.array(c) + ")"
	}
	return "INSERT INTO " + table + " (" + names(columns) + ") SELECT " + strings.Join(lists, ", ") + conflict
}

// array is a parameter that is an array of a column's values.
func (w *work) array(c column) string {
	return "CAST(? AS " + map[kind]string{ofNumbers: "BIGINT", ofTexts: "TEXT", ofBytes: w.engine.Bytes}[c.kind] + "[])"
}

// arrayOf is one column of rows.
func arrayOf(rows [][]any, i int, k kind) any {
	switch k {
	case ofTexts:
		return listOf[string](rows, i)
	case ofBytes:
		return listOf[[]byte](rows, i)
	}
	list := make([]int64, len(rows))
	for n := range rows {
		list[n] = Row(rows[n]).Int(i)
	}
	return list
}

// listsOf are the columns of rows of groups.
func listsOf(columns []column, rows []*redone) []any {
	args, places := make([]any, len(columns)), make([]int, len(rows))
	for n, r := range rows {
		places[n] = r.at
	}
	for i, c := range columns {
		switch c.kind {
		case ofTexts:
			args[i] = nextOf(rows, places, textOf)
		case ofBytes:
			args[i] = nextOf(rows, places, stringOf)
		default:
			args[i] = nextOf(rows, places, numberOf)
		}
	}
	return args
}

// nextOf is one column of rows, of each of which the next value is at a place.
func nextOf[T any](rows []*redone, places []int, of func(value []byte) T) []T {
	list := make([]T, len(rows))
	for n, r := range rows {
		value, next, _ := redoValue(r.body, places[n]) // it was read before
		list[n], places[n] = of(value), next
	}
	return list
}

func listOf[T any](rows [][]any, i int) []T {
	list := make([]T, len(rows))
	for n := range rows {
		list[n], _ = rows[n][i].(T)
	}
	return list
}

func names(columns []column) string {
	var b strings.Builder
	for i, c := range columns {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(c.name)
	}
	return b.String()
}

// equal says that columns are what parameters are.
func equal(columns []column, between string) string {
	list := make([]string, len(columns))
	for i, c := range columns {
		list[i] = c.name + " = ?"
	}
	return strings.Join(list, between)
}

// blanks are so many parameters.
func blanks(n int) string { return "(?" + strings.Repeat(", ?", n-1) + ")" }
