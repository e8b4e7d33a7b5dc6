// The lines of the log about requests: one for each answer, written where every answer ends (Answers::finish), so that
// no handler can forget it. Refusals (4xx and 5xx) are always told at info. Other answers are told at info when the
// operator asked for the access log, and otherwise at debug. So is a second line of each stream, at its end.
//
// Strangers can cause refusals without end, so they are sampled, 503 too: of one code in one tenant a bounded number a
// second (limits::refusal_lines_per_second_max). What was left out is counted and told once a second. Callers who are
// no members of the tenant that they name share the lines of nobody: names that they invent make no lines and take no
// memory.
//
// Threads: any.
#pragma once
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/base/clock.hpp"
#include "daemon/base/network.hpp"
#include "daemon/base/request_head.hpp"
#include "daemon/http/route.hpp"
#include "daemon/log.hpp"

namespace nexus::http {

struct AccessOptions {
  bool all = false;                        // the access log is on
  bool addresses = true;                   // lines name the client's address
  std::vector<IpNetwork> trusted_proxies;  // whose X-Forwarded-For is believed
};

/// All that a line holds. No member can hold a path, a query, a field of the head, a body or a text of a user: the
/// route is the pattern of the table, and ids are those of the caller whose token was verified. The texts must outlive
/// the line.
struct AccessLine {
  std::string_view method;       // one of those that the head gate knows; empty for a head that was refused unread
  const Route* route = nullptr;  // null: none was found
  int status = 0;
  const CodeInfo* refusal = nullptr;  // null: answered, or refused without a problem document (/readyz)
  const Caller& caller;
  std::optional<std::uint64_t> bytes;  // of the answer's body; nothing where it is pulled piece by piece, or a stream
  std::chrono::microseconds took{0};   // from the parsed head until the answer begins
  std::optional<IpAddress> client;
};

/// How a stream ended. As AccessLine it holds nothing that a client wrote.
struct StreamEndLine {
  const Route& route;
  const Caller& caller;                 // of the request that opened it
  std::optional<int> close;             // the code that the daemon or the client closed it with
  std::string_view reason;              // in the daemon's own words
  std::uint64_t bytes = 0;              // that were sent
  std::chrono::microseconds lasted{0};  // from the answer's head
  std::optional<IpAddress> client;
};

class AccessLog {
 public:
  using Time = std::chrono::steady_clock::time_point;
  using Clock = std::function<Time()>;

  explicit AccessLog(AccessOptions options, Clock clock = std::chrono::steady_clock::now)
      : options_(std::make_shared<const AccessOptions>(std::move(options))), clock_(std::move(clock)) {}
  /// Tells what was left out.
  ~AccessLog() { tell_left_out(); }

  /// Whether an answer with this status gets a line, unless there are too many. Cheap.
  bool wants(int status) const;
  /// Writes the line. One that cannot be written is left out.
  void write(const AccessLine& line) noexcept;
  void write(const StreamEndLine& line) noexcept;
  /// Replaces the options, for lines from then on.
  void renew(AccessOptions options);
  /// Tells what was left out, once a second. Call often.
  void tick();

  /// The client of a request that came from `peer`, for lines alone: an address decides nothing.
  std::optional<IpAddress> client_of(const std::optional<IpAddress>& peer, const RequestHead& head) const;

 private:
  struct Kind {
    std::string tenant;  // empty: of all who are no members of a tenant
    std::string_view code;
    auto operator<=>(const Kind&) const = default;
  };
  struct Spent {
    Micros arrival = 0;  // take_one (daemon/guard/rate_limit.hpp)
    std::int64_t left_out = 0;
  };
  std::shared_ptr<const AccessOptions> options() const;
  log::Level level_of(int status) const;
  bool has_room(const AccessLine& line);
  void tell_left_out() noexcept;

  mutable std::mutex options_mutex_;
  std::shared_ptr<const AccessOptions> options_;
  const Clock clock_;
  std::mutex mutex_;
  std::map<Kind, Spent> spent_;  // of kinds that were refused lately
  Time told_{};
};

}  // namespace nexus::http
