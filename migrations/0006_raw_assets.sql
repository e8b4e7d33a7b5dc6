-- Raw assets: presigned, then registered. `sha256_stated` is what the presign promised; `sha256` and `size_bytes` are
-- what storage proved at register. `registered_seq` is the audit row of the register.
CREATE TABLE raw_assets (
  tenant_id      TEXT NOT NULL,
  env            TEXT NOT NULL,
  asset_id       TEXT NOT NULL,
  status         TEXT NOT NULL CHECK (status IN ('presigned', 'registered')),
  filename       TEXT NOT NULL,        -- as the client named it
  key            TEXT NOT NULL,
  uri            TEXT NOT NULL,
  content_type   TEXT NOT NULL,
  max_bytes      INTEGER NOT NULL,
  sha256_stated  TEXT,
  size_bytes     INTEGER,
  sha256         TEXT,
  sha256_checked INTEGER NOT NULL,
  metadata       TEXT NOT NULL,        -- JSON object
  created_at     INTEGER NOT NULL,
  created_by     TEXT NOT NULL,
  registered_at  INTEGER,
  registered_seq INTEGER,
  deleted_at     INTEGER,              -- a tombstone: the row stays, the object is gone
  PRIMARY KEY (tenant_id, env, asset_id)
) STRICT;
-- What was presigned and never registered is removed after a while.
CREATE INDEX raw_assets_unregistered ON raw_assets (created_at) WHERE status = 'presigned' AND deleted_at IS NULL;
