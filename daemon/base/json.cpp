#include "daemon/base/json.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

#include "daemon/base/eight_bytes.hpp"
#include "daemon/base/text.hpp"

namespace nexus {
namespace {

/// Builds the value and checks repeated keys and depth, which nlohmann's own builder does not.
///
/// Refused: nlohmann's parser with a callback. At the end of each object it looks at every member of the parent: a list
/// of empty objects of 1 MiB costs 6e10 steps.
class StrictBuilder : public nlohmann::json_sax<Json> {
 public:
  Json take() { return std::move(root_); }

  bool null() override { return put(nullptr); }
  bool boolean(bool value) override { return put(value); }
  bool number_integer(number_integer_t value) override { return put(value); }
  bool number_unsigned(number_unsigned_t value) override { return put(value); }
  bool number_float(number_float_t value, const string_t& text) override {
    if (text.find_first_of(".eE") == std::string::npos) throw JsonError("a whole number is beyond 64 bits");
    if (!std::isfinite(value)) throw JsonError("a number is beyond the range of a double");
    const bool zero = text.find_first_of("123456789") >= text.find_first_of("eE");
    if (!zero && !std::isnormal(value) && Json(value).dump() != text)  // what we print ourselves is read back
      throw JsonError("a number is nearer to 0 than a double holds");
    return put(value);
  }
  bool string(string_t& value) override { return put(std::move(value)); }
  bool binary(binary_t&) override { return false; }

  bool start_object(std::size_t) override { return open(Json::object()); }
  bool start_array(std::size_t) override { return open(Json::array()); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }

  bool key(string_t& name) override {
    if (stack_.back()->contains(name)) throw JsonError("an object has the same key twice");
    key_ = std::move(name);
    return true;
  }

  bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception& error) override {
    // Only the lexer's numeric overflow (1e400) arrives with this id; everything else is bad syntax.
    if (error.id == 406) throw JsonError("a number is beyond the range of a double");
    throw JsonError("not valid JSON at byte " + std::to_string(position));
  }

 private:
  Json* place(Json value) {
    if (stack_.empty()) {
      root_ = std::move(value);
      return &root_;
    }
    Json& parent = *stack_.back();
    if (parent.is_array()) {
      parent.push_back(std::move(value));
      return &parent.back();
    }
    return &(parent[key_] = std::move(value));
  }
  bool put(Json value) { return place(std::move(value)) != nullptr; }
  bool open(Json value) {
    if (stack_.size() == kJsonDepthMax) throw JsonError("nested deeper than " + std::to_string(kJsonDepthMax));
    stack_.push_back(place(std::move(value)));
    return true;
  }
  bool close() {
    stack_.pop_back();
    return true;
  }

