#include "daemon/http/access_log.hpp"

#include "daemon/guard/rate_limit.hpp"
#include "daemon/http/limits.hpp"
#include "daemon/log.hpp"

namespace nexus::http {
namespace {

using std::chrono::microseconds;

constexpr Quota kQuota{.requests = limits::refusal_lines_per_second_max, .window_seconds = 1};
constexpr std::size_t kKindsMax = 1024;
constexpr std::chrono::seconds kTold{1};  // between two reports of what was left out

bool is_refusal(int status) { return status >= 400; }

/// Failures of the daemon itself are all told, but for an overload (503), which makes as many as there are requests.
bool is_sampled(int status) { return is_refusal(status) && (status < 500 || status == 503); }

Micros micros_of(AccessLog::Time time) {
  return std::chrono::duration_cast<microseconds>(time.time_since_epoch()).count();
}

/// The fields of a line, in their order; an empty text is left out.
class LineFields {
 public:
  LineFields() { all.reserve(14); }
  void add(std::string_view key, std::string_view text) {
    if (!text.empty()) all.emplace_back(key, std::string(text));
  }
  void add(std::string_view key, std::integral auto number) { all.emplace_back(key, number); }
  void add(const Caller& caller) {
    if (caller.tenant_id) add("tenant", caller.tenant_id->str());
    if (caller.env_id) add("env", to_string(*caller.env_id));
    add("user", caller.user_id);
    add("token_id", caller.token_id);
    add("request_id", caller.request_id);
    add("trace_id", caller.trace_id);
  }
  void add(const std::optional<IpAddress>& client) {
    if (client) add("client", client->text());
  }

  std::vector<log::Field> all;
};

std::vector<log::Field> fields_of(const AccessLine& line) {
  LineFields fields;
  fields.add("method", line.method);
  fields.add("route", line.route == nullptr ? "none" : line.route->path);
  fields.add("status", line.status);
  if (line.refusal != nullptr) fields.add("code", line.refusal->code);
  fields.add(line.caller);
  if (line.bytes) fields.add("bytes", *line.bytes);
  fields.add("micros", line.took.count());
  fields.add(line.client);
  return std::move(fields.all);
}

std::vector<log::Field> fields_of(const StreamEndLine& line) {
  LineFields fields;
  fields.add("method", line.route.method);
  fields.add("route", line.route.path);
  if (line.close) fields.add("close", *line.close);
  fields.add("reason", line.reason);
  fields.add(line.caller);
  fields.add("bytes", line.bytes);
  fields.add("micros", line.lasted.count());
  fields.add(line.client);
  return std::move(fields.all);
}

}  // namespace

std::shared_ptr<const AccessOptions> AccessLog::options() const {
  const std::lock_guard lock(options_mutex_);
  return options_;
}

void AccessLog::renew(AccessOptions options) {
  auto fresh = std::make_shared<const AccessOptions>(std::move(options));
  const std::lock_guard lock(options_mutex_);
  options_ = std::move(fresh);
}

log::Level AccessLog::level_of(int status) const {
  return is_refusal(status) || options()->all ? log::Level::info : log::Level::debug;
}

bool AccessLog::wants(int status) const { return log::enabled(level_of(status)); }

void AccessLog::write(const AccessLine& line) noexcept try {
  if (is_sampled(line.status) && !has_room(line)) return;
  log::write(level_of(line.status), "request", fields_of(line));
} catch (const std::exception&) {
  // Memory is short: the answer goes out without its line.
}

void AccessLog::write(const StreamEndLine& line) noexcept try {
  const log::Level level = level_of(200);
  if (log::enabled(level)) log::write(level, "stream ended", fields_of(line));
} catch (const std::exception&) {
  // Memory is short: the stream ends without its line.
}

/// The role is set once the caller is known as a member, or as the system.
bool AccessLog::has_room(const AccessLine& line) {
  const Caller& caller = line.caller;
  Kind kind{.tenant = caller.role && caller.tenant_id ? caller.tenant_id->str() : "",
            .code = line.refusal == nullptr ? std::string_view() : line.refusal->code};
  const std::lock_guard lock(mutex_);
  if (spent_.size() >= kKindsMax && !spent_.contains(kind)) kind.tenant.clear();
  Spent& spent = spent_[std::move(kind)];
  if (take_one(kQuota, micros_of(clock_()), spent.arrival).allowed) return true;
  ++spent.left_out;
  return false;
}

void AccessLog::tick() {
  {
    const std::lock_guard lock(mutex_);
    const Time now = clock_();
    if (now - told_ < kTold) return;
    told_ = now;
  }
  tell_left_out();
}

void AccessLog::tell_left_out() noexcept try {
  std::vector<std::pair<Kind, std::int64_t>> left_out;
  {
    const std::lock_guard lock(mutex_);
    for (auto& [kind, spent] : spent_)
      if (spent.left_out > 0) left_out.emplace_back(kind, std::exchange(spent.left_out, 0));
    // What could all come at once again needs no memory.
    const Micros now = micros_of(clock_());
    std::erase_if(spent_, [now](const auto& entry) { return entry.second.arrival <= now; });
  }
  for (const auto& [kind, count] : left_out) {
    std::vector<log::Field> fields;
    if (!kind.code.empty()) fields.emplace_back("code", std::string(kind.code));
    if (!kind.tenant.empty()) fields.emplace_back("tenant", kind.tenant);
    fields.emplace_back("suppressed", count);
    log::write(log::Level::info, "requests were refused without a line each", fields);
  }
} catch (const std::exception&) {
  // Memory is short: the next round tells what is counted then.
}

std::optional<IpAddress> AccessLog::client_of(const std::optional<IpAddress>& peer, const RequestHead& head) const {
  const auto now = options();
  if (!now->addresses || !peer) return std::nullopt;
  if (now->trusted_proxies.empty()) return peer;
  std::vector<std::string_view> forwarded;
  for (const auto& [name, value] : head.fields)
    if (name == "x-forwarded-for") forwarded.emplace_back(value);
  return client_behind(*peer, forwarded, now->trusted_proxies);
}

}  // namespace nexus::http
