// nexusctl upload and register: upload of files into Nexus, and the last step alone for scripts that send the bytes
// themselves.
#include <filesystem>
#include <map>

#include "cli/engine/failure.hpp"
#include "cli/engine/one_request.hpp"
#include "cli/engine/transfer.hpp"
#include "cli/engine/upload_form.hpp"

namespace nexus::cli {
namespace {

const Shape kUploadedShape = {
    "asset_id", {"asset_id", "key", "uri", "size_bytes", "sha256", "sha256_checked", "receipt.seq", "receipt.hash"}};

/// The files of an upload; `paths_below` has the path of each that was found below a DIR, relative to it.
struct Found {
  FilesToSend files;
  std::map<std::string, std::string> paths_below;
};

/// With --recursive, each directory of the command line is replaced by the files below it.
Found find_files(Session& session, const Values& values) {
  Found found{files_to_send(values), {}};
  if (!values.given("--recursive")) return found;
  found.files.several = true;
  found.files.paths.clear();
  for (const std::string& path : values.list("FILE")) {
    std::error_code none;
    if (!std::filesystem::is_directory(path, none)) {
      found.files.paths.push_back(path);
      continue;
    }
    const Below below = files_below(path);
    for (const std::string& file : below.files) {
      found.files.paths.push_back((std::filesystem::path(path) / file).string());
      found.paths_below[found.files.paths.back()] = file;
    }
    if (below.left_out > 0)
      session.note(path + ": left out " + std::to_string(below.left_out) + " that are links or no regular files");
    if (below.files.empty()) session.note(path + ": no files below it");
  }
  return found;
}

int run_upload(Session& session, const Values& values) {
  const Found found = find_files(session, values);
  require_one_file(session, found.files);
  UploadOptions options;
  options.content_type = values.find("--content-type");
  options.metadata = parse_metadata(values.list("--metadata"));
  if (values.given("--recursive") && options.metadata.contains("path"))
    throw usage_error("--recursive keeps each path in the metadata `path`: name yours otherwise");
  return send_each(session, found.files, kUploadedShape, [&](const std::string& path, const LocalFile& file) {
    UploadOptions own = options;
    if (const auto below = found.paths_below.find(path); below != found.paths_below.end())
      own.metadata["path"] = below->second;
    return upload(session, file, own);
  });
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

With --recursive a FILE may be a directory: the regular files below it are uploaded, in the order of their paths, and
the path of each within the directory is kept in its metadata as `path`. Symbolic links below it are not followed.

A name that storage cannot keep is changed, and a note says under which name the file is stored.

With several files, it prints each that is stored, in every format; one that fails is reported on standard error and
does not stop the rest. With --idempotency-key the upload of one file can be repeated for 24 hours, whether it was
done or cut off: the repeat goes on where the first one stopped, and ends with the same asset.)";

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
          .example =
              "nexusctl upload scan.pdf --content-type application/pdf --metadata source=scanner\n"
              "nexusctl upload -r src",
          .parameters = {arguments("FILE", "files to upload; - is standard input"),
                         flag("-r,--recursive", "the files below each FILE that is a directory"),
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
