-- Media assets and artifacts. An asset is an object of ours (key, uri, size_bytes, sha256) or lives elsewhere
-- (source_uri), never both.
CREATE TABLE media_assets (
  tenant_id    TEXT NOT NULL,
  env          TEXT NOT NULL,
  asset_id     TEXT NOT NULL,
  kind         TEXT NOT NULL CHECK (kind IN ('video', 'audio', 'image', 'other')),
  filename     TEXT,                 -- as the client named it
  key          TEXT,
  uri          TEXT NOT NULL,        -- of our object, else source_uri
  source_uri   TEXT,
  content_type TEXT,
  size_bytes   INTEGER,
  sha256       TEXT,
  source_ref   TEXT,
  meta         TEXT NOT NULL,        -- JSON object
  tags         TEXT NOT NULL,        -- JSON array of texts
  created_at   INTEGER NOT NULL,
  created_by   TEXT NOT NULL,
  deleted_at   INTEGER,              -- a tombstone: the row stays, the object is gone
  PRIMARY KEY (tenant_id, env, asset_id),
  CHECK ((key IS NULL) = (source_uri IS NOT NULL))
) STRICT;
CREATE TABLE media_tags (
  tenant_id TEXT NOT NULL,
  env       TEXT NOT NULL,
  tag       TEXT NOT NULL,
  asset_id  TEXT NOT NULL,
  PRIMARY KEY (tenant_id, env, tag, asset_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE media_artifacts (
  tenant_id   TEXT NOT NULL,
  env         TEXT NOT NULL,
  artifact_id TEXT NOT NULL,
  asset_id    TEXT NOT NULL,
  kind        TEXT NOT NULL,
  uri         TEXT NOT NULL,
  start_ms    INTEGER,
  end_ms      INTEGER,
  track_label TEXT,
  meta        TEXT NOT NULL,         -- JSON object
  created_at  INTEGER NOT NULL,
  created_by  TEXT NOT NULL,
  PRIMARY KEY (tenant_id, env, artifact_id)
) STRICT;
-- Objects that are about to be written, until the row that names them is committed.
CREATE TABLE pending_objects (
  key      TEXT NOT NULL,
  noted_at INTEGER NOT NULL,
  PRIMARY KEY (key)
) STRICT, WITHOUT ROWID;
