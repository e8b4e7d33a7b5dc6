-- What the gates read. One kill-switch document per tenant and env; absent means that nothing is disabled.
CREATE TABLE kill_switches (
  tenant_id         TEXT NOT NULL,
  env               TEXT NOT NULL,
  disable_providers TEXT NOT NULL,     -- JSON array, case-folded
  disable_autonomy  INTEGER NOT NULL,
  disabled_actions  TEXT NOT NULL,     -- JSON array; "*" is all of full and telemetry
  reason            TEXT,
  expires_at        INTEGER,           -- ends the whole document by itself
  version           INTEGER NOT NULL,
  updated_at        INTEGER NOT NULL,
  updated_by        TEXT NOT NULL,
  PRIMARY KEY (tenant_id, env)
) STRICT, WITHOUT ROWID;
