-- What an issuer's office knows: documents that are found by keys, and streams of
-- entries that are only ever added to.

CREATE TABLE documents (
	space   BIGINT NOT NULL,
	kind    TEXT NOT NULL,
	id      TEXT NOT NULL,
	version BIGINT NOT NULL,
	body    BYTES NOT NULL,
	PRIMARY KEY (space, kind, id)
) CLUSTERED;

CREATE TABLE document_keys (
	space BIGINT NOT NULL,
	kind  TEXT NOT NULL,
	name  TEXT NOT NULL,
	value TEXT NOT NULL,
	id    TEXT NOT NULL,
	PRIMARY KEY (space, kind, name, value, id)
) CLUSTERED;

CREATE INDEX document_keys_id ON document_keys (space, kind, id);

-- Keys that one document alone may have.
CREATE TABLE unique_keys (
	space BIGINT NOT NULL,
	kind  TEXT NOT NULL,
	name  TEXT NOT NULL,
	value TEXT NOT NULL,
	id    TEXT NOT NULL,
	PRIMARY KEY (space, kind, name, value)
) CLUSTERED;

CREATE INDEX unique_keys_id ON unique_keys (space, kind, id);

CREATE TABLE entries (
	space  BIGINT NOT NULL,
	stream TEXT NOT NULL,
	number BIGINT NOT NULL,
	body   BYTES NOT NULL,
	PRIMARY KEY (space, stream, number)
) CLUSTERED;

-- The latest update of each open store that was committed: who does not know what
-- became of a COMMIT looks here, at once: rows of long ago are removed.
CREATE TABLE updates (
	writer BYTES NOT NULL PRIMARY KEY,
	number BIGINT NOT NULL,
	at     BIGINT NOT NULL -- by the server's clock
) CLUSTERED;
