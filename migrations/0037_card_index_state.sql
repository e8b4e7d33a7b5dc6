-- What the index of cards has been given so far: the last number of a row, and the bytes of its terms.
CREATE TABLE card_index_state (
  one_row INTEGER PRIMARY KEY CHECK (one_row = 1),
  number  INTEGER NOT NULL,
  bytes   INTEGER NOT NULL
) STRICT;
INSERT INTO card_index_state (one_row, number, bytes)
  SELECT 1, coalesce(max(rowid), 0) / 1048576, 0 FROM card_index;

-- Segments are merged a few pages at a time, with what is added. FTS5 would merge many pages at once.
INSERT INTO card_index (card_index, rank) VALUES ('automerge', 0);
INSERT INTO card_index (card_index, rank) VALUES ('crisismerge', 64);
