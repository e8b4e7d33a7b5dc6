#include "daemon/rails/net/end_line.hpp"

namespace nexus::rails::net {

using std::chrono::microseconds;

EndLine::EndLine(http::Dispatcher& dispatcher, std::shared_ptr<Stream> stream, const std::optional<IpAddress>& client)
    : log_(dispatcher.answers().access_log()), stream_(std::move(stream)), client_(client) {}

void EndLine::ended(std::string_view reason, std::optional<int> code) {
  if (!reason_.empty()) return;
  reason_ = reason;
  code_ = code;
}

EndLine::~EndLine() {
  if (const auto close = stream_->close()) ended(close->reason, close->code);
  ended("the client has gone");
  log_.write({.route = stream_->route(),
              .caller = stream_->caller(),
              .close = code_,
              .reason = reason_,
              .bytes = bytes_,
              .lasted = std::chrono::duration_cast<microseconds>(std::chrono::steady_clock::now() - begun_),
              .client = client_});
}

}  // namespace nexus::rails::net
