#include "daemon/canvas/store.hpp"

#include "store/model_rows.hpp"

namespace nexus::canvas {

std::vector<Canvas> list_canvases(const store::Reader& reader, Realm realm, std::int64_t before, int limit) {
  static const std::string text = store::select_rows<kCanvas>() + "AND (?3 = 0 OR seq < ?3) ORDER BY seq DESC LIMIT ?4";
  return store::all(reader.query(text, realm, before, limit), store::row_of<kCanvas>);
}

void insert_canvas(store::Tx& tx, Canvas canvas) {
  {
    store::Query q = tx.query("SELECT COALESCE(MAX(seq), 0) + 1 FROM canvases WHERE tenant_id = ?1 AND env = ?2",
                              canvas.tenant_id, canvas.env);
    q.next();
    canvas.seq = q.integer(0);
  }
  store::insert_row<kCanvas>(tx, canvas);
}

std::vector<Artifact> list_artifacts(const store::Reader& reader, Realm realm, std::string_view canvas_id,
                                     std::string_view before, int limit) {
  static const std::string text =
      store::select_rows<kArtifact>() +
      "AND canvas_id = ?3 AND (?4 = '' OR artifact_id < ?4) ORDER BY artifact_id DESC LIMIT ?5";
  return store::all(reader.query(text, realm, canvas_id, before, limit), store::row_of<kArtifact>);
}

}  // namespace nexus::canvas
