#include "cli/rails/rail_tail.hpp"

#include <algorithm>
#include <cstdio>

#include "cli/engine/escape.hpp"
#include "cli/rails/sse_parser.hpp"
#include "daemon/base/crypto.hpp"

namespace nexus::cli {
namespace {

double chance() {
  const std::string bytes = random_bytes(2);
  return (static_cast<unsigned char>(bytes[0]) * 256 + static_cast<unsigned char>(bytes[1])) / 65536.0;
}

/// Frames about the stream itself, not about its content.
bool about_the_stream(const std::string& type) {
  return type == "resume_cursor" || type == "presence_state" || type == "gap";
}

/// `events 5 to 9 are missing (pruned)`.
std::string gap_text(const Json& event) {
  const std::string from = cell_at(event, "data.from"), to = cell_at(event, "data.to");
  const std::string reason = cell_at(event, "data.reason");
  const std::string which = from.empty() && to.empty() ? "events" : "events from " + from + " to " + to;
  return which + " are missing" + (reason.empty() ? "" : " (" + reason + ")");
}

/// `event: close` gives the reason as a WebSocket close code.
RailEnd close_of(const Json& data) {
  RailEnd end{.kind = RailEnd::Kind::closed, .code = 1001, .why = cell_at(data, "reason")};
  for (const char* path : {"code", "data.code"})
    if (const Json& code = value_at(data, path); code.is_number_integer()) end.code = code.get<int>();
  if (end.why.empty()) end.why = cell_at(data, "data.reason");
  return end;
}

/// What ends a tail by itself, beside --timeout.
struct TailBounds {
  std::optional<long long> count;                 // events left
  std::optional<std::chrono::milliseconds> idle;  // without an event
  bool follows = true;                            // false: ends where the past ends
};

/// One run of a tail: the state that its connections share.
class Follower {
 public:
  Follower(Session& session, const Tail& tail, RailState state, TailBounds bounds)
      : session_(session), tail_(tail), state_(std::move(state)), bounds_(bounds) {
    if (const auto timeout = session.settings().timeout) end_ = std::chrono::steady_clock::now() + *timeout;
  }

  int run() {
    if (end_) client_.finish_at(*end_);
    while (true) {
      closed_.reset();
      std::exchange(parser_, {});  // forgets a half-received event
      const Exchange exchange = session_.prepare(positioned(tail_.request, state_));
      RailEnd end = client_.stream(
          exchange, {.opened = [this] { opened(); }, .received = [this](std::string_view bytes) { received(bytes); }});
      if (closed_ && end.kind != RailEnd::Kind::interrupted) end = *closed_;
      if (end.kind == RailEnd::Kind::finished && !open_)
        throw Failure(Exit::unreachable, "the stream did not open within --timeout", "nexusctl wait");
      if (const auto exit = after(session_, client_, state_, end)) return *exit == 0 ? printer_.exit() : *exit;
      ++tries_;
    }
  }

 private:
  void opened() {
    state_.opened();
    open_ = true;
    await_event();
    if (tries_ > 0) session_.note("connected again");
  }

  void received(std::string_view bytes) {
    try {
      parser_.feed(bytes, [this](const SseEvent& event) { take(event); });
    } catch (const std::length_error& error) {
      throw Failure(Exit::server_error, error.what());
    }
    if (const auto pause = parser_.take_retry()) state_.retry(*pause);
  }

  /// Ends the tail when no event comes within --idle.
  void await_event() {
    if (!bounds_.idle) return;
    const auto idle = std::chrono::steady_clock::now() + *bounds_.idle;
    client_.finish_at(end_ ? std::min(*end_, idle) : idle);
  }

  void take(const SseEvent& event) {
    if (closed_ || done_) return;
    Json data;
    try {
      data = parse_json(event.data);
    } catch (const JsonError&) {
      throw Failure(Exit::server_error, "an event of the stream is not JSON; is that a Nexus daemon?");
    }
    if (event.type == "close") {
      closed_ = close_of(data);
      return client_.finish();
    }
    if (!bounds_.follows && event.type == "resume_cursor") {
      if (event.id && !event.id->empty()) state_.saw(*event.id);
      return finish();
    }
    printer_.print(data, event.type);
    // Only printed events count as seen.
    if (event.id && !event.id->empty()) state_.saw(*event.id);
    if (about_the_stream(event.type)) return;
    await_event();
    if (bounds_.count && --*bounds_.count == 0) finish();
  }

  void finish() {
    done_ = true;
    client_.finish();
  }

