-- The business date, one row.
CREATE TABLE engine_business_date (
    bucket INTEGER NOT NULL CHECK (bucket = 0),
    business_date INTEGER NOT NULL, -- days since 1970-01-01: the date that journals of now are booked on
    PRIMARY KEY (bucket)
);
