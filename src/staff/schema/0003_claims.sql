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
