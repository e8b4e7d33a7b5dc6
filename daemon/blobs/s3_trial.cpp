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

class Trial {
 public:
  Trial(S3Options options, const TrialReport& report)
      : report_(report), options_(std::move(options)), store_(silenced(options_)) {}

  void run() {
    if (!upload()) return;
    const bool whole = look() && download() && write();
    // Removes what was created, also when a step failed.
    const bool gone = remove();
    if (whole && gone) absent();
  }

 private:
  /// Complaints go to the report instead of the log.
  S3Options silenced(S3Options options) {
    options.complain = [this](const std::string& why) { why_ = why; };
    return options;
  }

  bool tell(bool ok, const std::string& step, const std::string& found) {
    report_(ok, step, found);
    return ok;
  }

  /// Reports the step. Returns false when `task` throws.
  template <class Task>
  bool attempt(const std::string& step, Task task) {
    try {
      return task();
    } catch (const Problem&) {
      return tell(false, step, why_);
    }
  }

  /// One call without our own signature, as a client makes it.
  S3Answer as_client(const std::string& method, const std::string& url, Fields headers, std::string body) {
    const std::string origin = s3_origin(options_);
    headers.emplace_back("host", authority_of(origin));
    S3Connection connection(origin);
    const auto deadline = std::chrono::steady_clock::now() + options_.deadline;
    return connection.ask({method, url.substr(origin.size()), std::move(headers), body, 1u << 20}, deadline);
  }

  bool judge(const std::string& step, const S3Answer& answer, bool ok, const std::string& good) {
    if (ok) return tell(true, step, good);
    return tell(false, step, words_for(answer));
  }

  bool upload() {
    const auto grant = store_.presign_upload({.key = key_, .content_type = "text/plain"}, now_micros(), {});
    const auto answer =
        as_client("POST", grant.url, {{"content-type", "multipart/form-data; boundary=" + std::string(kBoundary)}},
                  form_body(grant.fields, kContent));
    return judge("s3 upload", answer, answer.status / 100 == 2, "a presigned form was taken");
  }

  bool look() {
    return attempt("s3 look", [&] {
      const auto info = store_.head(key_, {});
      if (!info || info->size != kContent.size())
        return tell(false, "s3 look", info ? "it has another size" : "what was uploaded is not there");
      version_ = info->version;
      return tell(true, "s3 look",
                  std::string(version_.empty() ? "no versions" : "versions are kept") +
                      (info->sha256.empty() ? "; the server computes no SHA-256 of an uploaded form"
                                            : "; the server computes SHA-256"));
    });
  }

  bool download() {
    const auto link = store_.presign_download({key_, "check.txt", "text/plain", version_}, now_micros(), {});
    const auto answer = as_client("GET", link, {}, {});
    return judge("s3 download", answer, answer.status == 200 && answer.body == kContent,
                 "a presigned link answered it");
  }

  bool write() {
    return attempt("s3 write", [&] {
      const auto writer = store_.write({.key = written_, .content_type = "text/plain"});
      writer->append(kContent);
      written_version_ = writer->commit().version;
      const auto reader = store_.read(written_, written_version_);
      if (!reader || reader->read(kContent.size()) != kContent)
        return tell(false, "s3 write", "what was written reads otherwise");
      return tell(true, "s3 write", "the daemon itself writes and reads");
    });
  }

  bool remove() {
    return attempt("s3 removal", [&] {
      store_.remove(key_, version_);
      store_.remove(written_, written_version_);
      return tell(true, "s3 removal", "done");
    });
  }

  /// A key without permission to list gets 403 for a missing object: a register before the upload could then not be
  /// recognised.
  bool absent() {
    return attempt("s3 absence", [&] {
      const bool gone = !store_.head(key_, {});
      return tell(gone, "s3 absence", gone ? "what is not there is 404" : "what was removed is still there");
    });
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
