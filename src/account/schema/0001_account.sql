-- engine: postgresql
-- The same conditions as types: a server reads and plans each CHECK of a table again for every
-- statement, while a type's condition is kept ready.
CREATE DOMAIN account_limit_kind AS SMALLINT CHECK (VALUE BETWEEN 1 AND 8);

CREATE DOMAIN account_used AS BIGINT CHECK (VALUE >= 0);

-- engine: both
-- A customer's account: the facts around the ledger account of the same id.
CREATE TABLE account_accounts (
    bucket         INTEGER NOT NULL,  -- of the customer
    id             BIGINT NOT NULL,   -- ledger account id
    customer_id    BIGINT NOT NULL,   -- owner
    class          SMALLINT NOT NULL CHECK (class BETWEEN 1 AND 4), -- enum account_class: I, II, III, payment
    state          SMALLINT NOT NULL CHECK (state BETWEEN 1 AND 4), -- 1 active, 2 frozen, 3 closed, 4 closing
    product        INTEGER NOT NULL,  -- account_products.id
    currency       TEXT NOT NULL CHECK (length(currency) = 3), -- ISO 4217
    account_number TEXT NOT NULL CHECK (length(account_number) = 16), -- last digit: Luhn
    opened_at      BIGINT NOT NULL,   -- microseconds UTC
    closed_at      BIGINT,            -- microseconds UTC, null while open
    version        BIGINT NOT NULL CHECK (version >= 1), -- rises with each change: ETag
    PRIMARY KEY (bucket, id)
) WITHOUT ROWID;

-- Each freeze with its ground: evidence, never deleted.
CREATE TABLE account_freezes (
    bucket       INTEGER NOT NULL,  -- of the account
    id           BIGINT NOT NULL,   -- made by the program
    account_id   BIGINT NOT NULL,   -- the frozen account
    reason       TEXT NOT NULL,     -- reason code: court, police, risk, owner
    legal_ground TEXT NOT NULL,     -- law and number of the order, for staff and the customer
    staff_id     BIGINT NOT NULL,   -- who ordered it, 0: the customer or a rule
    frozen_at    BIGINT NOT NULL,   -- microseconds UTC
    ends_at      BIGINT NOT NULL,   -- microseconds UTC, 0: until lifted
    lifted_at    BIGINT NOT NULL,   -- microseconds UTC, 0: still on
    lifted_by    BIGINT NOT NULL,   -- staff id, 0: it ended by itself or is still on
    PRIMARY KEY (bucket, id),
    FOREIGN KEY (bucket, account_id) REFERENCES account_accounts (bucket, id)
) WITHOUT ROWID;

-- The freeze that is on for an account.
CREATE INDEX account_freezes_account ON account_freezes (bucket, account_id, lifted_at);

-- The job's question over all buckets: which freezes end now.
CREATE INDEX account_freezes_due ON account_freezes (ends_at) WHERE lifted_at = 0 AND ends_at > 0;

-- Debit cards of other banks, bound to their owner here.
CREATE TABLE account_cards (
    bucket             INTEGER NOT NULL,  -- of the customer
    id                 BIGINT NOT NULL,   -- made by the program
    customer_id        BIGINT NOT NULL,   -- owner
    issuer             TEXT NOT NULL,     -- code of the issuing bank: "SAB"
    issuer_name_en     TEXT NOT NULL,     -- as the clearing house gave it
    issuer_name_zh     TEXT NOT NULL,     -- as the clearing house gave it
    masked_pan         TEXT NOT NULL,     -- "622848*********0018"
    pan                BLOB NOT NULL,     -- card number, sealed at (bucket, id, "account.pan")
    pan_hash           BLOB NOT NULL,     -- keyed hash of the number, as in db_directory
    agreement_number   TEXT NOT NULL,     -- the issuer's token for debits and credits
    account_class      SMALLINT NOT NULL CHECK (account_class BETWEEN 1 AND 3), -- behind the card
    kind               SMALLINT NOT NULL CHECK (kind IN (0, 1)),  -- enum card_kind: 0 debit, 1 credit
    payment_max_minor  BIGINT NOT NULL CHECK (payment_max_minor > 0), -- of the agreement, minor units
    day_max_minor      BIGINT NOT NULL CHECK (day_max_minor > 0),     -- of the agreement, minor units
    state              SMALLINT NOT NULL CHECK (state IN (1, 2)), -- 1 bound, 2 unbound
    bound_at           BIGINT NOT NULL,   -- microseconds UTC
    unbound_at         BIGINT NOT NULL,   -- microseconds UTC, 0: bound
    PRIMARY KEY (bucket, id)
) WITHOUT ROWID;

