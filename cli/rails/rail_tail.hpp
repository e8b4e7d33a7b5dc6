// Following a server-sent stream to the terminal, for `chat tail`, `event tail` and `audit tail` alike: it reconnects
// and resumes by itself, prints each event once, and says at the end where to go on.
#pragma once
#include <functional>

#include "cli/engine/command.hpp"
#include "cli/engine/session.hpp"
#include "cli/rails/rail_client.hpp"

namespace nexus::cli {

struct Tail {
  ApiRequest request;
  Shape shape;                                     // the columns of a tab-separated line
  std::function<std::string(const Json&)> person;  // one line for somebody at a terminal
};

/// `more` first, then --from and --count.
std::vector<Parameter> tail_parameters(std::vector<Parameter> more = {});

/// Returns the exit code of a stream that was had enough of (0) or interrupted (130, 143); throws what else ended it.
int run_tail(Session& session, const Values& values, const Tail& tail);

/// One event in the format that was asked for; empty when this format does not show its kind.
std::string event_line(const Json& event, const std::string& type, const Tail& tail, const View& view);

/// The line for people of what every stream may hold: presence, gestures, gaps; empty for anything else.
std::string rail_line(const Json& event);
/// `events 5 to 9 are missing (pruned)`.
std::string gap_text(const Json& event);

/// The request at the state's position: its Last-Event-ID, or `?from=earliest`.
ApiRequest positioned(ApiRequest request, const RailState& state);
/// A new state: `from` checked, chance drawn from the system.
RailState begin_at(const std::optional<std::string>& from);
/// What stands in the way of another try is thrown; a stream that was had enough of, or a signal, is an exit code. Else
/// it waits, and answers nothing: try again. The last cursor is told whenever it is over.
std::optional<int> after(Session& session, RailClient& client, RailState& state, const RailEnd& end);

}  // namespace nexus::cli
