#include "cli/rails/rail_state.hpp"

#include <algorithm>
#include <cstdlib>

namespace nexus::cli {
namespace {

constexpr std::chrono::milliseconds kWaitMax{30'000};

bool passing(int status) { return status == 429 || status == 502 || status == 503 || status == 504; }

struct CloseCode {
  int code;
  std::optional<Exit> exit;  // where another try would meet it again
  const char* why;
};

constexpr CloseCode kCloseCodes[] = {
    {1001, std::nullopt, "the daemon is shutting down"},
    {1012, std::nullopt, "the store lost its last rows and has a new epoch"},
    {4401, Exit::unauthenticated, "the token has expired or was revoked"},
    {4403, Exit::refused, "the membership was revoked, or the tenant disabled"},
    {4408, std::nullopt, "we read too slowly"},
    {4429, Exit::throttled, "we sent too much"},
    {4503, Exit::refused, "the stream is switched off by a kill switch or a feature flag"},
};
// With these our frame was not understood, and would not be next time.
constexpr int kNotUnderstood[] = {1002, 1003, 1007, 1008, 1009};

std::optional<Exit> final_exit(int code) {
  if (std::ranges::find(kNotUnderstood, code) != std::end(kNotUnderstood)) return Exit::server_error;
  const auto* known = std::ranges::find(kCloseCodes, code, &CloseCode::code);
  return known == std::end(kCloseCodes) ? std::nullopt : known->exit;
}

}  // namespace

std::string why_closed(const RailEnd& end) {
  const auto* known = std::ranges::find(kCloseCodes, end.code, &CloseCode::code);
  if (known != std::end(kCloseCodes)) return known->why;
  return "the daemon closed the stream with code " + std::to_string(end.code) + (end.why.empty() ? "" : ": " + end.why);
}

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
