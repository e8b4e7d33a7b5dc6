#include "daemon/canvas/routes.hpp"

#include <charconv>

#include "daemon/base/uuid.hpp"
#include "daemon/canvas/problems.hpp"
#include "daemon/domain/stored_objects.hpp"
#include "daemon/http/page.hpp"
#include "store/canvas.hpp"

namespace nexus::canvas {
namespace {

using http::Applied;
using http::Input;
using http::Reply;
using store::Canvas;
using store::CanvasArtifact;
namespace schema = http::schema;

constexpr std::size_t kTitleBytesMax = 512;

Json canvas_json(const Canvas& canvas) {
  return make_object({{"tenant_id", canvas.tenant_id},
                      {"env", canvas.env},
                      {"canvas_id", canvas.canvas_id},
                      {"title", or_null(canvas.title)},
                      {"created_at", to_rfc3339(canvas.created_at)},
                      {"created_by", canvas.created_by}});
}

Json canvas_schema() {
  return schema::named("Canvas", schema::object({"tenant_id", "env", "canvas_id", "title", "created_at", "created_by"},
                                                {{"tenant_id", schema::text()},
                                                 {"env", schema::env()},
                                                 {"canvas_id", schema::text()},
                                                 {"title", schema::nullable(schema::text())},
                                                 {"created_at", schema::time()},
                                                 {"created_by", schema::text()}}));
}

Json artifact_json(const CanvasArtifact& artifact) {
  return make_object({{"tenant_id", artifact.tenant_id},
                      {"env", artifact.env},
                      {"artifact_id", artifact.artifact_id},
                      {"canvas_id", artifact.canvas_id},
                      {"filename", domain::stored_filename(artifact.key)},
                      {"key", artifact.key},
                      {"uri", artifact.uri},
                      {"content_type", artifact.content_type},
                      {"size_bytes", artifact.size_bytes},
                      {"sha256", or_null(artifact.sha256)},
                      {"created_at", to_rfc3339(artifact.created_at)},
                      {"created_by", artifact.created_by}});
}

Json artifact_schema() {
  return schema::named("CanvasArtifact",
                       schema::object({"tenant_id", "env", "artifact_id", "canvas_id", "filename", "key", "uri",
                                       "content_type", "size_bytes", "sha256", "created_at", "created_by"},
                                      {{"tenant_id", schema::text()},
                                       {"env", schema::env()},
                                       {"artifact_id", schema::text()},
                                       {"canvas_id", schema::text()},
                                       {"filename", schema::text()},
                                       {"key", schema::text()},
                                       {"uri", schema::text()},
                                       {"content_type", schema::text()},
                                       {"size_bytes", schema::integer(0, limits::upload_bytes_hard_max)},
                                       {"sha256", schema::nullable(schema::sha256())},
                                       {"created_at", schema::time()},
                                       {"created_by", schema::text()}}));
}

// ---- the registry ---------------------------------------------------------------------------------------------------

Canvas find(const store::Reader& reader, const Caller& caller, const std::string& canvas_id) {
  auto canvas = store::find_canvas(reader, caller.realm(), canvas_id);
  if (!canvas) throw Problem(problems::canvas_not_found);
  return std::move(*canvas);
}

Canvas parse_canvas(Input& input) {
  Canvas canvas;
  const auto id = input.body.optional_text("canvas_id", {.min = 1, .max = limits::client_id_chars_max});
  if (id && !is_client_id(*id))
    input.body.fault("canvas_id", "must be letters, digits, '.', '_' and '-', beginning with a letter or digit");
  canvas.tenant_id = input.caller.tenant().str();
  canvas.env = to_string(input.caller.env());
  canvas.canvas_id = id.value_or(new_id(input.caller.tenant()));
  canvas.title = input.body.optional_text("title", {.min = 1, .max = kTitleBytesMax});
  canvas.created_at = now_micros();
  canvas.created_by = input.caller.user_id;
  return canvas;
}

Applied create(store::Tx& tx, const Caller&, const Canvas& canvas) {
  if (store::find_canvas(tx, {.tenant = canvas.tenant_id, .env = canvas.env}, canvas.canvas_id))
    throw Problem(problems::canvas_exists);
  store::insert_canvas(tx, canvas);
  return {.json = canvas_json(canvas),
          .subject_type = "canvas",
          .subject_id = canvas.canvas_id,
          .events = {{"canvas_created", "canvas", canvas.canvas_id, make_object({{"title", or_null(canvas.title)}}),
                      Json::object()}},
          .fields = {{"Location", "/canvas/" + canvas.canvas_id}}};
}

Reply show(const store::Reader& reader, const Caller& caller, const std::string& canvas_id) {
  return {.json = canvas_json(find(reader, caller, canvas_id))};
}

Reply list(const store::Reader& reader, const Caller& caller, const http::Page& page) {
  std::int64_t before = 0;
  std::from_chars(page.mark.data(), page.mark.data() + page.mark.size(), before);
  auto rows = store::list_canvases(reader, caller.realm(), before, page.limit + 1);
  return {.json = http::page_json<Canvas>(page, std::move(rows), canvas_json,
                                          [](const Canvas& row) { return std::to_string(row.seq); })};
}

// ---- artifacts ------------------------------------------------------------------------------------------------------

std::string take_canvas_id(Input& input) { return input.param("canvas_id"); }

Applied upload(store::Tx& tx, const Caller& caller, const std::string& canvas_id, const http::StoredFile& file) {
  find(tx, caller, canvas_id);
  CanvasArtifact artifact;
  artifact.tenant_id = caller.tenant().str();
  artifact.env = to_string(caller.env());
  artifact.canvas_id = canvas_id;
  artifact.artifact_id = file.id;
  artifact.filename = file.filename;
  artifact.key = file.key.str();
  artifact.uri = file.uri;
  artifact.content_type = file.content_type;
  artifact.size_bytes = static_cast<std::int64_t>(file.info.size);
  if (!file.info.sha256.empty()) artifact.sha256 = file.info.sha256;
  artifact.created_at = now_micros();
  artifact.created_by = caller.user_id;
  store::insert_canvas_artifact(tx, artifact);
  return {.json = artifact_json(artifact),
          .subject_type = "canvas_artifact",
          .subject_id = artifact.artifact_id,
          .details = make_object(
              {{"canvas_id", canvas_id}, {"size_bytes", artifact.size_bytes}, {"sha256", or_null(artifact.sha256)}}),
          .events = {{"canvas_artifact_uploaded", "canvas_artifact", artifact.artifact_id,
                      make_object({{"canvas_id", canvas_id}, {"content_type", artifact.content_type}}),
                      make_object({{"uri", artifact.uri}, {"size_bytes", artifact.size_bytes}})}},
          .fields = {{"Location", "/canvas/" + canvas_id + "/artifacts/" + artifact.artifact_id}}};
}

struct List {
  std::string canvas_id;
  http::Page page;
};

List parse_list(Input& input) {
  const std::string& canvas_id = input.param("canvas_id");
  return {canvas_id, http::take_page(input, "canvas_artifacts\n" + canvas_id)};
}

Reply list_artifacts(const store::Reader& reader, const Caller& caller, const List& value) {
  find(reader, caller, value.canvas_id);
  auto rows =
      store::list_canvas_artifacts(reader, caller.realm(), value.canvas_id, value.page.mark, value.page.limit + 1);
  return {.json = http::page_json<CanvasArtifact>(value.page, std::move(rows), artifact_json,
                                                  [](const CanvasArtifact& row) { return row.artifact_id; })};
}

domain::Download parse_one(Input& input) {
  return {input.param("artifact_id"), input.base_url, input.param("canvas_id")};
}

CanvasArtifact find_artifact(const store::Reader& reader, const Caller& caller, const domain::Download& value) {
  find(reader, caller, value.parent);
  auto artifact = store::find_canvas_artifact(reader, caller.realm(), value.parent, value.id);
  if (!artifact) throw Problem(problems::canvas_artifact_not_found);
  return std::move(*artifact);
}

Reply show_artifact(const store::Reader& reader, const Caller& caller, const domain::Download& value) {
  return {.json = artifact_json(find_artifact(reader, caller, value))};
}

Reply download(const store::Reader& reader, const Caller& caller, const domain::Download& value,
               blobs::BlobStore& blobs) {
  const CanvasArtifact artifact = find_artifact(reader, caller, value);
  return domain::redirect_to(blobs, caller, artifact.key, artifact.filename, artifact.content_type, value.base_url);
}

void add_canvas_artifact_routes(http::RouteTable& routes, blobs::BlobStore& blobs, std::uint64_t upload_bytes_max) {
  http::FormHandler form{
      .blobs = &blobs,
      .plane = blobs::Plane::canvas,
      .file_bytes_max = upload_bytes_max,
      .look = [](const store::Reader& reader, Input& input) { find(reader, input.caller, input.param("canvas_id")); },
      .parse = http::receives(take_canvas_id, upload)};
  routes.add(domain::form_route("/canvas/{canvas_id}/artifacts", "canvas_artifact_upload", "canvas", std::move(form),
                                {"Upload a file onto a canvas",
                                 "canvas",
                                 {},
                                 artifact_schema(),
                                 201,
                                 {},
                                 {404, 503, 507},
                                 schema::named("CanvasUpload", schema::object({"file"}, {{"file", schema::file()}}))}));
  routes.add(domain::read_route("/canvas/{canvas_id}/artifacts", "canvas", http::reads(parse_list, list_artifacts),
                                {"List the files on a canvas",
                                 "canvas",
                                 {},
                                 schema::page(artifact_schema()),
                                 200,
                                 http::page_parameters(),
                                 {404}}));
  routes.add(domain::read_route("/canvas/{canvas_id}/artifacts/{artifact_id}", "canvas",
                                http::reads(parse_one, show_artifact),
                                {"Show a file on a canvas", "canvas", {}, artifact_schema(), 200, {}, {404}}));
  routes.add(domain::read_route(
      "/canvas/{canvas_id}/artifacts/{artifact_id}/download", "canvas",
      http::reads(parse_one,
                  [&blobs](const store::Reader& reader, const Caller& caller, const domain::Download& value) {
                    return download(reader, caller, value, blobs);
                  }),
      {"Redirect to a presigned download", "canvas", {}, {}, 302, {}, {404}}));
}

}  // namespace

void add_canvas_routes(http::RouteTable& routes, blobs::BlobStore& blobs, std::uint64_t upload_bytes_max) {
  http::Route post = domain::write_route(
      "POST", "/canvas", "canvas_create", "canvas", http::writes(parse_canvas, create),
      {"Register a canvas",
       "canvas",
       schema::named("CanvasCreate", schema::object({}, {{"canvas_id", schema::pattern(schema::kClientId)},
                                                         {"title", schema::text_between(1, kTitleBytesMax)}})),
       canvas_schema(),
       201,
       {},
       {409}});
  post.body = http::Body::json;
  routes.add(std::move(post));
  routes.add(domain::read_route(
      "/canvas", "canvas", http::reads([](Input& input) { return http::take_page(input, "canvas"); }, list),
      {"List canvases", "canvas", {}, schema::page(canvas_schema()), 200, http::page_parameters(), {}}));
  routes.add(domain::read_route("/canvas/{canvas_id}", "canvas", http::reads(take_canvas_id, show),
                                {"Show a canvas", "canvas", {}, canvas_schema(), 200, {}, {404}}));
  add_canvas_artifact_routes(routes, blobs, upload_bytes_max);
}

}  // namespace nexus::canvas
