-- The schema of Nexus on PostgreSQL 15 or later: what migrations/0001 to 0043 leave in SQLite. The number of a file in
-- this folder is the version of the schema that it makes; from 0044 on, each migration exists once for each engine, and
-- tests/postgres/schema_test.py compares what they lead to.
--
-- Statements are one text for both engines, so tables, columns and keys have the same names here. TEXT has the
-- collation "C": order and comparison are those of bytes, as in SQLite, and cursors depend on it. Times are
-- microseconds since 1970. What is true or false is 1 or 0, because statements write numbers. `fillfactor = 50` stands
-- where a row is updated by nearly every transaction: its new version finds room on the same page, and no index is
-- touched.

-- ---- functions that statements and indexes use ----------------------------------------------------------------------
-- SQLite's instr: where `part` begins in `whole`, counted from 1 in characters; 0: nowhere.
CREATE FUNCTION instr(whole TEXT, part TEXT) RETURNS INTEGER LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  RETURN strpos(whole, part);

-- SQLite's json_each, of an array (where a key is NULL here) or an object: a row for each element, in the document's
-- order. A value is its text without quotes, and NULL for null. type: SQLite's, but 'boolean' for 'true' and 'false'.
CREATE FUNCTION json_each(document TEXT) RETURNS TABLE (key TEXT, value TEXT, type TEXT)
  LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT element.key, element.value #>> '{}',
         CASE json_typeof(element.value)
           WHEN 'string' THEN 'text'
           WHEN 'number' THEN CASE WHEN element.value::text ~ '[.eE]' THEN 'real' ELSE 'integer' END
           ELSE json_typeof(element.value)
         END
    FROM (SELECT NULL AS key, value
            FROM json_array_elements(CASE json_typeof(document::json) WHEN 'array' THEN document::json END)
          UNION ALL
          SELECT key, value
            FROM json_each(CASE json_typeof(document::json) WHEN 'object' THEN document::json END)) AS element
$$;

-- Who there is: the instance itself, tenants, users, memberships and tokens.
-- One row a fact about this database: instance_id, epoch (8 hex digits, drawn again at each restore),
-- root_token_sha256.
CREATE TABLE meta (
  key   TEXT COLLATE "C" PRIMARY KEY,
  value TEXT COLLATE "C" NOT NULL
);

CREATE TABLE tenants (
  tenant_id  TEXT COLLATE "C" PRIMARY KEY,
  name       TEXT COLLATE "C" NOT NULL,
  status     TEXT COLLATE "C" NOT NULL CHECK (status IN ('active', 'disabled', 'suspended')),
  created_at BIGINT NOT NULL,
  created_by TEXT COLLATE "C" NOT NULL
);
CREATE INDEX tenants_by_age ON tenants (created_at, tenant_id);

CREATE TABLE users (
  user_id      TEXT COLLATE "C" PRIMARY KEY,
  email        TEXT COLLATE "C" UNIQUE,  -- case-folded
  display_name TEXT COLLATE "C",
  created_at   BIGINT NOT NULL,
  created_by   TEXT COLLATE "C" NOT NULL
);
CREATE INDEX users_by_age ON users (created_at, user_id);

CREATE TABLE memberships (
  tenant_id TEXT COLLATE "C" NOT NULL REFERENCES tenants (tenant_id),
  user_id   TEXT COLLATE "C" NOT NULL REFERENCES users (user_id),
  role      TEXT COLLATE "C" NOT NULL CHECK (role IN ('viewer', 'member', 'admin', 'owner')),
  since     BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, user_id)
);
CREATE INDEX memberships_by_age ON memberships (tenant_id, since, user_id);
CREATE INDEX memberships_by_user ON memberships (user_id, tenant_id);

-- Invitations: what an owner or admin offers to somebody who is no member. It grants nothing. `user_id` references no
-- user: an offer to an id that nobody has looks like any other. It goes with its inviter's membership.
CREATE TABLE invitations (
  tenant_id  TEXT COLLATE "C" NOT NULL,
  user_id    TEXT COLLATE "C" NOT NULL,
  role       TEXT COLLATE "C" NOT NULL CHECK (role IN ('viewer', 'member', 'admin', 'owner')),
  invited_by TEXT COLLATE "C" NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, user_id),
  FOREIGN KEY (tenant_id, invited_by) REFERENCES memberships (tenant_id, user_id) ON DELETE CASCADE
);
CREATE INDEX invitations_by_age ON invitations (tenant_id, created_at, user_id);
CREATE INDEX invitations_by_user ON invitations (user_id, tenant_id);
CREATE INDEX invitations_by_inviter ON invitations (tenant_id, invited_by);

-- What a token is, never the token itself. tenants and envs are JSON arrays, NULL where it is not narrowed.
CREATE TABLE tokens (
  token_id     TEXT COLLATE "C" PRIMARY KEY,
  user_id      TEXT COLLATE "C" NOT NULL REFERENCES users (user_id),
  name         TEXT COLLATE "C",
  actor_type   TEXT COLLATE "C" NOT NULL CHECK (actor_type IN ('human', 'agent')),
  tenants      TEXT COLLATE "C",
  envs         TEXT COLLATE "C",
  role         TEXT COLLATE "C",
  created_at   BIGINT NOT NULL,
  created_by   TEXT COLLATE "C" NOT NULL,
  expires_at   BIGINT NOT NULL,
  revoked_at   BIGINT,
  last_used_at BIGINT
);
CREATE INDEX tokens_by_user ON tokens (user_id, token_id);
-- The tokens that are for one tenant alone, which its owners and admins list and revoke. By a digest, because a list of
-- a hundred tenants is longer than a row of an ordered index may be (2704 bytes).
CREATE INDEX tokens_by_tenants ON tokens USING hash (tenants) WHERE tenants IS NOT NULL;
CREATE INDEX tokens_by_end ON tokens (expires_at);

-- Token ids of another issuer (shared signing key) that were revoked here; the row may go once `until` has passed.
CREATE TABLE denied_tokens (
  token_id  TEXT COLLATE "C" PRIMARY KEY,
  denied_at BIGINT NOT NULL,
  until     BIGINT NOT NULL
);
CREATE INDEX denied_tokens_by_end ON denied_tokens (until);

-- The audit log: one hash chain per tenant and env, dense from 1. `body` is the exact canonical text that was hashed;

-- at, action, actor, result and trace_id repeat parts of it for queries and are never read back into a proof.
CREATE TABLE audit_heads (
  tenant_id TEXT COLLATE "C" NOT NULL,
  env       TEXT COLLATE "C" NOT NULL,
  seq       BIGINT NOT NULL,
  hash      TEXT COLLATE "C" NOT NULL,
  at        BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, env)
) WITH (fillfactor = 50);

CREATE TABLE audit_rows (
  tenant_id TEXT COLLATE "C" NOT NULL,
  env       TEXT COLLATE "C" NOT NULL,
  seq       BIGINT NOT NULL,
  at        BIGINT NOT NULL,
  action    TEXT COLLATE "C" NOT NULL,
  actor     TEXT COLLATE "C" NOT NULL,
  result    TEXT COLLATE "C" NOT NULL CHECK (result IN ('PASS', 'BLOCK')),
  trace_id  TEXT COLLATE "C" NOT NULL,
  body      TEXT COLLATE "C" NOT NULL,
  details   TEXT COLLATE "C",
  prev_hash TEXT COLLATE "C" NOT NULL,
  hash      TEXT COLLATE "C" NOT NULL,
  UNIQUE (tenant_id, env, seq)
);
CREATE INDEX audit_rows_by_action ON audit_rows (tenant_id, env, action, seq);
CREATE INDEX audit_rows_by_trace ON audit_rows (tenant_id, env, trace_id, seq);
-- GET /audit also finds rows by token, request and run. The indexes are over the sealed body itself, so that there is
-- no column which a verifier would have to compare with it. A body has one layout (docs/audit-format.md): each value
-- stands between a mark that is nowhere else in it and the next quote. A body that was tampered with disturbs nobody.
-- Most requests are found by their trace: without a traceparent it is the request's own id.
CREATE INDEX audit_rows_by_token ON audit_rows (tenant_id, env,
  (CASE WHEN instr(body, '"token":"') > 0
    THEN substr(substr(body, instr(body, '"token":"') + 9),
      1, instr(substr(body, instr(body, '"token":"') + 9), '"') - 1)
  END),
  seq);
