#include "store/objects.hpp"

#include "store/retention.hpp"
#include "store/rows.hpp"

namespace nexus::store {
namespace {

/// Selects one row `(awaited)` for an object on record, and none otherwise.
Query query_standing(const Reader& reader, const ObjectName& name) {
  const auto ask = [&](auto& sql) { return reader.query(sql, name.tenant_id, name.env, name.owner, name.key); };
  if (name.plane == "raw")
    return ask(
        "SELECT status = 'presigned' FROM raw_assets WHERE tenant_id = ?1 AND env = ?2 AND asset_id = ?3 AND key = ?4 "
        "AND deleted_at IS NULL");
  if (name.plane == "media_v2")
    return ask(
        "SELECT 0 FROM media_assets WHERE tenant_id = ?1 AND env = ?2 AND asset_id = ?3 AND key = ?4 "
        "AND deleted_at IS NULL");
  if (name.plane == "canvas")
    return ask("SELECT 0 FROM canvas_artifacts WHERE tenant_id = ?1 AND env = ?2 AND artifact_id = ?3 AND key = ?4");
  if (name.plane == "atoms")
    return ask(
        "SELECT 0 FROM atoms AS a JOIN atom_sets AS s USING (tenant_id, env, set_id) "
        "WHERE a.tenant_id = ?1 AND a.env = ?2 AND a.atom_id = ?3 AND a.key = ?4 AND s.state = 'ready'");
  throw std::invalid_argument("a plane without rows");
}

}  // namespace

ObjectStanding find_object_standing(const Reader& reader, const ObjectName& name) {
  Query row = query_standing(reader, name);
  if (!row.next()) return ObjectStanding::absent;
  return row.boolean(0) ? ObjectStanding::awaited : ObjectStanding::present;
}

std::string find_any_object_uri(const Reader& reader) {
  Query row = reader.query(
      "SELECT uri FROM ("
      "SELECT uri FROM (SELECT uri FROM raw_assets WHERE deleted_at IS NULL OR sweeps < 2 LIMIT 1) AS raw "
      "UNION ALL SELECT uri FROM (SELECT uri FROM media_assets WHERE key IS NOT NULL AND deleted_at IS NULL LIMIT 1) "
      "AS media "
      "UNION ALL SELECT uri FROM (SELECT uri FROM canvas_artifacts LIMIT 1) AS canvas) AS objects LIMIT 1");
  return row.next() ? row.text(0) : std::string();
}

bool has_objects(const Reader& reader) {
  if (!find_any_object_uri(reader).empty()) return true;
  Query row = reader.query(
      "SELECT EXISTS (SELECT 1 FROM atoms WHERE key IS NOT NULL) OR EXISTS (SELECT 1 FROM pending_objects)");
  return row.next() && row.boolean(0);
}

void scan_object_records(const Reader& reader, const TakeObject& take) {
  Query q = reader.query(
      "SELECT key, size_bytes, sha256 FROM raw_assets WHERE status = 'registered' AND deleted_at IS NULL "
      "UNION ALL SELECT key, size_bytes, sha256 FROM media_assets WHERE key IS NOT NULL AND deleted_at IS NULL "
      "UNION ALL SELECT key, size_bytes, sha256 FROM canvas_artifacts "
      "UNION ALL SELECT a.key, a.size_bytes, a.sha256 FROM atoms a JOIN atom_sets s ON s.tenant_id = a.tenant_id "
      "AND s.env = a.env AND s.set_id = a.set_id WHERE a.key IS NOT NULL AND s.state = 'ready'");
  while (q.next()) take(q.text_view(0), q.integer(1), q.text_view(2));
}

void scan_objects_by_key(const Reader& reader, const std::function<void(const ObjectRecord&)>& take) {
  Query q = reader.query(
      "SELECT key, max(size_bytes), max(coalesce(sha256, '')) FROM ("
      "SELECT key, size_bytes, sha256 FROM raw_assets WHERE status = 'registered' AND deleted_at IS NULL "
      "UNION ALL SELECT key, size_bytes, sha256 FROM media_assets WHERE key IS NOT NULL AND deleted_at IS NULL "
      "UNION ALL SELECT key, size_bytes, sha256 FROM canvas_artifacts "
      "UNION ALL SELECT a.key, a.size_bytes, a.sha256 FROM atoms a JOIN atom_sets s ON s.tenant_id = a.tenant_id "
      "AND s.env = a.env AND s.set_id = a.set_id WHERE a.key IS NOT NULL AND s.state = 'ready') AS objects "
      "GROUP BY key ORDER BY key");
  while (q.next()) take({q.text(0), q.integer(1), q.text(2)});
}

void note_pending_object(Tx& tx, std::string_view key, Micros now) {
  tx.run("INSERT INTO pending_objects (key, noted_at) VALUES (?1, ?2)", key, now);
}

bool claim_pending_object(Tx& tx, std::string_view key) {
  return tx.run("UPDATE pending_objects SET noted_at = noted_at WHERE key = ?1", key) > 0;
}

void drop_pending_object(Tx& tx, std::string_view key) { tx.run("DELETE FROM pending_objects WHERE key = ?1", key); }

bool is_pending_object(const Reader& reader, std::string_view key) {
  return reader.query("SELECT 1 FROM pending_objects WHERE key = ?1", key).next();
}

std::vector<std::string> list_pending_objects(const Reader& reader, Micros before, int limit, int skipped) {
  return all(reader.query("SELECT key FROM pending_objects WHERE noted_at < ?1 ORDER BY noted_at LIMIT ?2 OFFSET ?3",
                          before, limit, skipped),
             only_text);
}

std::int64_t count_pending_objects(const Reader& reader, Micros before) {
  return integer_of(reader.query(
      "SELECT count(*) FROM (SELECT 1 AS one FROM pending_objects WHERE noted_at < ?1 LIMIT ?2) AS counted", before,
      kCountMax));
}

}  // namespace nexus::store
