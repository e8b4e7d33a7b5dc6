#include "cli/upload_form.hpp"

#include <array>

#include "cli/curl.hpp"
#include "cli/failure.hpp"
#include "cli/transfer.hpp"
#include "daemon/base/text.hpp"

namespace nexus::cli {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 22> kTypes = {{
    {".mp4", "video/mp4"},        {".m4v", "video/mp4"},   {".mov", "video/quicktime"}, {".webm", "video/webm"},
    {".mkv", "video/x-matroska"}, {".mp3", "audio/mpeg"},  {".wav", "audio/wav"},       {".flac", "audio/flac"},
    {".ogg", "audio/ogg"},        {".m4a", "audio/mp4"},   {".png", "image/png"},       {".jpg", "image/jpeg"},
    {".jpeg", "image/jpeg"},      {".gif", "image/gif"},   {".webp", "image/webp"},     {".svg", "image/svg+xml"},
    {".tif", "image/tiff"},       {".tiff", "image/tiff"}, {".pdf", "application/pdf"}, {".json", "application/json"},
    {".txt", "text/plain"},       {".vtt", "text/vtt"},
}};

// What curl should send, with the file by its path.
int print_curl(Session& session, const std::string& path, const FormFields& fields, const std::string& file) {
  std::string line = "curl -sS -H \"Authorization: Bearer $NEXUS_TOKEN\" -H " +
                     shell_quote("X-Tenant-Id: " + session.tenant()) + " -H " + shell_quote("X-Env: " + session.env());
  for (const auto& [name, value] : fields) line += " --form-string " + shell_quote(name + "=" + value);
  session.print(line + " -F " + shell_quote("file=@" + curl_file_name(file)) + " " +
                shell_quote(session.settings().server.value + path) + "\n");
  return 0;
}

void judge(const Session& session, const Values& values) {
  if (values.list("FILE").size() == 1) return;
  if (values.given("--filename")) throw usage_error("--filename names one file", "one upload a file");
  if (session.settings().idempotency_key)
    throw usage_error("--idempotency-key stands for one upload", "one upload a file");
}

}  // namespace

std::string content_type_of(std::string_view filename) {
  const std::string name = lower_ascii(filename);
  for (const auto& [ending, type] : kTypes)
    if (name.ends_with(ending)) return std::string(type);
  return "application/octet-stream";
}

std::vector<Parameter> upload_parameters(std::vector<Parameter> more) {
  std::vector<Parameter> all = {option("--filename", "NAME", "the name to store it under; needed for standard input"),
                                option("--content-type", "TYPE", "media type of the files (from their names)")};
  all.insert(all.end(), more.begin(), more.end());
  all.push_back(arguments("FILE", "files to upload; - is standard input"));
  return all;
}

int upload_each(Session& session, const Values& values, const std::string& path, const FormFields& fields,
                const Shape& shape) {
  judge(session, values);
  const auto& files = values.list("FILE");
  if (session.settings().print_curl) {
    for (const auto& file : files) print_curl(session, path, fields, file);
    return 0;
  }
  // One JSON document for several; every other format prints each file as soon as it is in.
  const bool one_document = files.size() > 1 && !session.settings().field &&
                            (session.view().format == Format::json || session.view().format == Format::yaml);
  Json items = Json::array();
  for (const auto& name : files) {
    const LocalFile file = open_local(name, values.find("--filename").value_or(""));
    const std::string type = values.find("--content-type").value_or(content_type_of(file.filename));
    const Answer answer = post_file(session, path, fields, file, type);
    const Json* digest = at_path(answer.json, "sha256");
    if (digest && digest->is_string() && *digest != file.sha256)
      throw Failure(Exit::server_error, "the daemon stored another digest than that of " + name);
    if (one_document)
      items.push_back(answer.json);
    else
      session.print_answer(answer, shape);
  }
  if (one_document) session.print_list({{"items", std::move(items)}, {"next_cursor", nullptr}}, shape);
  return 0;
}

}  // namespace nexus::cli
