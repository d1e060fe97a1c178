-- What a company's account is called: class I in all rules, without the count of a person's.
INSERT INTO account_products (bucket, id, class, name_en, name_zh) VALUES
    (0, 5, 1, 'Corporate demand account', '单位活期账户');
