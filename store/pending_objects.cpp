#include "store/pending_objects.hpp"

namespace nexus::store {

void note_pending_object(Tx& tx, std::string_view key, Micros now) {
  tx.run("INSERT INTO pending_objects (key, noted_at) VALUES (?1, ?2)", key, now);
}

void drop_pending_object(Tx& tx, std::string_view key) { tx.run("DELETE FROM pending_objects WHERE key = ?1", key); }

std::vector<std::string> list_pending_objects(const Reader& reader, Micros before, int limit) {
  std::vector<std::string> keys;
  Query q =
      reader.query("SELECT key FROM pending_objects WHERE noted_at < ?1 ORDER BY noted_at LIMIT ?2", before, limit);
  while (q.next()) keys.push_back(q.text(0));
  return keys;
}

}  // namespace nexus::store
