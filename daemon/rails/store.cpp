#include "daemon/rails/store.hpp"

#include "store/model_rows.hpp"

namespace nexus::rails {

std::optional<Message> find_message(const store::Reader& reader, Realm realm, std::string_view thread_id,
                                    std::string_view message_id) {
  static const std::string text =
      store::select_rows<kMessage>() + "AND thread_id = ?3 AND message_id = ?4 AND deleted_at IS NULL";
  return store::first(reader.query(text, realm, thread_id, message_id), store::row_of<kMessage>);
}

std::vector<Message> list_messages(const store::Reader& reader, Realm realm, std::string_view thread_id,
                                   std::int64_t after, int limit) {
  static const std::string text =
      store::select_rows<kMessage>() + "AND thread_id = ?3 AND seq > ?4 ORDER BY seq LIMIT ?5";
  return store::all(reader.query(text, realm, thread_id, after, limit), store::row_of<kMessage>);
}

std::vector<Message> list_all_messages(const store::Reader& reader, Realm realm, std::int64_t after, int limit) {
  static const std::string text = store::select_rows<kMessage>() + "AND seq > ?3 ORDER BY seq LIMIT ?4";
  return store::all(reader.query(text, realm, after, limit), store::row_of<kMessage>);
}

void bury_message(store::Tx& tx, const Message& message, Micros at, std::string_view by) {
  tx.run(
      "UPDATE chat_messages SET text = NULL, scope = NULL, sender_name = NULL, deleted_at = ?4, deleted_by = ?5 "
      "WHERE tenant_id = ?1 AND env = ?2 AND seq = ?3",
      message.tenant_id, message.env, message.seq, at, by);
}

std::vector<store::EventSequence> list_old_messages(const store::Reader& reader, Micros before) {
  return store::all(
      reader.query("SELECT tenant_id, env FROM event_heads AS head WHERE (SELECT created_at FROM chat_messages "
                   "WHERE tenant_id = head.tenant_id AND env = head.env ORDER BY seq LIMIT 1) < ?1",
                   before),
      [](const store::Query& q) {
        return store::EventSequence{q.text(0), q.text(1)};
      });
}

std::int64_t prune_messages(store::Tx& tx, const store::EventSequence& sequence, Micros before, int limit) {
  std::int64_t last = 0;
  {
    store::Query q =
        tx.query("SELECT seq, created_at FROM chat_messages WHERE tenant_id = ?1 AND env = ?2 ORDER BY seq LIMIT ?3",
                 sequence.tenant_id, sequence.env, limit);
    while (q.next() && q.integer(1) < before) last = q.integer(0);
  }
  store::note_messages_pruned(tx, {.tenant = sequence.tenant_id, .env = sequence.env}, last);
  return tx.run("DELETE FROM chat_messages WHERE tenant_id = ?1 AND env = ?2 AND seq <= ?3", sequence.tenant_id,
                sequence.env, last);
}

}  // namespace nexus::rails
