package postgres

import (
	"errors"
	"net/url"
	"regexp"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// A connection string has a password, and an error is written down by many. So none
// shows a string that could not be read, where nobody knows which part is the password;
// strings are refused of which a part of the password would be taken for something else;
// and the password that was found is taken out of whatever is told later.

// parse reads a connection string.
func parse(dsn string) (*pgx.ConnConfig, error) {
	if why := ambiguous(dsn); why != "" {
		return nil, unreadable(why)
	}
	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		for _, known := range faults {
			if strings.Contains(err.Error(), known) {
				return nil, unreadable(known)
			}
		}
		return nil, unreadable("it is not one")
	}
	for name := range config.RuntimeParams {
		if !parameter.MatchString(name) {
			return nil, unreadable("the name of a parameter is odd: a value with blanks is written in quotes")
		}
	}
	// Texts are UTF-8 here. A role or a database may ask for another encoding, which cannot say every text: a group of
	// acts, which are bytes to the server, would be acknowledged, and could not be written into the tables.
	config.RuntimeParams["client_encoding"] = "UTF8"
	return config, nil
}

// faults are what pgx says that is always the same.
var faults = []string{
	"failed to parse as URL", "failed to parse as keyword/value", "invalid port", "port numbers to",
	"failed to configure TLS", "failed to read service", "invalid connect_timeout", "invalid sslcertmode",
	"invalid require_auth", "unknown target_session_attrs value", "unknown channel_binding value",
	"invalid min_protocol_version", "invalid max_protocol_version", "invalid default_query_exec_mode",
	"statement_cache_capacity", "description_cache_capacity",
}

var parameter = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)?$`)

func unreadable(why string) error {
	return errors.New("postgres: the connection string cannot be read (" + why + "); it is not shown, for it may " +
		"have a password: want postgres://user:password@host:5432/database, with %40 for an @ and so on, or host=… " +
		"dbname=… password='…'")
}

// ambiguous says why a part of a password could be taken for something else.
func ambiguous(dsn string) string {
	rest, isURL := strings.CutPrefix(dsn, "postgres://")
	if !isURL {
		rest, isURL = strings.CutPrefix(dsn, "postgresql://")
	}
	if !isURL {
		return ""
	}
	authority := rest
	if end := strings.IndexAny(rest, "/?#"); end >= 0 {
		authority = rest[:end]
	}
	if strings.Contains(rest[len(authority):], "@") || strings.Count(authority, "@") > 1 {
		return "it has an @ that is not in its place, or a / ? or # before it: a password has them as " +
			"%40, %2F, %3F and %23"
	}
	return ""
}

// quiet is an error without the password.
type quiet struct {
	text string
	err  error
}

func (q *quiet) Error() string { return q.text }
func (q *quiet) Unwrap() error { return q.err }

// without takes the password out of an error. What the server says of a parameter is not
// told: it may be the rest of a password with a blank in it.
func without(config *pgx.ConnConfig, err error) error {
	var e *pgconn.PgError
	text := err.Error()
	if errors.As(err, &e) && !told[e.Code] {
		text = "postgres: the server refuses the connection, with SQLSTATE " + e.Code
	}
	pass := config.Password
	for _, secret := range []string{pass, url.QueryEscape(pass), url.PathEscape(pass)} {
		if len(secret) > 2 { // a shorter one is found in any word
			text = strings.ReplaceAll(text, secret, "xxxxx")
		}
	}
	return &quiet{text, err}
}

// told are the errors of a server whose text names user, database or state alone.
var told = map[string]bool{
	"28P01": true, "28000": true, "3D000": true, "53300": true, "57P03": true, "42501": true, "57P01": true,
	"57P02": true,
}
