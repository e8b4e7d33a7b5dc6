#include "store/canvas.hpp"

namespace nexus::store {
namespace {

Canvas canvas_of(const Query& q) {
  return {.tenant_id = q.text(0),
          .env = q.text(1),
          .canvas_id = q.text(2),
          .seq = q.integer(3),
          .title = q.optional_text(4),
          .created_at = q.integer(5),
          .created_by = q.text(6)};
}

CanvasArtifact canvas_artifact_of(const Query& q) {
  return {.tenant_id = q.text(0),
          .env = q.text(1),
          .canvas_id = q.text(2),
          .artifact_id = q.text(3),
          .filename = q.text(4),
          .key = q.text(5),
          .uri = q.text(6),
          .content_type = q.text(7),
          .size_bytes = q.integer(8),
          .sha256 = q.optional_text(9),
          .created_at = q.integer(10),
          .created_by = q.text(11)};
}

}  // namespace

// Literals, so that every statement stays one cached literal too.
#define NEXUS_SELECT_CANVAS                                                                                            \
  "SELECT tenant_id, env, canvas_id, seq, title, created_at, created_by FROM canvases WHERE tenant_id = ?1 AND env = " \
  "?2 "
#define NEXUS_SELECT_CANVAS_ARTIFACT                                                                                  \
  "SELECT tenant_id, env, canvas_id, artifact_id, filename, key, uri, content_type, size_bytes, sha256, created_at, " \
  "created_by FROM canvas_artifacts WHERE tenant_id = ?1 AND env = ?2 AND canvas_id = ?3 "

std::optional<Canvas> find_canvas(const Reader& reader, Realm realm, std::string_view canvas_id) {
  Query q = reader.query(NEXUS_SELECT_CANVAS "AND canvas_id = ?3", realm, canvas_id);
  if (!q.next()) return std::nullopt;
  return canvas_of(q);
}

std::vector<Canvas> list_canvases(const Reader& reader, Realm realm, std::int64_t before, int limit) {
  Query q =
      reader.query(NEXUS_SELECT_CANVAS "AND (?3 = 0 OR seq < ?3) ORDER BY seq DESC LIMIT ?4", realm, before, limit);
  std::vector<Canvas> rows;
  while (q.next()) rows.push_back(canvas_of(q));
  return rows;
}

void insert_canvas(Tx& tx, const Canvas& canvas) {
  tx.run(
      "INSERT INTO canvases (tenant_id, env, canvas_id, seq, title, created_at, created_by) VALUES (?1, ?2, ?3, "
      "(SELECT COALESCE(MAX(seq), 0) + 1 FROM canvases WHERE tenant_id = ?1 AND env = ?2), ?4, ?5, ?6)",
      canvas.tenant_id, canvas.env, canvas.canvas_id, canvas.title, canvas.created_at, canvas.created_by);
}

std::optional<CanvasArtifact> find_canvas_artifact(const Reader& reader, Realm realm, std::string_view canvas_id,
                                                   std::string_view artifact_id) {
  Query q = reader.query(NEXUS_SELECT_CANVAS_ARTIFACT "AND artifact_id = ?4", realm, canvas_id, artifact_id);
  if (!q.next()) return std::nullopt;
  return canvas_artifact_of(q);
}

std::vector<CanvasArtifact> list_canvas_artifacts(const Reader& reader, Realm realm, std::string_view canvas_id,
                                                  std::string_view before, int limit) {
  Query q =
      reader.query(NEXUS_SELECT_CANVAS_ARTIFACT "AND (?4 = '' OR artifact_id < ?4) ORDER BY artifact_id DESC LIMIT ?5",
                   realm, canvas_id, before, limit);
  std::vector<CanvasArtifact> rows;
  while (q.next()) rows.push_back(canvas_artifact_of(q));
  return rows;
}

#undef NEXUS_SELECT_CANVAS
#undef NEXUS_SELECT_CANVAS_ARTIFACT

void insert_canvas_artifact(Tx& tx, const CanvasArtifact& artifact) {
  tx.run(
      "INSERT INTO canvas_artifacts (tenant_id, env, canvas_id, artifact_id, filename, key, uri, content_type, "
      "size_bytes, sha256, created_at, created_by) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
      artifact.tenant_id, artifact.env, artifact.canvas_id, artifact.artifact_id, artifact.filename, artifact.key,
      artifact.uri, artifact.content_type, artifact.size_bytes, artifact.sha256, artifact.created_at,
      artifact.created_by);
}

}  // namespace nexus::store
