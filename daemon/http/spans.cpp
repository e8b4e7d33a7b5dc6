#include "daemon/http/spans.hpp"

namespace nexus::http {
namespace {

/// Names of OpenTelemetry's semantic conventions, and `nexus.` before our own.
std::vector<Span::Attribute> attributes_of(const AccessLine& line) {
  const Caller& caller = line.caller;
  std::vector<Span::Attribute> out;
  const auto add = [&](std::string_view key, std::string_view text) {
    if (!text.empty()) out.emplace_back(key, std::string(text));
  };
  add("http.request.method", line.method);
  if (line.route != nullptr) add("http.route", line.route->path);
  out.emplace_back("http.response.status_code", std::int64_t{line.status});
  if (line.refusal != nullptr) add("nexus.code", line.refusal->code);
  if (caller.tenant_id) add("nexus.tenant", caller.tenant_id->str());
  if (caller.env_id) add("nexus.env", to_string(*caller.env_id));
  add("user.id", caller.user_id);
  add("nexus.token_id", caller.token_id);
  add("nexus.request_id", caller.request_id);
  if (line.bytes) out.emplace_back("http.response.body.size", static_cast<std::int64_t>(*line.bytes));
  if (line.client) add("client.address", line.client->text());
  return out;
}

std::string name_of(const AccessLine& line) {
  const std::string method(line.method.empty() ? "HTTP" : line.method);
  return line.route == nullptr ? method : method + " " + line.route->path;
}

}  // namespace

void tell_request(const SpanContext& context, const AccessLine& line) noexcept try {
  const Micros now = now_micros();
  context.sink->take({.context = context,
                      .kind = Span::Kind::server,
                      .name = name_of(line),
                      .begun = now - line.took.count(),
                      .ended = now,
                      .failed = line.status >= 500,
                      .attributes = attributes_of(line)});
} catch (const std::exception&) {
}

store::Done told_of_unit(const Exchange& exchange, const store::Done& done) {
  // On the writer's thread: nothing here may fail and keep the answer back.
  return [context = exchange.span.child(), begun = now_micros(), done](const store::Result& result) {
    context.sink->take({.context = context,
                        .name = "writer unit",
                        .begun = begun,
                        .ended = now_micros(),
                        .failed = result.outcome != store::Outcome::applied});
    done(result);
  };
}

FairExecutor::Task within(const Exchange& exchange, FairExecutor::Task task) {
  if (!exchange.span.is_recorded()) return task;
  return [context = exchange.span, task = std::move(task)] {
    const SpanScope scope(context);
    task();
  };
}

}  // namespace nexus::http
