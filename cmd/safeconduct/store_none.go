//go:build !((darwin || freebsd || linux || netbsd || openbsd || windows) && (386 || amd64 || arm || arm64 || loong64 || ppc64le || riscv64 || s390x))

package main

import (
	"context"
	"errors"

	"github.com/safeconduct/safeconduct/store"
)

// openLedgerFile fails: SQLite in pure Go does not run on this system. All other verbs do.
func openLedgerFile(context.Context, string, store.Options) (ledgerFile, error) {
	return nil, errors.New("there is no SQLite for this system")
}
