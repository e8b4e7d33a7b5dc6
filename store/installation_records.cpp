#include "store/installation_records.hpp"

#include "store/sqlite/rows.hpp"

namespace nexus::store {

bool has_tokens(const Reader& reader) { return reader.query("SELECT 1 FROM tokens LIMIT 1").next(); }

std::optional<std::string> find_newest_audit_note(const Reader& reader) {
  return first(reader.query("SELECT note FROM audit_checkpoints ORDER BY at DESC LIMIT 1"),
               [](const Query& q) { return q.text(0); });
}

std::vector<NewestNote> list_newest_audit_notes(const Reader& reader) {
  return all(reader.query("SELECT c.tenant_id, c.env, c.size, c.note FROM audit_checkpoints c WHERE NOT EXISTS "
                          "(SELECT 1 FROM audit_checkpoints n WHERE n.tenant_id = c.tenant_id AND n.env = c.env "
                          "AND (n.size, n.at) > (c.size, c.at)) ORDER BY c.tenant_id, c.env"),
             [](const Query& q) {
               return NewestNote{q.text(0), q.text(1), q.integer(2), q.text(3)};
             });
}

void scan_object_records(const Reader& reader, const std::function<void(std::string_view, std::int64_t)>& take) {
  Query q = reader.query(
      "SELECT key, size_bytes FROM raw_assets WHERE status = 'registered' AND deleted_at IS NULL "
      "UNION ALL SELECT key, size_bytes FROM media_assets WHERE key IS NOT NULL AND deleted_at IS NULL "
      "UNION ALL SELECT key, size_bytes FROM canvas_artifacts "
      "UNION ALL SELECT a.key, a.size_bytes FROM atoms a JOIN atom_sets s ON s.tenant_id = a.tenant_id "
      "AND s.env = a.env AND s.set_id = a.set_id WHERE a.key IS NOT NULL AND s.state = 'ready'");
  while (q.next()) take(q.text_view(0), q.integer(1));
}

}  // namespace nexus::store
