-- Where the engine is a server, a group of acts is one row here when it is answered: what
-- the other tables will say, which is written into them behind it. See redo.go.
CREATE TABLE redo (
	space  BIGINT NOT NULL,
	number BIGINT NOT NULL, -- in the order of the groups
	before BIGINT NOT NULL, -- the token of redo_heads that it has replaced
	body   BYTES NOT NULL,
	PRIMARY KEY (space, number)
) CLUSTERED;

ALTER TABLE redo ALTER COLUMN body UNCOMPRESSED;

ALTER TABLE redo WHOLE;

ALTER TABLE redo VACUUMED;

-- The number of the latest group of each namespace. Whoever writes in the ledger moves it,
-- with a token of his own: so what is still there says that nobody has, also after a server has
-- lost what it had acknowledged.
CREATE TABLE redo_heads (
	space  BIGINT NOT NULL PRIMARY KEY,
	number BIGINT NOT NULL,
	token  BIGINT NOT NULL
) CLUSTERED;

INSERT INTO redo_heads (space, number, token) SELECT space, 0, 0 FROM spaces;

-- A build that does not know of groups must not write beside one that does: each of its
-- statements on holds names a column that is not there any more, and is refused. What it forgets
-- it looks for by when a hold ends.
ALTER TABLE holds RENAME COLUMN done TO came_to;

ALTER TABLE holds RENAME COLUMN ends TO kept_until;
