#include "daemon/base/json.hpp"

#include <algorithm>
#include <cstdint>
#include <set>
#include <vector>

namespace nexus {
namespace {

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
  std::vector<std::set<std::string>> keys;  // of the open objects; empty for an open array
  using Event = Json::parse_event_t;
  const auto judge = [&](int, Event event, const Json& value) {
    if (event == Event::object_start || event == Event::array_start) {
      if (keys.size() == kJsonDepthMax) throw JsonError("nested deeper than " + std::to_string(kJsonDepthMax));
      keys.emplace_back();
    } else if (event == Event::object_end || event == Event::array_end) {
      keys.pop_back();
    } else if (event == Event::key && !keys.back().insert(value.get<std::string>()).second) {
      throw JsonError("an object has the same key twice");
    }
    return true;
  };
  try {
    return Json::parse(text, judge);
  } catch (const Json::parse_error& error) {
    throw JsonError("not valid JSON at byte " + std::to_string(error.byte));
  } catch (const Json::out_of_range&) {
    throw JsonError("a number is beyond the range of a double");
  }
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
