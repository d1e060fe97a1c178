-- engine: both
-- The business date, one row.
CREATE TABLE engine_business_date (
    bucket INTEGER NOT NULL CHECK (bucket = 0),
    business_date INTEGER NOT NULL, -- days since 1970-01-01: the date that journals of now are booked on
    PRIMARY KEY (bucket)
);
-- Jobs: what ran last, for the console and for a start after a stop.
CREATE TABLE engine_jobs (
    bucket INTEGER NOT NULL CHECK (bucket = 0),
    name TEXT NOT NULL,
    last_run_at BIGINT NOT NULL,  -- instant, 0: never
    last_error TEXT NOT NULL,     -- slug of the error, "" where it went well
    run_count BIGINT NOT NULL,
    PRIMARY KEY (bucket, name)
);
-- End of day: which step of which business date has done which bucket. A row is a fact for ever.
CREATE TABLE engine_eod_buckets (
    bucket INTEGER NOT NULL,
    business_date INTEGER NOT NULL, -- the date being closed
    step TEXT NOT NULL,
    done_at BIGINT NOT NULL,        -- instant
    PRIMARY KEY (bucket, business_date, step)
);
-- End of day: start and end of each step.
CREATE TABLE engine_eod_steps (
    bucket INTEGER NOT NULL CHECK (bucket = 0),
    business_date INTEGER NOT NULL,
    step TEXT NOT NULL,
    started_at BIGINT NOT NULL,     -- instant
    ended_at BIGINT NOT NULL,       -- instant, 0: not yet
    bucket_total INTEGER NOT NULL,  -- how many buckets the step has to do
    PRIMARY KEY (bucket, business_date, step)
);
