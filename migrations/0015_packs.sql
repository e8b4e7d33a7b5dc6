-- The full-text index of cards, and influence packs.
--
-- Every term of the index begins with the number of one tenant and env: the list of a term's cards is theirs alone, and
-- so is every statistic read from it. What ranking needs beside it is counted here, in the same transactions.
CREATE TABLE card_search_spaces (
  tenant_id TEXT NOT NULL,
  env       TEXT NOT NULL,
  space     INTEGER NOT NULL UNIQUE,  -- the number
  cards     INTEGER NOT NULL,
  words     INTEGER NOT NULL,         -- of all of them
  PRIMARY KEY (tenant_id, env)
) STRICT, WITHOUT ROWID;
CREATE TABLE card_search_rows (
  tenant_id TEXT NOT NULL,
  env       TEXT NOT NULL,
  row_id    INTEGER NOT NULL,         -- in card_index; rises with every card
  card_id   TEXT NOT NULL,
  PRIMARY KEY (tenant_id, env, row_id),
  UNIQUE (tenant_id, env, card_id)
) STRICT, WITHOUT ROWID;
-- The words come cut and folded: the tokenizer has only to part them at the spaces.
CREATE VIRTUAL TABLE card_index USING fts5 (terms, tokenize = 'ascii', columnsize = 0);

CREATE TABLE influence_packs (
  tenant_id    TEXT NOT NULL,
  env          TEXT NOT NULL,
  pack_id      TEXT NOT NULL,
  query        TEXT NOT NULL,         -- JSON, as it was asked
  card_refs    TEXT NOT NULL,         -- JSON array, best first
  result_count INTEGER NOT NULL,
  created_at   INTEGER NOT NULL,
  created_by   TEXT NOT NULL,
  PRIMARY KEY (tenant_id, env, pack_id)
) STRICT, WITHOUT ROWID;
