package receipt

import (
	"context"
	"crypto/sha256"
	"fmt"
	"strings"
)

// spansFile keeps, for each full bundle, the least and the greatest id in it.
// Ids are ULIDs, which begin with their time, so nearly always one bundle can
// have an id. The file is no more than a help: it is made again from the
// entries where it does not fit. Its last line is the SHA-256 of those before, since a
// span that is wrong would hide a receipt.
const spansFile = "spans"

// span is the least and the greatest id of a bundle.
type span struct{ least, greatest string }

const spanWidth = 2*(ulidLength+1) - 1 + 1

func spanOf(entries [][]byte) (s span) {
	for _, e := range entries {
		id := idOf(e)
		if s.least == "" || id < s.least {
			s.least = id
		}
		s.greatest = max(s.greatest, id)
	}
	return s
}

func joinSpans(spans []span) []byte {
	var b strings.Builder
	for _, s := range spans {
		fmt.Fprintf(&b, "%*s %*s\n", ulidLength, s.least, ulidLength, s.greatest)
	}
	return append([]byte(b.String()), spansEnd([]byte(b.String()))...)
}

func spansEnd(rows []byte) string { return fmt.Sprintf("sha256 %x\n", sha256.Sum256(rows)) }

// wholeSpans returns the rows of the file, none if its last line does not fit them.
func wholeSpans(data []byte) []byte {
	rows := data[:max(0, len(data)-len(spansEnd(nil)))]
	if string(data[len(rows):]) != spansEnd(rows) {
		return nil
	}
	return rows
}

// loadSpans reads the spans, and makes those that are missing.
func (l *Log) loadSpans() error {
	data, _, err := exists(l.disk.Read(spansFile))
	if err != nil {
		return fmt.Errorf("receipt: %w", err)
	}
	data = wholeSpans(data)
	full := int(l.published / tileWidth)
	for len(data) >= spanWidth && len(l.spans) < full {
		row := string(data[:spanWidth])
		data = data[spanWidth:]
		s := span{row[:ulidLength], row[ulidLength+1 : spanWidth-1]}
		if row[ulidLength] != ' ' || row[spanWidth-1] != '\n' || s.least > s.greatest {
			break
		}
		l.spans = append(l.spans, s)
	}
	v := l.view()
	for n := int64(len(l.spans)); n < int64(full); n++ {
		entries, err := v.entries(n)
		if err != nil {
			return err
		}
		l.spans = append(l.spans, spanOf(entries))
	}
	return nil
}

// Find returns the place of a receipt by its id, ErrNotFound if the log has
// none. The newest is found first, if there are several.
func (l *Log) Find(_ context.Context, id string) (int64, error) {
	v := l.view()
	key, ok := strings.CutPrefix(id, idPrefix)
	if !ok || len(key) != ulidLength {
		return -1, fault("%.80q is not the id of a receipt: want %s and a ULID", id, idPrefix)
	}
	for n := (v.edge.size - 1) / tileWidth; n >= 0 && v.edge.size > 0; n-- {
		if n < int64(len(v.spans)) && (key < v.spans[n].least || key > v.spans[n].greatest) {
			continue
		}
		entries, err := v.entries(n)
		if err != nil {
			return -1, err
		}
		for i := len(entries) - 1; i >= 0; i-- {
			if idOf(entries[i]) == key {
				return n*tileWidth + int64(i), nil
			}
		}
	}
	return -1, fmt.Errorf("%w: %s", ErrNotFound, id)
}

// Get returns the receipt at a place, as it was appended.
func (l *Log) Get(_ context.Context, index int64) (*Receipt, error) {
	v := l.view()
	if index < 0 || index >= v.edge.size {
		return nil, fmt.Errorf("%w: the log has %d receipts, none at %d", ErrNotFound, v.edge.size, index)
	}
	entries, err := v.entries(index / tileWidth)
	if err != nil {
		return nil, err
	}
	r, err := Parse(entries[index%tileWidth])
	if err != nil {
		return nil, damage("entry %d: %w", index, err)
	}
	return r, nil
}