CREATE INDEX audit_rows_by_request ON audit_rows (tenant_id, env,
  (CASE WHEN instr(body, '],"request_id":"') > 0
    THEN substr(substr(body, instr(body, '],"request_id":"') + 16),
      1, instr(substr(body, instr(body, '],"request_id":"') + 16), '"') - 1)
  END),
  seq)
  WHERE instr(body, '],"request_id":"' || trace_id || '"') = 0;
CREATE INDEX audit_rows_by_run ON audit_rows (tenant_id, env,
  (CASE WHEN instr(body, '","run_id":"') > 0
    THEN substr(substr(body, instr(body, '","run_id":"') + 12),
      1, instr(substr(body, instr(body, '","run_id":"') + 12), '"') - 1)
  END),
  seq)
  WHERE instr(body, '","run_id":"') > 0;

-- Events: everything that streams and activity lists show, in one sequence per tenant and env, dense from 1, taken in
-- the transaction of what the event describes. pruned_to: up to where messages, and the activity beside them, are no
-- longer kept; a stream that asks for older ones is told.
CREATE TABLE event_heads (
  tenant_id          TEXT COLLATE "C" NOT NULL,
  env                TEXT COLLATE "C" NOT NULL,
  seq                BIGINT NOT NULL,
  messages_pruned_to BIGINT NOT NULL DEFAULT 0,
  activity_pruned_to BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (tenant_id, env)
) WITH (fillfactor = 50);

CREATE TABLE events (
  tenant_id  TEXT COLLATE "C" NOT NULL,
  env        TEXT COLLATE "C" NOT NULL,
  seq        BIGINT NOT NULL,
  event_id   TEXT COLLATE "C" NOT NULL,
  surface    TEXT COLLATE "C" NOT NULL,
  agent_id   TEXT COLLATE "C",
  actor_id   TEXT COLLATE "C" NOT NULL,
  actor_type TEXT COLLATE "C" NOT NULL,
  event_type TEXT COLLATE "C" NOT NULL,
  asset_type TEXT COLLATE "C",
  asset_id   TEXT COLLATE "C",
  thread_id  TEXT COLLATE "C",           -- chat messages alone
  input      TEXT COLLATE "C" NOT NULL,  -- JSON
  output     TEXT COLLATE "C" NOT NULL,  -- JSON
  metadata   TEXT COLLATE "C" NOT NULL,  -- JSON
  pii_flags  TEXT COLLATE "C" NOT NULL,  -- JSON array
  train_ok   BIGINT NOT NULL,
  trace_id   TEXT COLLATE "C" NOT NULL,
  request_id TEXT COLLATE "C" NOT NULL,
  run_id     TEXT COLLATE "C",
  created_at BIGINT NOT NULL,
  UNIQUE (tenant_id, env, seq)
);
-- An event is asked for by its id; ids are made in order of time, so this index grows at its end.
CREATE UNIQUE INDEX events_by_id ON events (tenant_id, env, event_id);
CREATE INDEX events_by_type ON events (tenant_id, env, event_type, seq);
CREATE INDEX events_by_run ON events (tenant_id, env, run_id, seq) WHERE run_id IS NOT NULL;
-- The events about a thing are found by it.
CREATE INDEX events_by_asset ON events (tenant_id, env, asset_type, asset_id) WHERE asset_id IS NOT NULL;

-- The first 2xx answer to a POST with an Idempotency-Key, stored with the change it answers, for 24 hours.
-- `secret` marks answers that were shown once and are not kept: `body` then holds the id alone. An answer too large to
-- be kept is a reference: `body` then says what it was about. The subject is what an answer is about, so that a
-- deletion finds the copies of what it deletes. An erased answer keeps its key for the rest of its day and has status
-- 404: a repeat is told that the subject is gone, and never run again.
CREATE TABLE idempotency_keys (
  tenant_id    TEXT COLLATE "C" NOT NULL,
  env          TEXT COLLATE "C" NOT NULL,
  user_id      TEXT COLLATE "C" NOT NULL,
  method       TEXT COLLATE "C" NOT NULL,
  path         TEXT COLLATE "C" NOT NULL,
  key          TEXT COLLATE "C" NOT NULL,
  body_sha256  TEXT COLLATE "C" NOT NULL,
  secret       BIGINT NOT NULL,
  status       BIGINT NOT NULL,
  headers      TEXT COLLATE "C" NOT NULL,  -- JSON object
  body         TEXT COLLATE "C" NOT NULL,
  created_at   BIGINT NOT NULL,
  subject_type TEXT COLLATE "C" NOT NULL DEFAULT '',
  subject_id   TEXT COLLATE "C",
  is_reference BIGINT NOT NULL DEFAULT 0 CHECK (is_reference IN (0, 1)),
  PRIMARY KEY (tenant_id, env, user_id, method, path, key)
);
CREATE INDEX idempotency_keys_by_subject ON idempotency_keys (tenant_id, env, subject_type, subject_id)
  WHERE subject_id IS NOT NULL;
CREATE INDEX idempotency_keys_by_tenant ON idempotency_keys (tenant_id, created_at);

-- How many bytes the stored answers of a tenant take: what was answered, and 512 for the rest of the row. tenant_id '':
-- those without a tenant.
CREATE TABLE stored_answer_bytes (
  tenant_id TEXT COLLATE "C" NOT NULL,
  bytes     BIGINT NOT NULL,
  PRIMARY KEY (tenant_id)
);

CREATE FUNCTION count_stored_answer() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  owner TEXT := CASE WHEN TG_OP = 'DELETE' THEN OLD.tenant_id ELSE NEW.tenant_id END;
  more  BIGINT := 0;
BEGIN
  IF TG_OP <> 'DELETE' THEN
    more := more + 512 + octet_length(NEW.headers) + octet_length(NEW.body);
  END IF;
  IF TG_OP <> 'INSERT' THEN
    more := more - 512 - octet_length(OLD.headers) - octet_length(OLD.body);
  END IF;
  INSERT INTO stored_answer_bytes AS sums (tenant_id, bytes) VALUES (owner, more)
    ON CONFLICT (tenant_id) DO UPDATE SET bytes = sums.bytes + excluded.bytes;
  RETURN NULL;
END
$$;
CREATE TRIGGER idempotency_keys_counted AFTER INSERT OR DELETE OR UPDATE OF headers, body ON idempotency_keys
  FOR EACH ROW EXECUTE FUNCTION count_stored_answer();

-- Deleting a thing takes along what was copied from it.
-- Things whose copies are too many for the transaction that deleted them: the rest goes in small units afterwards.
CREATE TABLE erasures (
  tenant_id    TEXT COLLATE "C" NOT NULL,
  env          TEXT COLLATE "C" NOT NULL,
  subject_type TEXT COLLATE "C" NOT NULL,
  subject_id   TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (tenant_id, env, subject_type, subject_id)
);

-- What the gates read. One kill-switch document per tenant and env; absent means that nothing is disabled.
CREATE TABLE kill_switches (
  tenant_id  TEXT COLLATE "C" NOT NULL,
  env        TEXT COLLATE "C" NOT NULL,
  reason     TEXT COLLATE "C",
  expires_at BIGINT,  -- ends the whole document by itself
  version    BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  updated_by TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (tenant_id, env)
);

