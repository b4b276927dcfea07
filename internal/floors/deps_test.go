package floors

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const module = "github.com/safeconduct/safeconduct"

// The order of the floors, from the ground up. A floor may import what stands
// above it in this list, and nothing else of this module.
//
// Do not change this list to fix a build: a package that needs something from
// a higher floor is on the wrong floor, or wants an interface.
var floors = []string{
	"internal", // floor 0: every package below internal/ but the workshop
	"did",
	"credential",
	"statuslist",
	"passport",
	"verify",
}

// The workshop serves tests, writes pages of docs and makes releases. No package outside it imports it, but in tests.
var workshop = []string{"internal/adaptertest", "internal/codespage", "internal/dialects", "internal/floors",
	"internal/hammer", "internal/interop", "internal/ledgermodel", "internal/ratio", "internal/release",
	"internal/sequential", "internal/storebench", "internal/storebench/growth", "internal/storetest",
	"internal/testpostgres", "internal/testvectors"}

// The edges, lowest row first. An edge may import the floor in whose folder it is
// and all below (every floor, if it is elsewhere), and edges of its own row or a
// lower one; no floor imports an edge. What lies in a folder below
// an edge belongs to it, unless it is listed itself.
var edges = [][]string{
	{"vectors", "internal/safefetch", "internal/presenter"}, // internal/safefetch links net
	{
		"credential/goldld", "credential/vcjwt",
		"passport/profile/aip1", "passport/profile/grantex", "passport/profile/oap",
		"verify/bundle", "verify/marks", "verify/meaning", "verify/policy", "verify/receipt", "verify/score", "verify/shield", "verify/view",
	},
	{"passport/registry", "verify/ledger", "verify/office", "store", "internal/sqlstore", "internal/ledgerrules"},
	{"store/postgres", "store/sqlite"},
	{"did/didweb", "statuslist/httpsource", "statuslist/listhttp", "verify/bundle/refresh", "verify/verifyhttp", "verify/verifytest",
		"passport/registry/registrytest", // an office for users' tests, on a store, beside a verifier's clock and keys
		"vectors/adapters", "vectors/internal", "vectors/peer"},
	{"cmd", "examples"},
}

// banned is what the floors never link, not even through others. Paths are
// exact: oklog/ulid brings database/sql/driver, which opens nothing.
var banned = map[string]string{
	"net":          "a program that verifies offline cannot open a connection: the linker is the proof",
	"net/http":     "as net; HTTP is for the edges, such as did/didweb and verify/verifyhttp",
	"crypto/tls":   "as net",
	"crypto/x509":  "it links net; Ed25519 keys in PKCS#8 and SPKI are fixed DER prefixes",
	"os/exec":      "nothing is ever run",
	"os/signal":    "signals are the program's",
	"plugin":       "nothing is ever loaded",
	"database/sql": "state is for the edges passport/registry and verify/ledger",
	"testing":      "test helpers are for verify/verifytest",
	"expvar":       "it links net/http",
	"log/syslog":   "it links net",

	"github.com/go-jose/go-jose/v4":       "JOSE is for the edge credential/vcjwt",
	"github.com/piprate/json-gold/ld":     "it links net/http and loses claims; the edge credential/goldld wraps it",
	"github.com/spf13/cobra":              "for cmd/safeconduct",
	"github.com/gowebpki/jcs":             "tests compare with it",
	"github.com/stretchr/testify/require": "for tests",
	"github.com/jackc/pgx/v5":             "PostgreSQL is for the edges",
	"modernc.org/sqlite":                  "SQLite is for the edges",
}

// bannedDirectly is what the floors do not import themselves.
var bannedDirectly = map[string]string{
	"encoding/json": "it folds case, keeps the last duplicate and repairs bad UTF-8; use internal/strictjson (log/slog links it, which is no matter)",
	"log":           "floors do not log; decisions and errors are slog.LogValuers",
	"math/rand":     "what a verifier draws must not be guessed; use crypto/rand",
	"math/rand/v2":  "as math/rand",
	"unsafe":        "no",
	"C":             "pure Go builds and cross-compiles everywhere",
}

