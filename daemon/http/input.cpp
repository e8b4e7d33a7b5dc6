#include "daemon/http/input.hpp"

#include <algorithm>

#include "daemon/base/bytes.hpp"
#include "daemon/base/etag.hpp"
#include "daemon/base/text.hpp"
#include "daemon/guard/problems.hpp"
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

std::string_view media_type_of(Body body) {
  switch (body) {
    case Body::form:
    case Body::json_or_form:
      return "multipart/form-data";
    case Body::text:
      return "text/plain";
    case Body::none:
    case Body::json:
      break;
  }
  return "application/json";
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
    if (object.contains(name))
      throw Problem(problems::validation_failed, "a query parameter is sent twice")
          .with_errors({{"/query/" + name, "is sent twice"}});
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

Json take_json(const Exchange& exchange, const std::string& body) {
  const Route& route = *exchange.route;
  const bool wants_json = route.body == Body::json || route.body == Body::json_or_form;
  if (route.body == Body::text && !is_utf8(body)) throw Problem(problems::request_malformed, "the text is not UTF-8");
  const bool has_json = wants_json || (route.body != Body::text && !body.empty());
  return has_json ? parse_body(body) : Json::object();
}

void read_input(const Exchange& exchange, Json json, std::string_view raw_body,
                const std::function<void(Input&)>& parser) {
  const Route& route = *exchange.route;
  Json query = parse_query(exchange.head.query());
  if (route.demand.streams) query.erase("ticket");  // the guard has read it
  bool agreed = true;
  if (route.demand.scope != Scope::none)
    for (Json* said : {&query, &json}) agreed = take_assertions(*said, exchange.caller) && agreed;
  Faults faults;
  model::refuse_nul(query, "/query", faults);
  model::refuse_nul(json, "", faults);
  faults.raise();
  Fields query_fields(query, "/query", faults);
  const bool batch = route.batch_max > 0 && json.is_array();
  static const Json no_body = Json::object();
  Fields body_fields(batch ? no_body : json, "", faults);
  std::vector<Fields> items = batch ? model::fields_of_array(json, route.batch_max, faults) : std::vector<Fields>{};
  Input input{exchange.head, exchange.params,   query_fields,    body_fields,
              raw_body,      exchange.base_url, exchange.caller, items};
  parser(input);
  if (!route.probed) query_fields.finish();
  body_fields.finish();
  for (Fields& item : items) item.finish();
  faults.raise();
  if (!agreed) throw Problem(problems::context_mismatch, "tenant_id and env must equal the context, or be left out");
}

void judge_open_query(const Exchange& exchange) {
  if (exchange.route->demand.access != Access::open || exchange.route->probed) return;
  const Json query = parse_query(exchange.head.query());
  Faults faults;
  Fields fields(query, "/query", faults);
  for (const auto& parameter : exchange.route->docs.query)
    fields.optional_text(parameter.name, {.min = 0, .max = limits::head_bytes_max});
  fields.finish();
  faults.raise();
}

void judge_entity(const Exchange& exchange) {
  const Route& route = *exchange.route;
  const std::string* type = exchange.head.find("content-type");
  const bool is_json = type != nullptr && is_media_type(*type, "application/json");
  const bool small = route.body == Body::json_or_form && is_json;
  const std::uint64_t most = small ? limits::json_body_bytes_max : route.body_bytes_max;
  if (exchange.head.content_length > most)
    throw Problem(problems::request_too_large, "this route takes at most " + std::to_string(most) + " bytes");
  // A route without a body accepts an empty object, or one that only asserts tenant and env.
  if (route.body == Body::none && !exchange.head.has_body) return;
  const std::string_view wanted = media_type_of(route.body);
  const bool fits = type != nullptr && (is_media_type(*type, wanted) || (route.body == Body::json_or_form && is_json) ||
                                        (route.body == Body::text && is_media_type(*type, "text/markdown")));
  if (!fits) throw Problem(problems::request_unsupported_media_type, "send Content-Type: " + std::string(wanted));
}

std::optional<std::string> take_if_match(const Input& input) {
  const std::string* match = input.head.find("if-match");
  return match != nullptr ? std::optional(*match) : std::nullopt;
}

void judge_if_match(const std::optional<std::string>& match, const std::string& etag) {
  if (!match || if_match_names(*match, etag)) return;
  throw Problem(problems::precondition_failed, "read the document again, then decide");
}

}  // namespace nexus::http
