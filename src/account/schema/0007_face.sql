-- A further card is bound only by somebody whose face was checked when it was begun.
ALTER TABLE account_card_bindings ADD COLUMN face_checked SMALLINT NOT NULL DEFAULT 0 CHECK (face_checked IN (0, 1));