// drivers are imported by one package each, and linked by none that does not open a
// database.
var drivers = map[string]string{
	"github.com/jackc/pgx": "store/postgres",
	"modernc.org/sqlite":   "store/sqlite",
}

// pkg is one package as `go list -json` tells it.
type pkg struct {
	ImportPath string
	Imports    []string
	Deps       []string
}

// place says where a package of this module stands: its floor, or its row of
// edges, or the workshop. ok is false for a package that stands nowhere.
func place(path string) (floor, row int, ok bool) {
	if slices.Contains(workshop, path) {
		return -1, -1, true
	}
	longest := ""
	for i, names := range edges {
		for _, name := range names {
			if (path == name || strings.HasPrefix(path, name+"/")) && len(name) > len(longest) {
				longest, row = name, i
			}
		}
	}
	if longest != "" {
		return -1, row, true
	}
	if strings.HasPrefix(path, "internal/") {
		return 0, -1, true
	}
	i := slices.Index(floors, path)
	return i, -1, i >= 0
}

// ceiling is the highest floor that an edge may import: the one whose folder it
// is in. An edge elsewhere may import all.
func ceiling(path string) int {
	first, _, _ := strings.Cut(path, "/")
	if i := slices.Index(floors, first); i > 0 {
		return i
	}
	return len(floors)
}

// violations returns one sentence for each import that the policy forbids.
func violations(pkgs []pkg) []string {
	var found []string
	report := func(format string, args ...any) { found = append(found, fmt.Sprintf(format, args...)) }
	for _, p := range pkgs {
		path := strings.TrimPrefix(p.ImportPath, module+"/")
		floor, row, ok := place(path)
		if !ok {
			report("%s stands on no floor: add it to the list in deps_test.go", path)
			continue
		}
		isWorkshop := slices.Contains(workshop, path)
		for _, imported := range p.Imports {
			to, mine := strings.CutPrefix(imported, module+"/")
			if !mine {
				continue
			}
			toFloor, toRow, _ := place(to)
			switch {
			case isWorkshop:
			case slices.Contains(workshop, to):
				report("%s imports %s, which is for tests", path, to)
			case floor >= 0 && toRow >= 0:
				report("%s is a floor and imports the edge %s", path, to)
			case floor >= 0 && toFloor >= floor && floor > 0:
				report("%s imports %s, which is not below it", path, to)
			case floor == 0 && toFloor > 0:
				report("%s is on floor 0 and imports %s", path, to)
			case row >= 0 && toFloor > ceiling(path):
				report("%s imports %s, which is above the floor that it is an edge of", path, to)
			case row >= 0 && toRow > row:
				report("%s imports the edge %s of a higher row", path, to)
			}
		}
		for _, imported := range p.Imports {
			for driver, by := range drivers {
				if (imported == driver || strings.HasPrefix(imported, driver+"/")) && path != by && !isWorkshop {
					report("%s imports %s: that is for %s", path, imported, by)
				}
			}
		}
		if floor < 0 {
			continue
		}
		for _, dep := range p.Deps {
			if why, ok := banned[dep]; ok {
				report("%s links %s: %s", path, dep, why)
			}
		}
		for _, imported := range p.Imports {
			if why, ok := bannedDirectly[imported]; ok {
				report("%s imports %s: %s", path, imported, why)
			}
		}
	}
	return found
}

func TestImportsKeepTheFloors(t *testing.T) {
	// -e: a package that does not build is for the compiler to report.
	out, err := exec.Command("go", "list", "-e", "-json=ImportPath,Imports,Deps", module+"/...").Output()
	require.NoError(t, err)
	var pkgs []pkg
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p pkg
		err := dec.Decode(&p)
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		pkgs = append(pkgs, p)
	}
	require.Greater(t, len(pkgs), 6)
	require.Empty(t, violations(pkgs))
}

