// The way of a read through the dispatcher: gates and query in one snapshot; then, with the snapshot given back, what
// other servers must confirm; then the answer. Reads that a gate refuses, or that the system role makes, leave a row:
// write_path.cpp writes it.
#include "daemon/gates/chain.hpp"
#include "daemon/http/dispatcher.hpp"
#include "daemon/http/run_entry.hpp"

namespace nexus::http {

void Dispatcher::run_read(const ExchangePtr& exchange, const Query& query, const Done& done) {
  const Route& route = *exchange->route;
  const bool body_came_between = !exchange->lease;
  if (body_came_between) exchange->lease.emplace(database_.read());
  const store::Reader& reader = exchange->lease->reader();
  if (body_came_between) judge_again(*exchange, reader);
  const auto run_fault = enter_run(reader, *exchange);
  if (route.demand.access != Access::open) {  // a caller who is switched off reads nothing, gated or not
    const auto decision = gates::decide(reader, question_of(*exchange));
    if (decision.blocked() != nullptr) return audit_blocked_read(exchange, query, done);
  }
  Response response;
  try {
    if (run_fault) throw Problem(*run_fault);
    response = answer_read(*exchange, reader, query);
  } catch (...) {
    response = failure(*exchange, std::current_exception());
  }
  exchange->lease.reset();
  end_read(exchange, std::move(response), done);
}

/// Other servers first, where the read wants their word; then the row of a look that the system role takes at a tenant.
void Dispatcher::end_read(const ExchangePtr& exchange, Response response, const Done& done) {
  if (auto confirm = std::exchange(exchange->confirm, nullptr)) {
    options_.run_storage([this, exchange, confirm, done, held = std::make_shared<Response>(std::move(response))] {
      try {
        confirm();
      } catch (...) {
        *held = failure(*exchange, std::current_exception());
      }
      end_read(exchange, std::move(*held), done);
    });
    return;
  }
  const Caller& caller = exchange->caller;
  if (caller.is_system() && exchange->route->demand.scope == Scope::header && !caller.tenant().is_system())
    return audit_system_read(exchange, std::move(response), done);
  finish_read(exchange, std::move(response), done);
}

/// The answer first, then what is told of it.
void Dispatcher::finish_read(const ExchangePtr& exchange, Response response, const Done& done) {
  done(std::move(response));
  read_events_.record(exchange->caller, exchange->route->surface, std::exchange(exchange->told, {}));
}

Response Dispatcher::answer_read(Exchange& exchange, const store::Reader& reader, const Query& query) {
  Reply reply = query(reader, exchange.caller);
  Response response = json_response(reply.status, reply.json);
  if (reply.json.is_null()) {
    response.body.clear();
    response.content_type.clear();
  }
  if (!reply.content_type.empty()) {
    response.body = std::move(reply.text);
    response.content_type = std::move(reply.content_type);
    response.stream = std::move(reply.stream);
  }
  response.fields = std::move(reply.fields);
  response.opens = std::move(reply.opens);
  exchange.told = std::move(reply.events);
  exchange.confirm = std::move(reply.confirm);
  return response;
}

}  // namespace nexus::http
