// What the items of `nexusctl readiness` ask with: each request is made in a named voice, and is counted, so that no
// item can pass without having asked. Receipts go to no witness and nothing is repeated behind an item's back, since an
// item is about single answers.
#pragma once
#include <signal.h>

#include <array>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "cli/engine/session.hpp"

namespace nexus::cli::readiness {

inline constexpr const char* kTenant = "t_readiness";
inline constexpr const char* kOwner = "u_readiness";
inline constexpr const char* kStranger = "u_readiness_stranger";
inline constexpr const char* kEnv = "dev";
/// The canvas on which each run leaves a small file, since neither can be deleted.
inline constexpr const char* kCanvas = "readiness";

/// In whose name a request is made. What is empty is not sent.
struct Voice {
  std::string token;
  std::string tenant = kTenant;
  std::string env = kEnv;
};

struct Probe {
  std::string method = "GET";
  std::string path;  // encoded
  std::vector<std::pair<std::string, std::string>> query = {};
  std::optional<Json> body = {};
  std::optional<std::string> form = {};  // a multipart body instead; its content type stands in `headers`
  Headers headers = {};
};

/// The tokens of a run. None is ever printed.
struct Cast {
  std::string system;
  std::string owner;  // of the tenant; good for env dev alone
  std::string owner_token_id;
  std::string viewer;    // the same user, narrowed to the role viewer
  std::string stranger;  // a user without any membership
};

/// A signal that came between two requests.
struct Interrupted {
  int signal;
};

/// While it lives, SIGINT, SIGTERM and SIGHUP end the walk and not the process; a second one ends the process.
class Signals {
 public:
  Signals();
  ~Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

 private:
  std::array<struct sigaction, 3> before_{};
};

class Walk {
 public:
  explicit Walk(Session& session) : session_(session) {}

  /// Throws a Failure (unreachable) when no answer comes, and Interrupted. Waits and tries again, twice at most, where
  /// the daemon says that it is busy.
  Answer ask(const Probe& probe, const Voice& voice) { return ask(probe, voice, nullptr); }
  /// The same; `take` gets the body of a 200 answer.
  Answer ask(const Probe& probe, const Voice& voice, const std::function<void(std::string_view)>& take);
  /// The same where the head says all: a stream that opens is left at once.
  Answer knock(const Probe& probe, const Voice& voice);

  /// From now on no signal ends the walk: the clearing up goes through.
  void heed_no_signals() { heeds_signals_ = false; }
  /// The voice of the system token, which says why it is here.
  Voice system(const std::string& env) const { return {cast.system, kTenant, env}; }
  Voice owner() const { return {cast.owner}; }

  Session& session() { return session_; }

  Cast cast;
  std::vector<Json> routes;                         // of the daemon's own table
  std::vector<std::pair<std::string, Voice>> made;  // paths to delete at the end
  int requests = 0;                                 // of the item that runs
  std::string last_row;                             // the newest row of env dev that a receipt named

 private:
  Answer once(const ApiRequest& request);

  Session& session_;
  bool heeds_signals_ = true;
};

/// Throws a Failure (negative) that says `otherwise`.
void require(bool condition, const std::string& otherwise);

/// Status and code, as `401 auth.missing_token`; the status alone where the answer has no code.
std::string outcome_of(const Answer& answer);

/// Requires that `what` came out so.
void require_outcome(const Answer& answer, const std::string& what, const std::string& wanted);

/// The text at a path of an answer; throws a Failure (negative) where there is none.
std::string text_of(const Answer& answer, const std::string& path);

}  // namespace nexus::cli::readiness
