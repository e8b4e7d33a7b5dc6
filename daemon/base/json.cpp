#include "daemon/base/json.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

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
  bool number_float(number_float_t value, const string_t&) override {
    if (!std::isfinite(value)) throw JsonError("a number is beyond the range of a double");
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

std::size_t text_size(std::string_view text) {
  std::size_t size = text.size() + 2;
  for (const char c : text) {
    if (c == '"' || c == '\\' || c == '\b' || c == '\f' || c == '\n' || c == '\r' || c == '\t')
      size += 1;
    else if (static_cast<unsigned char>(c) < 0x20)
      size += 5;  // as \u00XX
  }
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
    return value.dump();
  } catch (const Json::exception&) {
    throw JsonError("a text is not valid UTF-8");
  }
}

std::size_t text_size(const Json& value) {
  if (value.is_string()) return text_size(std::string_view(value.get_ref<const std::string&>()));
  if (!value.is_structured()) return to_text(value).size();
  std::size_t size = std::max<std::size_t>(value.size(), 1) + 1;  // the commas and both brackets
  if (value.is_object())
    for (const auto& [name, child] : value.get_ref<const Json::object_t&>())
      size += text_size(std::string_view(name)) + 1 + text_size(child);
  else
    for (const Json& child : value) size += text_size(child);
  return size;
}

std::string to_text(const Json& value) { return value.dump(-1, ' ', false, Json::error_handler_t::replace); }

Json time_or_null(const std::optional<Micros>& at) { return at ? Json(to_rfc3339(*at)) : Json(); }

}  // namespace nexus
