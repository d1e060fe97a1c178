-- The rules of 2026-11: devices, passkeys, time codes, what happened to a customer's security, and
-- a phone number that may change.

-- A fourth purpose of codes: 4 changePhone.
-- engine: sqlite
CREATE TABLE customer_phone_codes_new (
    bucket     INTEGER NOT NULL, -- of the phone number
    id         BIGINT NOT NULL,
    phone_hash BLOB NOT NULL,    -- keyed hash of the number
    purpose    SMALLINT NOT NULL CHECK (purpose IN (1, 2, 3, 4)), -- enum code_purpose
    code_hash  BLOB NOT NULL,    -- keyed hash of id and code; the code itself stands nowhere
    state      SMALLINT NOT NULL CHECK (state IN (1, 2)),      -- 1 open, 2 used
    tries      INTEGER NOT NULL CHECK (tries >= 0),            -- wrong codes so far
    requester  BLOB NOT NULL,    -- keyed hash of the address, or of the known device, that asked for it
    is_known   SMALLINT NOT NULL CHECK (is_known IN (0, 1)), -- asked for on a device that the customer used before
    created_at BIGINT NOT NULL,  -- microseconds UTC
    expires_at BIGINT NOT NULL,  -- microseconds UTC
    PRIMARY KEY (bucket, id)
) WITHOUT ROWID;
INSERT INTO customer_phone_codes_new (bucket, id, phone_hash, purpose, code_hash, state, tries, requester, is_known, created_at, expires_at)
SELECT bucket, id, phone_hash, purpose, code_hash, state, tries, requester, is_known, created_at, expires_at FROM customer_phone_codes;
DROP TABLE customer_phone_codes;
ALTER TABLE customer_phone_codes_new RENAME TO customer_phone_codes;
-- How many went to this number lately, newest first.
CREATE INDEX customer_phone_codes_phone ON customer_phone_codes (bucket, phone_hash, id);
-- engine: postgresql
ALTER TABLE customer_phone_codes DROP CONSTRAINT customer_phone_codes_purpose_check;
ALTER TABLE customer_phone_codes ADD CONSTRAINT customer_phone_codes_purpose_check CHECK (purpose IN (1, 2, 3, 4));
-- engine: both

-- How many customers a number started in its life; such a row stays.
ALTER TABLE customer_phones ADD COLUMN persons INTEGER NOT NULL DEFAULT 0 CHECK (persons >= 0);
INSERT INTO customer_phones (bucket, phone_hash, failures, locked_until, holder_failures, holder_locked_until, touched_at, version, persons)
SELECT bucket, phone_hash, 0, 0, 0, 0, created_at, 1, 1 FROM customer_customers WHERE id > 0
ON CONFLICT (bucket, phone_hash) DO UPDATE SET persons = 1;

-- When the phone number was last changed, microseconds UTC; 0 never.
ALTER TABLE customer_customers ADD COLUMN phone_changed_at BIGINT NOT NULL DEFAULT 0;

-- A name in lower-case Latin letters without blanks: each reading (pinyin as a word and as a surname) and
-- each way to write ü (u, v, yu). For the console's search; written anew with the name.
CREATE TABLE customer_spellings (
    bucket      INTEGER NOT NULL,
    customer_id BIGINT NOT NULL,
    spelling    TEXT NOT NULL,  -- "zengguoqiang"
    initials    TEXT NOT NULL,  -- first letters of its parts: "zgq"
    PRIMARY KEY (bucket, customer_id, spelling),
    FOREIGN KEY (bucket, customer_id) REFERENCES customer_customers (bucket, id)
) WITHOUT ROWID;
-- engine: sqlite
-- The search by the beginning of a spelling.
CREATE INDEX customer_spellings_spelling ON customer_spellings (spelling COLLATE NOCASE);
-- engine: postgresql
CREATE INDEX customer_spellings_spelling ON customer_spellings (spelling text_pattern_ops);
-- engine: both
-- The search by initials.
CREATE INDEX customer_spellings_initials ON customer_spellings (initials);

-- An app's key on a phone or in a browser, and how many persons used it: in the key's own bucket.
CREATE TABLE customer_device_keys (
    bucket   INTEGER NOT NULL CHECK (bucket BETWEEN 0 AND 1023), -- bucket_of_hash(key_hash)
    key_hash BLOB NOT NULL,    -- keyed hash of the key that the app keeps
    persons  INTEGER NOT NULL CHECK (persons >= 0), -- customers who were signed in on it, ever
    version  BIGINT NOT NULL,  -- raised to take the row's lock
    PRIMARY KEY (bucket, key_hash)
) WITHOUT ROWID;

