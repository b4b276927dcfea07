package main

import (
	"context"
	"errors"
	"os"

	"github.com/safeconduct/safeconduct/cmd/safeconduct/internal/cli"
	"github.com/safeconduct/safeconduct/store"
)

// ledgerFile is a store in one file, as package store/sqlite has it.
type ledgerFile interface {
	store.Store
	Backup(ctx context.Context, file string) error
	Scrub(ctx context.Context) error
}

// memory is a ledger that outlives the command, in a file.
type memory struct {
	file    string
	options store.Options
}

func (m *memory) flags(help string) []cli.Flag {
	return []cli.Flag{
		flag("store", cli.Text("FILE", &m.file), help),
		flag("namespace", cli.Text("TEXT", &m.options.Namespace),
			"which of several services that share the file; the one without a name unless given"),
	}
}

// openStore opens the file; run closes it when the verb has ended. A file that is not there is a new ledger, by which
// nothing was spent, if fresh is set: a slip of the hand must not forget what was.
func (a *app) openStore(ctx context.Context, m *memory, fresh bool) (ledgerFile, error) {
	info, err := os.Stat(m.file)
	switch {
	case err != nil && (!fresh || !os.IsNotExist(err)):
		return nil, ioFailure(err, "cannot open the store")
	case err == nil && info.IsDir():
		return nil, ioFailure(nil, "%s is a folder, want the file of a store", m.file)
	case err == nil && info.Size() == 0 && !fresh:
		return nil, ioFailure(nil, "%s is empty, and not a store", m.file)
	case err != nil || info.Size() == 0:
		a.note("%s is new: by it, nothing was spent so far", m.file)
	}
	m.options.Now = a.now
	s, err := openLedgerFile(ctx, m.file, m.options)
	if errors.Is(err, store.ErrNoNamespace) {
		f := ioFailure(err, "cannot open the store")
		if fresh {
			return nil, f.Hint("if it is another service: verify -create-namespace makes its ledger, " +
				"by which nothing was spent")
		}
		return nil, f.Hint("-namespace says which one; a mistyped one would be a new ledger, " +
			"by which nothing was spent")
	}
	if err != nil {
		return nil, ioFailure(err, "cannot open the store")
	}
	a.store = s
	a.text.Ledger, a.err.Ledger = "", ""
	return s, nil
}
