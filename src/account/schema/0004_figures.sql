-- Figures change while the bank runs: several on one day, each a row of its own with a higher version
-- and the name of who approved it. Rows are never changed.
CREATE TABLE account_figures (
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
INSERT INTO account_figures (bucket, name, effective_date, value, version, source_en, source_zh, staff_id, created_at)
    SELECT bucket, name, effective_date, value, version, source_en, source_zh, 0, 0 FROM account_parameters;
DROP TABLE account_parameters;
ALTER TABLE account_figures RENAME TO account_parameters;

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