  Json root_;
  std::vector<Json*> stack_;  // open containers; a container never moves while a child of it is open
  std::string key_;
};

constexpr std::int64_t kSafeInteger = (std::int64_t{1} << 53) - 1;

void require_canonical(const Json& value) {
  if (value.is_number_float()) throw JsonError("a float has no canonical form here");
  const bool beyond = value.is_number_unsigned()
                          ? value.get<std::uint64_t>() > static_cast<std::uint64_t>(kSafeInteger)
                          : value.is_number_integer() &&
                                (value.get<std::int64_t>() < -kSafeInteger || value.get<std::int64_t>() > kSafeInteger);
  if (beyond) throw JsonError("an integer is beyond 2^53-1");
  if (value.is_structured())
    for (const auto& child : value) require_canonical(child);
}

constexpr std::string_view kShortEscapes = "\"\\\b\f\n\r\t";

/// The first byte from `at` on that has an escape in a JSON string.
std::size_t find_escaped(std::string_view text, std::size_t at) {
  using eight_bytes::equal;
  return eight_bytes::find(
      text, at,
      [](std::uint64_t word) { return eight_bytes::below_space(word) | equal(word, '"') | equal(word, '\\'); },
      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\'; });
}

/// Writes compact JSON, byte for byte as nlohmann's serializer does. That one allocates ten times for each text, and
/// looks at each byte through a table of UTF-8.
class TextWriter {
 public:
  TextWriter(std::string& out, Json::error_handler_t not_utf8) : out_(out), not_utf8_(not_utf8) {}

  void write(const Json& value) {
    switch (value.type()) {
      case Json::value_t::object:
        return write_object(value.get_ref<const Json::object_t&>());
      case Json::value_t::array:
        return write_array(value.get_ref<const Json::array_t&>());
      case Json::value_t::string:
        return write_string(value.get_ref<const std::string&>());
      case Json::value_t::null:
        out_ += "null";
        return;
      case Json::value_t::boolean:
        out_ += value.get<bool>() ? "true" : "false";
        return;
      case Json::value_t::number_integer:
        return write_integer(value.get<std::int64_t>());
      case Json::value_t::number_unsigned:
        return write_integer(value.get<std::uint64_t>());
      default:
        out_ += value.dump();
    }
  }

  void write_string(std::string_view text) {
    if (!is_utf8(text)) {
      out_ += Json(text).dump(-1, ' ', false, not_utf8_);
      return;
    }
    out_ += '"';
    std::size_t written = 0;
    for (std::size_t at = find_escaped(text, 0); at < text.size(); at = find_escaped(text, at + 1)) {
      out_.append(text, written, at - written);
      write_escape(text[at]);
      written = at + 1;
    }
    out_.append(text, written).append(1, '"');
  }

 private:
  void write_object(const Json::object_t& object) {
    char before = '{';
    for (const auto& [name, value] : object) {
      out_ += std::exchange(before, ',');
      write_string(name);
      out_ += ':';
      write(value);
    }
    out_.append(object.empty() ? "{}" : "}");
  }

  void write_array(const Json::array_t& array) {
    char before = '[';
    for (const Json& value : array) {
      out_ += std::exchange(before, ',');
      write(value);
    }
    out_.append(array.empty() ? "[]" : "]");
  }

  void write_escape(char c) {
    constexpr std::string_view letters = "\"\\bfnrt", digits = "0123456789abcdef";
    if (const std::size_t at = kShortEscapes.find(c); at != std::string_view::npos)
      out_.append(1, '\\').append(1, letters[at]);
    else
      out_.append("\\u00").append(1, digits[static_cast<unsigned char>(c) >> 4]).append(1, digits[c & 15]);
  }

  template <class Integer>
  void write_integer(Integer value) {
    char digits[24];
    out_.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
  }

  std::string& out_;
  Json::error_handler_t not_utf8_;
};

std::string written(const Json& value, Json::error_handler_t not_utf8) {
  std::string out;
  out.reserve(text_size(value));
  TextWriter(out, not_utf8).write(value);
  return out;
}

std::size_t text_size(std::string_view text) {
  std::size_t size = text.size() + 2;
  for (std::size_t at = find_escaped(text, 0); at < text.size(); at = find_escaped(text, at + 1))
    size += kShortEscapes.find(text[at]) != std::string_view::npos ? 1 : 5;  // \n, or \u00XX
  return size;
}

}  // namespace

void set_text(Json& json, const char* text) { json = std::string(text); }

Json make_object(std::initializer_list<JsonField> fields) {
  Json object = Json::object();
  auto& members = object.get_ref<Json::object_t&>();
  for (const JsonField& field : fields) members.emplace(field.name, std::move(field.value));
  return object;
}

Json parse_json(std::string_view text) {
  // nlohmann's lexer skips a byte order mark, and takes a NUL for the end of the text.
  if (text.starts_with("\xEF\xBB\xBF")) throw JsonError("not valid JSON at byte 0: a byte order mark");
  if (text.find('\0') != std::string_view::npos) throw JsonError("not valid JSON");
  StrictBuilder builder;
  if (!Json::sax_parse(text.begin(), text.end(), &builder)) throw JsonError("not valid JSON");
  return builder.take();
}

Json parse_own_json(std::string_view text) { return Json::parse(text); }

Json parse_or_discard(std::string_view text) { return Json::parse(text, nullptr, false); }

std::string canonical(const Json& value) {
  require_canonical(value);
  try {
    return written(value, Json::error_handler_t::strict);
  } catch (const Json::exception&) {
    throw JsonError("a text is not valid UTF-8");
  }
}

void append_canonical(std::string& out, std::string_view text) {
  try {
    TextWriter(out, Json::error_handler_t::strict).write_string(text);
  } catch (const Json::exception&) {
    throw JsonError("a text is not valid UTF-8");
  }
}

std::size_t text_size(const Json& value) {
  if (value.is_string()) return text_size(std::string_view(value.get_ref<const std::string&>()));
  if (!value.is_structured()) {
    std::string text;  // of most numbers, without an allocation
    TextWriter(text, Json::error_handler_t::replace).write(value);
    return text.size();
  }
  std::size_t size = std::max<std::size_t>(value.size(), 1) + 1;  // the commas and both brackets
  if (value.is_object())
    for (const auto& [name, child] : value.get_ref<const Json::object_t&>())
      size += text_size(std::string_view(name)) + 1 + text_size(child);
  else
    for (const Json& child : value) size += text_size(child);
  return size;
}

std::string to_text(const Json& value) { return written(value, Json::error_handler_t::replace); }

Json time_or_null(const std::optional<Micros>& at) { return at ? Json(to_rfc3339(*at)) : Json(); }

}  // namespace nexus
