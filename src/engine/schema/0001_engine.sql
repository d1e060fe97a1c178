-- The business date, one row.
CREATE TABLE engine_business_date (
    bucket INTEGER NOT NULL CHECK (bucket = 0),
    business_date INTEGER NOT NULL, -- days since 1970-01-01: the date that journals of now are booked on
    PRIMARY KEY (bucket)
);
-- The time of each process that serves the bank, as it was last kept (engine_clock.c).
CREATE TABLE engine_clocks (
    bucket INTEGER NOT NULL CHECK (bucket = 0),
    node INTEGER NOT NULL CHECK (node BETWEEN 0 AND 3), -- number of the process, setting bank.node
    boot_id TEXT NOT NULL,          -- names the start of its machine: offset_us holds within it
    offset_us BIGINT NOT NULL,      -- bank's time less the machine's count since its start
    largest_at BIGINT NOT NULL,     -- newest instant of the bank's time
    newest_id_at BIGINT NOT NULL,   -- newest instant at which ids were made; never lowered
    state SMALLINT NOT NULL CHECK (state IN (0, 1, 2)), -- steady, jumped, unsure
    ahead_us BIGINT NOT NULL,       -- wall clock less the bank's time
    changed_at BIGINT NOT NULL,     -- instant: when the state began
    followed_at BIGINT NOT NULL,    -- instant: when two people agreed to the wall clock, 0 never
    PRIMARY KEY (bucket, node)
);
