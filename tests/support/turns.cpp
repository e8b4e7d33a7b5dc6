#include "tests/support/turns.hpp"

#include <map>
#include <mutex>

namespace nexus::test {
namespace {

struct Pair {
  int other = 0;
  bool is_others_turn = false;
};

std::mutex mutex;
std::map<int, Pair> pairs;

}  // namespace

Turns::Turns(int port, int other) : port_(port) {
  const std::lock_guard lock(mutex);
  pairs[port] = {.other = other};
}

Turns::~Turns() {
  const std::lock_guard lock(mutex);
  pairs.erase(port_);
}

int next_port(int port) {
  const std::lock_guard lock(mutex);
  const auto found = pairs.find(port);
  if (found == pairs.end()) return port;
  Pair& pair = found->second;
  pair.is_others_turn = !pair.is_others_turn;
  return pair.is_others_turn ? pair.other : port;
}

}  // namespace nexus::test