-- Kill switches by entry: each has its own reason and end, who set it, and since when. An entry without an end of its
-- own (`ends_with_document`) ends with its document, as all did before; without a reason, it has the document's.
-- kind 'user' stops all that a user does; 'autonomy' has no name.
CREATE TABLE kill_switch_entries (
  tenant_id          TEXT COLLATE "C" NOT NULL,
  env                TEXT COLLATE "C" NOT NULL,
  kind               TEXT COLLATE "C" NOT NULL CHECK (kind IN ('action', 'provider', 'autonomy', 'user')),
  name               TEXT COLLATE "C" NOT NULL,
  reason             TEXT COLLATE "C",
  ends_with_document BIGINT NOT NULL,
  expires_at         BIGINT,  -- its own end; null beside ends_with_document = 0: it ends when it is lifted
  set_by             TEXT COLLATE "C" NOT NULL,
  since              BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, env, kind, name)
);

-- Raw assets: presigned, then registered. `sha256_stated` is what the presign promised; `sha256` and `size_bytes` are
-- what storage proved at register. `registered_seq` is the audit row of the register. `etag` and `object_version` are
-- the store's own words for the object that was registered, where it has them. A deleted asset's object goes after the
-- commit; what a crash or a late upload leaves is taken by two sweeps of the tombstone.
CREATE TABLE raw_assets (
  tenant_id      TEXT COLLATE "C" NOT NULL,
  env            TEXT COLLATE "C" NOT NULL,
  asset_id       TEXT COLLATE "C" NOT NULL,
  status         TEXT COLLATE "C" NOT NULL CHECK (status IN ('presigned', 'registered')),
  filename       TEXT COLLATE "C" NOT NULL,  -- as the client named it
  key            TEXT COLLATE "C" NOT NULL,
  uri            TEXT COLLATE "C" NOT NULL,
  content_type   TEXT COLLATE "C" NOT NULL,
  max_bytes      BIGINT NOT NULL,
  sha256_stated  TEXT COLLATE "C",
  size_bytes     BIGINT,
  sha256         TEXT COLLATE "C",
  sha256_checked BIGINT NOT NULL,
  metadata       TEXT COLLATE "C" NOT NULL,  -- JSON object
  created_at     BIGINT NOT NULL,
  created_by     TEXT COLLATE "C" NOT NULL,
  registered_at  BIGINT,
  registered_seq BIGINT,
  deleted_at     BIGINT,                     -- a tombstone: the row stays, the object is gone
  sweeps         BIGINT NOT NULL DEFAULT 0,
  etag           TEXT COLLATE "C",
  object_version TEXT COLLATE "C",
  PRIMARY KEY (tenant_id, env, asset_id)
);
-- What was presigned and never registered is removed after a while.
CREATE INDEX raw_assets_unregistered ON raw_assets (created_at) WHERE status = 'presigned' AND deleted_at IS NULL;
CREATE INDEX raw_assets_tombstones ON raw_assets (sweeps, deleted_at) WHERE deleted_at IS NOT NULL AND sweeps < 2;
CREATE INDEX raw_assets_buried ON raw_assets (deleted_at) WHERE deleted_at IS NOT NULL AND sweeps = 2;
-- A list reads the rows that are left, however many were deleted before them: a tombstone stays for a month.
CREATE INDEX raw_assets_living ON raw_assets (tenant_id, env, asset_id)
  WHERE status = 'registered' AND deleted_at IS NULL;

-- Licences for dangerous actions, and which actions a tenant declared dangerous beyond the built-in ones.
CREATE TABLE firearms_licences (
  tenant_id    TEXT COLLATE "C" NOT NULL,
  env          TEXT COLLATE "C" NOT NULL,
  licence_id   TEXT COLLATE "C" NOT NULL,
  subject_type TEXT COLLATE "C" NOT NULL CHECK (subject_type IN ('agent', 'tool', 'surface', 'app', 'user')),
  subject_id   TEXT COLLATE "C" NOT NULL,
  scope        TEXT COLLATE "C",  -- the one action it is good for; NULL or '*': every action of its level
  level        TEXT COLLATE "C" NOT NULL CHECK (level IN ('low', 'medium', 'high')),
  expires_at   BIGINT,            -- expired is derived from it
  revoked_at   BIGINT,
  revoked_by   TEXT COLLATE "C",
  revoked_seq  BIGINT,            -- the audit row of the revocation
  created_at   BIGINT NOT NULL,
  created_by   TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (tenant_id, env, licence_id)
);
-- What the gate asks: the licences that a subject may still hold. Revoked ones do not slow it down.
CREATE INDEX firearms_licences_by_subject ON firearms_licences (tenant_id, env, subject_type, subject_id)
  WHERE revoked_at IS NULL;

CREATE TABLE dangerous_actions (
  tenant_id  TEXT COLLATE "C" NOT NULL,
  env        TEXT COLLATE "C" NOT NULL,
  action     TEXT COLLATE "C" NOT NULL,
  level      TEXT COLLATE "C" NOT NULL CHECK (level IN ('low', 'medium', 'high')),
  updated_at BIGINT NOT NULL,
  updated_by TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (tenant_id, env, action)
);

-- Strategy locks and the three-wise questions that a lock may hang on. `surface` NULL: the lock serves every surface.
-- `draft` is the next version of an approved lock, a JSON object of its terms under the names of their columns. It
-- waits for its approval while the approved terms stay in force.
CREATE TABLE strategy_locks (
  tenant_id       TEXT COLLATE "C" NOT NULL,
  env             TEXT COLLATE "C" NOT NULL,
  lock_id         TEXT COLLATE "C" NOT NULL,
  surface         TEXT COLLATE "C",
  scope           TEXT COLLATE "C" NOT NULL
    CHECK (scope IN ('campaign', 'budget', 'kpi_corridor', 'code_deploy', 'app_toggle', 'other')),
  title           TEXT COLLATE "C" NOT NULL,
  description     TEXT COLLATE "C",
  constraints     TEXT COLLATE "C" NOT NULL,  -- JSON object
  allowed_actions TEXT COLLATE "C" NOT NULL,  -- JSON array; "*" allows all
  three_wise_id   TEXT COLLATE "C",
  valid_from      BIGINT,
  valid_until     BIGINT,
  status          TEXT COLLATE "C" NOT NULL  -- expired: see valid_until
    CHECK (status IN ('draft', 'approved', 'rejected')),
  editors         TEXT COLLATE "C" NOT NULL,  -- JSON array: who edited it since its last approval
  created_at      BIGINT NOT NULL,
  created_by      TEXT COLLATE "C" NOT NULL,
  updated_at      BIGINT NOT NULL,
  updated_by      TEXT COLLATE "C" NOT NULL,
  decided_at      BIGINT,
  decided_by      TEXT COLLATE "C",
  draft           TEXT COLLATE "C",
  PRIMARY KEY (tenant_id, env, lock_id)
);
CREATE INDEX strategy_locks_in_force
  ON strategy_locks (tenant_id, env, coalesce(surface, ''), coalesce(valid_until, 9223372036854775807))
  WHERE status = 'approved';

CREATE TABLE three_wise_questions (
  tenant_id   TEXT COLLATE "C" NOT NULL,
  env         TEXT COLLATE "C" NOT NULL,
  question_id TEXT COLLATE "C" NOT NULL,
  question    TEXT COLLATE "C" NOT NULL,
  context     TEXT COLLATE "C",
  created_at  BIGINT NOT NULL,
  created_by  TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (tenant_id, env, question_id)
);

CREATE TABLE three_wise_opinions (
  tenant_id   TEXT COLLATE "C" NOT NULL,
  env         TEXT COLLATE "C" NOT NULL,
  question_id TEXT COLLATE "C" NOT NULL,
  user_id     TEXT COLLATE "C" NOT NULL,  -- one opinion a user
  verdict     TEXT COLLATE "C" NOT NULL CHECK (verdict IN ('APPROVE', 'REJECT', 'UNSURE')),
  content     TEXT COLLATE "C" NOT NULL,
  created_at  BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, env, question_id, user_id)
);

