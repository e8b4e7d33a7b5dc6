#include "daemon/http/input.hpp"

#include "daemon/base/text.hpp"
#include "daemon/guard/problems.hpp"
#include "daemon/http/body_reader.hpp"
#include "daemon/http/problems.hpp"

namespace nexus::http {
namespace {

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
  const Json no_body = Json::object();
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

}  // namespace nexus::http
