-- Layers of the identity beyond name and number, as the kyc room tells them: enum layer_state
-- (0 to do, 1 a person decides, 2 passed, 3 refused) and its instant, microseconds UTC, 0 to do.
ALTER TABLE customer_customers ADD COLUMN pictures_state SMALLINT NOT NULL DEFAULT 0 CHECK (pictures_state BETWEEN 0 AND 3);
ALTER TABLE customer_customers ADD COLUMN pictures_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE customer_customers ADD COLUMN face_state SMALLINT NOT NULL DEFAULT 0 CHECK (face_state BETWEEN 0 AND 3);
ALTER TABLE customer_customers ADD COLUMN face_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE customer_customers ADD COLUMN place_state SMALLINT NOT NULL DEFAULT 0 CHECK (place_state BETWEEN 0 AND 3);
ALTER TABLE customer_customers ADD COLUMN place_at BIGINT NOT NULL DEFAULT 0;
-- Identity and all layers passed, microseconds UTC; 0: not, or not any more.
ALTER TABLE customer_customers ADD COLUMN verified_at BIGINT NOT NULL DEFAULT 0;
-- Last day of the ID card, days since 1970-01-01; NULL: unknown, or long-term.
ALTER TABLE customer_customers ADD COLUMN document_until INTEGER;

-- Outside parties that confirmed the identity, each once; their number gives the payment tier.
CREATE TABLE customer_channels (
    bucket      INTEGER NOT NULL,
    customer_id BIGINT NOT NULL,
    kind        SMALLINT NOT NULL CHECK (kind BETWEEN 1 AND 4), -- enum channel_kind
    detail      TEXT NOT NULL,    -- issuer's code, else ""
    at          BIGINT NOT NULL,  -- first confirmation, microseconds UTC
    PRIMARY KEY (bucket, customer_id, kind, detail),
    FOREIGN KEY (bucket, customer_id) REFERENCES customer_customers (bucket, id)
) WITHOUT ROWID;

-- Stronger proofs of a signed-in device, each until an instant (microseconds UTC, 0: none), and the
-- device that it is.
ALTER TABLE customer_sessions ADD COLUMN face_until BIGINT NOT NULL DEFAULT 0;
ALTER TABLE customer_sessions ADD COLUMN passkey_until BIGINT NOT NULL DEFAULT 0;
ALTER TABLE customer_sessions ADD COLUMN totp_until BIGINT NOT NULL DEFAULT 0;
ALTER TABLE customer_sessions ADD COLUMN device_id BIGINT NOT NULL DEFAULT 0; -- 0: the app named none
