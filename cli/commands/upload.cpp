// nexusctl upload and register: upload of files into Nexus, and the last step alone for scripts that send the bytes
// themselves.
#include "cli/engine/one_request.hpp"
#include "cli/engine/transfer.hpp"
#include "cli/engine/upload_form.hpp"

namespace nexus::cli {
namespace {

const Shape kUploadedShape = {
    "asset_id", {"asset_id", "key", "uri", "size_bytes", "sha256", "sha256_checked", "receipt.seq", "receipt.hash"}};

int run_upload(Session& session, const Values& values) {
  require_one_file(session, values);
  UploadOptions options;
  options.content_type = values.find("--content-type");
  options.metadata = parse_metadata(values.list("--metadata"));
  return send_each(session, values, kUploadedShape,
                   [&](const LocalFile& file) { return upload(session, file, options); });
}

int run_register(Session& session, const Values& values) {
  Json body = texts_of(values, {"ASSET_ID", "--filename", "--sha256", "--content-type"});
  if (const auto size = values.number("--size-bytes", 0, 5LL << 30)) body["size_bytes"] = *size;
  const Json metadata = parse_metadata(values.list("--metadata"));
  if (!metadata.is_null()) body["metadata"] = metadata;
  session.print_answer(session.call(register_request(body)), kUploadedShape);
  return 0;
}

constexpr const char* kUploadUploadDescription = R"(
For each FILE it presigns, sends the file with the form straight from the disk, registers it with its size and
SHA-256, and prints asset, key, URI, size, digest and the receipt of the audit row. The token goes only to the daemon,
never to the presigned address. A progress bar appears on standard error when that is a terminal. Standard input and
pipes are first copied to an unnamed temporary file, because their digest must be known: `tar c src | nexusctl upload
- --filename src.tar` uploads an archive.

With several files, it prints each that is stored, in every format; one that fails is reported on standard error and
does not stop the rest. With --idempotency-key an upload of one file that was cut off can be repeated: it goes on
where it stopped.)";

constexpr const char* kRegisterDescription = R"(
This is the last step of an upload, for scripts that sent the bytes themselves with the form of nexusctl-presign(1).
The daemon refuses what was not uploaded, or has another size or digest (exit 7). To register the same asset again
with the same values changes nothing.)";

}  // namespace

Command upload_command() {
  return {.name = "upload",
          .topic = Topic::first_job,
          .summary = "presign, send and register files",
          .description = kUploadUploadDescription,
          .exit_status = "With several files, the status is that of the first that failed.",
          .see_also = "nexusctl-asset(1), nexusctl-presign(1), nexusctl-register(1)",
          .example = "nexusctl upload scan.pdf --content-type application/pdf --metadata source=scanner",
          .parameters = {arguments("FILE", "files to upload; - is standard input"),
                         option("--filename", "NAME", "the name to store it under; needed for standard input"),
                         option("--content-type", "TYPE", "media type of the files (from their names)"),
                         repeated_option("--metadata", "KEY=VALUE", "kept with the asset")},
          .run = run_upload,
          .beyond_curl =
              "makes three requests a file, each from the answer before; presign FILE --print curl prints a "
              "line that uploads"};
}

Command register_command() {
  return {
      .name = "register",
      .topic = Topic::files_and_texts,
      .summary = "register what was uploaded with a presigned form",
      .description = kRegisterDescription,
      .see_also = "nexusctl-presign(1), nexusctl-upload(1)",
      .example = "nexusctl register ASSET_ID --filename scan.pdf",
      .parameters = {argument("ASSET_ID", "from presign"),
                     required_option("--filename", "NAME", "the name that was presigned"),
                     option("--size-bytes", "N", "refuse another size"),
                     option("--sha256", "HEX", "refuse another digest"), option("--content-type", "TYPE", "media type"),
                     repeated_option("--metadata", "KEY=VALUE", "kept with the asset")},
      .run = run_register};
}

}  // namespace nexus::cli