-- Cards of one customer.
CREATE INDEX account_cards_customer ON account_cards (bucket, customer_id, id);

-- Bindings on their way: signed with the issuer, not yet confirmed.
CREATE TABLE account_card_bindings (
    bucket         INTEGER NOT NULL,  -- of the customer
    id             BIGINT NOT NULL,   -- made by the program; the signing id at the clearing house
    customer_id    BIGINT NOT NULL,   -- who binds
    state          SMALLINT NOT NULL CHECK (state BETWEEN 1 AND 4), -- asked, signed, done, ended
    issuer         TEXT NOT NULL,     -- code, "" until signed
    issuer_name_en TEXT NOT NULL,     -- "" until signed
    issuer_name_zh TEXT NOT NULL,     -- "" until signed
    masked_pan     TEXT NOT NULL,     -- first six and last four digits
    pan            BLOB NOT NULL,     -- card number, sealed at (bucket, id, "account.binding")
    pan_hash       BLOB NOT NULL,     -- keyed hash of the number
    kind           SMALLINT NOT NULL CHECK (kind IN (0, 1)), -- enum card_kind
    created_at     BIGINT NOT NULL,   -- microseconds UTC
    expires_at     BIGINT NOT NULL,   -- microseconds UTC: end of the issuer's code
    tries_left     INTEGER NOT NULL CHECK (tries_left >= 0), -- wrong codes still allowed
    card_id        BIGINT NOT NULL,   -- the card that came of it, 0: none
    -- A further card is bound only by somebody whose face was checked when it was begun.
    face_checked SMALLINT NOT NULL DEFAULT 0 CHECK (face_checked IN (0, 1)),
    PRIMARY KEY (bucket, id)
) WITHOUT ROWID;

-- What is used of a limit: one row for an owner and kind, counted anew when the day or year changes.
CREATE TABLE account_usages (
    bucket     INTEGER NOT NULL,  -- of the owner
    owner_id   BIGINT NOT NULL,   -- account (kinds 1, 2, 8), card (4) or customer (3, 5 to 7)
    limit_kind SMALLINT NOT NULL CHECK (limit_kind BETWEEN 1 AND 8), -- enum limit_kind
    day_date   INTEGER NOT NULL,  -- days since 1970: the civil day that is counted
    day_minor  BIGINT NOT NULL CHECK (day_minor >= 0),   -- reserved on that day, minor units
    day_count  BIGINT NOT NULL CHECK (day_count >= 0),   -- payments of that day
    year       INTEGER NOT NULL,  -- calendar year that is counted; 0: all time (kinds 7 and 8)
    year_minor BIGINT NOT NULL CHECK (year_minor >= 0),  -- reserved in that year, minor units
    PRIMARY KEY (bucket, owner_id, limit_kind)
) WITHOUT ROWID;

-- Interest that has accrued and is not yet credited.
CREATE TABLE account_interest (
    bucket            INTEGER NOT NULL,  -- of the account
    account_id        BIGINT NOT NULL,   -- account
    accrued_micro     BIGINT NOT NULL,   -- millionths of a minor unit; below 0 after rounding up
    last_accrued_date INTEGER NOT NULL,  -- days since 1970: closed through this date
    last_credited_date INTEGER NOT NULL, -- settlement date through which interest was credited
    PRIMARY KEY (bucket, account_id),
    FOREIGN KEY (bucket, account_id) REFERENCES account_accounts (bucket, id)
) WITHOUT ROWID;

