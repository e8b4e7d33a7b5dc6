-- Cards: texts with a YAML header, immutable. A deleted one leaves its row without its text.
CREATE TABLE cards (
  tenant_id  TEXT NOT NULL,
  env        TEXT NOT NULL,
  card_id    TEXT NOT NULL,
  card_type  TEXT NOT NULL,
  version    TEXT NOT NULL,
  header     TEXT NOT NULL,         -- JSON
  full_text  TEXT NOT NULL,         -- byte for byte as it was sent
  body_at    INTEGER NOT NULL,      -- where in full_text the trimmed body begins, in bytes
  body_bytes INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  deleted_at INTEGER,
  PRIMARY KEY (tenant_id, env, card_id)
) STRICT;
CREATE INDEX cards_by_type ON cards (tenant_id, env, card_type, card_id) WHERE deleted_at IS NULL;

-- Settings: which cards are versions of which document. The surface's one document has the name ''.
CREATE TABLE settings (
  tenant_id TEXT NOT NULL,
  env       TEXT NOT NULL,
  card_type TEXT NOT NULL,
  name      TEXT NOT NULL,
  revision  INTEGER NOT NULL,       -- dense from 1
  newest    INTEGER NOT NULL,       -- 1 for the version in force, else 0
  card_id   TEXT NOT NULL,
  PRIMARY KEY (tenant_id, env, card_type, name, revision),
  FOREIGN KEY (tenant_id, env, card_id) REFERENCES cards (tenant_id, env, card_id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX settings_in_force ON settings (tenant_id, env, card_type, name) WHERE newest = 1;
CREATE UNIQUE INDEX settings_of_card ON settings (tenant_id, env, card_id);
