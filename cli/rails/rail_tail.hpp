// Follows a server-sent stream on the terminal, for `chat tail`, `event tail` and `audit tail`. It reconnects and
// resumes by itself, prints each event once, and says at the end where to go on.
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

/// `more` first, then --from and what ends the tail by itself.
std::vector<Parameter> tail_parameters(std::vector<Parameter> more = {});

/// Returns the exit code of a stream that the client ended (0) or a signal interrupted (130, 143). Throws for any other
/// end.
int run_tail(Session& session, const Values& values, const Tail& tail);

/// Returns one event in the format asked for; empty when this format does not show its kind.
std::string event_line(const Json& event, const std::string& type, const Tail& tail, const View& view);

/// Prints the events of one run.
class EventPrinter {
 public:
  EventPrinter(Session& session, const Tail& tail) : session_(session), tail_(tail) {}
  /// Prints the line of an event, and warns of a gap. Warns once when an event has no --field, until one has it: kinds
  /// of events differ.
  void print(const Json& event, const std::string& type);
  /// The exit code of a run that ended well: 1 when events came, and none had the --field.
  int exit() const;

 private:
  Session& session_;
  const Tail& tail_;
  bool field_found_ = false;
  bool field_missed_ = false;
};

/// Returns the line for people about kinds that every stream may hold: presence, gestures, gaps; empty for anything
/// else.
std::string rail_line(const Json& event);
/// The line for people of a `Tail`: that of rail_line, or else the cells at these paths, without those that are null.
std::function<std::string(const Json&)> cells_at(std::vector<const char*> paths);

/// The request at the state's position: its Last-Event-ID, or `?from=earliest`.
ApiRequest positioned(ApiRequest request, const RailState& state);
/// A new state: `from` is checked, and chance comes from the system.
RailState begin_at(const std::optional<std::string>& from);
/// Handles the end of a stream. Throws when another try is pointless. Returns an exit code when the client had enough
/// or a signal came. Otherwise waits and returns nothing: try again. Reports the last cursor whenever the run ends.
std::optional<int> after(Session& session, RailClient& client, RailState& state, const RailEnd& end);

/// `chat join`: one WebSocket that sends typed lines and shows events (chat_join.cpp).
int run_join(Session& session, const Values& values);

/// A message for people, and for scripts.
extern const Shape kMessageEventShape;
std::string chat_line(const Json& event);

}  // namespace nexus::cli
