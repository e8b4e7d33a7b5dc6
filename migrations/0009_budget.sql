-- Usage events, their rollups, and the policies that the budget gate reads. A rollup row counts one hour (span 'hour',
-- start in hours since 1970) or one UTC day (span 'day', start in days since 1970) of one surface, or of all ('*'):
-- all of it (dimension '', key ''), and again by what a summary groups by (dimension 'provider', key 'openai').
CREATE TABLE usage_events (
  tenant_id        TEXT NOT NULL,
  env              TEXT NOT NULL,
  usage_id         TEXT NOT NULL,
  surface          TEXT,
  tool_type        TEXT,
  tool_id          TEXT,
  provider         TEXT NOT NULL,
  model_or_plan_id TEXT,
  tokens_input     INTEGER NOT NULL,
  tokens_output    INTEGER NOT NULL,
  cost_micros      INTEGER NOT NULL,
  currency         TEXT NOT NULL,
  metadata         TEXT NOT NULL,      -- JSON object
  occurred_at      INTEGER NOT NULL,
  created_at       INTEGER NOT NULL,
  created_by       TEXT NOT NULL,
  audit_seq        INTEGER NOT NULL,   -- the row that tells of its writing
  PRIMARY KEY (tenant_id, env, usage_id)
) STRICT;
CREATE INDEX usage_events_by_time ON usage_events (tenant_id, env, occurred_at, usage_id);

CREATE TABLE budget_rollups (
  tenant_id   TEXT NOT NULL,
  env         TEXT NOT NULL,
  surface     TEXT NOT NULL,
  dimension   TEXT NOT NULL CHECK (dimension IN ('', 'surface', 'provider', 'model_or_plan_id', 'tool_type')),
  span        TEXT NOT NULL CHECK (span IN ('hour', 'day')),
  start       INTEGER NOT NULL,
  key         TEXT NOT NULL,           -- '' where the event says none
  cost_micros INTEGER NOT NULL,
  count       INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, env, surface, dimension, span, start, key)
) STRICT, WITHOUT ROWID;

-- One currency per tenant and env: the first one written.
CREATE TABLE budget_currencies (
  tenant_id TEXT NOT NULL,
  env       TEXT NOT NULL,
  currency  TEXT NOT NULL,
  PRIMARY KEY (tenant_id, env)
) STRICT, WITHOUT ROWID;

CREATE TABLE budget_policies (
  tenant_id        TEXT NOT NULL,
  env              TEXT NOT NULL,
  surface          TEXT NOT NULL,      -- '*' caps the sum over all surfaces
  threshold_micros INTEGER NOT NULL,
  currency         TEXT NOT NULL,
  window_days      INTEGER NOT NULL,
  updated_at       INTEGER NOT NULL,
  updated_by       TEXT NOT NULL,
  PRIMARY KEY (tenant_id, env, surface)
) STRICT, WITHOUT ROWID;
