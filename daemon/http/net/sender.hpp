// Writes an answer: its head, then the body, the file or what the stream gives.
#pragma once
#include <string>

#include "daemon/http/fair_executor.hpp"
#include "daemon/http/net/channel.hpp"
#include "daemon/http/response.hpp"

namespace nexus::http::net {

class Sender {
 public:
  /// Reads of files and pieces of streams run on `storage`. Both must outlive it.
  Sender(Channel& channel, FairExecutor& storage) : channel_(channel), storage_(storage) {}

  /// Writes the whole answer, and releases its memory and `held` once it is written. `line`: whose share of the lane it
  /// takes. Throws Gone.
  asio::awaitable<void> send(Response& response, bool keep_alive, bool head_only, const std::string& line,
                             HeldBytes::Part& held);

 private:
  asio::awaitable<void> send_file(FileBody& file, const std::string& line, HeldBytes::Part& held);
  asio::awaitable<void> send_stream(Response& response, const std::string& line, HeldBytes::Part& held);

  Channel& channel_;
  FairExecutor& storage_;
};

/// About how many bytes the sender holds of an answer at once.
std::size_t bytes_held(const Response& response);

}  // namespace nexus::http::net
