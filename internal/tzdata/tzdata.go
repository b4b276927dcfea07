// Package tzdata holds the one edition of the IANA time zone database that
// decisions are made with. The host's own database, the environment variable
// ZONEINFO and the zone "Local" play no part: a decision must not depend on
// where it is made.
package tzdata

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	_ "embed"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// Version is the edition of the IANA database in this build. The data is in
// the public domain; the file is the one that the Go distribution carries in
// lib/time, compressed as a whole: it is an eighth of a small verifier otherwise.
const Version = "2025c"

//go:embed zoneinfo.zip.gz
var archive string

// files is the index of the archive; it never changes.
var files = sync.OnceValue(func() map[string]*zip.File {
	whole, err := unpacked()
	if err != nil {
		return nil // every zone is then unknown, and a test fails
	}
	r, err := zip.NewReader(bytes.NewReader(whole), int64(len(whole)))
	if err != nil {
		return nil
	}
	m := make(map[string]*zip.File, len(r.File))
	for _, f := range r.File {
		if !strings.HasSuffix(f.Name, "/") && f.Name != "Factory" {
			m[f.Name] = f
		}
	}
	return m
})

// unpacked takes about two milliseconds, the first time that a zone is asked for.
func unpacked() ([]byte, error) {
	r, err := gzip.NewReader(strings.NewReader(archive))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}

// loaded keeps parsed zones; there are at most as many as files.
var loaded sync.Map

// Load returns the zone of that exact IANA name, such as "Europe/Berlin".
// "", "Local" and "Factory" are no zones.
func Load(name string) (*time.Location, error) {
	if loc, ok := loaded.Load(name); ok {
		return loc.(*time.Location), nil
	}
	f, ok := files()[name]
	if !ok {
		return nil, fmt.Errorf("tzdata: %.60q is not a zone of the IANA database %s", name, Version)
	}
	r, err := f.Open()
	if err != nil {
		return nil, fmt.Errorf("tzdata: %s: %w", name, err)
	}
	defer r.Close()
	data, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("tzdata: %s: %w", name, err)
	}
	loc, err := time.LoadLocationFromTZData(name, data)
	if err != nil {
		return nil, fmt.Errorf("tzdata: %s: %w", name, err)
	}
	loaded.Store(name, loc)
	return loc, nil
}

// Names returns the names of all zones, in order.
func Names() []string { return slices.Sorted(maps.Keys(files())) }