-- The general ledger's side of accrued interest, one row a bucket.
CREATE TABLE account_interest_totals (
    bucket        INTEGER NOT NULL PRIMARY KEY, -- bucket
    accrued_micro BIGINT NOT NULL,  -- sum over the bucket's accounts, millionths of a minor unit
    posted_minor  BIGINT NOT NULL CHECK (posted_minor >= 0) -- of it in GL_INTEREST_PAYABLE
) WITHOUT ROWID;

-- Products of the bank, all in bucket 0.
CREATE TABLE account_products (
    bucket  INTEGER NOT NULL CHECK (bucket = 0), -- reference data
    id      INTEGER NOT NULL,   -- number, never reused
    class   SMALLINT NOT NULL CHECK (class BETWEEN 1 AND 4), -- enum account_class
    name_en TEXT NOT NULL,      -- as customers read it
    name_zh TEXT NOT NULL,      -- as customers read it
    PRIMARY KEY (bucket, id)
) WITHOUT ROWID;

-- Editions of the catalogue: one for each change, in the order in which they were made. A decision keeps
-- the number, which is never given to another.
CREATE TABLE account_editions (
    bucket         INTEGER NOT NULL CHECK (bucket = 0), -- reference data
    number         INTEGER NOT NULL CHECK (number > 0), -- in the order of changes
    effective_date INTEGER NOT NULL,  -- days since 1970: its figures hold from then on
    created_at     BIGINT NOT NULL,   -- microseconds UTC, 0: came with the program
    PRIMARY KEY (bucket, number)
) WITHOUT ROWID;

-- Figures of the rules with the date from which each holds, all in bucket 0.
CREATE TABLE account_parameters (
    bucket         INTEGER NOT NULL CHECK (bucket = 0), -- reference data
    name           TEXT NOT NULL,     -- as in account/catalogue.h
    effective_date INTEGER NOT NULL,  -- days since 1970
    value          BIGINT NOT NULL,   -- minor units, count, rate in ppb or switch; -1: no limit
    version        INTEGER NOT NULL CHECK (version > 0), -- edition that brought it
    source_en      TEXT NOT NULL,     -- law or contract behind it
    source_zh      TEXT NOT NULL,     -- the same in Chinese
    staff_id       BIGINT NOT NULL,   -- who set it, 0: came with the program
    created_at     BIGINT NOT NULL,   -- microseconds UTC, 0: came with the program
    PRIMARY KEY (bucket, name, effective_date, version),
    FOREIGN KEY (bucket, version) REFERENCES account_editions (bucket, number)
) WITHOUT ROWID;

-- Accounts of one customer.
CREATE INDEX account_accounts_customer ON account_accounts (bucket, customer_id, id);
-- Frozen accounts: what the review looks at between two days.
CREATE INDEX account_accounts_frozen ON account_accounts (bucket, id) WHERE state = 2;

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

-- Products and figures with which the bank opens. A new figure is a new row with a later date and a
-- higher version, in a later migration; rows are never changed. Editions: 1 from 2016-04-01, 2 from
-- 2016-12-01, 3 from 2018-01-10. Amounts are fen; settlementMonths 3: every third month.
INSERT INTO account_products (bucket, id, class, name_en, name_zh) VALUES
    (0, 1, 1, 'Demand account (Class I)', '活期账户（Ⅰ类户）'),
    (0, 2, 2, 'Demand account (Class II)', '活期账户（Ⅱ类户）'),
    (0, 3, 3, 'Demand account (Class III)', '活期账户（Ⅲ类户）');

