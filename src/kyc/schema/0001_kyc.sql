-- Verification of the person behind a customer. Rows are in the customer's bucket; instants are microseconds UTC; sealed values are bound to their
-- place.

-- States of the layers, one row a customer; every command locks it first, so that two commands of one customer run one after another. Layer states: 0
-- to do, 1 passed, 2 unsure, 3 failed (enum kyc_state).
CREATE TABLE kyc_people (
    bucket             INTEGER NOT NULL CHECK (bucket BETWEEN 0 AND 1023),
    customer_id        BIGINT NOT NULL,
    confirmation_state SMALLINT NOT NULL CHECK (confirmation_state BETWEEN 0 AND 3), -- of the read fields
    confirmation_at    BIGINT NOT NULL,
    registry_state     SMALLINT NOT NULL CHECK (registry_state BETWEEN 0 AND 3),     -- 2: did not answer
    registry_at        BIGINT NOT NULL,
    operator_state     SMALLINT NOT NULL CHECK (operator_state BETWEEN 0 AND 3),     -- 2: unknown, or no answer
    operator_at        BIGINT NOT NULL,
    face_state         SMALLINT NOT NULL CHECK (face_state BETWEEN 0 AND 3),
    face_at            BIGINT NOT NULL,
    place_state        SMALLINT NOT NULL CHECK (place_state BETWEEN 0 AND 3),
    place_at           BIGINT NOT NULL,
    reasons            INTEGER NOT NULL, -- reasons for a decision by staff: 1 << enum case_reason, pending until a case exists
    document_until     INTEGER,          -- last day of the ID card, days since 1970-01-01; NULL unknown or long-term
    is_long_term       SMALLINT NOT NULL CHECK (is_long_term IN (0, 1)),
    refused_at         BIGINT NOT NULL,  -- refused by staff: from then on nothing passes automatically; 0 never
    registry_tries     INTEGER NOT NULL, -- unanswered queries to the registry
    registry_next_at   BIGINT NOT NULL,  -- instant of the next query; 0: none
    version            BIGINT NOT NULL CHECK (version > 0),
    PRIMARY KEY (bucket, customer_id)
) WITHOUT ROWID;

-- Customers for whom the registry is to be queried again.
CREATE INDEX kyc_people_registry ON kyc_people (registry_next_at) WHERE registry_next_at > 0;

-- Attempts, both those counted by the retry limits and others.
CREATE TABLE kyc_attempts (
    bucket      INTEGER NOT NULL,
    customer_id BIGINT NOT NULL,
    id          BIGINT NOT NULL,
    kind        SMALLINT NOT NULL CHECK (kind BETWEEN 1 AND 11), -- enum kyc_attempt
    counts      SMALLINT NOT NULL CHECK (counts IN (0, 1)),      -- 1: against the limits
    result      TEXT NOT NULL, -- "passed" or the refusal's slug; of a face check also "started", "unsure", "refused"
    at          BIGINT NOT NULL,
    PRIMARY KEY (bucket, customer_id, id)
) WITHOUT ROWID;

-- A stored picture; its content is in kyc_chunks. Deleted at the end of its retention.
CREATE TABLE kyc_pictures (
    bucket      INTEGER NOT NULL,
    id          BIGINT NOT NULL,
    customer_id BIGINT NOT NULL,
    kind        SMALLINT NOT NULL CHECK (kind BETWEEN 1 AND 8), -- enum picture_kind
    check_id    BIGINT NOT NULL,  -- face check; 0: none
    size        INTEGER NOT NULL CHECK (size > 0), -- bytes of the JPEG
    chunk_count INTEGER NOT NULL CHECK (chunk_count > 0),
    at          BIGINT NOT NULL,
    expires_at  BIGINT NOT NULL,  -- instant of erasure
    PRIMARY KEY (bucket, id)
) WITHOUT ROWID;

-- A customer's pictures, newest last.
CREATE INDEX kyc_pictures_customer ON kyc_pictures (bucket, customer_id, id);