-- A customer's devices.
CREATE TABLE customer_devices (
    bucket        INTEGER NOT NULL,
    customer_id   BIGINT NOT NULL,
    id            BIGINT NOT NULL,
    key_bucket    INTEGER NOT NULL,  -- of customer_device_keys
    key_hash      BLOB NOT NULL,     -- keyed hash of the key that the app keeps
    name          TEXT NOT NULL,     -- as the device calls itself
    first_seen_at BIGINT NOT NULL,   -- microseconds UTC; anew after a removal
    last_seen_at  BIGINT NOT NULL,   -- last sign-in, microseconds UTC
    trusted_at    BIGINT NOT NULL,   -- counts as known from then on, microseconds UTC; 2^63-1 nothing vouched for it yet
    removed_at    BIGINT NOT NULL,   -- removed by the customer, microseconds UTC; 0 not
    failures      INTEGER NOT NULL DEFAULT 0 CHECK (failures >= 0), -- wrong pass codes in a row, on this device
    locked_until  BIGINT NOT NULL DEFAULT 0, -- microseconds UTC; 0 not locked
    PRIMARY KEY (bucket, customer_id, id),
    UNIQUE (bucket, customer_id, key_hash),
    FOREIGN KEY (bucket, customer_id) REFERENCES customer_customers (bucket, id)
) WITHOUT ROWID;

-- What WebAuthn asks a device to sign: one at a time for each session and purpose, used once.
CREATE TABLE customer_challenges (
    bucket     INTEGER NOT NULL,
    session_id BIGINT NOT NULL,
    purpose    SMALLINT NOT NULL CHECK (purpose IN (1, 2)), -- 1 a new passkey, 2 an assertion
    challenge  BLOB NOT NULL,    -- 32 random bytes
    expires_at BIGINT NOT NULL,  -- microseconds UTC
    PRIMARY KEY (bucket, session_id, purpose)
) WITHOUT ROWID;

-- Passkeys: public keys of a customer's authenticators.
CREATE TABLE customer_passkeys (
    bucket        INTEGER NOT NULL,
    customer_id   BIGINT NOT NULL,
    id            BIGINT NOT NULL,
    credential_id BLOB NOT NULL,     -- the authenticator's name of the key
    public_key    BLOB NOT NULL,     -- as libfido2 keeps one of this algorithm
    algorithm     INTEGER NOT NULL CHECK (algorithm IN (-7, -8, -257)), -- COSE: ES256, EdDSA, RS256
    sign_count    BIGINT NOT NULL CHECK (sign_count >= 0), -- of the last signature; 0: does not count
    name          TEXT NOT NULL,     -- as the customer calls it
    created_at    BIGINT NOT NULL,   -- microseconds UTC
    last_used_at  BIGINT NOT NULL,   -- microseconds UTC; 0 never
    PRIMARY KEY (bucket, customer_id, id),
    UNIQUE (bucket, customer_id, credential_id),
    FOREIGN KEY (bucket, customer_id) REFERENCES customer_customers (bucket, id)
) WITHOUT ROWID;

-- The secret of a customer's time codes (RFC 6238).
CREATE TABLE customer_totps (
    bucket        INTEGER NOT NULL,
    customer_id   BIGINT NOT NULL,
    secret_sealed BLOB NOT NULL,     -- place: bucket, customer_id, "customer.totp"
    state         SMALLINT NOT NULL CHECK (state IN (1, 2)), -- 1 shown, not yet confirmed, 2 active
    step          BIGINT NOT NULL,   -- last step of 30 s whose code was taken
    failures      INTEGER NOT NULL CHECK (failures >= 0), -- wrong codes in a row
    locked_until  BIGINT NOT NULL,   -- microseconds UTC; 0 not locked
    since         BIGINT NOT NULL,   -- of the state, microseconds UTC
    PRIMARY KEY (bucket, customer_id),
    FOREIGN KEY (bucket, customer_id) REFERENCES customer_customers (bucket, id)
) WITHOUT ROWID;

-- What happened to a customer's security, for the customer to read. Append only, but that wrong pass codes
-- of a day are one row: a stranger fills nobody's history.
CREATE TABLE customer_events (
    bucket      INTEGER NOT NULL,
    customer_id BIGINT NOT NULL,
    id          BIGINT NOT NULL,
    kind        SMALLINT NOT NULL CHECK (kind > 0), -- enum security_event
    device_name TEXT NOT NULL,    -- or the passkey's; "" none
    at          BIGINT NOT NULL,  -- microseconds UTC
    times       INTEGER NOT NULL CHECK (times > 0), -- how often it happened on that day: wrong pass codes
    last_at     BIGINT NOT NULL,  -- the last of them, microseconds UTC
    PRIMARY KEY (bucket, customer_id, id),
    FOREIGN KEY (bucket, customer_id) REFERENCES customer_customers (bucket, id)
) WITHOUT ROWID;
