// nexusctl presign: a form with which anybody can upload one file, for 15 minutes.
#include "cli/engine/transfer.hpp"
#include "daemon/base/shell.hpp"

namespace nexus::cli {
namespace {

const Shape kPresignedShape = {"asset_id", {"asset_id", "key", "uri", "expires_at", "url", "fields"}};

std::string presigned_line(const Reach& reach, const Json& presigned, const std::string& path,
                           const std::string& filename, const std::string& content_type) {
  FormFields fields;
  for (const auto& [name, value] : presigned.at("fields").items()) fields.emplace_back(name, cell_text(value));
  return "curl -sS --fail-with-body" + curl_reach(reach) + " " + curl_form(fields, path, filename, content_type) + " " +
         shell_quote(presigned.at("url").get<std::string>());
}

int run(Session& session, const Values& values) {
  const auto path = values.find("FILE");
  const auto name = values.find("--filename");
  if (!path && !name) throw usage_error("FILE or --filename is missing", "nexusctl presign FILE");

  UploadOptions options;
  options.content_type = values.find("--content-type");
  options.max_bytes = values.number("--max-bytes", 1, 5LL << 30);
  // Standard input cannot be sent later; only its name and its digest would be used. So it is refused.
  if (path == "-")
    throw usage_error("presign needs a file that can be sent later", "nexusctl upload - --filename NAME");
  std::optional<LocalFile> file;
  if (path) file = open_local(*path, name.value_or(""));
  Json body = presign_body(file ? file->filename : *name, options, file ? &*file : nullptr);
  if (const auto digest = values.find("--sha256")) body["sha256"] = *digest;

  if (!session.prints_curl()) {
    session.print_answer(session.call(presign_request(body)), kPresignedShape);
    return 0;
  }
  // The wanted line is the upload's: the presign itself is done.
  ApiRequest request = presign_request(body);
  request.preliminary = true;
  const Json presigned = session.call(request).json;
  const std::string filename = body.at("filename").get<std::string>();
  session.print(presigned_line(reach_of(session.settings()), presigned, path ? *path : *name, filename,
                               content_type_of(options, filename)) +
                "\n");
  session.note("then: nexusctl register " + presigned.at("asset_id").get<std::string>() + " --filename " +
               shell_quote(filename) + " --content-type " + shell_quote(content_type_of(options, filename)));
  return 0;
}

constexpr const char* kPresignDescription = R"(
It prints a form with which anybody can upload one file within 15 minutes, without a token. With FILE, it puts the
name, the SHA-256 and, if larger than 100 MiB, the size of the file into the form. With `--print curl` it does the
presign and prints the line that uploads.)";

}  // namespace

Command presign_command() {
  return {.name = "presign",
          .topic = Topic::files_and_texts,
          .summary = "get a form to upload one file with",
          .description = kPresignDescription,
          .see_also = "nexusctl-register(1), nexusctl-upload(1)",
          .example =
              "nexusctl presign report.pdf --print curl\n"
              "nexusctl presign --filename report.pdf --max-bytes 1000000 -o json",
          .parameters = {optional_argument("FILE", "the file that will be sent: gives name, digest and size"),
                         option("--filename", "NAME", "the name to store it under"),
                         option("--content-type", "TYPE", "its media type (from its name)"),
                         option("--max-bytes", "N", "the most that may be sent (104857600)"),
                         option("--sha256", "HEX", "the digest that the content must have")},
          .run = run};
}

}  // namespace nexus::cli