-- The next rows to erase.
CREATE INDEX kyc_pictures_expiry ON kyc_pictures (expires_at);

-- Pictures in pieces that the vault can seal: 4 bytes number and count, then up to 4,092 of JPEG.
CREATE TABLE kyc_chunks (
    bucket     INTEGER NOT NULL,
    picture_id BIGINT NOT NULL,
    number     INTEGER NOT NULL CHECK (number >= 0), -- from 0
    sealed     BLOB NOT NULL,     -- place: bucket, picture_id, "kyc.picture"
    PRIMARY KEY (bucket, picture_id, number)
);

-- The uploader of a picture: the keyed hash of the uploaded bytes, kept longer than the picture, so that it cannot be submitted again under another
-- name. Bucket of the hash.
CREATE TABLE kyc_uploads (
    bucket      INTEGER NOT NULL,
    hash        BLOB NOT NULL,
    customer_id BIGINT NOT NULL,
    check_id    BIGINT NOT NULL,  -- the face check of the upload; 0: a picture of the ID card
    at          BIGINT NOT NULL,
    PRIMARY KEY (bucket, hash)
) WITHOUT ROWID;

-- The newest reading of each side of the ID card.
CREATE TABLE kyc_readings (
    bucket      INTEGER NOT NULL,
    customer_id BIGINT NOT NULL,
    side        SMALLINT NOT NULL CHECK (side IN (1, 2)), -- enum card_side
    picture_id  BIGINT NOT NULL,
    findings    INTEGER NOT NULL, -- bits of enum card_finding
    fields      BLOB NOT NULL,    -- sealed JSON; place: bucket, customer_id, "kyc.reading"
    version     TEXT NOT NULL,    -- of the models
    at          BIGINT NOT NULL,
    PRIMARY KEY (bucket, customer_id, side)
) WITHOUT ROWID;

-- The customer's newest confirmation.
CREATE TABLE kyc_confirmations (
    bucket      INTEGER NOT NULL,
    customer_id BIGINT NOT NULL,
    fields      BLOB NOT NULL,    -- sealed JSON; place: bucket, customer_id, "kyc.confirmation"
    corrections INTEGER NOT NULL, -- 1 << enum kyc_field: differs from the reading
    at          BIGINT NOT NULL,
    PRIMARY KEY (bucket, customer_id)
) WITHOUT ROWID;

-- Face templates: of the card, of the registry, pending for staff, accepted.
CREATE TABLE kyc_templates (
    bucket      INTEGER NOT NULL,
    customer_id BIGINT NOT NULL,
    kind        SMALLINT NOT NULL CHECK (kind BETWEEN 1 AND 4), -- enum template_kind
    sealed      BLOB NOT NULL,    -- place: bucket, customer_id, "kyc.template" and its kind
    version     TEXT NOT NULL,    -- of the models
    sequence    BIGINT NOT NULL,  -- accepted: place in the gallery, rising; else 0
    at          BIGINT NOT NULL,
    PRIMARY KEY (bucket, customer_id, kind)
) WITHOUT ROWID;

-- The gallery reads rows after the last sequence it has.
CREATE INDEX kyc_templates_sequence ON kyc_templates (sequence) WHERE sequence > 0;

-- Prints of submitted photographs of faces, whatever their result: none is accepted a second time, from any customer. Erased with the templates.
CREATE TABLE kyc_prints (
    bucket      INTEGER NOT NULL,
    id          BIGINT NOT NULL,
    customer_id BIGINT NOT NULL,
    check_id    BIGINT NOT NULL,  -- the face check of the frame; 0: portrait of the ID card or the registry
    frame       SMALLINT NOT NULL CHECK (frame BETWEEN 0 AND 3), -- of the check; 0 with portraits
    sealed      BLOB NOT NULL,    -- struct face_print; place: bucket, id, "kyc.print"
    version     TEXT NOT NULL,    -- of the models
    at          BIGINT NOT NULL,
    PRIMARY KEY (bucket, id)
);

