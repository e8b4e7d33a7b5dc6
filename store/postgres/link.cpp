#include "store/postgres/link.hpp"

#include "store/postgres/libpq.hpp"
#include "store/postgres/sqlstate.hpp"

namespace nexus::store {
namespace {

constexpr std::size_t kNoticesMax = 64;
constexpr int kBinary = 1;

Error error_of(const pg_result* result, std::string_view sql) {
  return Error(classify_sqlstate(field_of(result, PG_DIAG_SQLSTATE)),
               "postgres " + told(result) + " [" + std::string(sql) + "]");
}

std::string settings_of(const LinkOptions& options) {
  // Sums of doubles that several processes add up differ from one time to the next. To compile a search of the index of
  // cards takes the server 400 ms, to run it 10 ms: its planner takes each list for a long one.
  // A write is acknowledged once it is on disk, here and on the standby that COMMIT waits for: whoever relaxed that on
  // the server, now or later, meant other programs. Refused: to refuse such a server, because it may change after the
  // start. What waits for longer than `on` stays.
  // A lane may wait for work for hours, and a COMMIT for its standby: what an operator set against sessions of others
  // would end ours, and cancel what is done. ReadingSession has a time of its own.
  // A server keeps the session, and so its locks, of a machine that is gone for hours, unless keepalives end it.
  return "SET max_parallel_workers_per_gather = 0; SET jit = off;"
         "SET statement_timeout = 0; SET idle_session_timeout = 0;"
         "SELECT set_config('synchronous_commit', CASE current_setting('synchronous_commit') WHEN 'remote_apply' "
         "THEN 'remote_apply' ELSE 'on' END, false);"
         "SET tcp_keepalives_idle = 4; SET tcp_keepalives_interval = 2; SET tcp_keepalives_count = 3;"
         "SET lock_timeout = " +
         std::to_string(options.lock_wait.count()) +
         ";SET idle_in_transaction_session_timeout = " + std::to_string(options.idle_in_transaction.count()) +
         ";SELECT pg_backend_pid()";
}

}  // namespace

Link::Link(const LinkOptions& options) : wire_(options), damage_(options.damage) {
  libpq().PQsetNoticeReceiver(wire_.connection(), keep_notice, this);
  const std::vector<ResultHandle> results = run(settings_of(options));
  const std::string_view answering = libpq().PQgetvalue(results.back().get(), 0, 0);
  require_no_pooler(libpq().PQbackendPID(wire_.connection()), answering);
}

void Link::look() noexcept {
  try {
    if (!posted_.empty()) {
      begin_round_trip();
      receive_posted();
    }
  } catch (const std::exception&) {
    return give_up();
  }
  if (wire_.has_something_unread()) give_up();
}

void Link::give_up() noexcept {
  wire_.give_up();
  sent_.clear();
  posted_.clear();
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
  pg_conn* to = wire_.connection();
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
    wire_.require_sent(libpq().PQsendQueryParams(to, statement.sql.c_str(), count, statement.types.data(),
                                                 values_.data(), lengths_.data(), formats_.data(), kBinary));
    sent_.push_back({call.statement, false});
    return;
  }
  if (!statement.on_server) {
    wire_.require_sent(
        libpq().PQsendPrepare(to, statement.name.c_str(), statement.sql.c_str(), count, statement.types.data()));
    sent_.push_back({call.statement, true});
    statement.on_server = true;
  }
  wire_.require_sent(libpq().PQsendQueryPrepared(to, statement.name.c_str(), count, values_.data(), lengths_.data(),
                                                 formats_.data(), kBinary));
  sent_.push_back({call.statement, false});
}

// ---- receiving -----------------------------------------------------------------------------------------------------

void Link::begin_round_trip() {
  notices_.clear();
  ++round_trips_;
  wire_.begin_waiting();
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
  begin_round_trip();
  wire_.require_sent(libpq().PQpipelineSync(wire_.connection()));
  receive_posted();
  Answers answers = receive_group(sent_);
  sent_.clear();
  return answers;
}

void Link::receive_posted() {
  for (const auto& group : posted_)
    if (auto answers = receive_group(group); answers.failure) throw Error(*answers.failure);
  posted_.clear();
}

Link::Answers Link::receive_group(const std::vector<Sent>& group) {
  Answers answers;
  for (const Sent& sent : group) {
    ResultHandle result = wire_.receive();
    if (result == nullptr || wire_.receive() != nullptr) lose("an answer is missing, or there is one too many");
    const ExecStatusType status = libpq().PQresultStatus(result.get());
    const bool done = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
    if (sent.prepares && !done) sent.statement->on_server = false;
    if (!sent.prepares || !done) add_answer(answers, std::move(result), sent.statement->sql);
  }
  const ResultHandle end = wire_.receive();
  if (end == nullptr || libpq().PQresultStatus(end.get()) != PGRES_PIPELINE_SYNC) lose("the end of answers is missing");
  return answers;
}

void Link::post(const Call& call) {
  send(call);
  try {
    wire_.require_sent(libpq().PQpipelineSync(wire_.connection()));
    wire_.push();
    posted_.push_back(std::exchange(sent_, {}));
  } catch (...) {
    give_up();
    throw;
  }
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
  // An error without a code is libpq's own: it had no memory for an answer, whatever that was.
  if (field_of(result.get(), PG_DIAG_SQLSTATE).empty()) lose("libpq has no memory for an answer");
  const Error error = error_of(result.get(), sql);
  if (error.failure == Failure::corrupt && damage_ != nullptr) *damage_ = true;
  if (!answers.failure) answers.failure = error;
}

// ---- scripts -------------------------------------------------------------------------------------------------------

void Link::execute(const std::string& script) { run(script); }

std::vector<ResultHandle> Link::run(const std::string& script) {
  if (!sent_.empty()) throw std::logic_error("a script while statements are queued");
  Answers answers;
  try {
    run_script(script, answers);
  } catch (...) {
    give_up();
    throw;
  }
  if (answers.failure) throw Error(*answers.failure);
  return std::move(answers.results);
}

/// A pipeline takes one statement a message, so it is left for the script.
void Link::run_script(const std::string& script, Answers& answers) {
  begin_round_trip();
  receive_posted();
  wire_.require_sent(libpq().PQexitPipelineMode(wire_.connection()));
  wire_.require_sent(libpq().PQsendQuery(wire_.connection(), script.c_str()));
  while (ResultHandle result = wire_.receive())
    if (libpq().PQresultStatus(result.get()) != PGRES_EMPTY_QUERY) add_answer(answers, std::move(result), script);
  wire_.require_sent(libpq().PQenterPipelineMode(wire_.connection()));
}

}  // namespace nexus::store
