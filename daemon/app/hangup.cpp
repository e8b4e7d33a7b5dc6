#include "daemon/app/hangup.hpp"

#include <csignal>
#include <ctime>

namespace nexus::app {
namespace {

sigset_t hangup() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGHUP);
  return set;
}

}  // namespace

void hold_hangups() {
  const sigset_t set = hangup();
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

bool take_hangup() {
  const sigset_t set = hangup();
  constexpr timespec at_once{};
  return ::sigtimedwait(&set, nullptr, &at_once) == SIGHUP;
}

}  // namespace nexus::app
