#include "daemon/blobs/filename.hpp"

#include <algorithm>

#include "daemon/base/bytes.hpp"
#include "daemon/base/spelling.hpp"
#include "daemon/base/text.hpp"

namespace nexus::blobs {
namespace {

constexpr std::string_view kNothingLeft = "upload.bin";
constexpr std::size_t kContentTypeBytesMax = 255;

std::string_view last_component(std::string_view path) {
  const std::size_t separator = path.find_last_of("/\\");
  return separator == std::string_view::npos ? path : path.substr(separator + 1);
}

bool is_forbidden(unsigned char byte) {
  return byte < 0x20 || byte == 0x7F ||
         std::string_view("/\\:*?\"<>|").find(static_cast<char>(byte)) != std::string_view::npos;
}

/// U+0080 to U+009F, the second block of control characters, are C2 80 to C2 9F in UTF-8.
bool is_c1_control(std::string_view text, std::size_t at) {
  return static_cast<unsigned char>(text[at]) == 0xC2 && at + 1 < text.size() &&
         static_cast<unsigned char>(text[at + 1]) < 0xA0;
}

std::string replace_forbidden(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_c1_control(text, i)) {
      out += '_';
      ++i;
    } else {
      out += is_forbidden(static_cast<unsigned char>(text[i])) ? '_' : text[i];
    }
  }
  return out;
}

/// The longest prefix of at most `bytes` that ends between two code points.
std::string_view cut(std::string_view text, std::size_t bytes) {
  if (text.size() <= bytes) return text;
  while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xC0) == 0x80) --bytes;
  return text.substr(0, bytes);
}

std::string cut_before_extension(const std::string& name) {
  if (name.size() <= kSafeFilenameBytesMax) return name;
  const std::size_t dot = name.rfind('.');
  std::string_view extension;
  if (dot != std::string::npos && name.size() - dot <= kExtensionBytesMax)
    extension = std::string_view(name).substr(dot);
  const std::string_view stem = std::string_view(name).substr(0, name.size() - extension.size());
  return std::string(cut(stem, kSafeFilenameBytesMax - extension.size())).append(extension);
}

bool is_token(std::string_view text) { return is_alphanumeric(text, "!#$%&'*+-.^_`|~"); }

}  // namespace

std::optional<std::string> filename_fault(std::string_view original) {
  if (original.empty()) return "must not be empty";
  if (original.size() > kFilenameBytesMax) return "must have at most 1024 bytes";
  if (original.find('\0') != std::string_view::npos) return "must not contain NUL";
  if (!is_utf8(original)) return "must be valid UTF-8";
  return std::nullopt;
}

std::string safe_filename(std::string_view original) {
  if (!is_utf8(original)) return std::string(kNothingLeft);
  const std::string composed = to_nfc(last_component(original));
  std::string name = replace_forbidden(composed);
  name.erase(0, std::min(name.find_first_not_of('.'), name.size()));
  if (name.empty()) return std::string(kNothingLeft);
  return cut_before_extension(name);
}

std::string content_disposition(std::string_view filename) {
  const std::string name = safe_filename(filename);
  // The spelling may hold what no name may: a full-width colon is spelt as a colon, a full-width dot as a dot.
  const std::string spelt = safe_filename(to_ascii(name));
  return "attachment; filename=\"" + spelt + "\"; filename*=UTF-8''" + percent_encode(name);
}

std::optional<std::string> content_type_fault(std::string_view content_type) {
  if (content_type.size() > kContentTypeBytesMax) return "must have at most 255 bytes";
  const auto is_visible = [](char c) { return c >= ' ' && c <= '~'; };
  if (!std::all_of(content_type.begin(), content_type.end(), is_visible)) return "must be visible ASCII";
  const std::string_view essence = content_type.substr(0, content_type.find(';'));
  const std::size_t slash = essence.find('/');
  if (slash == std::string_view::npos || !is_token(essence.substr(0, slash)) ||
      !is_token(trim_ascii(essence.substr(slash + 1))) || essence[slash + 1] == ' ' || content_type.back() == ' ')
    return "must be type/subtype";
  return std::nullopt;
}

}  // namespace nexus::blobs
