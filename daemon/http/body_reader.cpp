#include "daemon/http/body_reader.hpp"

#include <algorithm>

#include "daemon/base/bytes.hpp"
#include "daemon/base/problem.hpp"
#include "daemon/base/text.hpp"
#include "daemon/http/problems.hpp"
#include "daemon/model/problems.hpp"

namespace nexus::http {
namespace {

std::string decode_part(std::string_view text) {
  std::string spaced(text);
  std::ranges::replace(spaced, '+', ' ');  // application/x-www-form-urlencoded, as browsers write queries
  auto decoded = percent_decode(spaced);
  if (!decoded || !is_utf8(*decoded))
    throw Problem(problems::request_malformed, "the query is not percent-encoded UTF-8");
  return std::move(*decoded);
}

bool agrees(const Json& sent, std::string_view name, const Caller& caller) {
  if (!sent.is_string()) return false;
  const std::string text = lower_ascii(sent.get_ref<const std::string&>());
  if (name == "tenant_id") return caller.tenant_id && text == caller.tenant_id->str();
  const auto env = parse_env(text);
  return env && *env == caller.standing_env();
}

}  // namespace

bool is_media_type(std::string_view value, std::string_view wanted) {
  return iequals_ascii(trim_ascii(value.substr(0, value.find(';'))), wanted);
}

Json parse_query(std::string_view query) {
  Json object = Json::object();
  if (query.empty()) return object;
  for (const auto pair : split(query, '&')) {
    if (pair.empty()) continue;
    const std::size_t equals = pair.find('=');
    std::string name = decode_part(pair.substr(0, equals));
    std::string value = equals == std::string_view::npos ? "" : decode_part(pair.substr(equals + 1));
    if (object.contains(name)) {
      Problem problem(problems::validation_failed, "a query parameter is sent twice");
      throw problem.with_errors({{"/query/" + name, "is sent twice"}});
    }
    object[name] = std::move(value);
  }
  return object;
}

Json parse_body(std::string_view body) {
  try {
    return parse_json(body);
  } catch (const JsonError& error) {
    throw Problem(problems::request_invalid_json, error.what());
  }
}

bool take_assertions(Json& value, const Caller& caller) {
  bool agreed = true;
  if (value.is_array()) {
    for (auto& item : value) agreed = take_assertions(item, caller) && agreed;
  } else if (value.is_object()) {
    for (const char* name : {"tenant_id", "env"}) {
      const auto found = value.find(name);
      if (found == value.end()) continue;
      agreed = agrees(*found, name, caller) && agreed;
      value.erase(found);
    }
  }
  return agreed;
}

}  // namespace nexus::http
