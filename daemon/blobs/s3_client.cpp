#include "daemon/blobs/s3_client.hpp"

#include <algorithm>
#include <array>
#include <thread>

#include "daemon/base/bytes.hpp"
#include "daemon/base/crypto.hpp"
#include "daemon/base/text.hpp"
#include "daemon/blobs/presign.hpp"
#include "daemon/blobs/problems.hpp"

namespace nexus::blobs {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr int kTriesMax = 3;
constexpr milliseconds kPause{100};  // before the second try; doubled before the third, and jittered
constexpr int kSilentMax = 3;
constexpr int kManyCalls = 8;  // with so many concurrent calls one timeout is enough
constexpr std::chrono::seconds kProbeEvery{1};
constexpr std::size_t kIdleMax = 8;

/// Starting or completing a multipart upload is not idempotent.
bool may_run_twice(const S3Call& call) { return call.method != "POST"; }

bool may_pass(int status) { return status == 0 || status == 500 || status == 502 || status == 503 || status == 504; }

/// Between half and all of the pause, so that many clients do not retry at once.
milliseconds jittered(milliseconds pause) {
  const auto part = static_cast<std::uint8_t>(random_bytes(1)[0]);
  return pause / 2 + pause / 2 * part / 255;
}

/// What the operator should do.
std::string_view remedy_of(std::string_view code) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kRemedies{{
      {"AccessDenied", "the key may not do this in the bucket, or key and secret do not belong together"},
      {"AuthorizationHeaderMalformed", "s3-region is not the bucket's"},
      {"InvalidAccessKeyId", "the server does not know this access key"},
      {"NoSuchBucket", "make the bucket, or correct s3-bucket or s3-addressing"},
      {"PermanentRedirect", "s3-endpoint or s3-region is not the bucket's"},
      {"RequestTimeTooSkewed", "this clock and the server's differ"},
      {"SignatureDoesNotMatch", "the secret key is wrong, or a proxy changes what was signed"},
  }};
  const auto* found = std::ranges::find(kRemedies, code, [](const auto& each) { return each.first; });
  return found == kRemedies.end() ? "" : found->second;
}

bool is_short_word(std::string_view text) { return text.size() <= 64 && is_alphanumeric(text, ".-"); }

/// AWS signs a header's value in this form. We send this form too, for servers that do not normalise values.
std::string single_spaced(std::string_view value) {
  std::string out;
  for (const char c : trim_ascii(value))
    if (c != ' ' || !out.ends_with(' ')) out += c;
  return out;
}

/// Counts a call while it lasts.
struct InFlight {
  explicit InFlight(std::atomic<int>& count) : count_(count) { ++count_; }
  ~InFlight() { --count_; }
  InFlight(const InFlight&) = delete;
  InFlight& operator=(const InFlight&) = delete;

 private:
  std::atomic<int>& count_;
};

/// Reports the call when it ends, however it does.
struct Reported {
  explicit Reported(const S3Options& options, const S3Call& call) : options_(options), call_(call) {}
  ~Reported() {
    try {
      const auto took = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - begun_);
      if (options_.report) options_.report({call_.method, status, took});
    } catch (const std::exception&) {
      // Memory is short: the call is not counted.
    }
  }
  Reported(const Reported&) = delete;
  Reported& operator=(const Reported&) = delete;

  int status = 0;

 private:
  const S3Options& options_;
  const S3Call& call_;
  const Clock::time_point begun_ = Clock::now();
};

[[noreturn]] void throw_unavailable(int retry_after) {
  throw Problem(problems::storage_unavailable, "the object store does not answer as it should: try again later")
      .with_retry_after(retry_after);
}

}  // namespace

std::string words_for(const S3Answer& answer) {
  if (answer.status == 0)
    return "no whole answer" + (answer.fault.empty() ? "" : " (" + std::string(answer.fault) + ")");
  std::string words = "status " + std::to_string(answer.status);
  if (const std::string code = xml_text(answer.body, "Code"); is_short_word(code)) {
    words += " " + code;
    if (const auto remedy = remedy_of(code); !remedy.empty()) words.append(" (").append(remedy).append(")");
  }
  const std::string region = answer.header("x-amz-bucket-region");
  if (answer.status / 100 != 2 && is_short_word(region)) words += " (the bucket is in region " + region + ")";
  return words;
}

std::string s3_origin(const S3Options& options) {
  if (!options.virtual_host) return options.endpoint;
  const std::size_t at = options.endpoint.find("://") + 3;
  return options.endpoint.substr(0, at) + options.bucket + "." + options.endpoint.substr(at);
}

