#include "cli/engine/session.hpp"

#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <thread>
#include <utility>

#include "cli/engine/curl.hpp"
#include "cli/engine/escape.hpp"
#include "cli/engine/failure.hpp"
#include "cli/engine/token_file.hpp"
#include "daemon/base/bytes.hpp"
#include "daemon/base/file.hpp"
#include "daemon/base/shell.hpp"
#include "daemon/base/text.hpp"

namespace nexus::cli {
namespace {

constexpr std::chrono::milliseconds kDefaultTimeout{30000};
constexpr int kTriesMax = 3;

using Clock = std::chrono::steady_clock;

const std::string& present(const Settings& settings, const std::optional<Sourced>& setting, const std::string& what,
                           const std::string& variable) {
  if (setting) return checked(setting->value, setting->source);
  const bool tenant = what == "tenant";
  if (!settings.by_context_alone())
    throw usage_error("no " + what + " is given: there is no default (--" + what + ", " + variable + ", or a context)",
                      tenant ? "nexusctl context set --tenant TENANT_ID" : "nexusctl context set --env ENV");
  throw usage_error(
      "context " + settings.context + " names no " + what + ", and beside --context " + variable + " is not looked at",
      "nexusctl context set " + shell_quote(settings.context) + (tenant ? " --tenant TENANT_ID" : " --env ENV"));
}

void set_header(Headers& headers, const std::string& name, const std::string& value) {
  const auto it = std::ranges::find_if(headers, [&](const auto& h) { return iequals_ascii(h.first, name); });
  if (it != headers.end())
    it->second = value;
  else
    headers.emplace_back(name, value);
}

/// Never replaces a byte: the given value is sent unchanged, or nothing is sent.
std::string body_text(const Json& body) {
  try {
    static_cast<void>(body.dump());
    return json_text(body);
  } catch (const Json::exception&) {
    throw usage_error("a text to send is not UTF-8");
  }
}

std::string query_text(const std::vector<std::pair<std::string, std::string>>& query) {
  std::string out;
  for (const auto& [name, value] : query)
    out += (out.empty() ? "?" : "&") + percent_encode(name) + "=" + percent_encode(value);
  return out;
}

bool busy(const Answer& answer) { return answer.status == 503 && !answer.http.header("retry-after").empty(); }

std::chrono::milliseconds pause_before(int attempt, const Response& response) {
  const int asked = std::atoi(response.header("retry-after").c_str());
  return std::chrono::milliseconds(std::clamp(asked * 1000, 100 * attempt, 5000));
}

}  // namespace

std::string segment(const std::string& text) {
  if (text.empty() || text == "." || text == "..") throw usage_error("an id cannot be \"" + text + "\"");
  return percent_encode(text);
}

Json Answer::receipt() const {
  const std::string seq = http.header("nexus-audit-seq");
  if (seq.empty()) return Json::object();
  return {{"receipt", {{"seq", seq}, {"hash", http.header("nexus-audit-hash")}}}};
}

Refusal refusal_of(const Answer& answer) {
  std::string row = answer.http.header("nexus-audit-seq");
  if (!row.empty())
    row +=
        " " + answer.http.header("nexus-audit-hash") + (answer.chain.empty() ? "" : " in the chain of " + answer.chain);
  return Refusal(answer.status, answer.json, answer.http.header("x-request-id"), row);
}

void print_out(const std::string& text) {
  errno = 0;
  std::cout << (::isatty(STDOUT_FILENO) == 1 ? safe_on_terminal(text) : text) << std::flush;
  if (!std::cout)
    throw Failure(errno == EPIPE ? Exit::broken_pipe : Exit::negative, "standard output cannot be written");
}

Session::Session(Settings settings, ContextStore contexts, TypedLine line)
    : settings_(std::move(settings)), contexts_(std::move(contexts)), line_(std::move(line)) {
  if (settings_.timeout) end_ = Clock::now() + *settings_.timeout;
}

const std::string& Session::tenant() const { return present(settings_, settings_.tenant, "tenant", "NEXUS_TENANT"); }
const std::string& Session::env() const { return present(settings_, settings_.env, "env", "NEXUS_ENV"); }

Session::Hurry::Hurry(Session& session, std::chrono::milliseconds span) : session_(session), end_(session.end_) {
  const auto now = Clock::now();
  session_.end_ = end_ ? std::min(now + span, now + (*end_ - now) / 2) : now + span;
  session_.hurried_ = true;
}

Session::Hurry::~Hurry() {
  session_.end_ = end_;
  session_.hurried_ = false;
  // Who had no time to say its id is asked again.
  if (session_.instance_ && !*session_.instance_) session_.instance_.reset();
}

std::chrono::milliseconds Session::timeout() const { return settings_.timeout.value_or(kDefaultTimeout); }

const std::optional<std::string>& Session::token() {
  if (token_) return *token_;
  const TokenPlace& place = settings_.token;
  token_.emplace();
  if (place.kind == TokenPlace::Kind::environment)
    *token_ = checked(std::string(trim_ascii(place.value)), place.source);
  if (place.kind == TokenPlace::Kind::file) *token_ = read_token_file(place);
  if (place.kind == TokenPlace::Kind::context) *token_ = contexts_.token(place.value);
  return *token_;
}

Face face_of(const Session& session) { return {session.json_output(), session.colour(), session.settings().typed}; }

Reach reach_of(const Settings& settings) {
  return {settings.cacert ? settings.cacert->value : std::string(), settings.proxy};
}

const std::optional<std::string>& kept_reason(Session& session) {
  session.line_.heed_reason();
  return session.settings_.reason;
}

Exchange Session::build(const ApiRequest& request) {
  if (!request.preliminary) {
    line_.judge_options();
    line_.judge_key(settings_, request.method);
    const auto by_system = [this] { return token() && token()->starts_with(kSystemTokenPrefix); };
    if (line_.judge_reason(settings_, by_system))
      note("--reason is not kept: this act is logged with a reason only when the system token does it");
  }
  Exchange exchange;
  exchange.reach = reach_of(settings_);
  exchange.method = request.method;
  exchange.timeout = request.timeout.value_or(timeout());
  exchange.sink = request.sink;
  exchange.source = request.source;
  exchange.curl_body = request.curl_body;
  // A file transfer may take its time. Every other request has one time limit for its answer, all tries together.
  if (!request.source && !request.sink) exchange.deadline = Clock::now() + exchange.timeout;
  exchange.url = parse_address(settings_.server.value, settings_.server.source);
  exchange.url.target += request.path + query_text(request.query);
  Headers headers = {{"User-Agent", "nexusctl/" NEXUS_VERSION}};
  if (request.scope != Scope::open) {
    // A printed line needs no secret: it says "$NEXUS_TOKEN".
    const bool only_printed = settings_.print_curl && !request.preliminary;
    if (!only_printed && !token()) {
      const bool elsewhere = settings_.token.kind == TokenPlace::Kind::wrong_server;
      throw Failure(
          Exit::unauthenticated,
          elsewhere ? "the token of " + settings_.token.source + " belongs to another server; it is not sent to " +
                          settings_.server.value
          : settings_.by_context_alone()
              ? "context " + settings_.context + " keeps no token, and beside --context NEXUS_TOKEN is not looked at"
              : "there is no token (NEXUS_TOKEN, NEXUS_TOKEN_FILE, --token-file, or a login)",
          "nexusctl login < FILE");
    }
    headers.emplace_back("Authorization", "Bearer " + (only_printed ? std::string("$NEXUS_TOKEN") : *token()));
    if (settings_.reason) headers.emplace_back("X-Reason", checked(*settings_.reason, "--reason"));
  }
  if (request.scope == Scope::tenant) {
    headers.emplace_back("X-Tenant-Id", tenant());
    headers.emplace_back("X-Env", env());
    if (settings_.run) headers.emplace_back("X-Run-Id", checked(settings_.run->value, settings_.run->source));
  }
  if (request.method == "POST" && settings_.idempotency_key) {
    headers.emplace_back("Idempotency-Key", checked(*settings_.idempotency_key, "--idempotency-key"));
  }
  if (request.body) {
    exchange.body = body_text(*request.body);
    headers.emplace_back("Content-Type", "application/json");
  }
  if (request.text) {
    exchange.body = *request.text;
    headers.emplace_back("Content-Type", "text/markdown; charset=utf-8");
  }
  for (const auto& [name, value] : request.headers)
    set_header(headers, name, value.empty() ? value : checked(value, name));
  // An empty value removes a header: smoke sends requests without a token this way.
  std::erase_if(headers, [](const auto& header) { return header.second.empty(); });
  exchange.headers = std::move(headers);
  return exchange;
}

std::string Session::curl_text(const ApiRequest& request) {
  Exchange shown = build(request);
  std::erase_if(shown.headers, [](const auto& header) { return header.first == "User-Agent"; });
  const bool authorised = std::ranges::any_of(shown.headers, [](const auto& h) { return h.first == "Authorization"; });
  if (authorised && settings_.token.kind != TokenPlace::Kind::environment && !told_of_token_) {
    told_of_token_ = true;
    note("the line wants the token in NEXUS_TOKEN");
  }
  return curl_line(shown, request.curl_options);
}

Response Session::exchange(Exchange exchange) {
  exchange.reach = reach_of(settings_);
  if (end_) exchange.deadline = exchange.deadline ? std::min(*exchange.deadline, *end_) : *end_;
  const auto begin = Clock::now();
  const auto tell = [&](const std::string& outcome) {
    if (!settings_.verbose) return;
    const auto taken = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begin);
    // Without the query: a presigned URL gives access to the object.
    const std::string target = exchange.url.target.substr(0, exchange.url.target.find('?'));
    std::cerr << "> " << exchange.method << " " << exchange.url.origin() << target << " -> " << escape_controls(outcome)
              << " in " << taken.count() << " ms\n";
  };
  try {
    Response response = client_.run(exchange);
    tell(std::to_string(response.status) + " " + response.header("x-request-id"));
    return response;
  } catch (const TransportError& error) {
    tell(error.what());
    throw;
  }
}

