#include "cli/commands/readiness_walk.hpp"

#include <thread>

namespace nexus::cli::readiness {
namespace {

constexpr std::chrono::milliseconds kPatience{10'000};  // for one answer
constexpr int kTries = 3;
constexpr std::array<int, 3> kHeeded = {SIGINT, SIGTERM, SIGHUP};

volatile sig_atomic_t came = 0;

void note_signal(int number) { came = number; }

/// Thrown by the reader of a body that nobody needs.
struct Opened {};

ApiRequest request_of_probe(const Probe& probe, const Voice& voice, const std::string& reason) {
  ApiRequest request{.method = probe.method,
                     .path = probe.path,
                     .query = probe.query,
                     .body = probe.body,
                     .text = probe.form,
                     .scope = Scope::open,
                     .headers = probe.headers,
                     .retry = false};
  const auto add = [&](const char* name, const std::string& value) {
    if (!value.empty()) request.headers.emplace_back(name, value);
  };
  add("Authorization", voice.token.empty() ? "" : "Bearer " + voice.token);
  add("X-Tenant-Id", voice.tenant);
  add("X-Env", voice.env);
  if (voice.token.starts_with(kSystemTokenPrefix)) add("X-Reason", reason);
  return request;
}

}  // namespace

Signals::Signals() {
  came = 0;
  struct sigaction action = {};
  action.sa_handler = note_signal;
  action.sa_flags = SA_RESETHAND;
  for (std::size_t i = 0; i < kHeeded.size(); ++i) {
    ::sigaction(kHeeded[i], nullptr, &before_[i]);
    if (before_[i].sa_handler != SIG_IGN) ::sigaction(kHeeded[i], &action, nullptr);  // nohup stays nohup
  }
}

Signals::~Signals() {
  for (std::size_t i = 0; i < kHeeded.size(); ++i) ::sigaction(kHeeded[i], &before_[i], nullptr);
}

Answer Walk::once(const ApiRequest& request) {
  if (heeds_signals_ && came != 0) throw Interrupted{came};
  Exchange exchange = session_.prepare(request);
  ++requests;
  Answer answer;
  try {
    answer.http = session_.exchange(std::move(exchange));
  } catch (const TransportError& error) {
    if (heeds_signals_ && came != 0) throw Interrupted{came};
    throw Failure(Exit::unreachable, error.what(), error.remedy);
  }
  answer.status = answer.http.status;
  try {
    if (answer.http.header("content-type").find("json") != std::string::npos && !answer.http.body.empty())
      answer.json = parse_json(answer.http.body);
  } catch (const JsonError&) {
    answer.json = nullptr;  // no item takes that for what it wants
  }
  return answer;
}

Answer Walk::ask(const Probe& probe, const Voice& voice, const std::function<void(std::string_view)>& take) {
  ApiRequest request = request_of_probe(probe, voice, kept_reason(session_).value_or("readiness"));
  request.timeout = std::min(kPatience, session_.timeout());
  request.sink = take;
  for (int attempt = 1;; ++attempt) {
    Answer answer = once(request);
    const bool busy = answer.status == 503 && !answer.http.header("retry-after").empty();
    if (!busy || attempt == kTries) {
      if (const std::string seq = answer.http.header("nexus-audit-seq"); voice.env == kEnv && !seq.empty())
        last_row = seq;
      return answer;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(500) * attempt);
  }
}

Answer Walk::knock(const Probe& probe, const Voice& voice) {
  try {
    return ask(probe, voice, [](std::string_view) { throw Opened{}; });
  } catch (const Opened&) {
    Answer answer;
    answer.status = 200;
    return answer;
  }
}

void require(bool condition, const std::string& otherwise) {
  if (!condition) throw Failure(Exit::negative, otherwise);
}

std::string outcome_of(const Answer& answer) {
  const auto code = find_text(answer.json, "code");
  return std::to_string(answer.status) + (code && answer.status >= 400 ? " " + *code : "");
}

void require_outcome(const Answer& answer, const std::string& what, const std::string& wanted) {
  const std::string got = outcome_of(answer);
  require(got == wanted, what + " was answered " + got + ", not " + wanted);
}

std::string text_of(const Answer& answer, const std::string& path) {
  const auto text = find_text(answer.json, path);
  require(text.has_value(), "an answer lacks \"" + path + "\"");
  return *text;
}

}  // namespace nexus::cli::readiness