-- A customer's prints, by check.
CREATE INDEX kyc_prints_customer ON kyc_prints (bucket, customer_id, check_id);

-- The search in memory reads rows after the last id it has.
CREATE INDEX kyc_prints_id ON kyc_prints (id);

-- One row: the number of faces ever accepted. An acceptance raises it first, so that two checks with one face find each other.
CREATE TABLE kyc_gallery (
    bucket   INTEGER NOT NULL CHECK (bucket = 0),
    sequence BIGINT NOT NULL,
    PRIMARY KEY (bucket)
) WITHOUT ROWID;

-- A challenge in front of the camera: see kyc.h.
CREATE TABLE kyc_face_checks (
    bucket      INTEGER NOT NULL,
    id          BIGINT NOT NULL,
    customer_id BIGINT NOT NULL,
    session_id  BIGINT NOT NULL,  -- of the device that started it
    purpose     SMALLINT NOT NULL CHECK (purpose BETWEEN 1 AND 3), -- enum face_purpose
    state       SMALLINT NOT NULL CHECK (state BETWEEN 1 AND 5),   -- enum face_state
    reason      SMALLINT NOT NULL, -- enum face_reason: shown to the customer
    action1     SMALLINT NOT NULL, -- enum live_action, in the order asked
    action2     SMALLINT NOT NULL,
    action3     SMALLINT NOT NULL,
    created_at  BIGINT NOT NULL,
    expires_at  BIGINT NOT NULL,
    decided_at  BIGINT NOT NULL,  -- 0: not yet
    face_until  BIGINT NOT NULL,  -- accepted: valid in the session until then; 0
    case_id     BIGINT NOT NULL,  -- unsure: the case that decides; 0
    PRIMARY KEY (bucket, id)
) WITHOUT ROWID;

-- A customer's checks.
CREATE INDEX kyc_face_checks_customer ON kyc_face_checks (bucket, customer_id, id);

-- Frames of an open check with their measurements; deleted at the decision.
CREATE TABLE kyc_frames (
    bucket       INTEGER NOT NULL,
    check_id     BIGINT NOT NULL,
    number       SMALLINT NOT NULL CHECK (number BETWEEN 0 AND 3), -- 0 looking straight
    upload_count INTEGER NOT NULL, -- uploads so far
    picture_id   BIGINT NOT NULL,  -- 0: none was good enough yet
    sealed       BLOB,             -- struct live_frame; place: bucket, check_id, "kyc.frame" and its number
    PRIMARY KEY (bucket, check_id, number)
) WITHOUT ROWID;

-- Every check with its result: evidence, never changed.
CREATE TABLE kyc_checks (
    bucket        INTEGER NOT NULL,
    customer_id   BIGINT NOT NULL,
    id            BIGINT NOT NULL,
    kind          SMALLINT NOT NULL CHECK (kind BETWEEN 1 AND 99), -- enum kyc_check
    result        SMALLINT NOT NULL CHECK (result BETWEEN 1 AND 4), -- 1 passed, 2 failed, 3 no answer, 4 unsure
    score         BIGINT,           -- parts per million; NULL: the check has none
    threshold     BIGINT,           -- parts per million, of acceptance
    band          SMALLINT,         -- enum face_band
    version       TEXT NOT NULL,    -- of rule, models or outside party
    evidence_hash BLOB NOT NULL,    -- keyed hash of the evidence
    face_check_id BIGINT NOT NULL,  -- 0: none
    at            BIGINT NOT NULL,
    PRIMARY KEY (bucket, customer_id, id)
) WITHOUT ROWID;

