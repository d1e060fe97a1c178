-- End of day: which step of which business date has done which bucket. A row is a fact for ever.
CREATE TABLE server_eod_buckets (
    bucket INTEGER NOT NULL,
    business_date INTEGER NOT NULL, -- the date being closed
    step TEXT NOT NULL,
    done_at BIGINT NOT NULL,        -- instant
    PRIMARY KEY (bucket, business_date, step)
);

-- End of day: start and end of each step.
CREATE TABLE server_eod_steps (
    bucket INTEGER NOT NULL CHECK (bucket = 0),
    business_date INTEGER NOT NULL,
    step TEXT NOT NULL,
    started_at BIGINT NOT NULL,     -- instant
    ended_at BIGINT NOT NULL,       -- instant, 0: not yet
    bucket_total INTEGER NOT NULL,  -- how many buckets the step has to do
    PRIMARY KEY (bucket, business_date, step)
);

-- Written once a second, so that readiness states what a commit showed and not what one hopes.
CREATE TABLE server_probe (
    bucket INTEGER PRIMARY KEY CHECK (bucket = 0), -- one row for the whole bank
    probed_at BIGINT NOT NULL                      -- instant, microseconds UTC
);
