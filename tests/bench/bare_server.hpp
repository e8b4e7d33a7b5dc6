// The measure of reads: what Boost.Beast answers on this machine when nothing has to be done, on as many threads as the
// daemon uses, from memory, without a check.
#pragma once
#include <memory>
#include <string>

namespace nexus::bench {

class BareServer {
 public:
  /// Answers every request with `body`.
  BareServer(std::string body, int threads);
  ~BareServer();
  BareServer(const BareServer&) = delete;
  BareServer& operator=(const BareServer&) = delete;
  int port() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace nexus::bench
