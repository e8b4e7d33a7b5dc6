// nexusctl canvas: canvases, and the files on them.
#include "daemon/canvas/canvas.hpp"
#include "cli/commands/download.hpp"
#include "cli/engine/model_options.hpp"
#include "cli/engine/upload_form.hpp"

namespace nexus::cli {
namespace {

const Shape kCanvasShape = {"canvas_id", {"canvas_id", "title", "created_at", "created_by"}};
const Shape kCanvasArtifactShape = {"artifact_id",
                                    {"artifact_id", "filename", "size_bytes", "content_type", "sha256", "created_at"}};

const char* const kCanvasPath = "/canvas/{CANVAS_ID}";
const char* const kCanvasArtifacts = "/canvas/{CANVAS_ID}/artifacts";
const char* const kCanvasArtifact = "/canvas/{CANVAS_ID}/artifacts/{ARTIFACT_ID}";

int run_canvas_upload(Session& session, const Values& values) {
  return upload_each(session, values, path_of(kCanvasArtifacts, session, values), {}, kCanvasArtifactShape);
}

int run_canvas_list(Session& session, const Values& values) {
  const bool one = values.given("CANVAS_ID");
  return lists({.path = one ? kCanvasArtifacts : "/canvas"}, one ? kCanvasArtifactShape : kCanvasShape)(session,
                                                                                                        values);
}

int run_canvas_show(Session& session, const Values& values) {
  const bool artifact = values.given("ARTIFACT_ID");
  return shows({.path = artifact ? kCanvasArtifact : kCanvasPath}, artifact ? kCanvasArtifactShape : kCanvasShape)(
      session, values);
}

constexpr const char* kCanvasDescription = R"(
A canvas belongs to one tenant and env; files can only be put on a canvas that is registered there. Files stream from
the disk through the daemon into its storage, each under a key of its own. Lists are newest first.)";

}  // namespace

Command canvas_command() {
  const Parameter canvas = argument("CANVAS_ID", "the canvas");
  return {.name = "canvas",
          .topic = Topic::files_and_texts,
          .summary = "canvases and the files on them",
          .description = kCanvasDescription,
          .see_also = "nexusctl-media(1)",
          .example = "nexusctl canvas create CANVAS_ID --title 'Spring launch'",
          .commands = {
              creates({.name = "create",
                       .summary = "register a canvas",
                       .example = "nexusctl canvas create CANVAS_ID --title 'Spring launch'"},
                      model::specs_of<canvas::kCanvas>, {.method = "POST", .path = "/canvas"}, kCanvasShape,
                      {{"canvas_id", "CANVAS_ID"}}, {optional_argument("CANVAS_ID", "its id (one is made without)")}),
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
               .run = downloads(kCanvasArtifact, "ARTIFACT_ID", "artifact_id")},
          }};
}

}  // namespace nexus::cli