Answer Session::once(const Exchange& exchange_) {
  Answer answer;
  answer.http = exchange(exchange_);
  answer.status = answer.http.status;
  const std::string type = answer.http.header("content-type");
  // nginx and others answer so where TLS should have begun.
  if (answer.status == 400 && !exchange_.url.secure && type.find("json") == std::string::npos &&
      answer.http.body.find("HTTPS") != std::string::npos)
    throw wants_tls(exchange_.url);
  if (type.find("json") == std::string::npos || answer.http.body.empty()) return answer;
  try {
    answer.json = parse_json(answer.http.body);
  } catch (const JsonError&) {
    if (answer.status < 400)
      throw Failure(Exit::server_error,
                    "the answer is not JSON; is that a Nexus daemon at " + exchange_.url.origin() + "?");
  }
  return answer;
}

Answer Session::run(const Exchange& exchange_, bool repeatable) {
  for (int attempt = 1;; ++attempt) {
    const bool last = !repeatable || attempt == kTriesMax;
    Response seen;
    try {
      Answer answer = once(exchange_);
      if (last || !busy(answer)) return answer;
      seen = answer.http;
    } catch (const TransportError& error) {
      // Nothing listens: `nexusctl wait` is there to try again.
      if (last || !error.sent) {
        const bool unknown = error.sent && exchange_.method != "GET" && !repeatable;
        throw Failure(
            Exit::unreachable,
            error.what() +
                std::string(
                    unknown ? "; whether it was done is unknown: look before repeating, or use --idempotency-key" : ""),
            !error.remedy.empty() ? error.remedy
            : error.sent          ? ""
                                  : "nexusctl wait");
      }
    }
    const auto pause = pause_before(attempt, seen);
    const auto end = std::min(exchange_.deadline.value_or(Moment::max()), end_.value_or(Moment::max()));
    if (Clock::now() + pause >= end)
      throw Failure(Exit::unreachable, "no answer came in time from " + exchange_.url.origin());
    std::this_thread::sleep_for(pause);
  }
}

