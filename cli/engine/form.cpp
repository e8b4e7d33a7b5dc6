#include "cli/engine/form.hpp"

#include <algorithm>
#include <memory>

namespace nexus::cli {
namespace {

// Escapes a value for the quotes of a form's header.
std::string form_name(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '"')
      out += "%22";
    else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F)
      out += '_';
    else
      out += c;
  }
  return out;
}

}  // namespace

FormText form_text(const FormFields& fields, const LocalFile& file, const std::string& content_type,
                   const std::string& boundary) {
  FormText form;
  form.boundary = boundary;
  const auto part = [&](const std::string& name) {
    return "--" + boundary + "\r\nContent-Disposition: form-data; name=\"" + form_name(name) + "\"";
  };
  for (const auto& [name, value] : fields) form.before += part(name) + "\r\n\r\n" + value + "\r\n";
  form.before +=
      part("file") + "; filename=\"" + form_name(file.filename) + "\"\r\nContent-Type: " + content_type + "\r\n\r\n";
  form.after = "\r\n--" + boundary + "--\r\n";
  return form;
}

BodySource form_source(const FormText& form, const LocalFile& file, Progress& bar) {
  BodySource source;
  const std::uint64_t file_end = form.before.size() + file.size;
  source.size = file_end + form.after.size();
  source.content_type = "multipart/form-data; boundary=" + form.boundary;
  const auto buffer = std::make_shared<std::string>();
  source.read = [&form, &file, &bar, file_end, buffer](std::uint64_t offset, std::size_t most) -> std::string_view {
    if (offset < form.before.size()) return std::string_view(form.before).substr(offset, most);
    if (offset >= file_end) return std::string_view(form.after).substr(offset - file_end, most);
    const std::uint64_t at = offset - form.before.size();
    const auto piece = read_at(file, at, std::min<std::uint64_t>(most, file.size - at), *buffer);
    bar.at(at + piece.size());
    return piece;
  };
  return source;
}

}  // namespace nexus::cli
