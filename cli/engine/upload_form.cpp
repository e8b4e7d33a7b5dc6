#include "cli/engine/upload_form.hpp"

#include <array>

#include "cli/engine/curl.hpp"
#include "cli/engine/several_files.hpp"
#include "cli/engine/transfer.hpp"
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
  require_one_file(session, values);
  const std::string given = values.find("--filename").value_or("");
  const auto type_of = [&](const std::string& filename) {
    return values.find("--content-type").value_or(content_type_of(filename));
  };
  if (session.prints_curl()) {
    for (const auto& file : values.list("FILE")) {
      const std::string name = local_name(file, given);
      const std::string form = curl_form(fields, file, name, type_of(name));
      session.print(session.curl_text({.method = "POST", .path = path, .curl_body = form}) + "\n");
    }
    return 0;
  }
  return send_each(session, values.list("FILE"), shape, [&](const std::string& name) {
    const LocalFile file = open_local(name, given);
    return require_digest(post_file(session, path, fields, file, type_of(file.filename)), file.sha256, name);
  });
}

}  // namespace nexus::cli
