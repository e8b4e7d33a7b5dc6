-- The daemons that serve from this database, and who of them leads: makes checkpoints, and removes what is past its
-- time. Each renews its row every two seconds.
CREATE TABLE daemons (
  daemon_id    TEXT COLLATE "C" PRIMARY KEY,  -- drawn at each start
  host         TEXT COLLATE "C" NOT NULL,
  version      TEXT COLLATE "C" NOT NULL,
  signing_keys TEXT COLLATE "C" NOT NULL,     -- JSON array: names, with digests, of the keys whose tokens it accepts
  started_at   BIGINT NOT NULL,
  seen_at      BIGINT NOT NULL,               -- by the clock of the database's server, as all times here
  applied      BIGINT NOT NULL                -- units that it has committed since its start
) WITH (fillfactor = 50);
CREATE TABLE leases (
  name      TEXT COLLATE "C" PRIMARY KEY,
  daemon_id TEXT COLLATE "C" NOT NULL,        -- who has it until then, or had it last
  term      BIGINT NOT NULL,                  -- rises with each change of the holder
  until     BIGINT NOT NULL
) WITH (fillfactor = 50);
