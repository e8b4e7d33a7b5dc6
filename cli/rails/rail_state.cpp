// Resuming and backing off.
#include "cli/rails/rail_state.hpp"

#include <algorithm>
#include <cstdlib>

namespace nexus::cli {
namespace {

constexpr std::chrono::milliseconds kWaitMax{30'000};

bool passing(int status) { return status == 429 || status == 502 || status == 503 || status == 504; }

/// A close code that another try would meet again.
std::optional<Exit> final_exit(int code) {
  switch (code) {
    case 4401:
      return Exit::unauthenticated;
    case 4403:  // the membership ended
    case 4503:  // the stream is switched off
      return Exit::refused;
    case 4429:
      return Exit::throttled;
    case 1002:  // our frame was not understood, and would not be next time
    case 1003:
    case 1007:
    case 1008:
    case 1009:
      return Exit::server_error;
    default:
      return std::nullopt;
  }
}

}  // namespace

RailState::RailState(std::optional<std::string> from, std::function<double()> chance)
    : position_(std::move(from)), chance_(std::move(chance)) {}

void RailState::opened() {
  ever_open_ = true;
  failures_ = 0;
}

void RailState::saw(const std::string& cursor) {
  position_ = cursor;
  seen_ = true;
}

RailNext RailState::again(std::chrono::milliseconds least) {
  const int doublings = std::min(failures_++, 10);
  const double grown = static_cast<double>(retry_.count() << doublings) * (1 + 0.5 * chance_());
  const std::chrono::milliseconds wait(static_cast<long long>(grown));
  return {.again = true, .wait = std::max(std::min(wait, std::max(kWaitMax, retry_)), least)};
}

RailNext RailState::ended(const RailEnd& end) {
  switch (end.kind) {
    case RailEnd::Kind::finished:
    case RailEnd::Kind::interrupted:
      return {};
    case RailEnd::Kind::dropped:
      return ever_open_ ? again() : RailNext{.exit = Exit::unreachable};
    case RailEnd::Kind::refused:
      if (ever_open_ && passing(end.response.status))
        return again(std::chrono::seconds(std::clamp(std::atoi(end.response.header("retry-after").c_str()), 0, 600)));
      return {.exit = exit_for({}, end.response.status)};
    case RailEnd::Kind::closed:
      if (const auto exit = final_exit(end.code)) return {.exit = *exit};
      return again();
  }
  return {.exit = Exit::negative};
}

}  // namespace nexus::cli
