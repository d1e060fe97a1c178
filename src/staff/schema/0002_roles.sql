-- Room for more roles: the set of a user's roles is a mask of 16 bits now. The embedded engine cannot
-- change a condition of a standing table, so both tables are made anew there; sessions end, and staff
-- sign in once more.
-- engine: sqlite
DROP TABLE staff_sessions;
-- People who work at the bank. All of this room lives in bucket 0.
CREATE TABLE staff_users_wide (
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
INSERT INTO staff_users_wide SELECT * FROM staff_users;
DROP TABLE staff_users;
ALTER TABLE staff_users_wide RENAME TO staff_users;
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
-- A user's sessions, to end them all.
CREATE INDEX staff_sessions_staff ON staff_sessions (bucket, staff_id, id);
-- engine: postgresql
ALTER TABLE staff_users
    DROP CONSTRAINT staff_users_roles_check,
    ADD CONSTRAINT staff_users_roles_check CHECK (roles BETWEEN 1 AND 65535);
