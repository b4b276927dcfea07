-- What a verifier remembers. One schema for all engines: BYTES and CLUSTERED are
-- words of the engine. Keys are digests, 16 bytes, with the namespace in them.
-- Instants are nanoseconds since 1970. Quantities have 16 bytes, the highest
-- first; those that are added up by the engine are four numbers of 32 bits.

-- Namespaces.
CREATE TABLE spaces (
	space BIGINT NOT NULL PRIMARY KEY,
	name  TEXT NOT NULL UNIQUE
);

-- The latest end of what was forgotten, by kind: 1 replay keys, 2 accounts. It
-- moves only when something is forgotten. 3 and 4 are the end and the beginning of the
-- time that a restored copy does not know.
CREATE TABLE forgotten (
	space BIGINT NOT NULL,
	kind  BIGINT NOT NULL,
	at    BIGINT NOT NULL,
	PRIMARY KEY (space, kind)
);

CREATE TABLE agents (
	agent  BYTES NOT NULL PRIMARY KEY,
	nonces BIGINT NOT NULL,
	acts   BIGINT NOT NULL
) CLUSTERED;

-- A passport in its place of a chain, with what all chains through it have.
CREATE TABLE places (
	place    BYTES NOT NULL PRIMARY KEY,
	above    BYTES,
	acts     BIGINT NOT NULL,
	accounts BIGINT NOT NULL
) CLUSTERED;

CREATE TABLE nonces (
	nonce BYTES NOT NULL PRIMARY KEY,
	space BIGINT NOT NULL,
	until BIGINT NOT NULL,
	agent BYTES NOT NULL,
	place BYTES, -- that of a repetition, which has no hold
	hold  BYTES NOT NULL -- of the decision that used it
) CLUSTERED;

CREATE INDEX nonces_until ON nonces (space, until);

-- The latest hold of each intent.
CREATE TABLE intents (
	intent BYTES NOT NULL PRIMARY KEY,
	hold   BYTES NOT NULL
) CLUSTERED;

CREATE TABLE holds (
	hold     BYTES NOT NULL PRIMARY KEY,
	space    BIGINT NOT NULL,
	decision TEXT NOT NULL,
	at       BIGINT NOT NULL,
	hold_by  BIGINT NOT NULL,
	known    BIGINT NOT NULL,
	ends     BIGINT NOT NULL, -- when it may be forgotten
	state    BIGINT NOT NULL,
	reserved BYTES NOT NULL,
	done     BYTES NOT NULL,
	currency TEXT NOT NULL, -- empty: it has no amount
	decimals BIGINT NOT NULL,
	content  BYTES,
	intent   BYTES,
	agent    BYTES NOT NULL,
	place    BYTES NOT NULL,
	root     BYTES NOT NULL, -- the place at the top
	charges  BYTES NOT NULL -- each: the account, what it is (1 a rate, 2 of a lifetime), its birth, what it takes, its end
) CLUSTERED;

CREATE INDEX holds_ends ON holds (space, ends);

-- What nobody has settled: open (1) and unresolved (4).
CREATE INDEX holds_unsettled ON holds (space, decision) WHERE state IN (1, 4);

-- What is open below a root.
CREATE INDEX holds_open ON holds (root, hold_by) WHERE state = 1;

CREATE TABLE accounts (
	account BYTES NOT NULL PRIMARY KEY,
	space   BIGINT NOT NULL,
	until   BIGINT NOT NULL,
	place   BYTES NOT NULL,
	born    BIGINT NOT NULL, -- tells it from one that had the same key before
	total   BYTES NOT NULL, -- of all uses there ever were
	base    BYTES NOT NULL, -- of that, what holds count that were forgotten
	since   BIGINT NOT NULL, -- sum is of the uses from here on
	sum     BYTES NOT NULL,
	gone    BIGINT NOT NULL -- the latest use that was forgotten
) CLUSTERED;

CREATE INDEX accounts_until ON accounts (space, until);

-- Of an account with a window all uses that a window may reach.
CREATE TABLE uses (
	account BYTES NOT NULL,
	at      BIGINT NOT NULL,
	hold    BYTES NOT NULL,
	q3      BIGINT NOT NULL, -- what it counts, the highest 32 bits
	q2      BIGINT NOT NULL,
	q1      BIGINT NOT NULL,
	q0      BIGINT NOT NULL,
	PRIMARY KEY (account, at, hold)
) CLUSTERED;

-- Every decision.
CREATE TABLE records (
	space    BIGINT NOT NULL,
	decision TEXT NOT NULL,
	at       BIGINT NOT NULL,
	verdict  BIGINT NOT NULL,
	codes    TEXT NOT NULL, -- with a blank before and behind each
	passport TEXT NOT NULL,
	agent    TEXT NOT NULL,
	root     TEXT NOT NULL,
	intent   TEXT NOT NULL,
	audience TEXT NOT NULL,
	action   TEXT NOT NULL,
	resource TEXT NOT NULL,
	amount   TEXT NOT NULL,
	currency TEXT NOT NULL,
	decimals BIGINT NOT NULL,
	proven   BIGINT NOT NULL,
	took     BIGINT NOT NULL,
	scored   BIGINT NOT NULL,
	score    BIGINT NOT NULL,
	PRIMARY KEY (space, decision)
) CLUSTERED;

CREATE INDEX records_at ON records (space, at, decision);

-- What was not proven: only so much of it is kept.
CREATE INDEX records_unproven ON records (space, at, decision) WHERE proven = 0;

CREATE INDEX records_agent ON records (space, agent, at, decision);

-- What was said of holds by name, and what was refused.
CREATE TABLE attempts (
	space    BIGINT NOT NULL,
	decision TEXT NOT NULL,
	number   BIGINT NOT NULL, -- 1 for the first of its decision
	at       BIGINT NOT NULL,
	outcome  BIGINT NOT NULL,
	amount   TEXT NOT NULL,
	currency TEXT NOT NULL,
	decimals BIGINT NOT NULL,
	said_by  TEXT NOT NULL,
	reason   TEXT NOT NULL,
	refused  TEXT NOT NULL,
	PRIMARY KEY (space, decision, number)
) CLUSTERED;

-- Decisions that are kept no longer, as counts by agent and day.
CREATE TABLE totals (
	space      BIGINT NOT NULL,
	agent      TEXT NOT NULL, -- empty: they say nothing about an agent
	day        BIGINT NOT NULL, -- since 1970, UTC
	decisions  BIGINT NOT NULL,
	allowed    BIGINT NOT NULL,
	violations BIGINT NOT NULL,
	PRIMARY KEY (space, agent, day)
) CLUSTERED;

-- The newest editions of status lists and bundles that were seen.
CREATE TABLE editions (
	edition    BYTES NOT NULL PRIMARY KEY,
	as_of      BIGINT, -- NULL: the zero time
	sequence   BIGINT NOT NULL,
	sum        BYTES NOT NULL,
	keep_until BIGINT -- NULL: for good
) CLUSTERED;

CREATE INDEX editions_ends ON editions (keep_until) WHERE keep_until IS NOT NULL;

-- Entries of lists that were seen revoked.
CREATE TABLE revoked (
	edition BYTES NOT NULL,
	size    BIGINT NOT NULL,
	entry   BIGINT NOT NULL,
	PRIMARY KEY (edition, size, entry)
) CLUSTERED;
