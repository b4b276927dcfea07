//go:build (darwin || freebsd || linux || netbsd || openbsd || windows) && (386 || amd64 || arm || arm64 || loong64 || ppc64le || riscv64 || s390x)

package main

import (
	"context"

	"github.com/safeconduct/safeconduct/store"
	"github.com/safeconduct/safeconduct/store/sqlite"
)

func openLedgerFile(ctx context.Context, file string, o store.Options) (ledgerFile, error) {
	return sqlite.Open(ctx, file, sqlite.Options{Options: o})
}
