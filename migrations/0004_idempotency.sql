-- The first 2xx answer to a POST with an Idempotency-Key, stored with the change it answers, for 24 hours.
-- `secret` marks answers that were shown once and are not kept: `body` then holds the id alone.
CREATE TABLE idempotency_keys (
  tenant_id   TEXT NOT NULL,
  env         TEXT NOT NULL,
  user_id     TEXT NOT NULL,
  method      TEXT NOT NULL,
  path        TEXT NOT NULL,
  key         TEXT NOT NULL,
  body_sha256 TEXT NOT NULL,
  secret      INTEGER NOT NULL,
  status      INTEGER NOT NULL,
  headers     TEXT NOT NULL,           -- JSON object
  body        TEXT NOT NULL,
  created_at  INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, env, user_id, method, path, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);
