#include "daemon/audit/canonical.hpp"

#include <bit>
#include <cstring>

#include "daemon/base/eight_bytes.hpp"
#include "daemon/base/json.hpp"

namespace nexus::audit {
namespace {

/// A position in a text. Every function returns false or npos at the first byte that is not canonical.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : at_(text.data()), end_(text.data() + text.size()) {}

  const char* at() const { return at_; }
  bool done() const { return at_ == end_; }
  bool take(char c) { return at_ != end_ && *at_ == c ? (++at_, true) : false; }
  bool take(std::string_view word) {
    if (static_cast<std::size_t>(end_ - at_) < word.size()) return false;
    if (std::memcmp(at_, word.data(), word.size()) != 0) return false;
    at_ += word.size();
    return true;
  }

  bool value(int depth = 0) {
    if (at_ == end_ || depth > static_cast<int>(kJsonDepthMax)) return false;
    switch (*at_) {
      case '"':
        return string();
      case '{':
        return object(depth);
      case '[':
        return array(depth);
      case 't':
        return take("true");
      case 'f':
        return take("false");
      case 'n':
        return take("null");
      default:
        return number();
    }
  }

  /// `slice` receives the text between the quotes.
  bool string(std::string_view* slice = nullptr) {
    if (!take('"')) return false;
    const char* begin = at_;
    while (true) {
      skip_plain();
      if (at_ == end_) return false;
      const auto c = static_cast<unsigned char>(*at_);
      if (c == '"') break;
      if (c == '\\' ? !escape() : c < 0x20 || !multibyte()) return false;
    }
    if (slice != nullptr) *slice = {begin, static_cast<std::size_t>(at_ - begin)};
    ++at_;
    return true;
  }

  bool number(std::int64_t* out = nullptr) {
    constexpr std::int64_t largest = (std::int64_t{1} << 53) - 1;
    const bool negative = take('-');
    const char* begin = at_;
    std::int64_t value = 0;
    while (at_ != end_ && *at_ >= '0' && *at_ <= '9' && at_ - begin < 17) value = value * 10 + (*at_++ - '0');
    const auto digits = at_ - begin;
    if (digits == 0 || value > largest || (*begin == '0' && (digits > 1 || negative))) return false;
    if (out != nullptr) *out = negative ? -value : value;
    return true;
  }

 private:
  /// Moves on to the next quote, backslash, control character or byte beyond ASCII; eight bytes at a time.
  void skip_plain() {
    using eight_bytes::equal;
    while (end_ - at_ >= 8) {
      const std::uint64_t word = eight_bytes::load(at_);
      const std::uint64_t stop =
          equal(word, '"') | equal(word, '\\') | eight_bytes::below_space(word) | eight_bytes::beyond_ascii(word);
      if (stop == 0) {
        at_ += 8;
      } else {
        if constexpr (std::endian::native == std::endian::little) at_ += std::countr_zero(stop) / 8;
        break;
      }
    }
    while (at_ != end_ && static_cast<signed char>(*at_) >= 0x20 && *at_ != '"' && *at_ != '\\') ++at_;
  }

  bool escape() {
    ++at_;
    if (at_ == end_) return false;
    if (*at_ == '"') return ++at_, true;  // nearly all of them: a body within an export
    if (std::strchr("\"\\bfnrt", *at_) != nullptr && *at_ != '\0') return ++at_, true;
    if (end_ - at_ < 5 || !take("u00")) return false;
    // Only control characters that have no short form, in lower case.
    const char high = at_[0], low = at_[1];
    const bool short_form = high == '0' && (low == '8' || low == '9' || low == 'a' || low == 'c' || low == 'd');
    const bool digit = (low >= '0' && low <= '9') || (low >= 'a' && low <= 'f');
    at_ += 2;
    return (high == '0' || high == '1') && digit && !short_form;
  }

  /// One UTF-8 sequence of two to four bytes: shortest form, no surrogates, at most U+10FFFF.
  bool multibyte() {
    const auto byte = [this](int i) { return at_ + i < end_ ? static_cast<unsigned char>(at_[i]) : 0u; };
    const auto tail = [&](int i) { return (byte(i) & 0xC0) == 0x80; };
    const unsigned first = byte(0), second = byte(1);
    int length = 0;
    if (first >= 0xC2 && first <= 0xDF)
      length = 2;
    else if (first >= 0xE0 && first <= 0xEF)
      length = 3;
    else if (first >= 0xF0 && first <= 0xF4)
      length = 4;
    if (length == 0) return false;
    for (int i = 1; i < length; ++i)
      if (!tail(i)) return false;
    if ((first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F) || (first == 0xF0 && second < 0x90) ||
        (first == 0xF4 && second > 0x8F))
      return false;
    at_ += length;
    return true;
  }

  bool array(int depth) {
    if (!take('[')) return false;
    if (take(']')) return true;
    do {
      if (!value(depth + 1)) return false;
    } while (take(','));
    return take(']');
  }

  bool object(int depth) {
    if (!take('{')) return false;
    if (take('}')) return true;
    std::string_view before;
    bool first = true;
    do {
      std::string_view key;
      if (!string(&key) || (!first && !precedes(before, key)) || !take(':') || !value(depth + 1)) return false;
      before = key;
      first = false;
    } while (take(','));
    return take('}');
  }

  /// Compares keys with their escapes undone.
  static bool precedes(std::string_view left, std::string_view right) {
    if (left.find('\\') == left.npos && right.find('\\') == right.npos) return left < right;
    const auto said = [](std::string_view key) { return parse_or_discard("\"" + std::string(key) + "\""); };
    return said(left) < said(right);
  }

  const char* at_;
  const char* end_;
};

bool text_member(Scanner& scanner, std::string_view key, std::string_view& out) {
  return scanner.take(key) && scanner.string(&out);
}

bool null_or_text(Scanner& scanner, std::string_view& out) { return scanner.take("null") || scanner.string(&out); }

}  // namespace

std::size_t canonical_length(std::string_view text) {
  Scanner scanner(text);
  return scanner.value() ? static_cast<std::size_t>(scanner.at() - text.data()) : 0;
}

std::optional<BodyFacts> read_body(std::string_view body) {
  // Canonical keys are sorted, so a body has only one layout.
  Scanner s(body);
  BodyFacts facts;
  std::string_view ignored;
  std::int64_t version = 0;
  const bool whole =
      text_member(s, R"({"action":)", facts.action) && text_member(s, R"(,"actor":{"id":)", facts.actor_id) &&
      text_member(s, R"(,"token":)", ignored) && text_member(s, R"(,"type":)", ignored) &&
      text_member(s, R"(},"at":)", facts.at) && text_member(s, R"(,"details_sha256":)", facts.details_sha256) &&
      text_member(s, R"(,"env":)", facts.env) && s.take(R"(,"gates":)") && s.value() &&
      text_member(s, R"(,"request_id":)", ignored) && text_member(s, R"(,"result":)", facts.result) &&
      s.take(R"(,"run_id":)") && null_or_text(s, ignored) && s.take(R"(,"seq":)") && s.number(&facts.seq) &&
      s.take(R"(,"subject":{"id":)") && null_or_text(s, facts.subject_id) &&
      text_member(s, R"(,"type":)", facts.subject_type) && text_member(s, R"(},"surface":)", ignored) &&
      text_member(s, R"(,"tenant":)", facts.tenant) && text_member(s, R"(,"trace_id":)", facts.trace_id) &&
      s.take(R"(,"v":)") && s.number(&version) && s.take('}') && s.done();
  return whole && version == 1 ? std::optional(facts) : std::nullopt;
}

}  // namespace nexus::audit
