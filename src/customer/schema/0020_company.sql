-- Companies are customers of their own, so that accounts, limits and payments work for them unchanged:
-- kind 2, name the company's, ID number its credit code, birth date its registration, no sex, no region, an
-- empty phone whose hash is that of the credit code under a kind of its own ("company"). Nobody signs in as
-- one; people act for it (company room). Its bucket is that of the hash.
ALTER TABLE customer_customers ADD COLUMN kind SMALLINT NOT NULL DEFAULT 1 CHECK (kind IN (1, 2)); -- 1 person, 2 company
