// Tickets: what a browser opens a stream with, because EventSource and WebSocket send no header of the page's choice. A
// ticket is made by a caller who passed the guard; within its 30 seconds and once, it stands on one stream path for the
// token, tenant and env of its making. What the token and the membership are worth is judged again when it is used.
//
// Kept in memory alone: what a restart loses, the page asks for again. Kept by digest, so that neither the memory nor
// the time of a look-up tells a ticket. Bounded, for each user and for all.
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

  /// What a ticket stands for: identity, tenant, env and reason of the caller who asked for it.
  struct Grant {
    Caller caller;
    std::string path;
  };
  struct Made {
    std::string text;  // the secret, told once
    std::string id;    // its name in the audit log
  };

  /// For the raw path of a stream. Throws Problem while the user, or all together, hold too many unused ones.
  Made make(const Caller& caller, std::string path, Time now);
  /// Uses the ticket up. Throws Problem auth.invalid_ticket when it is malformed, unknown, used, expired or of another
  /// path; one of another path stays good for its own.
  Grant redeem(std::string_view text, std::string_view path, Time now);

 private:
  struct Entry {
    std::string digest;
    Grant grant;
    Time until;
  };
  using Entries = std::list<Entry>;

  void forget(Entries::iterator entry);
  void forget_expired(Time now);

  std::mutex mutex_;
  Entries entries_;  // the oldest first: all live equally long
  std::unordered_map<std::string, Entries::iterator> by_digest_;
  std::unordered_map<std::string, std::size_t> by_user_;  // how many each holds
};

}  // namespace nexus
