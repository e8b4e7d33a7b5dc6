#include "cli/rails/sse_parser.hpp"

#include <charconv>
#include <stdexcept>

namespace nexus::cli {
namespace {

constexpr std::size_t kEventBytesMax = 8u << 20;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

}  // namespace

std::optional<std::chrono::milliseconds> SseParser::take_retry() { return std::exchange(retry_, std::nullopt); }

void SseParser::feed(std::string_view bytes, const Take& take) {
  while (!bytes.empty()) {
    if (std::exchange(after_cr_, false) && bytes.front() == '\n') {
      bytes.remove_prefix(1);
      continue;
    }
    const auto end = bytes.find_first_of("\r\n");
    line_.append(bytes.substr(0, end));
    if (line_.size() + event_.data.size() > kEventBytesMax)
      throw std::length_error("an event of the stream is too long");
    if (end == std::string_view::npos) return;
    after_cr_ = bytes[end] == '\r';
    bytes.remove_prefix(end + 1);
    end_line(take);
  }
}

void SseParser::end_line(const Take& take) {
  std::string line;
  line.swap(line_);
  std::string_view text = line;
  if (std::exchange(first_line_, false) && text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  if (!text.empty()) {
    const auto colon = text.find(':');
    if (colon == 0) return;  // a comment
    std::string_view value = colon == std::string_view::npos ? std::string_view() : text.substr(colon + 1);
    if (value.starts_with(' ')) value.remove_prefix(1);
    return field(text.substr(0, colon), value);
  }
  SseEvent done = std::exchange(event_, {});
  if (!std::exchange(has_data_, false)) return;  // without data it is no event, whatever else it named
  if (done.type.empty()) done.type = "message";
  done.data.pop_back();
  take(done);
}

void SseParser::field(std::string_view name, std::string_view value) {
  if (name == "data") {
    event_.data.append(value).push_back('\n');
    has_data_ = true;
  } else if (name == "event") {
    event_.type = value;
  } else if (name == "id") {
    if (value.find('\0') == std::string_view::npos) event_.id = value;
  } else if (name == "retry") {
    long long millis = 0;
    const auto [stop, error] = std::from_chars(value.data(), value.data() + value.size(), millis);
    const bool whole = error == std::errc() && stop == value.data() + value.size();
    if (whole && millis >= 0 && value.front() != '-') retry_ = std::chrono::milliseconds(millis);
  }
}

}  // namespace nexus::cli