-- The position reported by the device.
CREATE TABLE kyc_places (
    bucket      INTEGER NOT NULL,
    customer_id BIGINT NOT NULL,
    id          BIGINT NOT NULL,
    state       SMALLINT NOT NULL CHECK (state BETWEEN 1 AND 3), -- 1 passed, 2 unsure, 3 refused
    findings    INTEGER NOT NULL,  -- bits of enum place_finding
    region      TEXT NOT NULL,     -- GB/T 2260 code of the nearest place; "" abroad or declined
    sealed      BLOB,              -- JSON: latitude, longitude, accuracy, address; place: bucket, id, "kyc.place"
    at          BIGINT NOT NULL,
    expires_at  BIGINT NOT NULL,   -- instant of erasure
    PRIMARY KEY (bucket, customer_id, id)
) WITHOUT ROWID;

-- The next rows to erase.
CREATE INDEX kyc_places_expiry ON kyc_places (expires_at);

-- Cases decided by staff. Life cycle in kyc.h.
CREATE TABLE kyc_cases (
    bucket         INTEGER NOT NULL,
    id             BIGINT NOT NULL,
    customer_id    BIGINT NOT NULL,
    state          SMALLINT NOT NULL CHECK (state BETWEEN 1 AND 4), -- 1 open, 2 second, 3 approved, 4 refused
    reasons        INTEGER NOT NULL CHECK (reasons > 0), -- 1 << enum case_reason
    path           SMALLINT NOT NULL CHECK (path BETWEEN 1 AND 3), -- enum case_path
    appointment_at BIGINT NOT NULL, -- of a video call; 0
    needs_second   SMALLINT NOT NULL CHECK (needs_second IN (0, 1)),
    first_staff_id BIGINT NOT NULL, -- the first approver; 0
    face_check_id  BIGINT NOT NULL, -- the check to be decided; 0
    opened_at      BIGINT NOT NULL,
    due_at         BIGINT NOT NULL,
    told_late_at   BIGINT NOT NULL, -- notice of the delay to the customer; 0
    decided_at     BIGINT NOT NULL, -- 0
    PRIMARY KEY (bucket, id)
) WITHOUT ROWID;

-- A customer has one case at a time.
CREATE UNIQUE INDEX kyc_cases_open ON kyc_cases (bucket, customer_id) WHERE state <= 2;

-- The queue.
CREATE INDEX kyc_cases_queue ON kyc_cases (state, id);

-- A customer's cases, newest last.
CREATE INDEX kyc_cases_customer ON kyc_cases (bucket, customer_id, id);

-- Other customers with an accepted face similar to that of a case.
CREATE TABLE kyc_same_faces (
    bucket      INTEGER NOT NULL,
    case_id     BIGINT NOT NULL,
    customer_id BIGINT NOT NULL,
    score       BIGINT NOT NULL,  -- parts per million
    PRIMARY KEY (bucket, case_id, customer_id)
) WITHOUT ROWID;

-- Decisions on cases: never changed.
CREATE TABLE kyc_decisions (
    bucket      INTEGER NOT NULL,
    case_id     BIGINT NOT NULL,
    id          BIGINT NOT NULL,
    staff_id    BIGINT NOT NULL,
    login       TEXT NOT NULL,
    decision    SMALLINT NOT NULL CHECK (decision IN (1, 2)),    -- 1 approve, 2 refuse
    reason      SMALLINT NOT NULL CHECK (reason BETWEEN 1 AND 7), -- enum decision_reason
    note_sealed BLOB NOT NULL,    -- place: bucket, id, "kyc.note"
    at          BIGINT NOT NULL,
    PRIMARY KEY (bucket, case_id, id)
) WITHOUT ROWID;

-- Taken places of video calls: each can be taken once.
CREATE TABLE kyc_appointments (
    bucket      INTEGER NOT NULL CHECK (bucket = 0),
    starts_at   BIGINT NOT NULL,
    seat        INTEGER NOT NULL CHECK (seat >= 0),
    case_id     BIGINT NOT NULL,
    PRIMARY KEY (bucket, starts_at, seat)
) WITHOUT ROWID;

-- A case has one appointment.
CREATE INDEX kyc_appointments_case ON kyc_appointments (bucket, case_id);

INSERT INTO kyc_gallery (bucket, sequence) VALUES (0, 0);
