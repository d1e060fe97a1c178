-- People who work at the bank. All of this room lives in bucket 0.
CREATE TABLE staff_users (
    bucket           INTEGER NOT NULL CHECK (bucket = 0),
    id               BIGINT NOT NULL,
    login            TEXT NOT NULL,    -- lower case, as typed at sign-in
    name             TEXT NOT NULL,    -- for people
    roles            INTEGER NOT NULL CHECK (roles BETWEEN 1 AND 65535), -- 1 << enum staff_role, summed
    state            SMALLINT NOT NULL CHECK (state IN (1, 2)),          -- 1 active, 2 disabled
    password_hash    TEXT NOT NULL,    -- "$argon2id$…"; empty: no credentials, an invitation is needed
    password_version BIGINT NOT NULL,  -- rises with each new password; 0: there never was one
    totp_sealed      BLOB NOT NULL,    -- secret of the time codes; place: 0, id, "staff.totp"; empty: none
    totp_next        BLOB NOT NULL,    -- secret that waits for its first code; place "staff.totp.next"; empty: none
    totp_step        BIGINT NOT NULL,  -- last 30-second step whose code was used; -1 none
    failures         INTEGER NOT NULL CHECK (failures >= 0), -- wrong sign-ins in a row from unknown browsers
    locked_until     BIGINT NOT NULL,  -- microseconds UTC, for unknown browsers; 0 not locked
    created_at       BIGINT NOT NULL,  -- microseconds UTC
    version          BIGINT NOT NULL,  -- rises with each change: ETag
    PRIMARY KEY (bucket, id),
    UNIQUE (bucket, login)
) WITHOUT ROWID;

-- Signed-in staff. The token is known to the browser only.
CREATE TABLE staff_sessions (
    bucket       INTEGER NOT NULL CHECK (bucket = 0),
    id           BIGINT NOT NULL,  -- first 8 bytes of the token
    staff_id     BIGINT NOT NULL,
    token_hash   BLOB NOT NULL,    -- keyed hash of the whole token
    created_at   BIGINT NOT NULL,  -- microseconds UTC
    last_seen_at BIGINT NOT NULL,  -- microseconds UTC
    ended_at     BIGINT NOT NULL,  -- microseconds UTC; 0 live
    failures     INTEGER NOT NULL CHECK (failures >= 0), -- wrong proofs of the own password or code in a row
    PRIMARY KEY (bucket, id),
    FOREIGN KEY (bucket, staff_id) REFERENCES staff_users (bucket, id)
) WITHOUT ROWID;

-- What staff did, in a chain: each entry's hash covers its fields and the hash before it. Append only.
CREATE TABLE staff_audit (
    bucket    INTEGER NOT NULL CHECK (bucket = 0),
    sequence  BIGINT NOT NULL CHECK (sequence > 0), -- from 1 without a gap
    at        BIGINT NOT NULL,  -- microseconds UTC
    staff_id  BIGINT NOT NULL,  -- 0: the bank itself
    action    TEXT NOT NULL,    -- "customer.reveal"
    object    TEXT NOT NULL,    -- "customer:123"
    detail    TEXT NOT NULL,    -- reason and the like; no personal data
    prev_hash BLOB NOT NULL,    -- of the entry before; zeros for the first
    hash      BLOB NOT NULL,    -- BLAKE2b-256, see audit_rules.h
    PRIMARY KEY (bucket, sequence)
) WITHOUT ROWID;

-- The newest entry of the chain: its row queues those who append at the same time.
CREATE TABLE staff_audit_head (
    bucket   INTEGER NOT NULL CHECK (bucket = 0),
    sequence BIGINT NOT NULL,  -- 0 before the first entry
    hash     BLOB NOT NULL,    -- zeros before the first entry
    PRIMARY KEY (bucket)
) WITHOUT ROWID;

-- A user's sessions, to end them all.
CREATE INDEX staff_sessions_staff ON staff_sessions (bucket, staff_id, id);

-- Work that a person holds for a time, so that two do not do it at once. A row past its end counts as
-- none, and the next who claims the same work writes over it.
CREATE TABLE staff_claims (
    bucket     INTEGER NOT NULL CHECK (bucket = 0),
    queue      TEXT NOT NULL,    -- of the work: "identityCases"
    object_id  BIGINT NOT NULL,  -- of the work within its queue
    staff_id   BIGINT NOT NULL,  -- who holds it
    claimed_at BIGINT NOT NULL,  -- microseconds UTC: of the newest claim or renewal
    until_at   BIGINT NOT NULL,  -- microseconds UTC: held until then
    PRIMARY KEY (bucket, queue, object_id),
    FOREIGN KEY (bucket, staff_id) REFERENCES staff_users (bucket, id)
) WITHOUT ROWID;

