-- Written once a second, so that readiness states what a commit showed and not what one hopes.
CREATE TABLE server_probe (
    bucket INTEGER PRIMARY KEY CHECK (bucket = 0), -- one row for the whole bank
    probed_at BIGINT NOT NULL                      -- instant, microseconds UTC
);