// The test above can fail: each kind of breach is found.
func TestViolationsAreFound(t *testing.T) {
	p := func(path string, imports ...string) pkg {
		for i, imported := range imports {
			if strings.HasPrefix(imported, "./") {
				imports[i] = module + imported[1:]
			}
		}
		return pkg{ImportPath: module + "/" + path, Imports: imports, Deps: imports}
	}
	for want, bad := range map[string]pkg{
		"did imports credential, which is not below it":                                       p("did", "./credential"),
		"statuslist imports passport, which is not below it":                                  p("statuslist", "./passport"),
		"internal/jcs is on floor 0 and imports did":                                          p("internal/jcs", "./did"),
		"verify is a floor and imports the edge verify/bundle":                                p("verify", "./verify/bundle"),
		"statuslist is a floor and imports the edge internal/safefetch":                       p("statuslist", "./internal/safefetch"),
		"internal/jcs is a floor and imports the edge credential/vcjwt":                       p("internal/jcs", "./credential/vcjwt"),
		"verify/bundle imports the edge verify/verifyhttp of a higher row":                    p("verify/bundle", "./verify/verifyhttp"),
		"passport/registry/internal/db imports the edge cmd of a higher row":                  p("passport/registry/internal/db", "./cmd"),
		"passport/profile/oap imports verify, which is above the floor that it is an edge of": p("passport/profile/oap", "./verify"),
		"did/didweb imports credential, which is above the floor that it is an edge of":       p("did/didweb", "./credential"),
		"did imports internal/testvectors, which is for tests":                                p("did", "./internal/testvectors"),
		"verify/bundle imports internal/testvectors, which is for tests":                      p("verify/bundle", "./internal/testvectors"),
		"helpers stands on no floor: add it to the list in deps_test.go":                      p("helpers"),
		"credential/odd stands on no floor: add it to the list in deps_test.go":               p("credential/odd"),
		"verify links net: " + banned["net"]:                                                  p("verify", "net"),
		"internal/jcs links testing: " + banned["testing"]:                                    p("internal/jcs", "testing"),
		"passport imports encoding/json: " + bannedDirectly["encoding/json"]:                  p("passport", "encoding/json"),
		"credential links crypto/x509: " + banned["crypto/x509"]:                              p("credential", "crypto/x509"),
		"statuslist imports math/rand/v2: " + bannedDirectly["math/rand/v2"]:                  p("statuslist", "math/rand/v2"),
		"internal/sqlstore imports modernc.org/sqlite/lib: that is for store/sqlite":          p("internal/sqlstore", "modernc.org/sqlite/lib"),
		"cmd/safeconduct imports github.com/jackc/pgx/v5: that is for store/postgres":         p("cmd/safeconduct", "github.com/jackc/pgx/v5"),
		"did links database/sql: " + banned["database/sql"]:                                   p("did", "database/sql"),
		"did links github.com/go-jose/go-jose/v4: " + banned["github.com/go-jose/go-jose/v4"]: p("did", "github.com/go-jose/go-jose/v4"),
	} {
		require.Equal(t, []string{want}, violations([]pkg{bad}))
	}
	for _, good := range []pkg{
		p("did", "./internal/strictjson", "strings", "database/sql/driver", "log/slog"),
		p("verify", "./passport", "./statuslist", "./credential", "./did", "./internal/limits"),
		p("internal/jcs", "./internal/strictjson"),
		p("did/didweb", "./did", "net/http", "encoding/json"),
		p("verify/verifyhttp", "./verify", "./verify/receipt", "net/http"),
		p("cmd/safeconduct", "./verify/verifyhttp", "./did/didweb", "./passport/registry"),
		p("examples/quickstart", "./verify"),
		p("internal/testvectors", "testing"),
		p("store/sqlite", "./internal/sqlstore", "./store", "modernc.org/sqlite"),
		p("examples/replicas", "./store/sqlite", "./store/postgres"),
	} {
		require.Empty(t, violations([]pkg{good}))
	}
}