-- What a person holds, to count it.
CREATE INDEX staff_claims_staff ON staff_claims (bucket, staff_id, queue, until_at);

-- Changes that need two people: proposed by one, decided by another, applied with the decision.
CREATE TABLE staff_changes (
    bucket          INTEGER NOT NULL CHECK (bucket = 0),
    id              BIGINT NOT NULL,
    kind            TEXT NOT NULL,    -- what is changed: "staffRoles"
    object          TEXT NOT NULL,    -- of it: an id, a parameter's name
    before_json     TEXT NOT NULL,    -- what the object said when it was proposed; canonical JSON
    after_json      TEXT NOT NULL,    -- what it is to say; canonical JSON
    reason          TEXT NOT NULL,    -- of who proposed it; no personal data
    maker_id        BIGINT NOT NULL,  -- who proposed it
    state           SMALLINT NOT NULL CHECK (state BETWEEN 1 AND 5), -- enum change_state
    checker_id      BIGINT,           -- who decided it; null: nobody yet, or its time ran out
    decision_reason TEXT,             -- of who decided it; null: undecided, or its time ran out
    created_at      BIGINT NOT NULL,  -- microseconds UTC
    expires_at      BIGINT NOT NULL,  -- microseconds UTC: undecided until then, it is void
    decided_at      BIGINT NOT NULL,  -- microseconds UTC; 0 undecided
    version         BIGINT NOT NULL,  -- rises with each change: ETag
    PRIMARY KEY (bucket, id),
    CHECK (state <> 2 OR checker_id <> maker_id), -- 2 approved: by another person
    FOREIGN KEY (bucket, maker_id) REFERENCES staff_users (bucket, id),
    FOREIGN KEY (bucket, checker_id) REFERENCES staff_users (bucket, id)
) WITHOUT ROWID;

-- Lists by state, newest first; those that wait.
CREATE INDEX staff_changes_state ON staff_changes (bucket, state, id);

-- Where the days of a search of the log begin and end.
CREATE INDEX staff_audit_at ON staff_audit (bucket, at, sequence);

-- Whoever has no credentials is invited: a link for one admin, a code for another. One row a user, the newest.
CREATE TABLE staff_invitations (
    bucket      INTEGER NOT NULL CHECK (bucket = 0),
    staff_id    BIGINT NOT NULL,  -- who is invited
    id          BIGINT NOT NULL,  -- first 8 bytes of the link's token
    link_hash   BLOB NOT NULL,    -- keyed hash of the whole token
    link_by     BIGINT NOT NULL,  -- who got the link; 0 the bank itself
    code_hash   BLOB NOT NULL,    -- keyed hash of invitation and code; empty: nobody asked for it yet
    code_by     BIGINT NOT NULL,  -- who got the code; 0 nobody yet, or the bank itself
    totp_sealed BLOB NOT NULL,    -- secret shown to the invited; place: 0, staff_id, "staff.totp.invited"; empty: not yet
    tries       INTEGER NOT NULL CHECK (tries >= 0), -- wrong codes
    created_at  BIGINT NOT NULL,  -- microseconds UTC
    expires_at  BIGINT NOT NULL,  -- microseconds UTC
    PRIMARY KEY (bucket, staff_id),
    UNIQUE (bucket, id),
    FOREIGN KEY (bucket, staff_id) REFERENCES staff_users (bucket, id)
) WITHOUT ROWID;

-- Browsers that a user signed in with: their failures count apart, so that strangers cannot shut them out.
CREATE TABLE staff_browsers (
    bucket       INTEGER NOT NULL CHECK (bucket = 0),
    id           BIGINT NOT NULL,  -- first 8 bytes of the cookie's token
    staff_id     BIGINT NOT NULL,
    token_hash   BLOB NOT NULL,    -- keyed hash of the whole token
    failures     INTEGER NOT NULL CHECK (failures >= 0), -- wrong sign-ins in a row from this browser
    locked_until BIGINT NOT NULL,  -- microseconds UTC; 0 not locked
    created_at   BIGINT NOT NULL,  -- microseconds UTC
    last_seen_at BIGINT NOT NULL,  -- microseconds UTC: of the newest sign-in
    PRIMARY KEY (bucket, id),
    FOREIGN KEY (bucket, staff_id) REFERENCES staff_users (bucket, id)
) WITHOUT ROWID;

-- A user's browsers, the ones that were not seen for long first.
CREATE INDEX staff_browsers_staff ON staff_browsers (bucket, staff_id, last_seen_at);