  Session& session_;
  const Tail& tail_;
  EventPrinter printer_{session_, tail_};
  RailState state_;
  TailBounds bounds_;
  std::optional<std::chrono::steady_clock::time_point> end_;  // of the whole tail, when --timeout says so
  bool open_ = false;                                         // it was, at least once
  bool done_ = false;                                         // nothing more is taken
  RailClient client_;
  SseParser parser_;
  std::optional<RailEnd> closed_;
  int tries_ = 0;
};

}  // namespace

std::vector<Parameter> tail_parameters(std::vector<Parameter> more) {
  more.push_back(option("--from", "CURSOR", "go on after this cursor; earliest: everything there is"));
  more.push_back(option("--count", "N", "end after N events"));
  more.push_back(option("--idle", "TIME", "end when no event has come for so long, as 30s"));
  more.push_back(flag("--no-follow", "end with the last event that is there; from the earliest on, without --from"));
  return more;
}

std::string rail_line(const Json& event) {
  const std::string type = cell_at(event, "type"), actor = cell_at(event, "routing.actor_id");
  if (type == "presence_state") return "* " + cell_at(event, "data.user_id") + " is " + cell_at(event, "data.status");
  if (type == "gap") return "* " + gap_text(event);
  if (type == "message_deleted") return "* a message was deleted";
  if (type == "gesture") return "* " + actor + " " + cell_at(event, "data");
  return {};
}

std::function<std::string(const Json&)> cells_at(std::vector<const char*> paths) {
  return [paths = std::move(paths)](const Json& event) {
    std::string line = rail_line(event);
    if (!line.empty()) return line;
    for (const char* path : paths)
      if (const Json* found = at_path(event, path); found != nullptr && !found->is_null())
        line += (line.empty() ? "" : "  ") + cell_text(*found);
    return line;
  };
}

std::string event_line(const Json& event, const std::string& type, const Tail& tail, const View& view) {
  const bool whole = view.format == Format::json || view.format == Format::jsonl || view.format == Format::yaml;
  if (!whole && (type == "resume_cursor" || (type == "presence_state" && view.format != Format::table))) return {};
  if (view.field) {
    const Json* found = at_path(event, *view.field);
    return found == nullptr ? std::string() : render_record(event, {}, tail.shape, view);
  }
  if (view.format == Format::table) return escape_controls(tail.person(event)) + "\n";
  if (view.format == Format::yaml) return "---\n" + to_yaml(event);
  if (view.format == Format::name && about_the_stream(type)) return {};
  View one_line = view;
  if (view.format == Format::json) one_line.format = Format::jsonl;
  return render_record(event, {}, tail.shape, one_line);
}

void EventPrinter::print(const Json& event, const std::string& type) {
  if (type == "gap") session_.warn(gap_text(event));
  const View view = session_.view();
  const std::string line = event_line(event, type, tail_, view);
  if (!line.empty()) {
    field_found_ = true;
    return session_.print(line, Form::asked);
  }
  if (!view.field || about_the_stream(type) || field_found_ || std::exchange(field_missed_, true)) return;
  session_.warn("the event has no field \"" + *view.field + "\"; -o json shows what it has");
}

int EventPrinter::exit() const {
  return static_cast<int>(field_missed_ && !field_found_ ? Exit::negative : Exit::done);
}

ApiRequest positioned(ApiRequest request, const RailState& state) {
  request.curl_options = "-N";  // each event as it comes
  if (state.from_earliest())
    request.query.emplace_back("from", "earliest");
  else if (state.position())
    request.headers.emplace_back("Last-Event-ID", *state.position());
  return request;
}

RailState begin_at(const std::optional<std::string>& from) {
  if (from && from->empty()) throw usage_error("--from wants a cursor, or earliest");
  return RailState(from, chance);
}

std::optional<int> after(Session& session, RailClient& client, RailState& state, const RailEnd& end) {
  const RailNext next = state.ended(end);
  if (next.again) {
    const std::string why = end.kind == RailEnd::Kind::closed ? why_closed(end)
                            : end.why.empty()                 ? "the daemon has no place for us now"
                                                              : end.why;
    char seconds[32];
    std::snprintf(seconds, sizeof seconds, "%.1f s", static_cast<double>(next.wait.count()) / 1000);
    session.note(why + "; trying again in " + seconds);
    if (client.pause(next.wait)) return std::nullopt;
  }
  if (const auto cursor = state.seen()) session.note("to go on from here: --from " + *cursor);
  if (client.signal() != 0) return 128 + client.signal();
  switch (end.kind) {
    case RailEnd::Kind::refused: {
      Answer answer{.status = end.response.status, .json = {}, .http = end.response};
      try {
        answer.json = parse_json(end.response.body);
      } catch (const JsonError&) {
        // A proxy's page: the status is enough.
      }
      throw refusal_of(answer);
    }
    case RailEnd::Kind::dropped:
      throw Failure(next.exit, end.why, end.remedy.empty() ? "nexusctl wait" : end.remedy);
    case RailEnd::Kind::closed:
      throw Failure(next.exit, why_closed(end), end.code == 4401 ? "nexusctl login < FILE" : "");
    case RailEnd::Kind::finished:
    case RailEnd::Kind::interrupted:
      break;
  }
  return static_cast<int>(Exit::done);
}

int run_tail(Session& session, const Values& values, const Tail& tail) {
  TailBounds bounds;
  bounds.count = values.number("--count", 1, 1'000'000'000);
  bounds.follows = !values.given("--no-follow");
  if (const auto idle = values.find("--idle")) bounds.idle = parse_duration(*idle, "--idle");
  auto from = values.find("--from");
  if (!from && !bounds.follows) from = "earliest";
  return Follower(session, tail, begin_at(from), bounds).run();
}

}  // namespace nexus::cli
