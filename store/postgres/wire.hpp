// The wire to one server: libpq's connection, which never blocks, and the waiting for answers until a deadline.
//
// Threads: one at a time. Errors: Error; `unreachable` means that the connection is lost. Whoever catches one gives up,
// because what is still to come would be taken for the answer to something else.
#pragma once
#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "store/postgres/connecting.hpp"
#include "store/postgres/result.hpp"

namespace nexus::store {

/// Throws Error, `unreachable`.
[[noreturn]] void lose(std::string_view why);

/// A field of an error or a notice; empty where it has none.
std::string_view field_of(const pg_result* result, int field);
/// The SQLSTATE and the message, in one line.
std::string told(const pg_result* result);
/// The server ends a session with these, whatever their code.
bool ends_session(const pg_result* result);

/// What a session told those that listen on a channel (NOTIFY).
struct Notification {
  int sender;  // the process of the server that serves the session
  bool is_own;
  std::string payload;
};

class Wire {
 public:
  /// Connects. Throws as connect_to_server does.
  explicit Wire(const LinkOptions& options);

  /// Throws Error when the connection is lost.
  pg_conn* connection() const;
  bool lost() const { return connection_ == nullptr; }
  void give_up() noexcept { connection_.reset(); }
  /// Whether a transaction is open, and whether it has failed, as of the last answer.
  bool in_transaction() const;
  bool in_failed_transaction() const;
  /// Whether the server has said something that nobody has read. Does not wait.
  bool has_something_unread() const noexcept;

  /// For a wait until the server says something.
  int socket() const;
  /// What came on the channels that this session listens on. Does not wait.
  std::vector<Notification> take_notifications();

  /// From now on: answers that come later than this are not waited for (Failure::interrupted).
  void begin_waiting() { deadline_ = std::chrono::steady_clock::now() + patience_; }
  void set_patience(std::chrono::milliseconds patience) { patience_ = patience; }
  /// The next answer; null between those of two statements.
  ResultHandle receive();
  /// For the functions of libpq that queue something and return 0 when they did not.
  void require_sent(int accepted) const;
  /// Gives the kernel what it takes now.
  void push();

 private:
  void await_answer();
  void await_socket(bool unsent);
  void read();

  ConnectionHandle connection_;  // null: lost
  std::chrono::milliseconds patience_;
  std::chrono::steady_clock::time_point deadline_;
};

}  // namespace nexus::store
