// Canvases and their artifacts as rows. Clients may choose a canvas's id; `seq` keeps the order of making.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/base/clock.hpp"
#include "daemon/base/realm.hpp"
#include "store/sqlite/query.hpp"

namespace nexus::store {

struct Canvas {
  std::string tenant_id;
  std::string env;
  std::string canvas_id;
  std::int64_t seq = 0;
  std::optional<std::string> title;
  Micros created_at = 0;
  std::string created_by;
};

struct CanvasArtifact {
  std::string tenant_id;
  std::string env;
  std::string canvas_id;
  std::string artifact_id;
  std::string filename;  // as the client named it
  std::string key;
  std::string uri;
  std::string content_type;
  std::int64_t size_bytes = 0;
  std::optional<std::string> sha256;
  Micros created_at = 0;
  std::string created_by;
};

std::optional<Canvas> find_canvas(const Reader& reader, Realm realm, std::string_view canvas_id);
/// Newest first, from before the seq `before` (0 for the start).
std::vector<Canvas> list_canvases(const Reader& reader, Realm realm, std::int64_t before, int limit);
/// Gives it the next seq.
void insert_canvas(Tx& tx, const Canvas& canvas);

std::optional<CanvasArtifact> find_canvas_artifact(const Reader& reader, Realm realm, std::string_view canvas_id,
                                                   std::string_view artifact_id);
/// Newest first, from before `before` ("" for the start).
std::vector<CanvasArtifact> list_canvas_artifacts(const Reader& reader, Realm realm, std::string_view canvas_id,
                                                  std::string_view before, int limit);
void insert_canvas_artifact(Tx& tx, const CanvasArtifact& artifact);

}  // namespace nexus::store
