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
