-- Feature flags (NULL falls back to t_system's, then to the built-in default), training opt-outs, rate limits.
CREATE TABLE feature_flags (
  tenant_id       TEXT NOT NULL,
  env             TEXT NOT NULL,
  ws_enabled      INTEGER,
  sse_enabled     INTEGER,
  gesture_logging INTEGER,
  version         INTEGER NOT NULL,
  updated_at      INTEGER NOT NULL,
  updated_by      TEXT NOT NULL,
  PRIMARY KEY (tenant_id, env)
) STRICT, WITHOUT ROWID;

-- user_id '' is the tenant's own preference.
CREATE TABLE training_preferences (
  tenant_id  TEXT NOT NULL,
  env        TEXT NOT NULL,
  user_id    TEXT NOT NULL,
  opt_out    INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  updated_by TEXT NOT NULL,
  PRIMARY KEY (tenant_id, env, user_id)
) STRICT, WITHOUT ROWID;

-- action '*' is the tenant's default for all actions.
CREATE TABLE rate_limits (
  tenant_id      TEXT NOT NULL,
  env            TEXT NOT NULL,
  action         TEXT NOT NULL,
  requests       INTEGER NOT NULL,
  window_seconds INTEGER NOT NULL,
  updated_at     INTEGER NOT NULL,
  updated_by     TEXT NOT NULL,
  PRIMARY KEY (tenant_id, env, action)
) STRICT, WITHOUT ROWID;

-- An event is asked for by its id; ids are made in order of time, so this index grows at its end.
CREATE UNIQUE INDEX events_by_id ON events (tenant_id, env, event_id);
