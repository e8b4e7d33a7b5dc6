-- The daemons that serve from this store, and who of them leads. A file has one daemon, which writes neither: it always
-- leads. The tables are here, so that both engines have one schema.
CREATE TABLE daemons (
  daemon_id    TEXT PRIMARY KEY,  -- drawn at each start
  host         TEXT NOT NULL,
  version      TEXT NOT NULL,
  signing_keys TEXT NOT NULL,     -- JSON array: names, with digests, of the keys whose tokens it accepts
  started_at   INTEGER NOT NULL,
  seen_at      INTEGER NOT NULL,  -- by the clock of the database's server, as all times here
  applied      INTEGER NOT NULL   -- units that it has committed since its start
) STRICT, WITHOUT ROWID;
CREATE TABLE leases (
  name      TEXT PRIMARY KEY,
  daemon_id TEXT NOT NULL,        -- who has it until then, or had it last
  term      INTEGER NOT NULL,     -- rises with each change of the holder
  until     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
