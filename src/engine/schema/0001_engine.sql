-- The business date, one row.
CREATE TABLE engine_business_date (
    bucket INTEGER NOT NULL CHECK (bucket = 0),
    business_date INTEGER NOT NULL, -- days since 1970-01-01: booking date of current journals
    PRIMARY KEY (bucket)
);
-- The time of each process that serves the bank, as last stored (engine_clock.c).
CREATE TABLE engine_clocks (
    bucket INTEGER NOT NULL CHECK (bucket = 0),
    node INTEGER NOT NULL CHECK (node BETWEEN 0 AND 3), -- number of the process, setting bank.node
    boot_id TEXT NOT NULL,          -- identifies the start of its machine: offset_us is valid within it
    offset_us BIGINT NOT NULL,      -- bank's time less the machine's monotonic clock
    largest_at BIGINT NOT NULL,     -- newest instant of the bank's time
    newest_id_at BIGINT NOT NULL,   -- newest instant of an id; never lowered
    state SMALLINT NOT NULL CHECK (state IN (0, 1, 2)), -- steady, jumped, unsure
    ahead_us BIGINT NOT NULL,       -- wall clock less the bank's time
    changed_at BIGINT NOT NULL,     -- instant: start of the state
    followed_at BIGINT NOT NULL,    -- instant: approval of the wall clock by two people, 0 never
    PRIMARY KEY (bucket, node)
);
