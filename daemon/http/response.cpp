#include "daemon/http/response.hpp"

namespace nexus::http {

Response problem_response(const Problem& problem, std::string_view request_id, std::string_view trace_id) {
  const CodeInfo& row = info(problem.code);
  Json body = {{"type", "/problems/" + std::string(row.code)},
               {"title", row.title},
               {"status", row.status},
               {"detail", problem.detail.empty() ? std::string(row.title) : problem.detail},
               {"code", row.code},
               {"request_id", request_id},
               {"trace_id", trace_id}};
  if (!problem.errors.empty()) {
    Json errors = Json::array();
    for (const auto& error : problem.errors) errors.push_back({{"pointer", error.pointer}, {"detail", error.detail}});
    body["errors"] = std::move(errors);
  }
  if (!problem.decision.is_null()) body["decision"] = problem.decision;
  if (!problem.remedy.empty()) body["remedy"] = problem.remedy;
  if (problem.retry_after) body["retry_after"] = *problem.retry_after;
  Response response = json_response(row.status, body);
  response.content_type = "application/problem+json";
  response.refusal = &row;
  if (problem.retry_after) response.set("Retry-After", std::to_string(*problem.retry_after));
  if (row.status == 401) response.set("WWW-Authenticate", "Bearer");
  if (row.status == 426) {  // RFC 9110 section 15.5.22, RFC 6455 section 4.4
    response.set("Connection", "Upgrade");
    response.set("Upgrade", "websocket");
    response.set("Sec-WebSocket-Version", "13");
  }
  return response;
}

}  // namespace nexus::http
