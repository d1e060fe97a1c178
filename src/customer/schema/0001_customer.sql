-- Who the customers are. The bucket is that of the phone number they signed up with
-- (bucket_of_hash of its keyed hash) and never changes; ids carry it in their low bits.
CREATE TABLE customer_customers (
    bucket           INTEGER NOT NULL CHECK (bucket BETWEEN 0 AND 1023),
    id               BIGINT NOT NULL,
    state            SMALLINT NOT NULL CHECK (state IN (1, 2, 3, 4)), -- enum customer_state
    language         SMALLINT NOT NULL CHECK (language IN (0, 1)),    -- 0 English, 1 Chinese
    name             TEXT,             -- as checked with the registry; NULL until then; printed on receipts
    phone_hash       BLOB NOT NULL,    -- keyed hash of "+8613…": also in db_directory
    phone_sealed     BLOB NOT NULL,    -- place: bucket, id, "customer.phone"
    id_number_sealed BLOB,             -- place: bucket, id, "customer.idNumber"; NULL until checked
    birth_date       INTEGER,          -- days since 1970-01-01
    sex              SMALLINT CHECK (sex IN (0, 1)), -- enum sex: 0 female, 1 male
    region           TEXT,             -- GB/T 2260 code of the ID number
    is_minor         SMALLINT CHECK (is_minor IN (0, 1)), -- below full age when the identity was checked
    identity_at      BIGINT,           -- microseconds UTC; NULL until checked
    active_at        BIGINT,           -- first account opened, microseconds UTC
    created_at       BIGINT NOT NULL,  -- microseconds UTC
    version          BIGINT NOT NULL CHECK (version > 0), -- rises with each change: ETag
    -- Layers of the identity beyond name and number, as the kyc room tells them: enum layer_state
    -- (0 to do, 1 a person decides, 2 passed, 3 refused) and its instant, microseconds UTC, 0 to do.
    pictures_state SMALLINT NOT NULL DEFAULT 0 CHECK (pictures_state BETWEEN 0 AND 3),
    pictures_at BIGINT NOT NULL DEFAULT 0,
    face_state SMALLINT NOT NULL DEFAULT 0 CHECK (face_state BETWEEN 0 AND 3),
    face_at BIGINT NOT NULL DEFAULT 0,
    place_state SMALLINT NOT NULL DEFAULT 0 CHECK (place_state BETWEEN 0 AND 3),
    place_at BIGINT NOT NULL DEFAULT 0,
    -- Identity and all layers passed, microseconds UTC; 0: not, or not any more.
    verified_at BIGINT NOT NULL DEFAULT 0,
    -- Last day of the ID card, days since 1970-01-01; NULL: unknown, or long-term.
    document_until INTEGER,
    -- When the phone number was last changed, microseconds UTC; 0 never.
    phone_changed_at BIGINT NOT NULL DEFAULT 0,
    -- Companies are customers of their own, so that accounts, limits and payments work for them unchanged:
    -- kind 2, name the company's, ID number its credit code, birth date its registration, no sex, no region, an
    -- empty phone whose hash is that of the credit code under a kind of its own ("company"). Nobody signs in as
    -- one; people act for it (company room). Its bucket is that of the hash.
    kind SMALLINT NOT NULL DEFAULT 1 CHECK (kind IN (1, 2)), -- 1 person, 2 company
    PRIMARY KEY (bucket, id),
    CHECK ((name IS NULL) = (identity_at IS NULL)),
    CHECK ((id_number_sealed IS NULL) = (identity_at IS NULL)),
    CHECK ((birth_date IS NULL) = (identity_at IS NULL))
) WITHOUT ROWID;

-- The console's list over all buckets, newest first.
CREATE INDEX customer_customers_id ON customer_customers (id);

-- engine: sqlite
-- The console's search by the beginning of a name.
CREATE INDEX customer_customers_name ON customer_customers (name COLLATE NOCASE);

-- engine: postgresql
CREATE INDEX customer_customers_name ON customer_customers (name text_pattern_ops);