INSERT INTO account_editions (bucket, number, effective_date, created_at) VALUES
    (0, 1, 16892, 0),
    (0, 2, 17136, 0),
    (0, 3, 17541, 0);

INSERT INTO account_parameters (bucket, name, effective_date, value, version, source_en, source_zh, staff_id, created_at) VALUES
    (0, 'classI.countMax', 16892, -1, 1,
     'PBOC Notice 392 of 2015 (account classes)', '银发〔2015〕392号（个人银行账户分类）', 0, 0),
    (0, 'classI.countMax', 17136, 1, 2,
     'PBOC Notice 302 of 2016 (account classes)', '银发〔2016〕302号（个人银行账户分类）', 0, 0),
    (0, 'classI.balanceMax', 16892, -1, 1,
     'PBOC Notice 392 of 2015 (account classes)', '银发〔2015〕392号（个人银行账户分类）', 0, 0),
    (0, 'classI.outflowNonBoundDayMax', 16892, -1, 1,
     'PBOC Notice 392 of 2015 (account classes)', '银发〔2015〕392号（个人银行账户分类）', 0, 0),
    (0, 'classI.outflowNonBoundYearMax', 16892, -1, 1,
     'PBOC Notice 392 of 2015 (account classes)', '银发〔2015〕392号（个人银行账户分类）', 0, 0),
    (0, 'classI.inflowNonBoundDayMax', 16892, -1, 1,
     'PBOC Notice 392 of 2015 (account classes)', '银发〔2015〕392号（个人银行账户分类）', 0, 0),
    (0, 'classI.inflowNonBoundYearMax', 16892, -1, 1,
     'PBOC Notice 392 of 2015 (account classes)', '银发〔2015〕392号（个人银行账户分类）', 0, 0),
    (0, 'classII.countMax', 16892, 5, 1,
     'Rule of the bank', '本行规则', 0, 0),
    (0, 'classII.balanceMax', 16892, -1, 1,
     'PBOC Notice 302 of 2016 (account classes)', '银发〔2016〕302号（个人银行账户分类）', 0, 0),
    (0, 'classII.outflowNonBoundDayMax', 16892, 1000000, 1,
     'PBOC Notice 392 of 2015 (account classes)', '银发〔2015〕392号（个人银行账户分类）', 0, 0),
    (0, 'classII.outflowNonBoundYearMax', 16892, -1, 1,
     'PBOC Notice 392 of 2015 (account classes)', '银发〔2015〕392号（个人银行账户分类）', 0, 0),
    (0, 'classII.outflowNonBoundYearMax', 17136, 20000000, 2,
     'PBOC Notice 302 of 2016 (account classes)', '银发〔2016〕302号（个人银行账户分类）', 0, 0),
    (0, 'classII.inflowNonBoundDayMax', 16892, -1, 1,
     'PBOC Notice 392 of 2015 (account classes)', '银发〔2015〕392号（个人银行账户分类）', 0, 0),
    (0, 'classII.inflowNonBoundYearMax', 16892, -1, 1,
     'PBOC Notice 392 of 2015 (account classes)', '银发〔2015〕392号（个人银行账户分类）', 0, 0),
    (0, 'classII.inflowNonBoundDayMax', 17136, 1000000, 2,
     'PBOC Notice 302 of 2016 (account classes)', '银发〔2016〕302号（个人银行账户分类）', 0, 0),
    (0, 'classII.inflowNonBoundYearMax', 17136, 20000000, 2,
     'PBOC Notice 302 of 2016 (account classes)', '银发〔2016〕302号（个人银行账户分类）', 0, 0),
    (0, 'classIII.countMax', 16892, 5, 1,
     'Rule of the bank', '本行规则', 0, 0),
    (0, 'classIII.balanceMax', 16892, 100000, 1,
     'PBOC Notice 392 of 2015 (account classes)', '银发〔2015〕392号（个人银行账户分类）', 0, 0),
    (0, 'classIII.balanceMax', 17541, 200000, 3,
     'PBOC Notice 16 of 2018 (account classes)', '银发〔2018〕16号（个人银行账户分类）', 0, 0),
    (0, 'classIII.outflowNonBoundDayMax', 16892, 500000, 1,
     'PBOC Notice 302 of 2016 (account classes)', '银发〔2016〕302号（个人银行账户分类）', 0, 0),
    (0, 'classIII.outflowNonBoundDayMax', 17541, 200000, 3,
     'PBOC Notice 16 of 2018 (account classes)', '银发〔2018〕16号（个人银行账户分类）', 0, 0),
    (0, 'classIII.outflowNonBoundYearMax', 16892, 10000000, 1,
     'PBOC Notice 302 of 2016 (account classes)', '银发〔2016〕302号（个人银行账户分类）', 0, 0),
    (0, 'classIII.outflowNonBoundYearMax', 17541, 5000000, 3,
     'PBOC Notice 16 of 2018 (account classes)', '银发〔2018〕16号（个人银行账户分类）', 0, 0),
    (0, 'classIII.inflowNonBoundDayMax', 16892, 500000, 1,
     'PBOC Notice 302 of 2016 (account classes)', '银发〔2016〕302号（个人银行账户分类）', 0, 0),
    (0, 'classIII.inflowNonBoundYearMax', 16892, 10000000, 1,
     'PBOC Notice 302 of 2016 (account classes)', '银发〔2016〕302号（个人银行账户分类）', 0, 0),
    (0, 'tierI.channelsMin', 16892, 1, 1,
     'PBOC Announcement 43 of 2015 (payment accounts)', '中国人民银行公告〔2015〕第43号（网络支付）', 0, 0),
    (0, 'tierI.totalMax', 16892, 100000, 1,
     'PBOC Announcement 43 of 2015 (payment accounts)', '中国人民银行公告〔2015〕第43号（网络支付）', 0, 0),
    (0, 'tierII.channelsMin', 16892, 3, 1,
     'PBOC Announcement 43 of 2015 (payment accounts)', '中国人民银行公告〔2015〕第43号（网络支付）', 0, 0),
    (0, 'tierII.yearMax', 16892, 10000000, 1,
     'PBOC Announcement 43 of 2015 (payment accounts)', '中国人民银行公告〔2015〕第43号（网络支付）', 0, 0),
    (0, 'tierIII.channelsMin', 16892, 5, 1,
     'PBOC Announcement 43 of 2015 (payment accounts)', '中国人民银行公告〔2015〕第43号（网络支付）', 0, 0),
    (0, 'tierIII.yearMax', 16892, 20000000, 1,
     'PBOC Announcement 43 of 2015 (payment accounts)', '中国人民银行公告〔2015〕第43号（网络支付）', 0, 0),
    (0, 'tier.twoFactorsDayMax', 16892, 500000, 1,
     'PBOC Announcement 43 of 2015 (payment accounts)', '中国人民银行公告〔2015〕第43号（网络支付）', 0, 0),
    (0, 'tier.oneFactorDayMax', 16892, 100000, 1,
     'PBOC Announcement 43 of 2015 (payment accounts)', '中国人民银行公告〔2015〕第43号（网络支付）', 0, 0),
    (0, 'cards.countMax', 16892, 10, 1,
     'Rule of the bank', '本行规则', 0, 0),
    (0, 'policy.phaseOne', 16892, 0, 1,
     'Rule of the bank', '本行规则', 0, 0),
    (0, 'smallPayment.paymentMax', 16892, 20000, 1,
     'Rule of the bank', '本行规则', 0, 0),
    (0, 'smallPayment.dayMax', 16892, 100000, 1,
     'PBOC Announcement 43 of 2015 (payment accounts)', '中国人民银行公告〔2015〕第43号（网络支付）', 0, 0),
    (0, 'quickPay.paymentMax', 16892, 5000000, 1,
     'Agreement with the issuing bank', '与发卡行的协议', 0, 0),
    (0, 'quickPay.dayMax', 16892, 20000000, 1,
     'Agreement with the issuing bank', '与发卡行的协议', 0, 0),
    (0, 'demand.ratePpb', 16892, 1000000, 1,
     'Rule of the bank (demand deposits)', '本行规则（活期存款）', 0, 0),
    (0, 'demand.yearDays', 16892, 360, 1,
     'PBOC interest rules for demand deposits', '人民币活期存款计结息规则', 0, 0),
    (0, 'demand.settlementDay', 16892, 20, 1,
     'PBOC interest rules for demand deposits', '人民币活期存款计结息规则', 0, 0),
    (0, 'demand.settlementMonths', 16892, 3, 1,
     'PBOC interest rules for demand deposits', '人民币活期存款计结息规则', 0, 0);

