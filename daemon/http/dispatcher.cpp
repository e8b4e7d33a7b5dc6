#include "daemon/http/dispatcher.hpp"

#include "daemon/http/input.hpp"

namespace nexus::http {
namespace {

/// A larger body is parsed on a thread that computes: the words of a card are folded there, too.
constexpr std::size_t kParsedAtOnceMax = 64 * limits::KiB;

}  // namespace

Dispatcher::Dispatcher(RouteTable routes, store::Database& database, Guard& guard, DispatcherOptions options)
    : routes_(std::move(routes)), common_{database, guard, std::move(options)} {}

void Dispatcher::run(const ExchangePtr& exchange, std::string body, Done done) {
  if (body.size() <= kParsedAtOnceMax) return run_here(exchange, body, done);
  exchange->lease.reset();  // what waits for a thread holds no snapshot
  try {
    begin_on(common_.long_reads, *exchange,
             [this, exchange, body = std::move(body), done] { run_here(exchange, body, done); });
  } catch (...) {
    done(common_.answers.failure(*exchange, std::current_exception()));
  }
}

void Dispatcher::run_here(const ExchangePtr& exchange, const std::string& body, const Done& done) {
  try {
    parse_and_run(exchange, body, done);
  } catch (...) {
    done(common_.answers.failure(*exchange, std::current_exception()));
  }
}

void Dispatcher::parse_and_run(const ExchangePtr& exchange, const std::string& body, const Done& done) {
  const Route& route = *exchange->route;
  if (const auto* open = std::get_if<OpenHandler>(&route.handler)) {
    judge_open_query(*exchange);
    return done((*open)(exchange->head, exchange->params));
  }

  Json json = take_json(*exchange, body);
  if (const auto* read = std::get_if<ReadHandler>(&route.handler)) {
    Query ask;
    read_input(*exchange, std::move(json), body, [&](Input& input) { ask = (*read)(input); });
    return route.takes_long ? reads_.run_long(exchange, ask, done) : reads_.run(exchange, ask, done);
  }
  if (const auto* stream = std::get_if<StreamHandler>(&route.handler)) {
    StreamHandler::Open open;
    read_input(*exchange, std::move(json), body, [&](Input& input) { open = stream->parse(input); });
    const auto allow_again = exchange->lease ? nullptr : stream->allow;  // a ticket was used up, or a body came, since
    const Query query = [open, allow_again, &route](const store::Reader& reader, const Caller& caller) {
      if (allow_again) allow_again(reader, caller);
      return open(reader, caller, route);
    };
    return reads_.run(exchange, query, done);
  }
  const auto* form = std::get_if<FormHandler>(&route.handler);
  const WriteHandler& handler = form != nullptr ? form->json : std::get<WriteHandler>(route.handler);
  Write write;
  read_input(*exchange, std::move(json), body, [&](Input& input) { write = handler(input); });
  writes_.run(exchange, std::move(write), body, done);
}

std::unique_ptr<BodySink> Dispatcher::open_sink(const Exchange& exchange) {
  return std::get<UploadHandler>(exchange.route->handler)(exchange.head, exchange.params);
}

void Dispatcher::tick() {
  common_.answers.flush_refusals();
  common_.answers.access_log().tick();
  reads_.events().retry();
}

void Dispatcher::tidy() { admission_.flush(); }

void Dispatcher::flush() {
  common_.answers.flush_refusals(true);
  reads_.events().flush();
  admission_.flush();
}

}  // namespace nexus::http
