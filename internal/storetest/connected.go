package storetest

import (
	"context"

	"github.com/safeconduct/safeconduct/internal/sqlstore"
)

// connected is an engine whose connections are made into others.
func connected(e *sqlstore.Engine, with func(c sqlstore.Conn, write bool) sqlstore.Conn) *sqlstore.Engine {
	wrapped := *e
	wrapped.Connect = func(ctx context.Context, write bool) (sqlstore.Conn, error) {
		c, err := e.Connect(ctx, write)
		if err != nil {
			return nil, err
		}
		return with(c, write), nil
	}
	return &wrapped
}

// writing is connected for the connections that write: those of the writer, and of the drainer.
func writing(e *sqlstore.Engine, with func(c sqlstore.Conn) sqlstore.Conn) *sqlstore.Engine {
	return connected(e, func(c sqlstore.Conn, write bool) sqlstore.Conn {
		if !write {
			return c
		}
		return with(c)
	})
}
