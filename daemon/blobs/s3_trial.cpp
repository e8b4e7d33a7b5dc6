#include "daemon/blobs/s3_trial.hpp"

#include "daemon/base/problem.hpp"
#include "daemon/base/uuid.hpp"
#include "daemon/blobs/presign.hpp"
#include "daemon/blobs/s3_store.hpp"

namespace nexus::blobs {
namespace {

constexpr std::string_view kContent = "nexusd check: this object may be removed\n";
constexpr std::string_view kBoundary = "nexusd-check-5f0c0a8e";

std::string form_body(const Fields& fields, std::string_view content) {
  std::string body;
  const std::string begin = "--" + std::string(kBoundary) + "\r\nContent-Disposition: form-data; name=\"";
  for (const auto& [name, value] : fields) body += begin + name + "\"\r\n\r\n" + value + "\r\n";
  body += begin + "file\"; filename=\"check.txt\"\r\nContent-Type: text/plain\r\n\r\n" + std::string(content);
  return body + "\r\n--" + std::string(kBoundary) + "--\r\n";
}

struct Fault : std::runtime_error {
  using std::runtime_error::runtime_error;
};

class Trial {
 public:
  Trial(S3Options options, const TrialReport& report)
      : report_(report), options_(std::move(options)), store_(silenced(options_)) {}

  void run() {
    if (!step("s3 upload", &Trial::upload)) return;
    const bool whole =
        step("s3 look", &Trial::look) && step("s3 download", &Trial::download) && step("s3 write", &Trial::write);
    // Removes what was created, also when a step failed.
    const bool gone = step("s3 removal", &Trial::remove);
    if (whole && gone) step("s3 absence", &Trial::absent);
  }

 private:
  /// Complaints go to the report instead of the log.
  S3Options silenced(S3Options options) {
    options.complain = [this](const std::string& why) { why_ = why; };
    return options;
  }

  /// Reports the step. `task` returns what it found, and throws Fault when that is wrong. Returns false when it throws.
  bool step(const std::string& name, std::string (Trial::*task)()) {
    try {
      report_(true, name, (this->*task)());
      return true;
    } catch (const Fault& fault) {
      report_(false, name, fault.what());
    } catch (const Problem&) {
      report_(false, name, why_);
    }
    return false;
  }

  /// One call without our own signature, as a client makes it.
  S3Answer as_client(const std::string& method, const std::string& url, Fields headers, std::string body) {
    const std::string origin = s3_origin(options_);
    headers.emplace_back("host", authority_of(origin));
    S3Connection connection(origin);
    const auto deadline = std::chrono::steady_clock::now() + options_.deadline;
    return connection.ask({method, url.substr(origin.size()), std::move(headers), body, 1u << 20}, deadline);
  }

  std::string upload() {
    const auto grant = store_.presign_upload({.key = key_, .content_type = "text/plain"}, now_micros(), {});
    const auto answer =
        as_client("POST", grant.url, {{"content-type", "multipart/form-data; boundary=" + std::string(kBoundary)}},
                  form_body(grant.fields, kContent));
    if (answer.status / 100 != 2) throw Fault(words_for(answer));
    return "a presigned form was taken";
  }

  std::string look() {
    const auto info = store_.head(key_, {});
    if (!info) throw Fault("what was uploaded is not there");
    if (info->size != kContent.size()) throw Fault("it has another size");
    version_ = info->version;
    return std::string(version_.empty() ? "no versions" : "versions are kept") +
           (info->sha256.empty() ? "; the server computes no SHA-256 of an uploaded form"
                                 : "; the server computes SHA-256");
  }

  std::string download() {
    const auto link = store_.presign_download({key_, "check.txt", "text/plain", version_}, now_micros(), {});
    const auto answer = as_client("GET", link, {}, {});
    if (answer.status != 200 || answer.body != kContent) throw Fault(words_for(answer));
    return "a presigned link answered it";
  }

  std::string write() {
    const auto writer = store_.write({.key = written_, .content_type = "text/plain"});
    writer->append(kContent);
    written_version_ = writer->commit().version;
    const auto reader = store_.read(written_, written_version_);
    if (!reader || reader->read(kContent.size()) != kContent) throw Fault("what was written reads otherwise");
    return "the daemon itself writes and reads";
  }

  std::string remove() {
    store_.remove(key_, version_);
    store_.remove(written_, written_version_);
    return "done";
  }

  /// A key without permission to list gets 403 for a missing object: a register before the upload could then not be
  /// recognised.
  std::string absent() {
    if (store_.head(key_, {})) throw Fault("what was removed is still there");
    return "what is not there is 404";
  }

  static StorageKey key_of(const char* name) {
    return StorageKey::make(*TenantId::parse("t_system"), Env::dev, Plane::raw, uuid_v7(), name);
  }

  const TrialReport& report_;
  const S3Options options_;
  std::string why_;
  S3BlobStore store_;
  const StorageKey key_ = key_of("nexusd-check.txt"), written_ = key_of("nexusd-check-write.txt");
  std::string version_, written_version_;
};

}  // namespace

void try_round_trip(S3Options options, const TrialReport& report) { Trial(std::move(options), report).run(); }

}  // namespace nexus::blobs