Exchange Session::prepare(const ApiRequest& request) {
  if (!settings_.print_curl || request.preliminary) return build(request);
  print(curl_text(request) + "\n");
  throw Printed{};
}

Answer Session::attempt(const ApiRequest& request) {
  const Exchange exchange = prepare(request);
  const bool safe = request.method == "GET" || request.method == "PUT";
  const bool keyed = request.method == "POST" && settings_.idempotency_key.has_value();
  Answer answer = run(exchange, request.retry && !hurried_ && (safe || keyed));
  witness(request, answer);
  return answer;
}

Answer Session::call(const ApiRequest& request) {
  Answer answer = attempt(request);
  if (answer.status >= 400) throw refusal_of(answer);
  if (answer.status >= 300 && !request.redirect_expected)
    throw Failure(Exit::server_error,
                  "the server sends us elsewhere; its address may be " + answer.http.header("location"));
  if (answer.status < 300 && answer.status != 204 && answer.json.is_null())
    throw Failure(Exit::server_error,
                  "the answer is not JSON; is that a Nexus daemon at " + settings_.server.value + "?");
  const Json receipt = answer.receipt();
  if (settings_.verbose && !receipt.empty())
    std::cerr << "> audit row " << escape_controls(json_text(receipt["receipt"])) << "\n";
  return answer;
}

void Session::print(const std::string& text, Form form) {
  if (form == Form::one && !settings_.print_curl) require_no_form();
  line_.judge_options();
  print_out(text);
  csv_begun_ = true;
}

View Session::view() const {
  const bool terminal = ::isatty(STDOUT_FILENO) == 1;
  winsize size{};
  const bool sized = terminal && ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0;
  return {.format = settings_.format.value_or(terminal ? Format::table : Format::tsv),
          .field = settings_.field,
          .terminal = terminal,
          .width = sized ? size.ws_col : 0U,
          .colour = settings_.colour,
          .heading = !csv_begun_};
}

bool Session::json_output() const { return settings_.format == Format::json || settings_.format == Format::jsonl; }
bool Session::progress_wanted() const { return !settings_.quiet && ::isatty(STDERR_FILENO) == 1; }
bool Session::colour() const { return settings_.colour && ::isatty(STDERR_FILENO) == 1; }

void Session::print_record(const Json& record, const Shape& shape, const Json& extra) {
  print(render_record(record, extra, shape, view()), Form::asked);
}

void Session::print_list(const Json& document, const Shape& shape, const std::string& onward) {
  print(render_list(document, shape, view()), Form::asked);
  const auto next = find_text(document, "next_cursor");
  const Format format = view().format;
  const bool shown = !settings_.field && (format == Format::json || format == Format::yaml);
  if (!next || shown) return;
  std::cerr << "note: there is more: " << escape_controls(onward.empty() ? "--cursor " + *next + ", or --all" : onward)
            << "\n";
}

void Session::warn(const std::string& text) { std::cerr << "warning: " << escape_controls(text) << "\n"; }

void Session::note(const std::string& text) {
  if (!settings_.quiet) std::cerr << "note: " << escape_controls(text) << "\n";
}

}  // namespace nexus::cli