-- Usage events, their rollups, and the policies that the budget gate reads. A rollup row counts one hour (span 'hour',
-- start in hours since 1970) or one UTC day (span 'day', start in days since 1970) of one surface, or of all ('*'):
-- all of it (dimension '', key ''), and again by what a summary groups by (dimension 'provider', key 'openai'). An
-- event that was a mistake is voided: its row stays and its id stays taken, and no rollup counts it. NULL: it counts.
CREATE TABLE usage_events (
  tenant_id        TEXT COLLATE "C" NOT NULL,
  env              TEXT COLLATE "C" NOT NULL,
  usage_id         TEXT COLLATE "C" NOT NULL,
  surface          TEXT COLLATE "C",
  tool_type        TEXT COLLATE "C",
  tool_id          TEXT COLLATE "C",
  provider         TEXT COLLATE "C" NOT NULL,
  model_or_plan_id TEXT COLLATE "C",
  tokens_input     BIGINT NOT NULL,
  tokens_output    BIGINT NOT NULL,
  cost_micros      BIGINT NOT NULL,
  currency         TEXT COLLATE "C" NOT NULL,
  metadata         TEXT COLLATE "C" NOT NULL,  -- JSON object
  occurred_at      BIGINT NOT NULL,
  created_at       BIGINT NOT NULL,
  created_by       TEXT COLLATE "C" NOT NULL,
  audit_seq        BIGINT NOT NULL,            -- the row that tells of its writing
  voided_at        BIGINT,
  voided_by        TEXT COLLATE "C",
  void_reason      TEXT COLLATE "C",
  PRIMARY KEY (tenant_id, env, usage_id)
);
CREATE INDEX usage_events_by_time ON usage_events (tenant_id, env, occurred_at, usage_id);

CREATE TABLE budget_rollups (
  tenant_id   TEXT COLLATE "C" NOT NULL,
  env         TEXT COLLATE "C" NOT NULL,
  surface     TEXT COLLATE "C" NOT NULL,
  dimension   TEXT COLLATE "C" NOT NULL
    CHECK (dimension IN ('', 'surface', 'provider', 'model_or_plan_id', 'tool_type')),
  span        TEXT COLLATE "C" NOT NULL CHECK (span IN ('hour', 'day')),
  start       BIGINT NOT NULL,
  key         TEXT COLLATE "C" NOT NULL,  -- '' where the event says none
  cost_micros BIGINT NOT NULL,
  count       BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, env, surface, dimension, span, start, key)
);

-- One currency per tenant and env: the first one written.
CREATE TABLE budget_currencies (
  tenant_id TEXT COLLATE "C" NOT NULL,
  env       TEXT COLLATE "C" NOT NULL,
  currency  TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (tenant_id, env)
);

CREATE TABLE budget_policies (
  tenant_id        TEXT COLLATE "C" NOT NULL,
  env              TEXT COLLATE "C" NOT NULL,
  surface          TEXT COLLATE "C" NOT NULL,  -- '*' caps the sum over all surfaces
  threshold_micros BIGINT NOT NULL,
  currency         TEXT COLLATE "C" NOT NULL,
  window_days      BIGINT NOT NULL,
  updated_at       BIGINT NOT NULL,
  updated_by       TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (tenant_id, env, surface)
);

-- KPI definitions, corridors and observations; and metric rollups: per hour and per day, per surface and for '*', of
-- observations (source 'kpi') and of numeric metadata of usage events (source 'usage'). An observation that was a
-- mistake is voided, as a usage event is. `sum_rest` is what rounding took from `sum`.
CREATE TABLE kpi_definitions (
  tenant_id  TEXT COLLATE "C" NOT NULL,
  env        TEXT COLLATE "C" NOT NULL,
  name       TEXT COLLATE "C" NOT NULL,
  surface    TEXT COLLATE "C",  -- of observations that name none
  unit       TEXT COLLATE "C",
  aggregate  TEXT COLLATE "C" NOT NULL CHECK (aggregate IN ('sum', 'mean', 'last')),
  created_at BIGINT NOT NULL,
  created_by TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (tenant_id, env, name)
);

CREATE TABLE kpi_corridors (
  tenant_id    TEXT COLLATE "C" NOT NULL,
  env          TEXT COLLATE "C" NOT NULL,
  surface      TEXT COLLATE "C" NOT NULL,  -- '*' is of all surfaces
  kpi_name     TEXT COLLATE "C" NOT NULL,
  floor        DOUBLE PRECISION,
  ceiling      DOUBLE PRECISION,
  window_days  BIGINT NOT NULL,
  require_data BIGINT NOT NULL,
  updated_at   BIGINT NOT NULL,
  updated_by   TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (tenant_id, env, surface, kpi_name),
  FOREIGN KEY (tenant_id, env, kpi_name) REFERENCES kpi_definitions (tenant_id, env, name)
);

CREATE TABLE kpi_observations (
  tenant_id      TEXT COLLATE "C" NOT NULL,
  env            TEXT COLLATE "C" NOT NULL,
  observation_id TEXT COLLATE "C" NOT NULL,
  kpi_name       TEXT COLLATE "C" NOT NULL,
  surface        TEXT COLLATE "C",
  value          DOUBLE PRECISION NOT NULL,
  observed_at    BIGINT NOT NULL,
  created_at     BIGINT NOT NULL,
  created_by     TEXT COLLATE "C" NOT NULL,
  voided_at      BIGINT,
  voided_by      TEXT COLLATE "C",
  void_reason    TEXT COLLATE "C",
  PRIMARY KEY (tenant_id, env, observation_id)
);
-- The observations of a day, from which its rollups are made anew.
CREATE INDEX kpi_observations_by_time ON kpi_observations (tenant_id, env, kpi_name, observed_at, observation_id);

CREATE TABLE metric_rollups (
  tenant_id TEXT COLLATE "C" NOT NULL,
  env       TEXT COLLATE "C" NOT NULL,
  surface   TEXT COLLATE "C" NOT NULL,
  source    TEXT COLLATE "C" NOT NULL CHECK (source IN ('kpi', 'usage')),
  metric    TEXT COLLATE "C" NOT NULL,
  span      TEXT COLLATE "C" NOT NULL CHECK (span IN ('hour', 'day')),
  start     BIGINT NOT NULL,
  sum       DOUBLE PRECISION NOT NULL,
  count     BIGINT NOT NULL,
  last      DOUBLE PRECISION NOT NULL,
  last_at   BIGINT NOT NULL,
  sum_rest  DOUBLE PRECISION NOT NULL DEFAULT 0,
  PRIMARY KEY (tenant_id, env, surface, source, metric, span, start)
);

-- Temperature: what was set of a surface, its bounds and weights one a row (so that the gate parses nothing), and
-- snapshots for plots.
CREATE TABLE temperature_configs (
  tenant_id    TEXT COLLATE "C" NOT NULL,
  env          TEXT COLLATE "C" NOT NULL,
  surface      TEXT COLLATE "C" NOT NULL,
  floors_set   BIGINT NOT NULL,  -- whether they were ever put, if only as an empty map
  ceilings_set BIGINT NOT NULL,
  weights_set  BIGINT NOT NULL,
  version      BIGINT NOT NULL,
  updated_at   BIGINT NOT NULL,
  updated_by   TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (tenant_id, env, surface)
);

CREATE TABLE temperature_bounds (
  tenant_id TEXT COLLATE "C" NOT NULL,
  env       TEXT COLLATE "C" NOT NULL,
  surface   TEXT COLLATE "C" NOT NULL,
  kind      TEXT COLLATE "C" NOT NULL CHECK (kind IN ('performance_floor', 'cadence_floor', 'ceiling', 'weight')),
  metric    TEXT COLLATE "C" NOT NULL,
  value     DOUBLE PRECISION NOT NULL,
  PRIMARY KEY (tenant_id, env, surface, kind, metric)
);

