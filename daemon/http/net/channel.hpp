// The bytes of a connection, in and out, as the session's coroutines wait for them. Whoever waits for a client holds no
// large buffer: a large read waits until there is something to read, and writing first tries what the kernel takes at
// once.
//
// Threads: the connection's strand.
#pragma once
#include "daemon/http/held_bytes.hpp"
#include "daemon/http/net/connection.hpp"

namespace nexus::http::net {

/// The client is gone, or the connection was cut: the session ends without an answer.
struct Gone {};

/// A read of so many bytes or fewer holds its buffer while it waits, which saves a system call.
inline constexpr std::size_t kSmallReadBytes = 2047;

class Channel {
 public:
  explicit Channel(Connection& connection) : connection_(connection) {}

  asio::any_io_executor executor() { return connection_.socket.get_executor(); }

  /// Reads at most so many bytes more into `pending`; false when the time is over. Throws Gone.
  asio::awaitable<bool> read_more(std::size_t most);
  /// Writes both, within the time that a client has to take them. What the kernel does not take at once is covered by
  /// `held` while it waits. Throws Gone.
  asio::awaitable<void> write(asio::const_buffer head, asio::const_buffer body, HeldBytes::Part& held);
  /// Writes the answer of a request for which not even a refusal could be made. Needs no memory, and does not wait: the
  /// kernel takes so few bytes at once.
  void say_no_memory();
  /// Shuts down and reads what still comes, for a short time. Closing with unread bytes would reset the connection and
  /// may destroy the answer.
  asio::awaitable<void> linger();

 private:
  Connection& connection_;
};

}  // namespace nexus::http::net