std::string s3_path(const S3Options& options, std::string_view key) {
  return (options.virtual_host ? "/" : "/" + options.bucket + "/") + std::string(key);
}

std::string s3_base(const S3Options& options) {
  return s3_origin(options) + (options.virtual_host ? "" : "/" + options.bucket);
}

S3Client::S3Client(S3Options options) : options_(std::move(options)) {}

S3Answer S3Client::call_keeping(S3Call& call) {
  judge_silence();
  const InFlight counted(in_flight_);
  Reported reported(options_, call);
  const auto deadline = Clock::now() + options_.deadline;
  milliseconds pause = kPause;
  for (int tries = 1;; ++tries, pause *= 2) {
    if (stop_.stop_requested()) unavailable(call.method + ": nexusd stops");
    S3Answer answer = attempt(call, deadline);
    reported.status = answer.status;
    const auto now = Clock::now();
    if (answer.status != 0) silent_ = 0;
    if (answer.status / 100 == 3)
      unavailable(call.method + ": " + words_for(answer) +
                  "; redirects are not followed: s3-endpoint, s3-region or s3-addressing is wrong");
    if (!may_pass(answer.status)) {
      note_trouble({});
      return answer;
    }
    const auto wait = jittered(pause);
    if (now + wait < deadline && tries < kTriesMax && may_run_twice(call)) {
      std::this_thread::sleep_for(wait);
      continue;
    }
    if (answer.status == 0 && now >= deadline) {
      ++silent_;
      next_probe_ = (now + kProbeEvery).time_since_epoch();
    }
    unavailable(call.method + ": " + words_for(answer));
  }
}

/// While the server is silent, one call a second probes it.
void S3Client::judge_silence() {
  if (silent_ < (in_flight_ < kManyCalls ? kSilentMax : 1)) return;
  const auto now = Clock::now();
  auto due = next_probe_.load();
  if (now.time_since_epoch() >= due && next_probe_.compare_exchange_strong(due, (now + kProbeEvery).time_since_epoch()))
    return;
  throw_unavailable(1);  // the calls that found it silent are in the log
}

S3Answer S3Client::attempt(S3Call& call, SteadyTime deadline) {
  auto connection = take_connection();
  S3Answer answer = connection->ask(sign(call), deadline, stop_.get_token());
  if (answer.status != 0) keep_connection(std::move(connection));
  return answer;
}

S3Request S3Client::sign(S3Call& call) const {
  const Micros now = now_micros();
  const Scope scope = Scope::at(options_.credentials, options_.region, now);
  const std::string digest = sha256_hex(call.body);
  Fields headers;
  for (const auto& [name, value] : call.headers) headers.emplace_back(name, single_spaced(value));
  headers.emplace_back("host", authority_of(s3_origin(options_)));
  headers.emplace_back("x-amz-content-sha256", digest);
  headers.emplace_back("x-amz-date", to_amz_date(now));
  const CanonicalRequest request{call.method, s3_path(options_, call.key), call.query, headers, digest};
  const std::string proof =
      signature(options_.credentials.secret, scope, string_to_sign(request, scope, to_amz_date(now)));
  headers.emplace_back("authorization", std::string(kAlgorithm) + " Credential=" + scope.credential() +
                                            ", SignedHeaders=" + signed_headers(headers) + ", Signature=" + proof);
  std::string target = percent_encode(request.path, true);
  if (!call.query.empty()) target += "?" + canonical_query(call.query);
  return {call.method, std::move(target), std::move(headers), call.body, call.answer_bytes_max, may_run_twice(call)};
}

std::unique_ptr<S3Connection> S3Client::take_connection() {
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      auto connection = std::move(idle_.back());
      idle_.pop_back();
      return connection;
    }
  }
  return std::make_unique<S3Connection>(s3_origin(options_));
}

void S3Client::keep_connection(std::unique_ptr<S3Connection> connection) {
  const std::lock_guard lock(mutex_);
  if (idle_.size() < kIdleMax) idle_.push_back(std::move(connection));
}

void S3Client::refuse(const std::string& method, const S3Answer& answer) {
  unavailable(method + ": " + words_for(answer));
}

std::string S3Client::trouble() {
  const std::lock_guard lock(mutex_);
  return trouble_;
}

void S3Client::note_trouble(const std::string& why) {
  const std::lock_guard lock(mutex_);
  trouble_ = why;
}

void S3Client::unavailable(const std::string& why) {
  note_trouble(why);
  if (options_.complain) options_.complain(why);
  throw_unavailable(5);
}

void S3Client::stop() { stop_.request_stop(); }

}  // namespace nexus::blobs