CREATE TABLE temperature_snapshots (
  tenant_id         TEXT COLLATE "C" NOT NULL,
  env               TEXT COLLATE "C" NOT NULL,
  snapshot_id       TEXT COLLATE "C" NOT NULL,
  surface           TEXT COLLATE "C" NOT NULL,
  value             DOUBLE PRECISION NOT NULL,
  floors_breached   TEXT COLLATE "C" NOT NULL,  -- JSON array
  ceilings_breached TEXT COLLATE "C" NOT NULL,  -- JSON array
  raw_metrics       TEXT COLLATE "C" NOT NULL,  -- JSON object
  window_start      BIGINT NOT NULL,
  window_end        BIGINT NOT NULL,
  created_at        BIGINT NOT NULL,
  created_by        TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (tenant_id, env, snapshot_id)
);
CREATE INDEX temperature_snapshots_by_surface ON temperature_snapshots (tenant_id, env, surface, snapshot_id);

-- Feature flags (NULL falls back to t_system's, then to the built-in default), training opt-outs, rate limits.
CREATE TABLE feature_flags (
  tenant_id       TEXT COLLATE "C" NOT NULL,
  env             TEXT COLLATE "C" NOT NULL,
  ws_enabled      BIGINT,
  sse_enabled     BIGINT,
  gesture_logging BIGINT,
  version         BIGINT NOT NULL,
  updated_at      BIGINT NOT NULL,
  updated_by      TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (tenant_id, env)
);

-- user_id '' is the tenant's own preference.
CREATE TABLE training_preferences (
  tenant_id  TEXT COLLATE "C" NOT NULL,
  env        TEXT COLLATE "C" NOT NULL,
  user_id    TEXT COLLATE "C" NOT NULL,
  opt_out    BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  updated_by TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (tenant_id, env, user_id)
);

-- action '*' is the tenant's default for all actions.
CREATE TABLE rate_limits (
  tenant_id      TEXT COLLATE "C" NOT NULL,
  env            TEXT COLLATE "C" NOT NULL,
  action         TEXT COLLATE "C" NOT NULL,
  requests       BIGINT NOT NULL,
  window_seconds BIGINT NOT NULL,
  updated_at     BIGINT NOT NULL,
  updated_by     TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (tenant_id, env, action)
);

-- Signed checkpoints of the audit chains (C2SP signed notes), and the compact range of each chain's Merkle tree (RFC
-- 6962), so that a checkpoint reads only the rows that are new. tenant_id '' is the note over all chains.
CREATE TABLE audit_checkpoints (
  tenant_id TEXT COLLATE "C" NOT NULL,
  env       TEXT COLLATE "C" NOT NULL,
  size      BIGINT NOT NULL,
  at        BIGINT NOT NULL,
  note      TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (tenant_id, env, size, at)
);

CREATE TABLE audit_trees (
  tenant_id TEXT COLLATE "C" NOT NULL,
  env       TEXT COLLATE "C" NOT NULL,
  size      BIGINT NOT NULL,
  range     TEXT COLLATE "C" NOT NULL,  -- JSON array of hex digests, from the largest subtree to the smallest
  PRIMARY KEY (tenant_id, env)
);

-- Cards: texts with a YAML header, immutable. A deleted one leaves its row without its text.
CREATE TABLE cards (
  tenant_id  TEXT COLLATE "C" NOT NULL,
  env        TEXT COLLATE "C" NOT NULL,
  card_id    TEXT COLLATE "C" NOT NULL,
  card_type  TEXT COLLATE "C" NOT NULL,
  version    TEXT COLLATE "C" NOT NULL,
  header     TEXT COLLATE "C" NOT NULL,  -- JSON
  full_text  TEXT COLLATE "C" NOT NULL,  -- byte for byte as it was sent
  body_at    BIGINT NOT NULL,            -- where in full_text the trimmed body begins, in bytes
  body_bytes BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  created_by TEXT COLLATE "C" NOT NULL,
  deleted_at BIGINT,
  PRIMARY KEY (tenant_id, env, card_id)
);
CREATE INDEX cards_by_type ON cards (tenant_id, env, card_type, card_id) WHERE deleted_at IS NULL;
CREATE INDEX cards_buried ON cards (deleted_at) WHERE deleted_at IS NOT NULL;
CREATE INDEX cards_living ON cards (tenant_id, env, card_id) WHERE deleted_at IS NULL;

-- Settings: which cards are versions of which document. The surface's one document has the name ''.
CREATE TABLE settings (
  tenant_id TEXT COLLATE "C" NOT NULL,
  env       TEXT COLLATE "C" NOT NULL,
  card_type TEXT COLLATE "C" NOT NULL,
  name      TEXT COLLATE "C" NOT NULL,
  revision  BIGINT NOT NULL,  -- dense from 1
  newest    BIGINT NOT NULL,  -- 1 for the version in force, else 0
  card_id   TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (tenant_id, env, card_type, name, revision),
  FOREIGN KEY (tenant_id, env, card_id) REFERENCES cards (tenant_id, env, card_id)
);
CREATE UNIQUE INDEX settings_in_force ON settings (tenant_id, env, card_type, name) WHERE newest = 1;
CREATE UNIQUE INDEX settings_of_card ON settings (tenant_id, env, card_id);

-- The full-text index of cards. A space is the number of one tenant and env: every posting begins with it, so that the
-- list of a term's cards is theirs alone, and so is every statistic read from it. What ranking needs beside it is
-- counted here, in the same transactions.
-- Writers of several daemons add spaces and cards at the same time. So the number of a space comes from a sequence,
-- and each space numbers its rows of cards, where SQLite has one row for the whole index (card_index_state). Whoever
-- copies spaces with their numbers sets the sequence behind them, and `number` to SQLite's.
CREATE TABLE card_search_spaces (
  tenant_id TEXT COLLATE "C" NOT NULL,
  env       TEXT COLLATE "C" NOT NULL,
  space     BIGINT NOT NULL UNIQUE GENERATED BY DEFAULT AS IDENTITY,  -- the number
  cards     BIGINT NOT NULL,
  words     BIGINT NOT NULL,            -- of all of them
  number    BIGINT NOT NULL DEFAULT 0,  -- the last that a row of a card took
  PRIMARY KEY (tenant_id, env)
) WITH (fillfactor = 50);

CREATE TABLE card_search_rows (
  tenant_id TEXT COLLATE "C" NOT NULL,
  env       TEXT COLLATE "C" NOT NULL,
  row_id    BIGINT NOT NULL,  -- in card_postings; rises with every card
  card_id   TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (tenant_id, env, row_id),
  UNIQUE (tenant_id, env, card_id)
);

-- The postings, where SQLite has the FTS5 table card_index: one row for each term of each row of a card. What the
-- number of a row tells, and how a large card has several rows, its parts, says store/card_terms.hpp. A term is a
-- letter for its kind (TermKind in store/full_text.hpp) and its text; types and versions are in hex, and of the first
-- part alone.
-- `tf`: how often the term is in the row; `repeated`: how many of these are among the words that a part repeats of the
-- one before, and so count there. A search for one word reads no positions, and nothing but the key's index once its
-- pages are visible to all (INCLUDE); a prefix is one range of it.
-- `positions`: where, for phrases, counted from 0 at the first word of the row, repeated ones too; empty for a type or
-- version. Each is the distance from the one before, the first from 0, in groups of 7 bits, the lowest first, bit 8
-- set where another follows.
-- Refused: integer[], which takes 24 bytes more, where nearly every posting has one position; tsvector, whose
-- positions end at 16383, and at 255 for a word.
CREATE TABLE card_postings (
  space     BIGINT NOT NULL,
  row_id    BIGINT NOT NULL,
  tf        INTEGER NOT NULL,
  repeated  SMALLINT NOT NULL,
  term      TEXT COLLATE "C" NOT NULL,
  positions BYTEA NOT NULL,
  PRIMARY KEY (space, term, row_id) INCLUDE (tf, repeated)
);
-- To take a card out, and to compare its words with those of other rules (folded_texts). Its entries share a key, which
-- is stored once.
CREATE INDEX card_postings_by_row ON card_postings (space, row_id);

