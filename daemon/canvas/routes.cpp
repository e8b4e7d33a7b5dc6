// Routes of canvases, registered per tenant and env, and of the files on them.
#include "daemon/canvas/canvas.hpp"
#include "daemon/canvas/problems.hpp"
#include "daemon/domain/services.hpp"
#include "daemon/domain/stored_objects.hpp"
#include "daemon/http/rows.hpp"

namespace nexus::canvas {
namespace {

using http::Applied;
using http::Input;
using http::Reply;
namespace schema = http::schema;

Json artifact_json(const Artifact& artifact) {
  Json out = model::json_of(kArtifact, artifact);
  out["filename"] = domain::stored_filename(artifact.key);
  return out;
}

// ---- the registry ---------------------------------------------------------------------------------------------------

Canvas find(const store::Reader& reader, const Caller& caller, const std::string& canvas_id) {
  return found(store::find_row<kCanvas>(reader, caller.realm(), canvas_id), problems::canvas_not_found);
}

Canvas parse_canvas(Input& input) {
  Canvas canvas = domain::made_by(input.caller, model::take_new(kCanvas, input.body).value);
  if (canvas.canvas_id.empty()) canvas.canvas_id = new_id(input.caller.tenant());
  return canvas;
}

Applied create(store::Tx& tx, const Caller& caller, const Canvas& canvas) {
  if (store::has_row<kCanvas>(tx, caller.realm(), canvas.canvas_id)) throw Problem(problems::canvas_exists);
  store::insert_with_seq<kCanvas>(tx, canvas);
  return {.json = http::row_json<kCanvas>(canvas),
          .subject_type = "canvas",
          .subject_id = canvas.canvas_id,
          .events = {{"canvas_created", "canvas", canvas.canvas_id, model::json_of(kCanvas, canvas, {"title"}),
                      Json::object()}},
          .fields = {{"Location", "/canvas/" + canvas.canvas_id}}};
}

// ---- artifacts ------------------------------------------------------------------------------------------------------

Applied upload(store::Tx& tx, const Caller& caller, const std::string& canvas_id, const http::StoredFile& file) {
  find(tx, caller, canvas_id);
  Artifact artifact = domain::made_by(caller, Artifact{});
  artifact.canvas_id = canvas_id;
  artifact.artifact_id = file.id;
  domain::keep_file(artifact, file);
  store::insert_row<kArtifact>(tx, artifact);
  return {.json = artifact_json(artifact),
          .subject_type = "canvas_artifact",
          .subject_id = artifact.artifact_id,
          .details = model::json_of(kArtifact, artifact, {"canvas_id", "size_bytes", "sha256"}),
          .events = {{"canvas_artifact_uploaded", "canvas_artifact", artifact.artifact_id,
                      model::json_of(kArtifact, artifact, {"canvas_id", "content_type"}),
                      model::json_of(kArtifact, artifact, {"uri", "size_bytes"})}},
          .fields = {{"Location", "/canvas/" + canvas_id + "/artifacts/" + artifact.artifact_id}}};
}

Artifact find_file(const store::Reader& reader, const Caller& caller, const http::PathParams& path) {
  find(reader, caller, path.at("canvas_id"));
  auto artifact = store::find_row<kArtifact>(reader, caller.realm(), path.at("artifact_id"));
  if (artifact && artifact->canvas_id != path.at("canvas_id")) artifact.reset();
  return found(std::move(artifact), problems::canvas_artifact_not_found);
}

Reply show_artifact(const store::Reader& reader, const Caller& caller, const http::PathParams& path) {
  return {.json = artifact_json(find_file(reader, caller, path))};
}

domain::Downloadable find_download(const store::Reader& reader, const Caller& caller, const http::PathParams& path) {
  const Artifact artifact = find_file(reader, caller, path);
  return {{domain::own_key(caller, artifact.key), artifact.filename, artifact.content_type}};
}

void add_artifact_routes(http::RouteTable& routes, blobs::BlobStore& blobs, std::uint64_t upload_bytes_max,
                         const http::Surface& surface) {
  const std::string files = "/canvas/{canvas_id}/artifacts", one = files + "/{artifact_id}";
  const Json shape = model::answer_schema(kArtifact);
  routes.add(surface.upload(
      files, "canvas_artifact_upload",
      {.blobs = &blobs,
       .plane = blobs::Plane::canvas,
       .file_bytes_max = upload_bytes_max,
       .look = [](const store::Reader& reader, Input& input) { find(reader, input.caller, input.param("canvas_id")); },
       .parse = http::receives(http::param("canvas_id"), upload)},
      {.summary = "Upload a file onto a canvas",
       .response = shape,
       .refusals = {404, 503, 507},
       .form = schema::named("CanvasUpload", schema::whole({{"file", schema::file()}}))}));
  routes.add(surface.show(
      files, http::newest_of<kArtifact, &Artifact::canvas_id>("canvas_artifacts", "canvas_id", find, artifact_json),
      {.summary = "List the files on a canvas", .response = schema::page(shape), .query = http::page_parameters()}));
  routes.add(surface.show(one, http::reads([](Input& input) { return input.path; }, show_artifact),
                          {.summary = "Show a file on a canvas", .response = shape}));
  routes.add(domain::download_route(surface, one, blobs, find_download));
}

}  // namespace

void add_routes(http::RouteTable& routes, const domain::Services& services) {
  routes.describe("canvas", "Canvases and the files on them");
  const http::Surface surface{.name = "canvas", .read_action = "canvas_read"};
  const Json shape = model::answer_schema(kCanvas);
  routes.add(surface.create("/canvas", "canvas_create", http::writes(parse_canvas, create),
                            {.summary = "Register a canvas",
                             .request = model::create_schema(kCanvas),
                             .response = shape,
                             .refusals = {409}}));
  routes.add(surface.list("/canvas", http::by_seq<kCanvas>("canvas"), {.summary = "List canvases", .response = shape}));
  routes.add(surface.show("/canvas/{canvas_id}", http::row<kCanvas>("canvas_id", problems::canvas_not_found),
                          {.summary = "Show a canvas", .response = shape}));
  add_artifact_routes(routes, services.blobs, services.upload_bytes_max, surface);
}

}  // namespace nexus::canvas
