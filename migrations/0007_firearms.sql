-- Licences for dangerous actions, and which actions a tenant declared dangerous beyond the built-in ones.
CREATE TABLE firearms_licences (
  tenant_id    TEXT NOT NULL,
  env          TEXT NOT NULL,
  licence_id   TEXT NOT NULL,
  subject_type TEXT NOT NULL CHECK (subject_type IN ('agent', 'tool', 'surface', 'app', 'user')),
  subject_id   TEXT NOT NULL,
  scope        TEXT,                   -- the one action it is good for; NULL or '*': every action of its level
  level        TEXT NOT NULL CHECK (level IN ('low', 'medium', 'high')),
  expires_at   INTEGER,                -- expired is derived from it
  revoked_at   INTEGER,
  revoked_by   TEXT,
  revoked_seq  INTEGER,                -- the audit row of the revocation
  created_at   INTEGER NOT NULL,
  created_by   TEXT NOT NULL,
  PRIMARY KEY (tenant_id, env, licence_id)
) STRICT, WITHOUT ROWID;
-- What the gate asks: the licences that a subject may still hold. Revoked ones do not slow it down.
CREATE INDEX firearms_licences_by_subject ON firearms_licences (tenant_id, env, subject_type, subject_id)
  WHERE revoked_at IS NULL;

CREATE TABLE dangerous_actions (
  tenant_id  TEXT NOT NULL,
  env        TEXT NOT NULL,
  action     TEXT NOT NULL,
  level      TEXT NOT NULL CHECK (level IN ('low', 'medium', 'high')),
  updated_at INTEGER NOT NULL,
  updated_by TEXT NOT NULL,
  PRIMARY KEY (tenant_id, env, action)
) STRICT, WITHOUT ROWID;
