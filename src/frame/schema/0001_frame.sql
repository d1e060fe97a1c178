-- engine: both
-- End of day: one row for each business date that was closed, made with the date's move. What is not
-- ended is taken up again, oldest first, for ever.
CREATE TABLE frame_eod_dates (
    bucket INTEGER NOT NULL CHECK (bucket = 0),
    business_date INTEGER NOT NULL,  -- the date closed, days since 1970-01-01
    begun_at BIGINT NOT NULL,        -- instant: the business date moved on
    ended_at BIGINT NOT NULL,        -- instant: all steps had ended, 0 not yet
    failure_count INTEGER NOT NULL,  -- runs that failed
    failed_at BIGINT NOT NULL,       -- instant of the last failure, 0 none
    error TEXT NOT NULL,             -- name of the last failure; '' none, or mended
    PRIMARY KEY (bucket, business_date)
);
-- The oldest date that is not ended.
CREATE INDEX frame_eod_dates_open ON frame_eod_dates (business_date) WHERE ended_at = 0;
-- End of day: each step of a date.
CREATE TABLE frame_eod_steps (
    bucket INTEGER NOT NULL CHECK (bucket = 0),
    business_date INTEGER NOT NULL,  -- the date closed
    step TEXT NOT NULL,              -- name in the table of steps
    begun_at BIGINT NOT NULL,        -- instant
    ended_at BIGINT NOT NULL,        -- instant, 0 not yet
    bucket_total INTEGER NOT NULL,   -- buckets that the step has to do
    error TEXT NOT NULL,             -- name of the last failure; '' none, or mended
    PRIMARY KEY (bucket, business_date, step)
);
-- End of day: which step has done which bucket of a date. A row is a fact for ever.
CREATE TABLE frame_eod_buckets (
    bucket INTEGER NOT NULL,
    business_date INTEGER NOT NULL,  -- the date closed
    step TEXT NOT NULL,              -- name in the table of steps
    done_at BIGINT NOT NULL,         -- instant
    PRIMARY KEY (bucket, business_date, step)
);