-- A card of many words has several rows in card_postings, its parts. What is still to be done with them: of a card in
-- card_search_rows, the parts from this number on are to be indexed; of no such card, those before it to be removed.
CREATE TABLE card_index_notes (
  tenant_id TEXT COLLATE "C" NOT NULL,
  env       TEXT COLLATE "C" NOT NULL,
  row_id    BIGINT NOT NULL,  -- of the first part
  parts     BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, env, row_id)
);

-- By which rules the texts that a search reads were folded (words_version in daemon/base/words.hpp). Where a start
-- finds other rules than its own, all of the kind are folded again, in small units.
CREATE TABLE folded_texts (
  kind      TEXT COLLATE "C" PRIMARY KEY,  -- 'cards': their words in card_postings; 'maybes': maybes.folded
  version   TEXT COLLATE "C" NOT NULL,
  done      BIGINT NOT NULL,               -- 1: every text is folded by it
  tenant_id TEXT COLLATE "C" NOT NULL,     -- else those up to this one are, in the order of their keys
  env       TEXT COLLATE "C" NOT NULL,
  id        TEXT COLLATE "C" NOT NULL
);
INSERT INTO folded_texts (kind, version, done, tenant_id, env, id)
  VALUES ('cards', '1', 1, '', '', ''), ('maybes', '1', 1, '', '', '');

-- Influence packs.
CREATE TABLE influence_packs (
  tenant_id    TEXT COLLATE "C" NOT NULL,
  env          TEXT COLLATE "C" NOT NULL,
  pack_id      TEXT COLLATE "C" NOT NULL,
  query        TEXT COLLATE "C" NOT NULL,  -- JSON, as it was asked
  card_refs    TEXT COLLATE "C" NOT NULL,  -- JSON array, best first
  result_count BIGINT NOT NULL,
  created_at   BIGINT NOT NULL,
  created_by   TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (tenant_id, env, pack_id)
);

-- Excerpts stand beside their packs: card_refs keeps each card's id and score, the excerpt goes with its card.
CREATE TABLE pack_excerpts (
  tenant_id TEXT COLLATE "C" NOT NULL,
  env       TEXT COLLATE "C" NOT NULL,
  pack_id   TEXT COLLATE "C" NOT NULL,
  card_id   TEXT COLLATE "C" NOT NULL,
  excerpt   TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (tenant_id, env, pack_id, card_id)
);
CREATE INDEX pack_excerpts_by_card ON pack_excerpts (tenant_id, env, card_id);

-- Atoms of registered assets: what one operation made of one asset is a set. Its atoms may be staged in small units
-- before; they are there for readers once their set is ready, all at once. A set is gone with its asset; what is gone,
-- or was staged and never became ready, is swept.
CREATE TABLE atom_sets (
  tenant_id    TEXT COLLATE "C" NOT NULL,
  env          TEXT COLLATE "C" NOT NULL,
  set_id       TEXT COLLATE "C" NOT NULL,  -- UUIDv7: sets of an asset sort by time of making
  raw_asset_id TEXT COLLATE "C" NOT NULL,
  op_type      TEXT COLLATE "C" NOT NULL CHECK (op_type IN ('text_identity', 'text_split', 'lines')),
  op_version   BIGINT NOT NULL,
  params       TEXT COLLATE "C" NOT NULL,  -- canonical JSON, defaults written out
  state        TEXT COLLATE "C" NOT NULL CHECK (state IN ('staged', 'ready', 'gone')),
  created_seq  BIGINT,                     -- the audit row, once it is ready
  created_at   BIGINT NOT NULL,
  created_by   TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (tenant_id, env, set_id)
);
CREATE UNIQUE INDEX atom_sets_ready ON atom_sets (tenant_id, env, raw_asset_id, op_type, op_version, params)
  WHERE state = 'ready';
CREATE INDEX atom_sets_by_asset ON atom_sets (tenant_id, env, raw_asset_id, set_id);
CREATE INDEX atom_sets_swept ON atom_sets (state, created_at) WHERE state <> 'ready';

CREATE TABLE atoms (
  tenant_id  TEXT COLLATE "C" NOT NULL,
  env        TEXT COLLATE "C" NOT NULL,
  set_id     TEXT COLLATE "C" NOT NULL,
  ordinal    BIGINT NOT NULL,            -- dense from 0
  atom_id    TEXT COLLATE "C" NOT NULL,  -- UUIDv8, the same whenever the same is made again
  content    TEXT COLLATE "C",           -- else it is an object
  key        TEXT COLLATE "C",
  size_bytes BIGINT NOT NULL,
  sha256     TEXT COLLATE "C",           -- of an object
  PRIMARY KEY (tenant_id, env, set_id, ordinal),
  CHECK ((content IS NULL) = (key IS NOT NULL))
);
CREATE INDEX atoms_by_id ON atoms (tenant_id, env, atom_id);

-- Runs: what belongs together, started and finished by a client, or derived from a trace (kind 'trace', run_id the
-- trace id; always completed, up to its last act). Counted as events come, so that a list need not look at them.
CREATE TABLE runs (
  tenant_id    TEXT COLLATE "C" NOT NULL,
  env          TEXT COLLATE "C" NOT NULL,
  run_id       TEXT COLLATE "C" NOT NULL,
  kind         TEXT COLLATE "C" NOT NULL,
  status       TEXT COLLATE "C" NOT NULL CHECK (status IN ('running', 'completed', 'failed', 'cancelled')),
  metadata     TEXT COLLATE "C" NOT NULL,  -- JSON object, as clients sent it
  start_time   BIGINT NOT NULL,
  end_time     BIGINT,
  events_count BIGINT NOT NULL DEFAULT 0,
  cards_count  BIGINT NOT NULL DEFAULT 0,
  atoms_count  BIGINT NOT NULL DEFAULT 0,
  created_by   TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (tenant_id, env, run_id),
  CHECK ((end_time IS NULL) = (status = 'running'))
);
CREATE INDEX runs_by_time ON runs (tenant_id, env, start_time, run_id);
CREATE INDEX runs_by_kind ON runs (tenant_id, env, kind, start_time, run_id);
CREATE INDEX runs_of_traces ON runs (end_time) WHERE kind = 'trace';

CREATE TABLE run_event_types (
  tenant_id  TEXT COLLATE "C" NOT NULL,
  env        TEXT COLLATE "C" NOT NULL,
  run_id     TEXT COLLATE "C" NOT NULL,
  event_type TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (tenant_id, env, run_id, event_type)
);

-- Memory sessions and their turns. A session is its owner's: two users' s1 are two sessions. A deleted one stays as a
-- tombstone without turns, and the next session of its name has the next generation.
CREATE TABLE memory_sessions (
  tenant_id    TEXT COLLATE "C" NOT NULL,
  env          TEXT COLLATE "C" NOT NULL,
  session_id   TEXT COLLATE "C" NOT NULL,
  owner_id     TEXT COLLATE "C" NOT NULL,  -- '': shared in its tenant and env
  generation   BIGINT NOT NULL,
  turns_count  BIGINT NOT NULL,            -- ordinal of the newest turn
  last_turn_at BIGINT NOT NULL,
  created_at   BIGINT NOT NULL,
  created_by   TEXT COLLATE "C" NOT NULL,
  deleted_at   BIGINT,
  deleted_by   TEXT COLLATE "C",
  PRIMARY KEY (tenant_id, env, session_id, owner_id, generation)
);
CREATE UNIQUE INDEX memory_sessions_live ON memory_sessions (tenant_id, env, session_id, owner_id)
  WHERE deleted_at IS NULL;
