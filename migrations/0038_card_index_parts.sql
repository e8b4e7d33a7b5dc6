-- A card of many words has several rows in card_index, its parts. What is still to be done with them: of a card in
-- card_search_rows, the parts from this number on are to be indexed; of no such card, those before it to be removed.
CREATE TABLE card_index_notes (
  tenant_id TEXT NOT NULL,
  env       TEXT NOT NULL,
  row_id    INTEGER NOT NULL,  -- of the first part
  parts     INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, env, row_id)
) STRICT, WITHOUT ROWID;
