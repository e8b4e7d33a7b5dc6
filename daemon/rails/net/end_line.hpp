// What the log is told when a stream has ended: how long it was open, what its client was sent, and why it ended.
#pragma once
#include "daemon/http/dispatcher.hpp"
#include "daemon/rails/stream.hpp"

namespace nexus::rails::net {

/// Part of what runs a stream. Its destructor writes the line, however the stream ended. Threads: the connection's
/// strand.
class EndLine {
 public:
  /// `dispatcher` must outlive it.
  EndLine(http::Dispatcher& dispatcher, std::shared_ptr<Stream> stream, const std::optional<IpAddress>& client);
  ~EndLine();
  EndLine(const EndLine&) = delete;
  EndLine& operator=(const EndLine&) = delete;

  void sent(std::size_t bytes) { bytes_ += bytes; }
  /// An end that the stream itself does not know. The first one counts. `reason` must be a literal.
  void ended(std::string_view reason, std::optional<int> code = {});

 private:
  http::AccessLog& log_;
  const std::shared_ptr<Stream> stream_;
  const std::optional<IpAddress> client_;
  const std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
  std::uint64_t bytes_ = 0;
  std::string_view reason_;
  std::optional<int> code_;
};

}  // namespace nexus::rails::net
