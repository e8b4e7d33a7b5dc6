-- Atoms of registered assets: what one operation made of one asset is a set. Its atoms may be staged in small units
-- before; they are there for readers once their set is ready, all at once. A set is gone with its asset; what is gone,
-- or was staged and never became ready, is swept.
CREATE TABLE atom_sets (
  tenant_id    TEXT NOT NULL,
  env          TEXT NOT NULL,
  set_id       TEXT NOT NULL,         -- UUIDv7: sets of an asset sort by time of making
  raw_asset_id TEXT NOT NULL,
  op_type      TEXT NOT NULL CHECK (op_type IN ('text_identity', 'text_split', 'lines')),
  op_version   INTEGER NOT NULL,
  params       TEXT NOT NULL,         -- canonical JSON, defaults written out
  state        TEXT NOT NULL CHECK (state IN ('staged', 'ready', 'gone')),
  created_seq  INTEGER,               -- the audit row, once it is ready
  created_at   INTEGER NOT NULL,
  created_by   TEXT NOT NULL,
  PRIMARY KEY (tenant_id, env, set_id)
) STRICT;
CREATE UNIQUE INDEX atom_sets_ready ON atom_sets (tenant_id, env, raw_asset_id, op_type, op_version, params)
  WHERE state = 'ready';
CREATE INDEX atom_sets_by_asset ON atom_sets (tenant_id, env, raw_asset_id, set_id);
CREATE INDEX atom_sets_swept ON atom_sets (state, created_at) WHERE state <> 'ready';

CREATE TABLE atoms (
  tenant_id  TEXT NOT NULL,
  env        TEXT NOT NULL,
  set_id     TEXT NOT NULL,
  ordinal    INTEGER NOT NULL,        -- dense from 0
  atom_id    TEXT NOT NULL,           -- UUIDv8, the same whenever the same is made again
  content    TEXT,                    -- else it is an object
  key        TEXT,
  size_bytes INTEGER NOT NULL,
  sha256     TEXT,                    -- of an object
  PRIMARY KEY (tenant_id, env, set_id, ordinal),
  CHECK ((content IS NULL) = (key IS NOT NULL))
) STRICT;
CREATE INDEX atoms_by_id ON atoms (tenant_id, env, atom_id);