INSERT INTO account_parameters (bucket, name, effective_date, value, version, source_en, source_zh, staff_id, created_at) VALUES
    (0, 'payment.countMax', 16892, 1, 1,
     'PBOC Announcement 43 of 2015 (payment accounts)', '中国人民银行公告〔2015〕第43号（网络支付）', 0, 0),
    (0, 'tier.certificateDayMax', 16892, -1, 1,
     'PBOC Announcement 43 of 2015 (payment accounts)', '中国人民银行公告〔2015〕第43号（网络支付）', 0, 0),
    (0, 'policy.identityLayers', 16892, 1, 1,
     'PBOC Notice 392 of 2015 (true names)', '银发〔2015〕392号（账户实名制）', 0, 0),
    (0, 'device.personsMax', 16892, 3, 1, 'Rule of the bank', '本行规则', 0, 0),
    (0, 'phone.personsMax', 16892, 3, 1, 'Rule of the bank', '本行规则', 0, 0),
    (0, 'cards.personsPerCardMax', 16892, 1, 1, 'Rule of the bank', '本行规则', 0, 0),
    (0, 'kyc.unverifiedGraceDays', 16892, 30, 1,
     'PBOC Notice 302 of 2016 (accounts not verified)', '银发〔2016〕302号（未核实账户）', 0, 0),
    (0, 'kyc.documentGraceDays', 16892, 90, 1,
     'Order 1 of 2022 (customer due diligence)', '中国人民银行等令〔2022〕第1号（客户尽职调查）', 0, 0),
    (0, 'kyc.documentReminderDays', 16892, 30, 1, 'Rule of the bank', '本行规则', 0, 0),
    (0, 'face.cardCheckMinutes', 16892, 10, 1, 'Rule of the bank', '本行规则', 0, 0),
    (0, 'payment.approvalAbove', 16892, 5000000, 1,
     'Rule of the bank (companies)', '本行规则（对公）', 0, 0);

INSERT INTO account_products (bucket, id, class, name_en, name_zh) VALUES
    (0, 4, 4, 'Payment account', '支付账户');

-- What a company's account is called: class I in all rules, without the count of a person's.
INSERT INTO account_products (bucket, id, class, name_en, name_zh) VALUES
    (0, 5, 1, 'Corporate demand account', '单位活期账户');

-- engine: postgresql
-- Rows that are updated with every payment: room for updates in place.
ALTER TABLE account_usages SET (fillfactor = 70);

ALTER TABLE account_interest SET (fillfactor = 80);

ALTER TABLE account_usages
    DROP CONSTRAINT account_usages_limit_kind_check,
    DROP CONSTRAINT account_usages_day_minor_check,
    DROP CONSTRAINT account_usages_day_count_check,
    DROP CONSTRAINT account_usages_year_minor_check,
    ALTER COLUMN limit_kind TYPE account_limit_kind,
    ALTER COLUMN day_minor TYPE account_used,
    ALTER COLUMN day_count TYPE account_used,
    ALTER COLUMN year_minor TYPE account_used;
