-- Accounts that the review found wanting, from the day it first did: the grace counts from then.
CREATE TABLE account_reviews (
    bucket     INTEGER NOT NULL,  -- of the account
    account_id BIGINT NOT NULL,   -- an account whose owner or card is not verified
    found_at   BIGINT NOT NULL,   -- microseconds UTC: the owner was told
    PRIMARY KEY (bucket, account_id),
    FOREIGN KEY (bucket, account_id) REFERENCES account_accounts (bucket, id)
) WITHOUT ROWID;

-- Reminders of an ID card's last day: once for each card.
CREATE TABLE account_reminders (
    bucket         INTEGER NOT NULL,  -- of the customer
    customer_id    BIGINT NOT NULL,   -- who was told
    document_until INTEGER NOT NULL,  -- days since 1970: the last day that was told
    sent_at        BIGINT NOT NULL,   -- microseconds UTC
    PRIMARY KEY (bucket, customer_id, document_until)
) WITHOUT ROWID;
