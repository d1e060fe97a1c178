-- News for the outside world and for rooms above, written in the transaction of its cause and
-- delivered afterwards at least once. A row goes when it is delivered.
CREATE TABLE db_outbox (
    bucket     INTEGER NOT NULL,  -- of the domain row that caused it
    id         BIGINT NOT NULL,   -- time-ordered, made by the program; the receiver's idempotency key
    topic      TEXT NOT NULL,     -- who reacts: "payment.submitted"
    ref_id     BIGINT NOT NULL,   -- the domain row
    created_at BIGINT NOT NULL,   -- microseconds UTC
    next_at    BIGINT NOT NULL,   -- not to be tried before, microseconds UTC
    attempts   INTEGER NOT NULL CHECK (attempts >= 0),
    state      SMALLINT NOT NULL CHECK (state IN (0, 1)), -- 0 waiting, 1 dead: staff look at it
    last_error TEXT,              -- why the last attempt failed, for staff
    body       TEXT NOT NULL,     -- JSON
    PRIMARY KEY (bucket, id)
);

-- The deliverer's question over all buckets: what is due, oldest first.
CREATE INDEX db_outbox_due ON db_outbox (state, next_at, id);

-- Messages from outside, stored before they are acted on; the key makes a repeat harmless.
CREATE TABLE db_inbox (
    bucket      INTEGER NOT NULL,
    source      TEXT NOT NULL,    -- who sent it: "clearing"
    message_id  TEXT NOT NULL,    -- the sender's own id of it
    received_at BIGINT NOT NULL,  -- microseconds UTC
    state       SMALLINT NOT NULL CHECK (state IN (0, 1, 2)), -- 0 new, 1 acted on, 2 refused
    body        TEXT NOT NULL,    -- as received
    PRIMARY KEY (bucket, source, message_id)
) WITHOUT ROWID;

-- The worker's question over all buckets: what is new, oldest first.
CREATE INDEX db_inbox_new ON db_inbox (state, received_at);

-- The answer to each command of a principal under its Idempotency-Key, refusals too.
CREATE TABLE db_idempotency (
    bucket       INTEGER NOT NULL, -- of the principal
    principal_id BIGINT NOT NULL,  -- customer, merchant or staff
    idem_key     TEXT NOT NULL,    -- the client's key, 1 to 255 visible characters
    created_at   BIGINT NOT NULL,  -- microseconds UTC; old rows are purged
    status       INTEGER NOT NULL CHECK (status BETWEEN 100 AND 599), -- HTTP
    route        TEXT NOT NULL,    -- operation of the document: "makeTransfer"
    fingerprint  BLOB NOT NULL,    -- keyed hash of method, path and checked members: another request under the key is refused
    result_id    BIGINT NOT NULL CHECK (result_id >= 0), -- what was made, rendered anew for a repeat; 0: the answer is kept whole
    response     BLOB NOT NULL,    -- body of the answer, sealed by the vault; empty where result_id is there
    PRIMARY KEY (bucket, principal_id, idem_key)
);

-- Names that must be unique in the whole bank (phone, card, ID number, login, client's order
-- number), by their keyed hash; the bucket is the hash's own.
CREATE TABLE db_directory (
    bucket    INTEGER NOT NULL,  -- bucket_of_hash(name_hash)
    kind      SMALLINT NOT NULL, -- enum directory_kind
    name_hash BLOB NOT NULL,     -- keyed hash of the folded name
    owner_id  BIGINT NOT NULL,   -- who holds the name; its low bits give the owner's bucket
    PRIMARY KEY (bucket, kind, name_hash)
) WITHOUT ROWID;

-- Facts about this database as a whole, which a start compares with what lies beside it.
CREATE TABLE db_facts (
    bucket INTEGER NOT NULL, -- 0
    name   TEXT NOT NULL,    -- "mark" (rises, see facts.h), "town" (staff are invented), "restored"
    number BIGINT NOT NULL,  -- the fact's value
    at     BIGINT NOT NULL,  -- when it became so, microseconds UTC
    PRIMARY KEY (bucket, name)
) WITHOUT ROWID;

-- Check values of the keys that seal this database's fields: a key file that lacks one, or has
-- another, is refused.
CREATE TABLE db_key_checks (
    bucket      INTEGER NOT NULL,  -- 0
    version     SMALLINT NOT NULL CHECK (version BETWEEN 0 AND 255), -- of the master key; 0: the look-up key
    check_value BLOB NOT NULL,     -- keyed hash of a fixed text
    made_at     BIGINT NOT NULL,   -- first seen, microseconds UTC
    PRIMARY KEY (bucket, version)
) WITHOUT ROWID;

-- engine: postgresql
-- Rows that are updated or soon deleted: room for updates in place, eager cleaning.
ALTER TABLE db_outbox SET (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02);

ALTER TABLE db_idempotency SET (autovacuum_vacuum_scale_factor = 0.05);
