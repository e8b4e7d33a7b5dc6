#include "daemon/rails/store.hpp"

#include <limits>

#include "store/model_rows.hpp"

namespace nexus::rails {

std::optional<Message> find_message(const store::Reader& reader, Realm realm, std::string_view thread_id,
                                    std::string_view message_id) {
  static const std::string text = store::select_rows<kMessage>() +
                                  "AND thread_id = ?3 AND message_id = ?4 AND deleted_at IS NULL AND deletes IS NULL";
  return store::first(reader.query(text, realm, thread_id, message_id), store::row_of<kMessage>);
}

std::vector<Message> list_messages(const store::Reader& reader, Realm realm, std::string_view thread_id, Order order,
                                   std::optional<std::int64_t> after, int limit) {
  static const std::string of_thread =
      store::select_rows<kMessage>() + "AND thread_id = ?3 AND deletes IS NULL AND seq ";
  static const std::string oldest = of_thread + "> ?4 ORDER BY seq LIMIT ?5";
  static const std::string newest = of_thread + "< ?4 ORDER BY seq DESC LIMIT ?5";
  const bool rising = order == Order::oldest_first;
  const std::int64_t mark = after.value_or(rising ? 0 : std::numeric_limits<std::int64_t>::max());
  return store::all(reader.query(rising ? oldest : newest, realm, thread_id, mark, limit), store::row_of<kMessage>);
}

std::vector<Message> list_thread_rows(const store::Reader& reader, Realm realm, std::string_view thread_id,
                                      std::int64_t after, int limit) {
  static const std::string text =
      store::select_rows<kMessage>() + "AND thread_id = ?3 AND seq > ?4 ORDER BY seq LIMIT ?5";
  return store::all(reader.query(text, realm, thread_id, after, limit), store::row_of<kMessage>);
}

std::vector<Message> list_rows(const store::Reader& reader, Realm realm, std::int64_t after, int limit) {
  static const std::string text = store::select_rows<kMessage>() + "AND seq > ?3 ORDER BY seq LIMIT ?4";
  return store::all(reader.query(text, realm, after, limit), store::row_of<kMessage>);
}

void bury_message(store::Tx& tx, const Message& message, Micros at, std::string_view by) {
  tx.run(
      "UPDATE chat_messages SET text = NULL, scope = NULL, sender_name = NULL, deleted_at = ?4, deleted_by = ?5 "
      "WHERE tenant_id = ?1 AND env = ?2 AND seq = ?3",
      message.tenant_id, message.env, message.seq, at, by);
}

}  // namespace nexus::rails
