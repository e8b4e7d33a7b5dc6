-- Strategy locks and the three-wise questions that a lock may hang on. `surface` NULL: the lock serves every surface.
CREATE TABLE strategy_locks (
  tenant_id       TEXT NOT NULL,
  env             TEXT NOT NULL,
  lock_id         TEXT NOT NULL,
  surface         TEXT,
  scope           TEXT NOT NULL
    CHECK (scope IN ('campaign', 'budget', 'kpi_corridor', 'code_deploy', 'app_toggle', 'other')),
  title           TEXT NOT NULL,
  description     TEXT,
  constraints     TEXT NOT NULL,       -- JSON object
  allowed_actions TEXT NOT NULL,       -- JSON array; "*" allows all
  three_wise_id   TEXT,
  valid_from      INTEGER,
  valid_until     INTEGER,
  status          TEXT NOT NULL CHECK (status IN ('draft', 'approved', 'rejected')),  -- expired: see valid_until
  editors         TEXT NOT NULL,       -- JSON array: who edited it since its last approval
  created_at      INTEGER NOT NULL,
  created_by      TEXT NOT NULL,
  updated_at      INTEGER NOT NULL,
  updated_by      TEXT NOT NULL,
  decided_at      INTEGER,
  decided_by      TEXT,
  PRIMARY KEY (tenant_id, env, lock_id)
) STRICT, WITHOUT ROWID;
-- What the gate asks at every write: approved, of this surface or of none, not yet over. Neither drafts nor the many
-- locks of the past slow it down.
CREATE INDEX strategy_locks_in_force
  ON strategy_locks (tenant_id, env, ifnull(surface, ''), ifnull(valid_until, 9223372036854775807))
  WHERE status = 'approved';

CREATE TABLE three_wise_questions (
  tenant_id   TEXT NOT NULL,
  env         TEXT NOT NULL,
  question_id TEXT NOT NULL,
  question    TEXT NOT NULL,
  context     TEXT,
  created_at  INTEGER NOT NULL,
  created_by  TEXT NOT NULL,
  PRIMARY KEY (tenant_id, env, question_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE three_wise_opinions (
  tenant_id   TEXT NOT NULL,
  env         TEXT NOT NULL,
  question_id TEXT NOT NULL,
  user_id     TEXT NOT NULL,           -- one opinion a user
  verdict     TEXT NOT NULL CHECK (verdict IN ('APPROVE', 'REJECT', 'UNSURE')),
  content     TEXT NOT NULL,
  created_at  INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, env, question_id, user_id)
) STRICT, WITHOUT ROWID;