-- engine: both
-- What is counted for a phone number, whether a customer has it or not: so that a stranger's number
-- and a customer's answer alike.
CREATE TABLE customer_phones (
    bucket       INTEGER NOT NULL, -- bucket_of_hash(phone_hash)
    phone_hash   BLOB NOT NULL,    -- keyed hash of the number
    failures     INTEGER NOT NULL CHECK (failures >= 0), -- wrong pass codes in a row, of strangers
    locked_until BIGINT NOT NULL,  -- microseconds UTC; 0 not locked
    holder_failures INTEGER NOT NULL CHECK (holder_failures >= 0), -- the same of who gave a right text code with it
    holder_locked_until BIGINT NOT NULL, -- microseconds UTC; 0 not locked
    touched_at   BIGINT NOT NULL,  -- last use, microseconds UTC: the sweep's question
    version      BIGINT NOT NULL,  -- raised to take the row's lock
    -- How many customers a number started in its life; such a row stays.
    persons INTEGER NOT NULL DEFAULT 0 CHECK (persons >= 0),
    PRIMARY KEY (bucket, phone_hash)
) WITHOUT ROWID;

-- One-time codes by text message.
CREATE TABLE customer_phone_codes (
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

-- A number that a customer at the counter proved, until two of staff agreed that it is theirs; a day at most.
CREATE TABLE customer_phone_proofs (
    bucket       INTEGER NOT NULL,
    customer_id  BIGINT NOT NULL,
    id           BIGINT NOT NULL,  -- what the change names
    phone_sealed BLOB NOT NULL,    -- place: bucket, customer_id, "customer.phoneProof"
    proven_at    BIGINT NOT NULL,  -- microseconds UTC
    PRIMARY KEY (bucket, customer_id),
    FOREIGN KEY (bucket, customer_id) REFERENCES customer_customers (bucket, id)
) WITHOUT ROWID;

-- The pass code as an Argon2id hash over its keyed hash: useless without the key file.
CREATE TABLE customer_passcodes (
    bucket      INTEGER NOT NULL,
    customer_id BIGINT NOT NULL,
    hash        TEXT NOT NULL,    -- "$argon2id$…"
    set_at      BIGINT NOT NULL,  -- microseconds UTC
    basis       BIGINT NOT NULL,  -- bits of enum factor: what it was set from, and what vouched for it since
    version     BIGINT NOT NULL CHECK (version > 0), -- rises with each change
    PRIMARY KEY (bucket, customer_id),
    FOREIGN KEY (bucket, customer_id) REFERENCES customer_customers (bucket, id)
) WITHOUT ROWID;

-- Signed-in devices. The token is known to the device only.
CREATE TABLE customer_sessions (
    bucket        INTEGER NOT NULL,
    id            BIGINT NOT NULL,  -- first 8 bytes of the token
    customer_id   BIGINT NOT NULL,
    token_hash    BLOB NOT NULL,    -- keyed hash of the whole token
    device_name   TEXT NOT NULL,    -- as the device calls itself
    created_at    BIGINT NOT NULL,  -- microseconds UTC
    last_seen_at  BIGINT NOT NULL,  -- microseconds UTC; written at most once a minute
    proven_at     BIGINT NOT NULL,  -- microseconds UTC: signed in, or pass code, face or passkey shown since
    step_up_until BIGINT NOT NULL,  -- pass code confirmed until then, microseconds UTC; 0 never
    reset_until   BIGINT NOT NULL,  -- may set a pass code without the old one until then; 0 never
    ended_at      BIGINT NOT NULL,  -- revoked, microseconds UTC; 0 live
    failures      INTEGER NOT NULL DEFAULT 0 CHECK (failures >= 0), -- wrong pass codes in a row, in this session
    locked_until  BIGINT NOT NULL DEFAULT 0, -- microseconds UTC; 0 not locked
    basis         BIGINT NOT NULL,  -- bits of enum factor: what it was opened by, and what it showed since
    passcode_version BIGINT NOT NULL, -- of the pass code that it gave or set; 0 none
    -- Stronger proofs of a signed-in device, each until an instant (microseconds UTC, 0: none), and the
    -- device that it is.
    face_until BIGINT NOT NULL DEFAULT 0,
    passkey_until BIGINT NOT NULL DEFAULT 0,
    totp_until BIGINT NOT NULL DEFAULT 0,
    device_id BIGINT NOT NULL DEFAULT 0, -- 0: the app named none
    PRIMARY KEY (bucket, id),
    FOREIGN KEY (bucket, customer_id) REFERENCES customer_customers (bucket, id)
) WITHOUT ROWID;

-- A customer's devices, newest first.
CREATE INDEX customer_sessions_customer ON customer_sessions (bucket, customer_id, id);

-- Every check of an identity with its result: evidence, never changed.
CREATE TABLE customer_checks (
    bucket        INTEGER NOT NULL,
    customer_id   BIGINT NOT NULL,
    id            BIGINT NOT NULL,
    check_kind    SMALLINT NOT NULL CHECK (check_kind BETWEEN 1 AND 99),   -- enum identity_check
    result        SMALLINT NOT NULL CHECK (result IN (1, 2, 3)), -- 1 passed, 2 failed, 3 no answer
    score         BIGINT,           -- parts per million, where the check gives one
    version       TEXT NOT NULL,    -- of the rule, the registry or the model
    evidence_hash BLOB NOT NULL,    -- keyed hash of what was looked at and what was answered
    at            BIGINT NOT NULL,  -- microseconds UTC
    PRIMARY KEY (bucket, customer_id, id),
    FOREIGN KEY (bucket, customer_id) REFERENCES customer_customers (bucket, id)
) WITHOUT ROWID;

-- Pictures of the ID card, faces and places, by kind; the content is sealed. Filled by the checks
-- that look at them; a row says that it was given, a row of customer_checks what was found.
CREATE TABLE customer_evidence (
    bucket       INTEGER NOT NULL,
    customer_id  BIGINT NOT NULL,
    id           BIGINT NOT NULL,
    kind         SMALLINT NOT NULL CHECK (kind IN (1, 2, 3, 4)), -- 1 ID front, 2 ID back, 3 face, 4 place
    content      BLOB NOT NULL,    -- place: bucket, id, "customer.evidence"
    content_hash BLOB NOT NULL,    -- keyed hash of the plain content
    at           BIGINT NOT NULL,  -- microseconds UTC
    PRIMARY KEY (bucket, customer_id, id),
    FOREIGN KEY (bucket, customer_id) REFERENCES customer_customers (bucket, id)
) WITHOUT ROWID;

-- Each word on each purpose, as said; the newest counts. Append only.
CREATE TABLE customer_consents (
    bucket       INTEGER NOT NULL,
    customer_id  BIGINT NOT NULL,
    id           BIGINT NOT NULL,
    purpose      TEXT NOT NULL,     -- "identityCheck"
    text_version TEXT NOT NULL,     -- of share/consents
    granted      SMALLINT NOT NULL CHECK (granted IN (0, 1)), -- 0 refused or withdrawn
    at           BIGINT NOT NULL,   -- microseconds UTC
    PRIMARY KEY (bucket, customer_id, id),
    FOREIGN KEY (bucket, customer_id) REFERENCES customer_customers (bucket, id)
) WITHOUT ROWID;

-- What the bank told the customer: kind and parameters; the words are made when read.
CREATE TABLE customer_messages (
    bucket      INTEGER NOT NULL,
    customer_id BIGINT NOT NULL,
    id          BIGINT NOT NULL,
    kind        SMALLINT NOT NULL CHECK (kind > 0), -- enum message_kind
    params      TEXT NOT NULL,    -- JSON object: amount, name, card, account, device
    payment_id  BIGINT,           -- what it is about, if a payment
    created_at  BIGINT NOT NULL,  -- microseconds UTC
    read_at     BIGINT,           -- first reading, microseconds UTC
    PRIMARY KEY (bucket, customer_id, id),
    FOREIGN KEY (bucket, customer_id) REFERENCES customer_customers (bucket, id)
) WITHOUT ROWID;

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

-- How many went to this number lately, newest first.
CREATE INDEX customer_phone_codes_phone ON customer_phone_codes (bucket, phone_hash, id);

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