-- Tombstones whose turns are still to be removed; turns_count is 0 once they are.
CREATE INDEX memory_sessions_unswept ON memory_sessions (tenant_id, env, deleted_at)
  WHERE deleted_at IS NOT NULL AND turns_count > 0;
CREATE INDEX memory_sessions_buried ON memory_sessions (deleted_at) WHERE deleted_at IS NOT NULL AND turns_count = 0;

CREATE TABLE memory_turns (
  tenant_id  TEXT COLLATE "C" NOT NULL,
  env        TEXT COLLATE "C" NOT NULL,
  session_id TEXT COLLATE "C" NOT NULL,
  owner_id   TEXT COLLATE "C" NOT NULL,
  generation BIGINT NOT NULL,
  ordinal    BIGINT NOT NULL,            -- from 1, dense
  turn_id    TEXT COLLATE "C" NOT NULL,  -- of its event, too
  role       TEXT COLLATE "C" NOT NULL CHECK (role IN ('user', 'agent', 'system')),
  content    TEXT COLLATE "C" NOT NULL,  -- as its author sent it
  metadata   TEXT COLLATE "C" NOT NULL,  -- JSON object
  created_at BIGINT NOT NULL,
  created_by TEXT COLLATE "C" NOT NULL,
  UNIQUE (tenant_id, env, session_id, owner_id, generation, ordinal)
);

-- Maybes: what somebody keeps for perhaps. An item is its creator's.
CREATE TABLE maybes (
  tenant_id   TEXT COLLATE "C" NOT NULL,
  env         TEXT COLLATE "C" NOT NULL,
  item_id     TEXT COLLATE "C" NOT NULL,  -- of the event of its making, too
  created_by  TEXT COLLATE "C" NOT NULL,
  pinned      BIGINT NOT NULL,
  archived    BIGINT NOT NULL,
  space       TEXT COLLATE "C",
  tags        TEXT COLLATE "C" NOT NULL,  -- JSON array of texts
  folded      TEXT COLLATE "C" NOT NULL,  -- title and body as a search reads them: without case, in one spelling
  title       TEXT COLLATE "C" NOT NULL,
  body        TEXT COLLATE "C" NOT NULL,
  source_type TEXT COLLATE "C" NOT NULL,
  source_ref  TEXT COLLATE "C",
  created_at  BIGINT NOT NULL,
  updated_at  BIGINT NOT NULL,
  updated_by  TEXT COLLATE "C" NOT NULL,
  deleted_at  BIGINT,                     -- a tombstone: its texts are gone
  PRIMARY KEY (tenant_id, env, item_id)
);
CREATE INDEX maybes_by_creator ON maybes (tenant_id, env, created_by, item_id) WHERE deleted_at IS NULL;
CREATE INDEX maybes_buried ON maybes (deleted_at) WHERE deleted_at IS NOT NULL;
CREATE INDEX maybes_living ON maybes (tenant_id, env, item_id) WHERE deleted_at IS NULL;

-- Chat threads and their messages. A message is one event of its tenant and env: `seq` is its place in that sequence,
-- `message_id` the event's id. What its author wrote stands here; the event holds it with what is personal masked. A
-- deletion is a row of its thread, too, and `deletes` names the message that it deleted.
CREATE TABLE chat_threads (
  tenant_id    TEXT COLLATE "C" NOT NULL,
  env          TEXT COLLATE "C" NOT NULL,
  thread_id    TEXT COLLATE "C" NOT NULL,
  seq          BIGINT NOT NULL,            -- clients choose ids: this is the order of making
  title        TEXT COLLATE "C",
  participants TEXT COLLATE "C" NOT NULL,  -- JSON array of {id, display_name?}
  created_at   BIGINT NOT NULL,
  created_by   TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (tenant_id, env, thread_id),
  UNIQUE (tenant_id, env, seq)
);

CREATE TABLE chat_messages (
  tenant_id   TEXT COLLATE "C" NOT NULL,
  env         TEXT COLLATE "C" NOT NULL,
  seq         BIGINT NOT NULL,
  thread_id   TEXT COLLATE "C" NOT NULL,
  message_id  TEXT COLLATE "C" NOT NULL,
  text        TEXT COLLATE "C",  -- NULL once deleted
  scope       TEXT COLLATE "C",  -- JSON object
  role        TEXT COLLATE "C" NOT NULL CHECK (role IN ('user', 'agent', 'system')),
  sender_id   TEXT COLLATE "C" NOT NULL,
  sender_name TEXT COLLATE "C",
  actor_type  TEXT COLLATE "C" NOT NULL,
  trace_id    TEXT COLLATE "C" NOT NULL,
  request_id  TEXT COLLATE "C" NOT NULL,
  run_id      TEXT COLLATE "C",
  created_at  BIGINT NOT NULL,
  deleted_at  BIGINT,
  deleted_by  TEXT COLLATE "C",
  deletes     TEXT COLLATE "C",
  UNIQUE (tenant_id, env, seq)
);
CREATE UNIQUE INDEX chat_messages_by_thread ON chat_messages (tenant_id, env, thread_id, seq);
CREATE UNIQUE INDEX chat_messages_by_id ON chat_messages (tenant_id, env, message_id);

-- Media assets and artifacts. An asset is an object of ours (key, uri, size_bytes, sha256) or lives elsewhere
-- (source_uri), never both.
CREATE TABLE media_assets (
  tenant_id    TEXT COLLATE "C" NOT NULL,
  env          TEXT COLLATE "C" NOT NULL,
  asset_id     TEXT COLLATE "C" NOT NULL,
  kind         TEXT COLLATE "C" NOT NULL CHECK (kind IN ('video', 'audio', 'image', 'other')),
  filename     TEXT COLLATE "C",           -- as the client named it
  key          TEXT COLLATE "C",
  uri          TEXT COLLATE "C" NOT NULL,  -- of our object, else source_uri
  source_uri   TEXT COLLATE "C",
  content_type TEXT COLLATE "C",
  size_bytes   BIGINT,
  sha256       TEXT COLLATE "C",
  source_ref   TEXT COLLATE "C",
  meta         TEXT COLLATE "C" NOT NULL,  -- JSON object
  tags         TEXT COLLATE "C" NOT NULL,  -- JSON array of texts
  created_at   BIGINT NOT NULL,
  created_by   TEXT COLLATE "C" NOT NULL,
  deleted_at   BIGINT,                     -- a tombstone: the row stays, the object is gone
  PRIMARY KEY (tenant_id, env, asset_id),
  CHECK ((key IS NULL) = (source_uri IS NOT NULL))
);
CREATE INDEX media_assets_buried ON media_assets (deleted_at) WHERE deleted_at IS NOT NULL;
CREATE INDEX media_assets_living ON media_assets (tenant_id, env, asset_id) WHERE deleted_at IS NULL;

CREATE TABLE media_tags (
  tenant_id TEXT COLLATE "C" NOT NULL,
  env       TEXT COLLATE "C" NOT NULL,
  tag       TEXT COLLATE "C" NOT NULL,
  asset_id  TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (tenant_id, env, tag, asset_id)
);

CREATE TABLE media_artifacts (
  tenant_id   TEXT COLLATE "C" NOT NULL,
  env         TEXT COLLATE "C" NOT NULL,
  artifact_id TEXT COLLATE "C" NOT NULL,
  asset_id    TEXT COLLATE "C" NOT NULL,
  kind        TEXT COLLATE "C" NOT NULL,
  uri         TEXT COLLATE "C" NOT NULL,
  start_ms    BIGINT,
  end_ms      BIGINT,
  track_label TEXT COLLATE "C",
  meta        TEXT COLLATE "C" NOT NULL,  -- JSON object
  created_at  BIGINT NOT NULL,
  created_by  TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (tenant_id, env, artifact_id)
);
CREATE INDEX media_artifacts_by_asset ON media_artifacts (tenant_id, env, asset_id, artifact_id);

