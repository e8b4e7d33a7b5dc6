-- Canvases and their artifacts: one file each.
CREATE TABLE canvases (
  tenant_id  TEXT NOT NULL,
  env        TEXT NOT NULL,
  canvas_id  TEXT NOT NULL,
  seq        INTEGER NOT NULL,      -- clients choose ids: this is the order of making
  title      TEXT,
  created_at INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  PRIMARY KEY (tenant_id, env, canvas_id),
  UNIQUE (tenant_id, env, seq)
) STRICT;
CREATE TABLE canvas_artifacts (
  tenant_id    TEXT NOT NULL,
  env          TEXT NOT NULL,
  canvas_id    TEXT NOT NULL,
  artifact_id  TEXT NOT NULL,
  filename     TEXT NOT NULL,       -- as the client named it
  key          TEXT NOT NULL,
  uri          TEXT NOT NULL,
  content_type TEXT NOT NULL,
  size_bytes   INTEGER NOT NULL,
  sha256       TEXT,
  created_at   INTEGER NOT NULL,
  created_by   TEXT NOT NULL,
  PRIMARY KEY (tenant_id, env, canvas_id, artifact_id)
) STRICT;
