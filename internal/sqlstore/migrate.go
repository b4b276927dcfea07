package sqlstore

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/safeconduct/safeconduct/store"
)

// migrations are numbered from 1 on, by their names, without gaps. One that was
// released is never changed.
//
//go:embed schema/*.sql
var migrations embed.FS

// Version is the newest version of the schema that this build knows.
func Version() int {
	list, _ := fs.Glob(migrations, "schema/*.sql") // the pattern is good
	return len(list)
}

// migrate brings the database to the newest version, each migration in one
// transaction. Several processes may do so at once. It fails for a database from
// a newer build.
func (s *Store) migrate(ctx context.Context) error {
	list, err := fs.Glob(migrations, "schema/*.sql")
	if err != nil {
		return err
	}
	for {
		done := false
		if err := s.opening(ctx, func(t *tx) (err error) {
			done, err = migrateOne(t, list)
			return err
		}); err != nil {
			return fmt.Errorf("sqlstore: schema: %w", err)
		}
		if done {
			return nil
		}
	}
}

// migrateOne applies the next migration. Who inserts its number first does it; the
// others wait for the row, find it there, and look again.
func migrateOne(t *tx, list []string) (done bool, err error) {
	const table = "CREATE TABLE IF NOT EXISTS versions (version BIGINT NOT NULL PRIMARY KEY)"
	made := false
	if t.engine.Made != "" {
		if _, err := t.one(t.engine.Made, nil, func(r Row) { made = r.Int(0) > 0 }); err != nil {
			return false, err
		}
	}
	if !made {
		if err := t.now(table); err != nil {
			return false, err
		}
	}
	var version int
	if _, err := t.one("SELECT COALESCE(MAX(version), 0) FROM versions", nil, func(r Row) {
		version = int(r.Int(0))
	}); err != nil {
		return false, err
	}
	switch {
	case version > len(list):
		return true, fmt.Errorf("%w: it has schema %d, and this build knows %d", store.ErrNewer, version, len(list))
	case version == len(list):
		return true, nil
	}
	if err := t.exec("INSERT INTO versions (version) VALUES (?)", version+1); err != nil {
		return false, err
	}
	text, err := migrations.ReadFile(list[version])
	if err != nil {
		return false, err
	}
	for _, statement := range split(string(text)) {
		do := t.now
		if is, has := t.engine.tuning(statement); is && !has {
			continue
		} else if is {
			do = t.tune
		}
		if err := do(t.engine.schema(statement)); err != nil {
			return false, fmt.Errorf("%s: %w", list[version], err)
		}
	}
	return false, nil
}

// tune executes a statement that everything works without: where the engine has no word for
// it, or the server or the role's rights do not allow it, nothing is changed.
func (t *tx) tune(statement string) error {
	if err := t.now("SAVEPOINT tuning"); err != nil {
		return err
	}
	if refused := t.now(statement); refused != nil {
		if err := errors.Join(t.exec("ROLLBACK TO SAVEPOINT tuning"), t.flush()); err != nil {
			return errors.Join(refused, err)
		}
	}
	return nil
}

// now executes a statement at once: the next one cannot even be read before.
func (t *tx) now(statement string) error {
	if err := t.exec(statement); err != nil {
		return err
	}
	return t.each("SELECT 1", nil, func(Row) error { return nil })
}

// split takes a script apart. No text in one has a semicolon or two dashes.
func split(script string) (list []string) {
	var code strings.Builder
	for line := range strings.Lines(script) {
		before, _, _ := strings.Cut(line, "--")
		code.WriteString(strings.TrimRight(before, " \n") + "\n")
	}
	for _, s := range strings.Split(code.String(), ";") {
		if s = strings.TrimSpace(s); s != "" {
			list = append(list, s)
		}
	}
	return list
}
