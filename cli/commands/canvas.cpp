// nexusctl canvas: canvases, and the files on them.
#include "daemon/canvas/canvas.hpp"
#include "cli/commands/download.hpp"
#include "cli/engine/command.hpp"
#include "cli/engine/listing.hpp"
#include "cli/engine/model_options.hpp"
#include "cli/engine/session.hpp"
#include "cli/engine/upload_form.hpp"

namespace nexus::cli {
namespace {

const Shape kCanvasShape = {"canvas_id", {"canvas_id", "title", "created_at", "created_by"}};
const Shape kCanvasArtifactShape = {"artifact_id",
                                    {"artifact_id", "filename", "size_bytes", "content_type", "sha256", "created_at"}};

constexpr auto kCanvasFields = canvas::kCanvas.specs();

std::string canvas_path_of(const Values& values) { return "/canvas/" + segment(values.text("CANVAS_ID")); }

std::string artifact_path(const Values& values) {
  return canvas_path_of(values) + "/artifacts/" + segment(values.text("ARTIFACT_ID"));
}

int run_canvas_create(Session& session, const Values& values) {
  Json body = body_of(values, kCanvasFields, Options::create, {"canvas_id"});
  if (const auto id = values.find("CANVAS_ID")) body["canvas_id"] = *id;
  session.print_answer(session.call({.method = "POST", .path = "/canvas", .body = body}), kCanvasShape);
  return 0;
}

int run_canvas_upload(Session& session, const Values& values) {
  return upload_each(session, values, canvas_path_of(values) + "/artifacts", {}, kCanvasArtifactShape);
}

int run_canvas_list(Session& session, const Values& values) {
  if (values.given("CANVAS_ID"))
    return print_pages(session, values, {.path = "/canvas/" + segment(values.text("CANVAS_ID")) + "/artifacts"},
                       kCanvasArtifactShape);
  return print_pages(session, values, {.path = "/canvas"}, kCanvasShape);
}

int run_canvas_show(Session& session, const Values& values) {
  if (values.given("ARTIFACT_ID"))
    session.print_record(session.call({.path = artifact_path(values)}).json, kCanvasArtifactShape);
  else
    session.print_record(session.call({.path = canvas_path_of(values)}).json, kCanvasShape);
  return 0;
}

int run_canvas_download(Session& session, const Values& values) {
  return download(session, values, {"artifact_id", values.text("ARTIFACT_ID"), artifact_path(values)});
}

constexpr const char* kCanvasDescription = R"(
A canvas belongs to one tenant and env; files can only be put on a canvas that is registered there. Files stream from
the disk through the daemon into its storage, each under a key of its own. Lists are newest first.)";

}  // namespace

Command canvas_command() {
  const Parameter canvas = argument("CANVAS_ID", "the canvas");
  auto of_canvas = options_of(kCanvasFields, Options::create, {"canvas_id"});
  of_canvas.push_back(optional_argument("CANVAS_ID", "its id (one is made without)"));
  return {.name = "canvas",
          .topic = Topic::files_and_texts,
          .summary = "canvases and the files on them",
          .description = kCanvasDescription,
          .see_also = "nexusctl-media(1)",
          .example = "nexusctl canvas create CANVAS_ID --title 'Spring launch'",
          .commands = {
              {.name = "create",
               .summary = "register a canvas",
               .example = "nexusctl canvas create CANVAS_ID --title 'Spring launch'",
               .parameters = std::move(of_canvas),
               .run = run_canvas_create},
              {.name = "upload",
               .summary = "upload files onto a canvas",
               .example = "nexusctl canvas upload CANVAS_ID sketch.png",
               .parameters = upload_parameters({canvas}),
               .run = run_canvas_upload},
              {.name = "list",
               .summary = "list canvases, or the files on one, newest first",
               .example = "nexusctl canvas list CANVAS_ID",
               .parameters = list_parameters({optional_argument("CANVAS_ID", "list the files on this canvas")}),
               .run = run_canvas_list},
              {.name = "show",
               .summary = "show a canvas, or a file on it",
               .example = "nexusctl canvas show CANVAS_ID",
               .parameters = {canvas, optional_argument("ARTIFACT_ID", "the file")},
               .run = run_canvas_show},
              {.name = "download",
               .summary = "fetch the content of a file, checked against its digest",
               .example = "nexusctl canvas download CANVAS_ID ARTIFACT_ID -O sketch.png",
               .parameters = download_parameters({canvas, argument("ARTIFACT_ID", "the file")}),
               .run = run_canvas_download},
          }};
}

}  // namespace nexus::cli
