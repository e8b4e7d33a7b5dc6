#include "store/postgres/wire.hpp"

#include <poll.h>

#include <cerrno>

#include "store/error.hpp"
#include "store/postgres/libpq.hpp"

namespace nexus::store {

std::string_view field_of(const pg_result* result, int field) {
  const char* text = libpq().PQresultErrorField(result, field);
  return text != nullptr ? std::string_view(text) : std::string_view();
}

void lose(std::string_view why) { throw Error(Failure::unreachable, "postgres: " + one_line(why)); }

bool ends_session(const pg_result* result) {
  const std::string_view severity = field_of(result, PG_DIAG_SEVERITY_NONLOCALIZED);
  return severity == "FATAL" || severity == "PANIC";
}

std::string told(const pg_result* result) {
  return std::string(field_of(result, PG_DIAG_SQLSTATE)) + ": " + one_line(field_of(result, PG_DIAG_MESSAGE_PRIMARY));
}

Wire::Wire(const LinkOptions& options) : connection_(connect_to_server(options)), patience_(options.patience) {
  if (libpq().PQsetnonblocking(connection(), 1) != 0) lose(libpq().PQerrorMessage(connection()));
  if (libpq().PQenterPipelineMode(connection()) != 1) lose("no pipeline mode");
}

pg_conn* Wire::connection() const {
  if (connection_ != nullptr) return connection_.get();
  throw Error(Failure::unreachable, "postgres: the connection was lost before");
}

bool Wire::in_transaction() const {
  if (lost()) return false;
  const PGTransactionStatusType status = libpq().PQtransactionStatus(connection_.get());
  return status == PQTRANS_INTRANS || status == PQTRANS_INERROR;
}

bool Wire::in_failed_transaction() const {
  return !lost() && libpq().PQtransactionStatus(connection_.get()) == PQTRANS_INERROR;
}

bool Wire::has_something_unread() const noexcept {
  if (lost()) return false;
  pollfd wanted{libpq().PQsocket(connection_.get()), POLLIN, 0};
  return ::poll(&wanted, 1, 0) != 0;
}

int Wire::socket() const { return libpq().PQsocket(connection()); }

/// Gives libpq what the server has sent. Does not wait.
void Wire::read() {
  if (libpq().PQconsumeInput(connection()) == 0) lose(libpq().PQerrorMessage(connection()));
}

std::vector<Notification> Wire::take_notifications() {
  struct Free {
    void operator()(PGnotify* notification) const noexcept { libpq().PQfreemem(notification); }
  };
  read();
  std::vector<Notification> taken;
  while (const std::unique_ptr<PGnotify, Free> next{libpq().PQnotifies(connection())})
    taken.push_back({next->be_pid, next->be_pid == libpq().PQbackendPID(connection()), next->extra});
  return taken;
}

void Wire::require_sent(int accepted) const {
  if (accepted == 0) lose(libpq().PQerrorMessage(connection()));
}

void Wire::push() {
  if (libpq().PQflush(connection()) < 0) lose(libpq().PQerrorMessage(connection()));
}

ResultHandle Wire::receive() {
  await_answer();
  ResultHandle result(libpq().PQgetResult(connection()));
  if (libpq().PQstatus(connection()) == CONNECTION_OK) return result;
  if (result != nullptr && ends_session(result.get())) lose(told(result.get()));
  lose(libpq().PQerrorMessage(connection()));
}

/// Until libpq has a result, or knows that there is none.
void Wire::await_answer() {
  for (;;) {
    const int unsent = libpq().PQflush(connection());
    if (unsent < 0) lose(libpq().PQerrorMessage(connection()));
    if (libpq().PQisBusy(connection()) == 0) return;
    await_socket(unsent > 0);
  }
}

void Wire::await_socket(bool unsent) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline_ - std::chrono::steady_clock::now()).count();
  if (left <= 0)
    throw Error(Failure::interrupted, "postgres: no answer within " + std::to_string(patience_.count()) + " ms");
  // The server may stop reading before it has written: a pipeline is read and written at once.
  pollfd wanted{socket(), static_cast<short>(POLLIN | (unsent ? POLLOUT : 0)), 0};
  const int ready = ::poll(&wanted, 1, static_cast<int>(left));
  if (ready < 0 && errno != EINTR) lose("poll failed");
  const bool readable = ready > 0 && (wanted.revents & ~POLLOUT) != 0;
  if (readable) read();
}

}  // namespace nexus::store
