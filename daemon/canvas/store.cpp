#include "daemon/canvas/store.hpp"

#include "store/model_rows.hpp"

namespace nexus::canvas {

std::vector<Artifact> list_artifacts(const store::Reader& reader, Realm realm, std::string_view canvas_id,
                                     std::string_view before, int limit) {
  static const std::string text =
      store::select_rows<kArtifact>() +
      "AND canvas_id = ?3 AND (?4 = '' OR artifact_id < ?4) ORDER BY artifact_id DESC LIMIT ?5";
  return store::all(reader.query(text, realm, canvas_id, before, limit), store::row_of<kArtifact>);
}

}  // namespace nexus::canvas
