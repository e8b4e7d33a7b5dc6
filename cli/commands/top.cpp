// nexusctl top: what the daemon does now, from two looks at /metrics; on a terminal a screen that renews itself.
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <ctime>
#include <iostream>
#include <optional>
#include <thread>

#include "cli/commands/metrics_text.hpp"
#include "cli/engine/escape.hpp"
#include "cli/engine/session.hpp"
#include "daemon/base/clock.hpp"
#include "daemon/base/text.hpp"

namespace nexus::cli {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

const Shape kTopShape = {"address",
                         {"address", "at", "seconds", "requests", "read_ms", "write_ms", "writer", "streams",
                          "connections", "memory", "cpu_percent", "routes", "refusals"},
                         {{"routes", {"route", "per_second"}}, {"refusals", {"code", "per_second", "total"}}}};

struct Sample {
  Metrics metrics;
  Clock::time_point at;
};

Sample look(Session& session, milliseconds patience) {
  const Answer answer = session.attempt({.path = "/metrics",
                                         .scope = session.token() ? Scope::identity : Scope::open,
                                         .retry = false,
                                         .timeout = patience});
  if (answer.status != 200) throw refusal_of(answer);
  return {parse_metrics(answer.http.body), Clock::now()};
}

Json record_between(Session& session, const Sample& before, const Sample& after) {
  Json record = {{"address", session.settings().server.value}, {"at", to_rfc3339(now_micros())}};
  record.update(
      activity_between(before.metrics, after.metrics, std::chrono::duration<double>(after.at - before.at).count()));
  return record;
}

int show_once(Session& session, milliseconds interval) {
  const Sample before = look(session, session.timeout());
  std::this_thread::sleep_for(interval);
  session.print_record(record_between(session, before, look(session, session.timeout())), kTopShape);
  return 0;
}

// ---- the screen ----------------------------------------------------------------------------------------------------

void put(std::string_view text) { std::cout << text << std::flush; }

/// The signals that end or stop a program at a terminal, held back until the screen is restored.
sigset_t ending_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP}) sigaddset(&set, number);
  return set;
}

/// The terminal's other screen; whatever ends this object, the terminal is as before.
class Screen {
 public:
  Screen() {
    ::pthread_sigmask(SIG_BLOCK, &signals_, &before_);
    enter();
  }
  ~Screen() {
    leave();
    ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  Screen(const Screen&) = delete;
  Screen& operator=(const Screen&) = delete;

  /// As many lines as there is room for.
  void show(const std::string& text) {
    winsize size{};
    const bool sized = ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 1;
    const std::size_t rows = sized ? size.ws_row - 1U : 1000;
    std::string frame = "\x1b[H";
    std::size_t shown = 0;
    const std::string safe = safe_on_terminal(text);
    for (const auto line : split(safe, '\n'))
      if (shown++ < rows) frame.append(line).append("\x1b[K\n");
    put(frame + "\x1b[J");
  }

  /// Returns the signal that came within this time, or 0. At Ctrl-Z the program stops here, and goes on with fg.
  int wait(milliseconds time) {
    const timespec span{time.count() / 1000, (time.count() % 1000) * 1'000'000};
    const int number = ::sigtimedwait(&signals_, nullptr, &span);
    if (number != SIGTSTP) return std::max(number, 0);
    leave();
    ::raise(SIGSTOP);
    enter();
    return 0;
  }

 private:
  void enter() { put("\x1b[?1049h\x1b[?25l"); }
  void leave() { put("\x1b[?25h\x1b[?1049l"); }

  sigset_t signals_ = ending_signals();
  sigset_t before_{};
};

/// The next sample; nothing while the daemon does not answer, with `trouble` in the words of people.
std::optional<Sample> try_look(Session& session, milliseconds patience, std::string& trouble) {
  try {
    return look(session, patience);
  } catch (const Failure& failure) {
    if (failure.exit != Exit::unreachable) throw;
    trouble = failure.what();
  } catch (const Refusal& refusal) {
    if (refusal.status / 100 != 5) throw;
    trouble = refusal.what();
  }
  return std::nullopt;
}

int show_live(Session& session, milliseconds interval) {
  Sample before = look(session, session.timeout());  // a refusal is told before the screen is taken
  const milliseconds patience = std::clamp<milliseconds>(interval, milliseconds(500), milliseconds(2000));
  View view = session.view();
  view.format = Format::table;
  Screen screen;
  std::string text = session.settings().server.value + "\n";
  while (true) {
    screen.show(text);
    if (const int number = screen.wait(interval); number != 0) return 128 + number;
    std::string trouble;
    if (auto after = try_look(session, patience, trouble)) {
      view.width = session.view().width;
      text = render_record(record_between(session, before, *after), Json::object(), kTopShape, view);
      before = std::move(*after);
    } else {
      text = session.settings().server.value + "\n" + trouble + "\n";
    }
  }
}

int run_top(Session& session, const Values& values) {
  const auto given = values.find("--interval");
  const milliseconds interval = given ? parse_duration(*given, "--interval") : milliseconds(1000);
  if (interval < milliseconds(100)) throw usage_error("--interval wants 100ms at least");
  const bool once = values.given("--once");
  const Settings& settings = session.settings();
  const bool is_screen =
      ::isatty(STDOUT_FILENO) == 1 && !settings.field && settings.format.value_or(Format::table) == Format::table;
  return is_screen && !once ? show_live(session, interval) : show_once(session, interval);
}

constexpr const char* kTopDescription = R"(
It looks at `/metrics` again and again, and shows what happened in between: answered requests a second, by class of
status; the time that half (`p50`) and 99 of 100 (`p99`) of the reads and writes took at most; how many changes wait for
the one writer, and how many it committed in each group; open streams; memory, and processor time in percent of one
processor; the routes that are asked most; and refusals by code, now and since the daemon began.

On a terminal this is a screen that renews itself each --interval until Ctrl-C, and then leaves the terminal as it was.
With --once, in a pipe, and with -o or --field, it takes two looks, prints once what lies between them, and ends.

The daemon shows its metrics to the system token, to everybody with `--dev`, and without a token on the address of
`--metrics-listen`, which --server then names.)";

}  // namespace

Command top_command() {
  return {.name = "top",
          .topic = Topic::operate,
          .summary = "show what the daemon does now: requests, writer, streams, refusals, memory",
          .description = kTopDescription,
          .see_also = "nexusctl-routes(1), nexusctl-status(1), nexusd.conf(5), nexusd(8)",
          .example =
              "nexusctl top\n"
              "nexusctl top --once -o json",
          .parameters = {option("--interval", "TIME", "the time between two looks (1s)"),
                         flag("--once", "print one sample and end")},
          .run = run_top,
          .beyond_curl = "looks again and again"};
}

}  // namespace nexus::cli
