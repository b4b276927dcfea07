// Package tzdata holds the one edition of the IANA time zone database that
// decisions are made with. The host's own database, the environment variable
// ZONEINFO and the zone "Local" play no part: a decision must not depend on
// where it is made.
package tzdata

import (
	"compress/gzip"
	_ "embed"
	"encoding/binary"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Version is the edition of the IANA database in this build. The data is in
// the public domain; the file is the one that the Go distribution carries in
// lib/time, compressed as a whole: a small verifier would else be an eighth larger.
const Version = "2025c"

//go:embed zoneinfo.zip.gz
var archive string

// files is the archive by name; it never changes.
var files = sync.OnceValue(func() map[string][]byte {
	m := map[string][]byte{}
	whole, err := unpacked()
	if err != nil {
		return m // every zone is then unknown, and a test fails
	}
	for name, data := range stored(whole) {
		if !strings.HasSuffix(name, "/") && name != "Factory" {
			m[name] = data
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

// stored yields the files of a ZIP archive that compresses none, by the header in front of
// each (APPNOTE.TXT, section 4.3.7), as package time does. Package archive/zip would bring
// what writes archives into every program.
func stored(zip []byte) func(yield func(name string, data []byte) bool) {
	const header, names = 30, 26
	return func(yield func(string, []byte) bool) {
		for len(zip) >= header && string(zip[:4]) == "PK\x03\x04" {
			size := int(binary.LittleEndian.Uint32(zip[22:]))
			name := int(binary.LittleEndian.Uint16(zip[names:]))
			begins := header + name + int(binary.LittleEndian.Uint16(zip[names+2:]))
			if begins+size > len(zip) || !yield(string(zip[header:header+name]), zip[begins:begins+size:begins+size]) {
				return
			}
			zip = zip[begins+size:]
		}
	}
}

// loaded keeps parsed zones; there are at most as many as files. A map is never changed: who
// parses another zone puts one in its place, so that reading takes no lock.
var loaded atomic.Pointer[map[string]*time.Location]

// Load returns the zone of that exact IANA name, such as "Europe/Berlin".
// "", "Local" and "Factory" are no zones.
func Load(name string) (*time.Location, error) {
	if known := loaded.Load(); known != nil {
		if loc := (*known)[name]; loc != nil {
			return loc, nil
		}
	}
	return parse(name)
}

// parse returns a zone that is asked for for the first time.
func parse(name string) (*time.Location, error) {
	data, ok := files()[name]
	if !ok {
		return nil, fmt.Errorf("tzdata: %.60q is not a zone of the IANA database %s", name, Version)
	}
	loc, err := time.LoadLocationFromTZData(name, data)
	if err != nil {
		return nil, fmt.Errorf("tzdata: %s: %w", name, err)
	}
	for {
		known, more := loaded.Load(), map[string]*time.Location{name: loc}
		if known != nil {
			maps.Copy(more, *known)
		}
		if loaded.CompareAndSwap(known, &more) {
			return loc, nil
		}
	}
}

// Names returns the names of all zones, in order.
func Names() []string { return slices.Sorted(maps.Keys(files())) }
