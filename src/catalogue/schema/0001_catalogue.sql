-- engine: both
-- Products of the bank, all in bucket 0.
CREATE TABLE catalogue_products (
    bucket  INTEGER NOT NULL CHECK (bucket = 0), -- reference data
    id      INTEGER NOT NULL,   -- number, never reused
    class   SMALLINT NOT NULL CHECK (class BETWEEN 1 AND 4), -- enum account_class
    name_en TEXT NOT NULL,      -- shown to customers
    name_zh TEXT NOT NULL,      -- shown to customers
    PRIMARY KEY (bucket, id)
) WITHOUT ROWID;

-- Editions of the catalogue: one for each change, in the order of changes. A decision stores the number, which is never reused.
CREATE TABLE catalogue_editions (
    bucket         INTEGER NOT NULL CHECK (bucket = 0), -- reference data
    number         INTEGER NOT NULL CHECK (number > 0), -- in the order of changes
    effective_date INTEGER NOT NULL,  -- days since 1970: its figures apply from then on
    created_at     BIGINT NOT NULL,   -- microseconds UTC, 0: delivered with the program
    PRIMARY KEY (bucket, number)
) WITHOUT ROWID;

-- Figures of the rules with their effective dates, all in bucket 0.
CREATE TABLE catalogue_parameters (
    bucket         INTEGER NOT NULL CHECK (bucket = 0), -- reference data
    name           TEXT NOT NULL,     -- from the parameter list of its room
    effective_date INTEGER NOT NULL,  -- days since 1970
    value          BIGINT NOT NULL,   -- minor units, count, rate in ppb or switch; -1: no limit
    version        INTEGER NOT NULL CHECK (version > 0), -- edition that introduced it
    source_en      TEXT NOT NULL,     -- law or contract that sets it
    source_zh      TEXT NOT NULL,     -- the same in Chinese
    staff_id       BIGINT NOT NULL,   -- approver, 0: delivered with the program
    created_at     BIGINT NOT NULL,   -- microseconds UTC, 0: delivered with the program
    PRIMARY KEY (bucket, name, effective_date, version),
    FOREIGN KEY (bucket, version) REFERENCES catalogue_editions (bucket, number)
) WITHOUT ROWID;

-- Opening products and figures. A new figure is a new row with a later date and a higher version, in a later migration; rows are never changed.
-- Editions: 1 from 2016-04-01, 2 from 2016-12-01, 3 from 2018-01-10. Amounts are fen; settlementMonths 3: every third month.
INSERT INTO catalogue_products (bucket, id, class, name_en, name_zh) VALUES
    (0, 1, 1, 'Demand account (Class I)', '活期账户（Ⅰ类户）'),
    (0, 2, 2, 'Demand account (Class II)', '活期账户（Ⅱ类户）'),
    (0, 3, 3, 'Demand account (Class III)', '活期账户（Ⅲ类户）');

INSERT INTO catalogue_editions (bucket, number, effective_date, created_at) VALUES
    (0, 1, 16892, 0),
    (0, 2, 17136, 0),
    (0, 3, 17541, 0);

INSERT INTO catalogue_parameters (bucket, name, effective_date, value, version, source_en, source_zh, staff_id, created_at) VALUES
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

INSERT INTO catalogue_parameters (bucket, name, effective_date, value, version, source_en, source_zh, staff_id, created_at) VALUES
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

INSERT INTO catalogue_products (bucket, id, class, name_en, name_zh) VALUES
    (0, 4, 4, 'Payment account', '支付账户');

-- A company's account: class I in all rules, without the limit on a person's accounts.
INSERT INTO catalogue_products (bucket, id, class, name_en, name_zh) VALUES
    (0, 5, 1, 'Corporate demand account', '单位活期账户');
