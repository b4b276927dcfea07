package sqlite_test

import (
	"database/sql"
	"errors"
)

// alter changes a file as another program would.
func alter(path, statement string) error {
	db, err := sql.Open("sqlite", path)
	if err != nil {
		return err
	}
	_, err = db.Exec(statement)
	if err == nil {
		_, err = db.Exec("PRAGMA wal_checkpoint(TRUNCATE)") // nothing stays in another file
	}
	return errors.Join(err, db.Close())
}
