-- Memory sessions and their turns. A session is its owner's: two users' s1 are two sessions. A deleted one stays as a
-- tombstone without turns, and the next session of its name has the next generation.
CREATE TABLE memory_sessions (
  tenant_id    TEXT NOT NULL,
  env          TEXT NOT NULL,
  session_id   TEXT NOT NULL,
  owner_id     TEXT NOT NULL,         -- '': shared in its tenant and env
  generation   INTEGER NOT NULL,
  turns_count  INTEGER NOT NULL,      -- ordinal of the newest turn
  last_turn_at INTEGER NOT NULL,
  created_at   INTEGER NOT NULL,
  created_by   TEXT NOT NULL,
  deleted_at   INTEGER,
  deleted_by   TEXT,
  PRIMARY KEY (tenant_id, env, session_id, owner_id, generation)
) STRICT;
CREATE UNIQUE INDEX memory_sessions_live ON memory_sessions (tenant_id, env, session_id, owner_id)
  WHERE deleted_at IS NULL;
-- Tombstones whose turns are still to be removed; turns_count is 0 once they are.
CREATE INDEX memory_sessions_unswept ON memory_sessions (tenant_id, env, deleted_at)
  WHERE deleted_at IS NOT NULL AND turns_count > 0;

CREATE TABLE memory_turns (
  tenant_id  TEXT NOT NULL,
  env        TEXT NOT NULL,
  session_id TEXT NOT NULL,
  owner_id   TEXT NOT NULL,
  generation INTEGER NOT NULL,
  ordinal    INTEGER NOT NULL,        -- from 1, dense
  turn_id    TEXT NOT NULL,           -- of its event, too
  role       TEXT NOT NULL CHECK (role IN ('user', 'agent', 'system')),
  content    TEXT NOT NULL,           -- as its author sent it
  metadata   TEXT NOT NULL,           -- JSON object
  created_at INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  UNIQUE (tenant_id, env, session_id, owner_id, generation, ordinal)
) STRICT;
