-- Maybes: what somebody keeps for perhaps. An item is its creator's.
CREATE TABLE maybes (
  tenant_id   TEXT NOT NULL,
  env         TEXT NOT NULL,
  item_id    TEXT NOT NULL,          -- of the event of its making, too
  created_by  TEXT NOT NULL,
  pinned      INTEGER NOT NULL,
  archived    INTEGER NOT NULL,
  space       TEXT,
  tags        TEXT NOT NULL,          -- JSON array of texts
  folded      TEXT NOT NULL,          -- title and body as a search reads them: without case, in one spelling
  title       TEXT NOT NULL,
  body        TEXT NOT NULL,
  source_type TEXT NOT NULL,
  source_ref  TEXT,
  created_at  INTEGER NOT NULL,
  updated_at  INTEGER NOT NULL,
  updated_by  TEXT NOT NULL,
  deleted_at  INTEGER,                -- a tombstone: its texts are gone
  PRIMARY KEY (tenant_id, env, item_id)
) STRICT;
CREATE INDEX maybes_by_creator ON maybes (tenant_id, env, created_by, item_id) WHERE deleted_at IS NULL;
