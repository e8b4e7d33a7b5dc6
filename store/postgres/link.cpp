#include "store/postgres/link.hpp"

#include <poll.h>

#include <cerrno>

#include "store/postgres/libpq.hpp"
#include "store/postgres/sqlstate.hpp"

namespace nexus::store {
namespace {

constexpr std::size_t kNoticesMax = 64;
constexpr int kBinary = 1;

std::string_view field_of(const pg_result* result, int field) {
  const char* text = libpq().PQresultErrorField(result, field);
  return text != nullptr ? std::string_view(text) : std::string_view();
}

/// Those who send and receive give up after any exception.
[[noreturn]] void lose(std::string_view why) { throw Error(Failure::unreachable, "postgres: " + one_line(why)); }

/// The server ends a session with these, whatever their code.
bool ends_session(const pg_result* result) {
  const std::string_view severity = field_of(result, PG_DIAG_SEVERITY_NONLOCALIZED);
  return severity == "FATAL" || severity == "PANIC";
}

std::string told(const pg_result* result) {
  return std::string(field_of(result, PG_DIAG_SQLSTATE)) + ": " + one_line(field_of(result, PG_DIAG_MESSAGE_PRIMARY));
}

Error error_of(const pg_result* result, std::string_view sql) {
  return Error(classify_sqlstate(field_of(result, PG_DIAG_SQLSTATE)),
               "postgres " + told(result) + " [" + std::string(sql) + "]");
}

std::string settings_of(const LinkOptions& options) {
  // Sums of doubles that several processes add up differ from one time to the next. To compile a search of the index of
  // cards takes the server 400 ms, to run it 10 ms: its planner takes each list for a long one.
  return "SET max_parallel_workers_per_gather = 0; SET jit = off;"
         "SET lock_timeout = " +
         std::to_string(options.lock_wait.count()) +
         ";SET idle_in_transaction_session_timeout = " + std::to_string(options.idle_in_transaction.count());
}

}  // namespace

Link::Link(const LinkOptions& options) : connection_(connect_to_server(options)), patience_(options.patience) {
  libpq().PQsetNoticeReceiver(connection(), keep_notice, this);
  if (libpq().PQsetnonblocking(connection(), 1) != 0) lose(libpq().PQerrorMessage(connection()));
  if (libpq().PQenterPipelineMode(connection()) != 1) lose("no pipeline mode");
  execute(settings_of(options));
}

pg_conn* Link::connection() const {
  if (connection_ != nullptr) return connection_.get();
  throw Error(Failure::unreachable, "postgres: the connection was lost before");
}

bool Link::in_transaction() const {
  if (lost()) return false;
  const PGTransactionStatusType status = libpq().PQtransactionStatus(connection_.get());
  return status == PQTRANS_INTRANS || status == PQTRANS_INERROR;
}

bool Link::in_failed_transaction() const {
  return !lost() && libpq().PQtransactionStatus(connection_.get()) == PQTRANS_INERROR;
}

void Link::look() noexcept {
  if (lost()) return;
  pollfd wanted{libpq().PQsocket(connection_.get()), POLLIN, 0};
  if (::poll(&wanted, 1, 0) != 0) give_up();
}

void Link::give_up() noexcept {
  connection_.reset();
  sent_.clear();
}

/// libpq calls this from within C: nothing may be thrown. A notice is dropped where no memory is left.
void Link::keep_notice(void* link, const pg_result* notice) {
  auto& notices = static_cast<Link*>(link)->notices_;
  try {
    if (notices.size() == kNoticesMax) notices.erase(notices.begin());
    notices.push_back(
        {std::string(field_of(notice, PG_DIAG_SQLSTATE)), one_line(field_of(notice, PG_DIAG_MESSAGE_PRIMARY))});
  } catch (const std::bad_alloc&) {
  }
}

// ---- sending -------------------------------------------------------------------------------------------------------

Call Link::call(std::string_view sql, std::span<const Argument> arguments) {
  Parameters parameters(arguments);
  auto statement = statements_.find(sql, parameters);
  return {std::move(statement), std::move(parameters)};
}

void Link::send(const Call& call) {
  try {
    queue(call);
  } catch (...) {
    give_up();  // else what is queued and what is expected would differ
    throw;
  }
}

void Link::queue(const Call& call) {
  pg_conn* to = connection();
  Prepared& statement = *call.statement;
  const int count = static_cast<int>(call.parameters.size());
  values_.clear();
  lengths_.clear();
  for (std::size_t index = 0; index < call.parameters.size(); ++index) {
    values_.push_back(call.parameters.value(index));
    lengths_.push_back(call.parameters.length(index));
  }
  formats_.resize(call.parameters.size(), kBinary);
  if (statement.name.empty()) {
    require_sent(libpq().PQsendQueryParams(to, statement.sql.c_str(), count, statement.types.data(), values_.data(),
                                           lengths_.data(), formats_.data(), kBinary));
    sent_.push_back({call.statement, false});
    return;
  }
  if (!statement.on_server) {
    require_sent(
        libpq().PQsendPrepare(to, statement.name.c_str(), statement.sql.c_str(), count, statement.types.data()));
    sent_.push_back({call.statement, true});
    statement.on_server = true;
  }
  require_sent(libpq().PQsendQueryPrepared(to, statement.name.c_str(), count, values_.data(), lengths_.data(),
                                           formats_.data(), kBinary));
  sent_.push_back({call.statement, false});
}

void Link::require_sent(int accepted) {
  if (accepted == 0) lose(libpq().PQerrorMessage(connection()));
}

// ---- receiving -----------------------------------------------------------------------------------------------------

void Link::begin_round_trip() {
  notices_.clear();
  ++round_trips_;
  deadline_ = std::chrono::steady_clock::now() + patience_;
}

std::vector<ResultHandle> Link::finish() {
  Answers answers;
  try {
    answers = receive_all();
  } catch (...) {
    give_up();  // the rest of the answers is still to come
    throw;
  }
  if (answers.failure) throw Error(*answers.failure);
  return std::move(answers.results);
}

Link::Answers Link::receive_all() {
  Answers answers;
  begin_round_trip();
  require_sent(libpq().PQpipelineSync(connection()));
  for (const Sent& sent : sent_) {
    ResultHandle result = receive();
    if (result == nullptr || receive() != nullptr) lose("an answer is missing, or there is one too many");
    const ExecStatusType status = libpq().PQresultStatus(result.get());
    const bool done = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
    if (sent.prepares && !done) sent.statement->on_server = false;
    if (!sent.prepares || !done) add_answer(answers, std::move(result), sent.statement->sql);
  }
  const ResultHandle end = receive();
  if (end == nullptr || libpq().PQresultStatus(end.get()) != PGRES_PIPELINE_SYNC) lose("the end of answers is missing");
  sent_.clear();
  return answers;
}

void Link::add_answer(Answers& answers, ResultHandle result, std::string_view sql) {
  switch (libpq().PQresultStatus(result.get())) {
    case PGRES_COMMAND_OK:
    case PGRES_TUPLES_OK:
      answers.results.push_back(std::move(result));
      return;
    case PGRES_PIPELINE_ABORTED:
      return;  // an earlier one failed
    case PGRES_FATAL_ERROR:
      break;
    default:
      lose("an answer that no statement of ours has (COPY?)");
  }
  if (ends_session(result.get())) lose(told(result.get()));
  if (!answers.failure) answers.failure = error_of(result.get(), sql);
}

ResultHandle Link::receive() {
  await_answer();
  ResultHandle result(libpq().PQgetResult(connection()));
  if (libpq().PQstatus(connection()) == CONNECTION_OK) return result;
  if (result != nullptr && ends_session(result.get())) lose(told(result.get()));
  lose(libpq().PQerrorMessage(connection()));
}

/// Until libpq has a result, or knows that there is none.
void Link::await_answer() {
  for (;;) {
    const int unsent = libpq().PQflush(connection());
    if (unsent < 0) lose(libpq().PQerrorMessage(connection()));
    if (libpq().PQisBusy(connection()) == 0) return;
    await_socket(unsent > 0);
  }
}

void Link::await_socket(bool unsent) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline_ - std::chrono::steady_clock::now()).count();
  if (left <= 0)
    throw Error(Failure::interrupted, "postgres: no answer within " + std::to_string(patience_.count()) + " ms");
  // The server may stop reading before it has written: a pipeline is read and written at once.
  pollfd wanted{libpq().PQsocket(connection()), static_cast<short>(POLLIN | (unsent ? POLLOUT : 0)), 0};
  const int ready = ::poll(&wanted, 1, static_cast<int>(left));
  if (ready < 0 && errno != EINTR) lose("poll failed");
  const bool readable = ready > 0 && (wanted.revents & ~POLLOUT) != 0;
  if (readable && libpq().PQconsumeInput(connection()) == 0) lose(libpq().PQerrorMessage(connection()));
}

// ---- scripts -------------------------------------------------------------------------------------------------------

void Link::execute(const std::string& script) {
  if (!sent_.empty()) throw std::logic_error("a script while statements are queued");
  Answers answers;
  try {
    run_script(script, answers);
  } catch (...) {
    give_up();
    throw;
  }
  if (answers.failure) throw Error(*answers.failure);
}

/// A pipeline takes one statement a message, so it is left for the script.
void Link::run_script(const std::string& script, Answers& answers) {
  begin_round_trip();
  require_sent(libpq().PQexitPipelineMode(connection()));
  require_sent(libpq().PQsendQuery(connection(), script.c_str()));
  while (ResultHandle result = receive())
    if (libpq().PQresultStatus(result.get()) != PGRES_EMPTY_QUERY) add_answer(answers, std::move(result), script);
  require_sent(libpq().PQenterPipelineMode(connection()));
}

}  // namespace nexus::store
