// nexusctl chat join: one WebSocket that sends typed lines and shows events.
#include "cli/rails/outbox.hpp"
#include "cli/rails/rail_tail.hpp"
#include "daemon/base/text.hpp"
#include "daemon/base/uuid.hpp"

namespace nexus::cli {
namespace {

// The daemon ends a connection that sends over 50 frames/s for 5 s.
constexpr std::chrono::milliseconds kPace{25};

class Join {
 public:
  Join(Session& session, const std::string& thread, RailState state)
      : session_(session),
        tail_{.request = {.path = "/ws/chat/" + segment(thread)}, .shape = kMessageEventShape, .person = chat_line},
        state_(std::move(state)) {}

  int run() {
    // A missing token, or --print curl, must be noticed before a line is read from the input.
    session_.prepare(positioned(tail_.request, state_));
    client_.read_lines([this](std::string line) { say(std::move(line)); }, [this] { input_ended(); }, kPace);
    while (true) {
      const RailEnd end =
          client_.converse(session_.prepare(positioned(tail_.request, state_)),
                           {.opened = [this] { opened(); }, .received = [this](std::string_view text) { take(text); }});
      open_ = false;
      std::optional<int> exit;
      client_.tell([&] { exit = after(session_, client_, state_, end); });
      if (exit) return *exit != 0 ? *exit : failed_.value_or(printer_.exit());
    }
  }

 private:
  void opened() {
    state_.opened();
    if (tries_++ > 0) session_.note("connected again");
    open_ = true;
    for (std::string& frame : outbox_.unanswered()) client_.send(std::move(frame));
    finish_when_settled();
  }

  void say(std::string line) {
    if (line.ends_with('\r')) line.pop_back();
    if (trim_ascii(line).empty()) return;
    if (!is_utf8(line)) return fail({{"detail", "a line is not UTF-8, and was not sent"}}, 422);
    std::string frame = outbox_.say(line);
    if (open_) client_.send(std::move(frame));
  }

  void input_ended() {
    input_over_ = true;
    finish_when_settled();
  }

  void finish_when_settled() {
    if (open_ && input_over_ && outbox_.settled()) client_.finish();
  }

  void take(std::string_view text) {
    Json frame;
    try {
      frame = parse_json(text);
    } catch (const JsonError&) {
      throw Failure(Exit::server_error, "a frame is not JSON; is that a Nexus daemon?");
    }
    const std::string type = frame.is_object() ? frame.value("type", std::string()) : std::string();
    if (type == "ack")
      outbox_.answered(frame);
    else if (type == "error")
      refused(frame);
    else if (type != "pong")
      show(frame, type);
    finish_when_settled();
  }

  void show(const Json& event, const std::string& type) {
    printer_.print(event, type);
    const Json& cursor = value_at(event, type == "resume_cursor" ? "data.cursor" : "meta.last_event_id");
    if (!cursor.is_string()) return;
    state_.saw(cursor);
    outbox_.saw(cursor);
  }

  void refused(const Json& frame) {
    outbox_.answered(frame);
    const Json &problem = value_at(frame, "problem"), &status = value_at(problem, "status");
    fail(problem.is_null() ? Json::object() : problem, status.is_number_integer() ? status.get<int>() : 400);
  }

  /// A message that was refused is reported at once; the first one decides the exit code.
  void fail(const Json& problem, int status) {
    const Refusal refusal(status, problem, {});
    session_.warn("not sent: " + std::string(refusal.what()) +
                  (refusal.code().empty() ? "" : " [" + refusal.code() + "]"));
    if (!failed_) failed_ = static_cast<int>(refusal.exit());
  }

  Session& session_;
  const Tail tail_;
  EventPrinter printer_{session_, tail_};
  RailState state_;
  RailClient client_;
  Outbox outbox_{uuid_v7};
  bool open_ = false;
  bool input_over_ = false;
  std::optional<int> failed_;
  int tries_ = 0;
};

}  // namespace

const Shape kMessageEventShape = {"event_id", {"ts", "type", "routing.actor_id", "data.text", "meta.last_event_id"}};

std::string chat_line(const Json& event) {
  if (std::string line = rail_line(event); !line.empty()) return line;
  const std::string at = cell_at(event, "ts"), text = cell_at(event, "data.text");
  const std::string clock = at.size() >= 19 ? at.substr(11, 8) : at;
  const std::string said = !text.empty()                                    ? text
                           : value_at(event, "data.deleted_at").is_string() ? "(deleted)"
                                                                            : cell_at(event, "data");
  return clock + " " + cell_at(event, "routing.actor_id") + ": " + said;
}

int run_join(Session& session, const Values& values) {
  return Join(session, values.text("THREAD_ID"), begin_at(values.find("--from"))).run();
}

}  // namespace nexus::cli
