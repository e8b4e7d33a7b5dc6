// The loop of connections, and lines of events.
#include "cli/rails/rail_tail.hpp"

#include <charconv>
#include <cstdio>

#include "cli/engine/escape.hpp"
#include "cli/rails/sse_parser.hpp"
#include "daemon/base/crypto.hpp"

namespace nexus::cli {
namespace {

std::string text_at(const Json& event, std::string_view path) {
  const Json* found = at_path(event, path);
  return found == nullptr || found->is_null() ? std::string() : cell_text(*found);
}

double chance() {
  const std::string bytes = random_bytes(2);
  return (static_cast<unsigned char>(bytes[0]) * 256 + static_cast<unsigned char>(bytes[1])) / 65536.0;
}

bool machine_format(const View& view) {
  return view.format == Format::json || view.format == Format::jsonl || view.format == Format::yaml;
}

/// Frames about the stream itself, not about its content.
bool about_the_stream(const std::string& type) {
  return type == "resume_cursor" || type == "presence_state" || type == "gap";
}

std::string seconds_text(std::chrono::milliseconds time) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f s", static_cast<double>(time.count()) / 1000);
  return text;
}

std::string why_closed(const RailEnd& end) {
  const std::string reason = end.why.empty() ? std::string() : ": " + end.why;
  switch (end.code) {
    case 1001:
      return "the daemon is shutting down";
    case 4401:
      return "the token has expired";
    case 4403:
      return "the membership was revoked, or the tenant disabled";
    case 4408:
      return "we read too slowly";
    case 4429:
      return "we sent too much";
    case 4503:
      return "the stream is switched off by a kill switch or a feature flag";
    default:
      return "the daemon closed the stream with code " + std::to_string(end.code) + reason;
  }
}

/// `event: close` gives the reason as a WebSocket close code.
RailEnd close_of(const Json& data) {
  RailEnd end{.kind = RailEnd::Kind::closed, .code = 1001, .why = text_at(data, "reason")};
  for (const char* path : {"code", "data.code"})
    if (const Json* code = at_path(data, path); code != nullptr && code->is_number_integer())
      end.code = code->get<int>();
  if (end.why.empty()) end.why = text_at(data, "data.reason");
  return end;
}

/// One run of a tail: the state that its connections share.
class Follower {
 public:
  Follower(Session& session, const Tail& tail, RailState state, std::optional<long long> count)
      : session_(session), tail_(tail), state_(std::move(state)), left_(count) {}

  int run() {
    while (true) {
      closed_.reset();
      parser_.reset();
      const Exchange exchange = session_.prepare(positioned(tail_.request, state_));
      RailEnd end = client_.stream(
          exchange, {.opened = [this] { opened(); }, .received = [this](std::string_view bytes) { received(bytes); }});
      if (closed_ && end.kind != RailEnd::Kind::interrupted) end = *closed_;
      if (const auto exit = after(session_, client_, state_, end)) return *exit;
      ++tries_;
    }
  }

 private:
  void opened() {
    state_.opened();
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

  void take(const SseEvent& event) {
    if (closed_ || left_ == 0) return;
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
    if (event.type == "gap") session_.warn(gap_text(data));
    if (const std::string line = event_line(data, event.type, tail_, session_.view()); !line.empty())
      session_.print(line);
    // Only printed events count as seen.
    if (event.id && !event.id->empty()) state_.saw(*event.id);
    if (left_ && !about_the_stream(event.type) && --*left_ == 0) client_.finish();
  }

  Session& session_;
  const Tail& tail_;
  RailState state_;
  std::optional<long long> left_;
  RailClient client_;
  SseParser parser_;
  std::optional<RailEnd> closed_;
  int tries_ = 0;
};

}  // namespace

std::vector<Parameter> tail_parameters(std::vector<Parameter> more) {
  more.push_back(option("--from", "CURSOR", "go on after this cursor; earliest: everything there is"));
  more.push_back(option("--count", "N", "end after N events"));
  return more;
}

std::string gap_text(const Json& event) {
  const std::string from = text_at(event, "data.from"), to = text_at(event, "data.to");
  const std::string reason = text_at(event, "data.reason");
  const std::string which = from.empty() && to.empty() ? "events" : "events from " + from + " to " + to;
  return which + " are missing" + (reason.empty() ? "" : " (" + reason + ")");
}

std::string rail_line(const Json& event) {
  const std::string type = text_at(event, "type"), actor = text_at(event, "routing.actor_id");
  if (type == "presence_state") return "* " + text_at(event, "data.user_id") + " is " + text_at(event, "data.status");
  if (type == "gap") return "* " + gap_text(event);
  if (type == "gesture") return "* " + actor + " " + text_at(event, "data");
  return {};
}

std::string event_line(const Json& event, const std::string& type, const Tail& tail, const View& view) {
  if (!machine_format(view) && (type == "resume_cursor" || (type == "presence_state" && view.format != Format::table)))
    return {};
  if (view.field) {
    const Json* found = at_path(event, *view.field);
    return found == nullptr ? std::string() : cell_text(*found) + "\n";
  }
  switch (view.format) {
    case Format::json:
    case Format::jsonl:
      return json_text(event) + "\n";
    case Format::yaml:
      return "---\n" + to_yaml(event);
    case Format::name:
      return about_the_stream(type) ? std::string() : escape_tsv(text_at(event, tail.shape.name)) + "\n";
    case Format::table:
      return escape_controls(tail.person(event)) + "\n";
    case Format::tsv:
      break;
  }
  std::string line;
  for (const std::string& column : tail.shape.columns)
    line += (line.empty() ? "" : "\t") + escape_tsv(text_at(event, column));
  return line + "\n";
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
    session.note(why + "; trying again in " + seconds_text(next.wait));
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
  return Follower(session, tail, begin_at(values.find("--from")), values.number("--count", 1, 1'000'000'000)).run();
}

}  // namespace nexus::cli
