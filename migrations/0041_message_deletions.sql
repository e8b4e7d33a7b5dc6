-- A deletion is a row of its thread, in its place of the sequence, so that streams tell it live and in replays. It
-- names the message that was deleted, which may be pruned before it. Its own message_id is the id of its event.
ALTER TABLE chat_messages ADD COLUMN deletes TEXT;
