#include "daemon/http/reads.hpp"

#include <algorithm>

#include "daemon/base/etag.hpp"
#include "daemon/gates/chain.hpp"
#include "daemon/http/long_answer.hpp"

namespace nexus::http {
namespace {

/// A document that the client has already is not sent again: 304 (RFC 9110 13.1.2).
void leave_out_what_is_held(Response& response, const RequestHead& head) {
  const std::string* held = head.find("if-none-match");
  const auto etag = std::ranges::find(response.fields, "ETag", &std::pair<std::string, std::string>::first);
  if (held == nullptr || etag == response.fields.end() || !if_none_match_names(*held, etag->second)) return;
  response.status = 304;
  response.body.clear();
  response.content_type.clear();
}

}  // namespace

void Reads::run_long(const ExchangePtr& exchange, const Query& query, const Done& done) {
  exchange->lease.reset();  // a read that waits for a thread holds no snapshot
  begin_on(common_.long_reads, *exchange, [this, exchange, query, done] {
    try {
      run(exchange, query, done);
    } catch (...) {
      done(common_.answers.failure(*exchange, std::current_exception()));
    }
  });
}

void Reads::run(const ExchangePtr& exchange, const Query& query, const Done& done) {
  const Route& route = *exchange->route;
  const bool body_came_between = !exchange->lease;
  if (body_came_between) exchange->lease.emplace(common_.database.read());
  const store::Reader& reader = exchange->lease->reader();
  if (body_came_between) admission_.recheck(reader, *exchange);
  const auto run_fault = enter_run(reader, *exchange);
  if (route.demand.access != Access::open) {  // a caller who is switched off reads nothing, gated or not
    const auto decision = gates::decide(reader, common_.questions.of(*exchange));
    note_verdicts(*exchange, decision);
    if (decision.blocked() != nullptr) return audit_block(exchange, query, done);
  }
  Response response;
  try {
    if (run_fault) throw Problem(*run_fault);
    response = answer(exchange, reader, query);
  } catch (...) {
    response = common_.answers.failure(*exchange, std::current_exception());
  }
  exchange->lease.reset();
  end(exchange, std::move(response), done);
}

/// Asks other servers first, where the read needs it. Then writes the audit row when the system role reads a tenant's
/// data.
void Reads::end(const ExchangePtr& exchange, Response response, const Done& done) {
  if (exchange->confirm) return confirm(exchange, std::move(response), done);
  const Caller& caller = exchange->caller;
  if (caller.is_system() && exchange->route->demand.scope == Scope::header && !caller.tenant().is_system())
    return audit_system_read(exchange, std::move(response), done);
  finish(exchange, std::move(response), done);
}

void Reads::confirm(const ExchangePtr& exchange, Response response, const Done& done) {
  const auto held = std::make_shared<Response>(std::move(response));
  const auto task = [this, exchange, ask = std::exchange(exchange->confirm, nullptr), held, done] {
    try {
      ask();
      // Other servers take time: a caller who lost access meanwhile gets nothing.
      const auto refused = admission_.refusal_now(common_.database.read().reader(), *exchange->route, exchange->caller);
      if (refused) throw Problem(*refused);
    } catch (...) {
      *held = common_.answers.failure(*exchange, std::current_exception());
    }
    end(exchange, std::move(*held), done);
  };
  try {
    begin_on(common_.storage, *exchange, task);
  } catch (const Problem& problem) {
    end(exchange, common_.answers.refuse(*exchange, problem), done);
  }
}

/// Answers first, then records the read's events.
void Reads::finish(const ExchangePtr& exchange, Response response, const Done& done) {
  done(std::move(response));
  events_.record(exchange->caller, exchange->route->surface, std::exchange(exchange->activity, {}));
}

Response Reads::answer(const ExchangePtr& exchange, const store::Reader& reader, const Query& query) {
  Reply reply = query(reader, exchange->caller);
  Response response = json_response(reply.status, reply.json);
  if (!reply.content_type.empty()) {
    response.body = std::move(reply.text);
    response.content_type = std::move(reply.content_type);
    if (reply.stream) response.stream = judged_at_each_page(common_, admission_, exchange, std::move(reply.stream));
  }
  response.fields = std::move(reply.fields);
  leave_out_what_is_held(response, exchange->head);
  response.opens = std::move(reply.opens);
  exchange->activity = std::move(reply.events);
  exchange->confirm = std::move(reply.confirm);
  return response;
}

void Reads::audit_block(const ExchangePtr& exchange, const Query& query, const Done& done) {
  exchange->lease.reset();
  auto lifted = std::make_shared<bool>(false);
  const auto unit = [this, exchange, query, lifted](store::Tx& tx, Response& response) {
    const auto decision = gates::decide(tx, common_.questions.of(*exchange));
    note_verdicts(*exchange, decision);
    *lifted = decision.blocked() == nullptr;  // the gates let pass now: the read is answered here
    response = *lifted ? answer(exchange, tx, query)
                       : append_block(tx, common_.options.instance_id, act_of(*exchange), decision);
  };
  const auto then = [this, exchange, lifted, done](Response response) {
    *lifted ? end(exchange, std::move(response), done) : finish(exchange, std::move(response), done);
  };
  commit(exchange, {}, unit, then, done);
}

/// A read of a tenant's data by the system role is refused if it cannot be recorded.
void Reads::audit_system_read(const ExchangePtr& exchange, Response response, const Done& done) {
  const auto unit = [this, exchange](store::Tx& tx, const Response& held) {
    audit::Act act = act_of(*exchange);
    act.action = "system_read";
    act.details["action"] = exchange->route->action;
    act.details["status"] = held.status;
    append_row(tx, common_.options.instance_id, act, now_micros());
  };
  const auto then = [this, exchange, done](Response held) { finish(exchange, std::move(held), done); };
  commit(exchange, std::move(response), unit, then, done);
}

bool Reads::allows(const store::Reader& reader, const Route& route, const Caller& caller, const Done& refused) {
  const auto exchange = std::make_shared<Exchange>();
  exchange->route = &route;
  exchange->caller = admission_.recheck(reader, route, caller);
  const auto decision = common_.questions.judge_switches(reader, route, exchange->caller);
  if (decision.blocked() == nullptr) return true;
  const auto unit = [this, exchange, decision](store::Tx& tx, Response& response) {
    response = append_block(tx, common_.options.instance_id, act_of(*exchange), decision);
  };
  commit(exchange, {}, unit, refused, refused);
  return false;
}

/// Runs a unit of the writer, which may set the answer. Once it is committed, `then` gets the answer; else `failed`
/// gets the refusal.
void Reads::commit(const ExchangePtr& exchange, Response response, Unit unit, Done then, const Done& failed) {
  const auto held = std::make_shared<Response>(std::move(response));
  const auto run = [unit = std::move(unit), held](store::Tx& tx) { unit(tx, *held); };
  submit(common_.database, *exchange, 0, run,
         [this, exchange, held, then = std::move(then), failed](const store::Result& result) {
           if (result.outcome == store::Outcome::applied) return then(std::move(*held));
           failed(common_.answers.failure(*exchange, result));
         });
}

}  // namespace nexus::http
