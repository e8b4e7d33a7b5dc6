// Tickets let a browser open a stream, because EventSource and WebSocket send no header of the page's choice. A caller
// who passed the guard makes a ticket. For 30 seconds and once, on one stream path, it replaces that caller's token,
// tenant and env. Token and membership are judged again when it is used.
//
// Tickets are kept in memory only: after a restart, the page requests a new one. They are kept by digest, so that
// neither the memory nor the time of a look-up reveals a ticket. Their number is bounded, per user and in all.
#pragma once
#include <chrono>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "daemon/guard/caller.hpp"

namespace nexus {

class Tickets {
 public:
  using Time = std::chrono::steady_clock::time_point;

  struct Made {
    std::string text;  // the secret, shown once
    std::string id;    // its name in the audit log
  };

  /// Makes a ticket for the raw path of a stream. Throws Problem while the user, or all users together, hold too many
  /// unused ones.
  Made make(const Caller& caller, std::string path, Time now);
  /// Uses the ticket up. Returns the caller who made it, whose identity, tenant, env and reason it stands for. Throws
  /// Problem auth.invalid_ticket when it is malformed, unknown, used, expired or of another path; one of another path
  /// stays good for its own.
  Caller redeem(std::string_view text, std::string_view path, Time now);

 private:
  struct Entry {
    std::string digest;
    Caller maker;
    std::string path;
    Time until;
  };
  using Entries = std::list<Entry>;

  void forget(Entries::iterator entry);
  void forget_expired(Time now);

  std::mutex mutex_;
  Entries entries_;  // oldest first: all have the same lifetime
  std::unordered_map<std::string, Entries::iterator> by_digest_;
  std::unordered_map<std::string, std::size_t> by_user_;  // how many each holds
};

}  // namespace nexus
