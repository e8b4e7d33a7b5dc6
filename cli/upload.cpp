// nexusctl upload and register: files into Nexus, and the last step alone for scripts that send the bytes themselves.
#include "cli/commands.hpp"
#include "cli/curl.hpp"
#include "cli/failure.hpp"
#include "cli/transfer.hpp"

namespace nexus::cli {
namespace {

void print_several(Session& session, const std::vector<Answer>& answers) {
  Json items = Json::array();
  for (const auto& answer : answers) items.push_back(answer.json);
  session.print_list({{"items", std::move(items)}, {"next_cursor", nullptr}}, kUploadedShape);
}

int run_upload(Session& session, const Values& values) {
  const auto& paths = values.list("FILE");
  const auto name = values.find("--filename");
  if (name && paths.size() > 1) throw usage_error("--filename names one file", "one upload a file");
  if (session.settings().idempotency_key && paths.size() > 1) {
    throw usage_error("--idempotency-key stands for one upload", "one upload a file");
  }
  if (session.settings().print_curl) {
    throw usage_error("an upload is three requests, each made from the answer before",
                      "nexusctl presign FILE --print curl");
  }
  UploadOptions options;
  options.content_type = values.find("--content-type");
  options.metadata = parse_metadata(values.list("--metadata"));

  // One JSON document for all of them; every other format prints each file as soon as it is in.
  const bool one_document = paths.size() > 1 && !session.settings().field &&
                            (session.view().format == Format::json || session.view().format == Format::yaml);
  std::vector<Answer> answers;
  for (const auto& path : paths) {
    const LocalFile file = open_local(path, name.value_or(""));
    const Answer answer = upload(session, file, options);
    const Json* digest = at_path(answer.json, "sha256");
    if (digest && digest->is_string() && *digest != file.sha256) {
      throw Failure(Exit::server_error, "the daemon registered another digest than that of " + path);
    }
    if (one_document)
      answers.push_back(answer);
    else
      session.print_answer(answer, kUploadedShape);
  }
  if (one_document) print_several(session, answers);
  return 0;
}

int run_register(Session& session, const Values& values) {
  Json body = {{"asset_id", values.text("ASSET_ID")}, {"filename", values.text("--filename")}};
  if (const auto size = values.number("--size-bytes", 0, 5LL << 30)) body["size_bytes"] = *size;
  if (const auto digest = values.find("--sha256")) body["sha256"] = *digest;
  if (const auto type = values.find("--content-type")) body["content_type"] = *type;
  const Json metadata = parse_metadata(values.list("--metadata"));
  if (!metadata.is_null()) body["metadata"] = metadata;
  session.print_answer(register_asset(session, body), kUploadedShape);
  return 0;
}

}  // namespace

Command upload_command() {
  return {.name = "upload",
          .summary = "presign, send and register files",
          .example = "nexusctl upload scan.pdf --content-type application/pdf --metadata source=scanner",
          .parameters = {arguments("FILE", "files to upload; - is standard input"),
                         option("--filename", "NAME", "the name to store it under; needed for standard input"),
                         option("--content-type", "TYPE", "media type of the files (application/octet-stream)"),
                         repeated_option("--metadata", "KEY=VALUE", "kept with the asset")},
          .run = run_upload};
}

Command register_command() {
  return {
      .name = "register",
      .summary = "register what was uploaded with a presigned form",
      .example = "nexusctl register 01933f9e-7c1b-7000-8000-0123456789ab --filename scan.pdf",
      .parameters = {argument("ASSET_ID", "from presign"),
                     required_option("--filename", "NAME", "the name that was presigned"),
                     option("--size-bytes", "N", "refuse another size"),
                     option("--sha256", "HEX", "refuse another digest"), option("--content-type", "TYPE", "media type"),
                     repeated_option("--metadata", "KEY=VALUE", "kept with the asset")},
      .run = run_register};
}

}  // namespace nexus::cli
