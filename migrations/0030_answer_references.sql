-- An answer too large to be kept is a reference: `body` then says what it was about, and a repeat of the request is
-- answered with how that stands by then.
ALTER TABLE idempotency_keys ADD COLUMN is_reference INTEGER NOT NULL DEFAULT 0 CHECK (is_reference IN (0, 1));
