-- By which rules the texts that a search reads were folded (words_version in daemon/base/words.hpp). Where a start
-- finds other rules than its own, all of the kind are folded again, in small units.
CREATE TABLE folded_texts (
  kind      TEXT PRIMARY KEY,  -- 'cards': their words in card_index; 'maybes': maybes.folded
  version   TEXT NOT NULL,
  done      INTEGER NOT NULL,  -- 1: every text is folded by it
  tenant_id TEXT NOT NULL,     -- else those up to this one are, in the order of their keys
  env       TEXT NOT NULL,
  id        TEXT NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO folded_texts (kind, version, done, tenant_id, env, id)
  VALUES ('cards', '1', 1, '', '', ''), ('maybes', '1', 1, '', '', '');
