// The files on canvases; all else of their rows is derived (store/model_rows.hpp).
#pragma once
#include "daemon/base/realm.hpp"
#include "daemon/canvas/canvas.hpp"
#include "store/sqlite/query.hpp"

namespace nexus::canvas {

/// Newest first, from before `before` ("" for the start).
std::vector<Artifact> list_artifacts(const store::Reader& reader, Realm realm, std::string_view canvas_id,
                                     std::string_view before, int limit);

}  // namespace nexus::canvas