-- Objects that are about to be written, until the row that names them is committed.
CREATE TABLE pending_objects (
  key      TEXT COLLATE "C" NOT NULL,
  noted_at BIGINT NOT NULL,
  PRIMARY KEY (key)
);
CREATE INDEX pending_objects_by_age ON pending_objects (noted_at);

-- Canvases and their artifacts: one file each.
CREATE TABLE canvases (
  tenant_id  TEXT COLLATE "C" NOT NULL,
  env        TEXT COLLATE "C" NOT NULL,
  canvas_id  TEXT COLLATE "C" NOT NULL,
  seq        BIGINT NOT NULL,  -- clients choose ids: this is the order of making
  title      TEXT COLLATE "C",
  created_at BIGINT NOT NULL,
  created_by TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (tenant_id, env, canvas_id),
  UNIQUE (tenant_id, env, seq)
);

CREATE TABLE canvas_artifacts (
  tenant_id    TEXT COLLATE "C" NOT NULL,
  env          TEXT COLLATE "C" NOT NULL,
  canvas_id    TEXT COLLATE "C" NOT NULL,
  artifact_id  TEXT COLLATE "C" NOT NULL,
  filename     TEXT COLLATE "C" NOT NULL,  -- as the client named it
  key          TEXT COLLATE "C" NOT NULL,
  uri          TEXT COLLATE "C" NOT NULL,
  content_type TEXT COLLATE "C" NOT NULL,
  size_bytes   BIGINT NOT NULL,
  sha256       TEXT COLLATE "C",
  created_at   BIGINT NOT NULL,
  created_by   TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (tenant_id, env, canvas_id, artifact_id)
);
-- A presigned link names a canvas artifact by its id alone.
CREATE UNIQUE INDEX canvas_artifacts_by_id ON canvas_artifacts (tenant_id, env, artifact_id);

-- ---- marks ---------------------------------------------------------------------------------------------------------
-- A mark stands for the state of what the gates read of one tenant and env: each change of that state draws a new one,
-- at random, so that no two states ever share a mark, not even when one of them was rolled back. Who finds the mark he
-- saw before may use what he read under it. kind 'configuration': the tables of the triggers below, which no change
-- can pass; 'measures': the rollups, marked by who adds to them. No row: nothing was ever written.
CREATE TABLE gate_marks (
  tenant_id TEXT COLLATE "C" NOT NULL,
  env       TEXT COLLATE "C" NOT NULL,
  kind      TEXT COLLATE "C" NOT NULL CHECK (kind IN ('configuration', 'measures')),
  mark      BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, env, kind)
) WITH (fillfactor = 50);

-- 64 random bits: of a random UUID, those that are not its version and variant.
CREATE FUNCTION random_mark() RETURNS BIGINT LANGUAGE sql VOLATILE
  RETURN (SELECT ('x' || substr(digits, 1, 12) || substr(digits, 29, 4))::bit(64)::bigint
            FROM (SELECT replace(gen_random_uuid()::text, '-', '') AS digits) AS drawn);

CREATE FUNCTION mark_configuration() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  tenant TEXT := CASE WHEN TG_OP = 'DELETE' THEN OLD.tenant_id ELSE NEW.tenant_id END;
  place  TEXT := CASE WHEN TG_OP = 'DELETE' THEN OLD.env ELSE NEW.env END;
BEGIN
  INSERT INTO gate_marks (tenant_id, env, kind, mark) VALUES (tenant, place, 'configuration', random_mark())
    ON CONFLICT (tenant_id, env, kind) DO UPDATE SET mark = excluded.mark;
  RETURN NULL;
END
$$;
CREATE TRIGGER kill_switches_marked AFTER INSERT OR UPDATE OR DELETE ON kill_switches
  FOR EACH ROW EXECUTE FUNCTION mark_configuration();
CREATE TRIGGER kill_switch_entries_marked AFTER INSERT OR UPDATE OR DELETE ON kill_switch_entries
  FOR EACH ROW EXECUTE FUNCTION mark_configuration();
CREATE TRIGGER firearms_licences_marked AFTER INSERT OR UPDATE OR DELETE ON firearms_licences
  FOR EACH ROW EXECUTE FUNCTION mark_configuration();
CREATE TRIGGER dangerous_actions_marked AFTER INSERT OR UPDATE OR DELETE ON dangerous_actions
  FOR EACH ROW EXECUTE FUNCTION mark_configuration();
CREATE TRIGGER strategy_locks_marked AFTER INSERT OR UPDATE OR DELETE ON strategy_locks
  FOR EACH ROW EXECUTE FUNCTION mark_configuration();
CREATE TRIGGER three_wise_opinions_marked AFTER INSERT OR UPDATE OR DELETE ON three_wise_opinions
  FOR EACH ROW EXECUTE FUNCTION mark_configuration();
CREATE TRIGGER budget_policies_marked AFTER INSERT OR UPDATE OR DELETE ON budget_policies
  FOR EACH ROW EXECUTE FUNCTION mark_configuration();
CREATE TRIGGER kpi_definitions_marked AFTER INSERT OR UPDATE OR DELETE ON kpi_definitions
  FOR EACH ROW EXECUTE FUNCTION mark_configuration();
CREATE TRIGGER kpi_corridors_marked AFTER INSERT OR UPDATE OR DELETE ON kpi_corridors
  FOR EACH ROW EXECUTE FUNCTION mark_configuration();
CREATE TRIGGER temperature_bounds_marked AFTER INSERT OR UPDATE OR DELETE ON temperature_bounds
  FOR EACH ROW EXECUTE FUNCTION mark_configuration();

-- The mark of what is read for every request: user and token, tenant and membership, the limit of the rate, and the
-- kill switches. Each change of it draws a new mark at random, as with gate_marks, so that no two states share one. It
-- is one mark for all tenants, so that one keyed row tells whether anything changed. A token's use is no change.
CREATE TABLE admission_mark (
  one  BIGINT PRIMARY KEY CHECK (one = 1),
  mark BIGINT NOT NULL
);
INSERT INTO admission_mark (one, mark) VALUES (1, random_mark());

CREATE FUNCTION mark_admission() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE admission_mark SET mark = random_mark() WHERE one = 1;
  RETURN NULL;
END
$$;
CREATE TRIGGER tokens_admission AFTER INSERT OR DELETE OR UPDATE OF token_id, user_id, revoked_at ON tokens
  FOR EACH ROW EXECUTE FUNCTION mark_admission();
CREATE TRIGGER users_admission AFTER INSERT OR UPDATE OR DELETE ON users
  FOR EACH ROW EXECUTE FUNCTION mark_admission();
CREATE TRIGGER denied_tokens_admission AFTER INSERT OR UPDATE OR DELETE ON denied_tokens
  FOR EACH ROW EXECUTE FUNCTION mark_admission();
CREATE TRIGGER tenants_admission AFTER INSERT OR UPDATE OR DELETE ON tenants
  FOR EACH ROW EXECUTE FUNCTION mark_admission();
CREATE TRIGGER memberships_admission AFTER INSERT OR UPDATE OR DELETE ON memberships
  FOR EACH ROW EXECUTE FUNCTION mark_admission();
CREATE TRIGGER rate_limits_admission AFTER INSERT OR UPDATE OR DELETE ON rate_limits
  FOR EACH ROW EXECUTE FUNCTION mark_admission();
CREATE TRIGGER kill_switches_admission AFTER INSERT OR UPDATE OR DELETE ON kill_switches
  FOR EACH ROW EXECUTE FUNCTION mark_admission();
CREATE TRIGGER kill_switch_entries_admission AFTER INSERT OR UPDATE OR DELETE ON kill_switch_entries
  FOR EACH ROW EXECUTE FUNCTION mark_admission();
