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
