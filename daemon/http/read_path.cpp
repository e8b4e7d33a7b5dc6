// The way of a read through the dispatcher: gates and query in one snapshot; then, with the snapshot given back, what
// other servers must confirm; then the answer. Reads that a gate refuses, or that the system role makes, leave a row:
// write_path.cpp writes it.
#include "daemon/gates/chain.hpp"
#include "daemon/http/dispatcher.hpp"
#include "daemon/http/run_entry.hpp"
#include "daemon/log.hpp"

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
    response = answer_read(exchange, reader, query);
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
        // Other servers took their time: who was put out meanwhile gets nothing.
        const auto refused = judge_again(database_.read().reader(), *exchange->route, exchange->caller);
        if (refused) throw Problem(*refused);
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

Response Dispatcher::answer_read(const ExchangePtr& exchange, const store::Reader& reader, const Query& query) {
  Reply reply = query(reader, exchange->caller);
  Response response = json_response(reply.status, reply.json);
  if (reply.json.is_null()) {
    response.body.clear();
    response.content_type.clear();
  }
  if (!reply.content_type.empty()) {
    response.body = std::move(reply.text);
    response.content_type = std::move(reply.content_type);
    if (reply.stream) response.stream = judged_at_each_page(exchange, std::move(reply.stream));
  }
  response.fields = std::move(reply.fields);
  response.opens = std::move(reply.opens);
  exchange->told = std::move(reply.events);
  exchange->confirm = std::move(reply.confirm);
  return response;
}

/// A long answer is pulled page by page, and who may no longer have it gets no page more: the connection is cut, and
/// what makes the answer whole (an export's last line, the end of the chunks) never comes. The caller is judged behind
/// the page, in a snapshot that is not older: what was written after he was put out is in no page that he gets.
Dispatcher::Pull Dispatcher::judged_at_each_page(const ExchangePtr& exchange, Pull pull) {
  return [this, exchange, pull = std::move(pull)](std::string& page) {
    const bool more = pull(page);
    const Caller& caller = exchange->caller;
    std::optional<Code> refused;
    if (!caller.is_system() && is_expired(caller.scope, now_micros())) refused = Code::auth_token_expired;
    if (!refused) refused = judge_again(database_.read().reader(), *exchange->route, caller);
    if (!refused) return more;
    page.clear();
    log::info("a long answer was cut", {{"route", exchange->route->path}, {"code", std::string(info(*refused).code)}});
    refuse(*exchange, Problem(*refused));
    throw Problem(*refused);
  };
}

}  // namespace nexus::http
