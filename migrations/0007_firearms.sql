-- Licences for dangerous actions, and which actions a tenant declared dangerous beyond the built-in ones.
CREATE TABLE firearms_licences (
  tenant_id    TEXT NOT NULL,
  env          TEXT NOT NULL,
  licence_id   TEXT NOT NULL,
  subject_type TEXT NOT NULL CHECK (subject_type IN ('agent', 'tool', 'surface', 'app', 'user')),
  subject_id   TEXT NOT NULL,
  scope        TEXT,
  level        TEXT NOT NULL CHECK (level IN ('low', 'medium', 'high')),
  expires_at   INTEGER,
  revoked_at   INTEGER,
  revoked_by   TEXT,
  created_at   INTEGER NOT NULL,
  created_by   TEXT NOT NULL,
  PRIMARY KEY (tenant_id, env, licence_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX firearms_licences_by_subject ON firearms_licences (tenant_id, env, subject_type, subject_id);

CREATE TABLE dangerous_actions (
  tenant_id  TEXT NOT NULL,
  env        TEXT NOT NULL,
  action     TEXT NOT NULL,
  level      TEXT NOT NULL CHECK (level IN ('low', 'medium', 'high')),
  updated_at INTEGER NOT NULL,
  updated_by TEXT NOT NULL,
  PRIMARY KEY (tenant_id, env, action)
) STRICT, WITHOUT ROWID;
