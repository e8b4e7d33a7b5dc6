-- Who there is: the instance itself, tenants, users, memberships and tokens.

-- One row a fact about this database: instance_id, epoch (8 hex digits, drawn again at each restore),
-- root_token_sha256.
CREATE TABLE meta (
  key   TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE tenants (
  tenant_id  TEXT PRIMARY KEY,
  name       TEXT NOT NULL,
  status     TEXT NOT NULL CHECK (status IN ('active', 'disabled', 'suspended')),
  created_at INTEGER NOT NULL,
  created_by TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE users (
  user_id      TEXT PRIMARY KEY,
  email        TEXT UNIQUE,            -- case-folded
  display_name TEXT,
  created_at   INTEGER NOT NULL,
  created_by   TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE memberships (
  tenant_id TEXT NOT NULL REFERENCES tenants (tenant_id),
  user_id   TEXT NOT NULL REFERENCES users (user_id),
  role      TEXT NOT NULL CHECK (role IN ('viewer', 'member', 'admin', 'owner')),
  since     INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX tenants_by_age ON tenants (created_at, tenant_id);
CREATE INDEX users_by_age ON users (created_at, user_id);
CREATE INDEX memberships_by_age ON memberships (tenant_id, since, user_id);
CREATE INDEX memberships_by_user ON memberships (user_id, tenant_id);

-- What a token is, never the token itself. tenants and envs are JSON arrays, NULL where it is not narrowed.
CREATE TABLE tokens (
  token_id     TEXT PRIMARY KEY,
  user_id      TEXT NOT NULL REFERENCES users (user_id),
  name         TEXT,
  actor_type   TEXT NOT NULL CHECK (actor_type IN ('human', 'agent')),
  tenants      TEXT,
  envs         TEXT,
  role         TEXT,
  created_at   INTEGER NOT NULL,
  created_by   TEXT NOT NULL,
  expires_at   INTEGER NOT NULL,
  revoked_at   INTEGER,
  last_used_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX tokens_by_user ON tokens (user_id, token_id);

-- Token ids of another issuer (shared signing key) that were revoked here; the row may go once `until` has passed.
CREATE TABLE denied_tokens (
  token_id  TEXT PRIMARY KEY,
  denied_at INTEGER NOT NULL,
  until     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
