// Exchanges over libcurl: its callbacks, and the bounds on answers.
#include "cli/engine/client.hpp"

#include <algorithm>
#include <cstring>

#include "cli/engine/failure.hpp"
#include "cli/engine/http_handle.hpp"
#include "daemon/base/text.hpp"

namespace nexus::cli {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

// JSON answers are far smaller; a server that sends more is not ours.
constexpr std::size_t kKeptBodyBytesMax = 64u << 20;

/// What libcurl reports for a head line above its own limit of about 100 KB; the name of the second came with 8.6.
bool line_too_large(CURLcode code) { return code == CURLE_OUT_OF_MEMORY || static_cast<int>(code) == 100; }

/// One running exchange. An exception must not unwind through libcurl, so it is kept, and thrown after libcurl returns.
class Transfer {
 public:
  Transfer(HttpHandle& handle, const Exchange& exchange) : handle_(handle), exchange_(exchange) {}

  Response run() {
    handle_.aim(exchange_, time_left());
    set_callbacks();
    set_request();
    const CURLcode code = curl_easy_perform(handle_.get());
    if (thrown_) std::rethrow_exception(thrown_);
    if (sent_ && !body_begun_ && line_too_large(code)) throw too_large("a head of more than 64 KiB");
    if (code != CURLE_OK) throw handle_.failure(code, exchange_, sent_);
    long status = 0;
    curl_easy_getinfo(handle_.get(), CURLINFO_RESPONSE_CODE, &status);
    response_.status = static_cast<int>(status);
    return std::move(response_);
  }

 private:
  /// Zero: no limit.
  milliseconds time_left() const {
    if (!exchange_.deadline) return milliseconds(0);
    const auto left = std::chrono::ceil<milliseconds>(*exchange_.deadline - Clock::now());
    if (left.count() <= 0) throw TransportError("there was no time left to ask " + exchange_.url.origin(), false);
    return left;
  }

  void set_callbacks() {
    handle_.set(CURLOPT_PREREQFUNCTION, &Transfer::on_request);
    handle_.set(CURLOPT_PREREQDATA, this);
    handle_.set(CURLOPT_HEADERFUNCTION, &Transfer::on_head);
    handle_.set(CURLOPT_HEADERDATA, this);
    handle_.set(CURLOPT_WRITEFUNCTION, &Transfer::on_body);
    handle_.set(CURLOPT_WRITEDATA, this);
    handle_.set(CURLOPT_XFERINFOFUNCTION, &Transfer::on_progress);
    handle_.set(CURLOPT_XFERINFODATA, this);
    handle_.set(CURLOPT_NOPROGRESS, 0L);
  }

  void set_request() {
    const bool changes = exchange_.method == "POST" || exchange_.method == "PUT" || exchange_.method == "PATCH";
    if (exchange_.source) {
      handle_.set(CURLOPT_POST, 1L);
      handle_.set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(exchange_.source->size));
      handle_.set(CURLOPT_READFUNCTION, &Transfer::on_upload);
      handle_.set(CURLOPT_READDATA, this);
      handle_.set(CURLOPT_UPLOAD_BUFFERSIZE, 256L * 1024);
    } else if (changes || !exchange_.body.empty()) {
      handle_.set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(exchange_.body.size()));
      handle_.set(CURLOPT_POSTFIELDS, exchange_.body.c_str());
    }
    if (exchange_.method == "HEAD") handle_.set(CURLOPT_NOBODY, 1L);
    handle_.set(CURLOPT_CUSTOMREQUEST, exchange_.method.c_str());
    add_header("Expect:");  // a refusal is read while the body is sent, so waiting is useless
    bool typed = false;
    for (const auto& [name, value] : exchange_.headers) {
      typed = typed || iequals_ascii(name, "content-type");
      add_header(name + ": " + value);
    }
    if (exchange_.source)
      add_header("Content-Type: " + exchange_.source->content_type);
    else if (!typed)
      add_header("Content-Type:");  // else libcurl sends every body as a form
    handle_.set(CURLOPT_HTTPHEADER, headers_.get());
  }

  void add_header(const std::string& line) {
    curl_slist* longer = curl_slist_append(headers_.get(), line.c_str());
    if (longer == nullptr) throw std::bad_alloc();
    static_cast<void>(headers_.release());
    headers_.reset(longer);
  }

  // ---- called by libcurl --------------------------------------------------------------------------------------------

  /// Runs one callback's work; returns `failed` when it throws, which makes libcurl give up.
  template <typename Result, typename Work>
  Result guarded(Result failed, Work work) {
    try {
      return work();
    } catch (...) {
      thrown_ = std::current_exception();
      return failed;
    }
  }

  /// Called when a connection is ready and the request is about to leave. libcurl would send the request again when a
  /// kept connection turns out dead. Only a request that changes nothing may be sent twice.
  static int on_request(void* self, char*, char*, int, int) {
    auto& transfer = *static_cast<Transfer*>(self);
    const bool again = std::exchange(transfer.sent_, true) && transfer.exchange_.method != "GET";
    transfer.moved_at_ = Clock::now();
    return again ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
  }

  static std::size_t on_head(char* data, std::size_t, std::size_t size, void* self) {
    auto& transfer = *static_cast<Transfer*>(self);
    return transfer.guarded(std::size_t{0}, [&] { return transfer.take_head({data, size}), size; });
  }

  void take_head(std::string_view line) {
    head_bytes_ += line.size();
    if (head_bytes_ > kHeadBytesMax) throw too_large("a head of more than 64 KiB");
    if (body_begun_) return;                                   // trailers
    if (line.starts_with("HTTP/")) response_.headers.clear();  // the head before was interim, or a proxy's
    if (const auto colon = line.find(':'); colon != std::string_view::npos && !line.starts_with(' '))
      response_.headers[lower_ascii(line.substr(0, colon))] = trim_ascii(line.substr(colon + 1));
  }

  static std::size_t on_body(char* data, std::size_t, std::size_t size, void* self) {
    auto& transfer = *static_cast<Transfer*>(self);
    return transfer.guarded(std::size_t{0}, [&] { return transfer.take_body({data, size}), size; });
  }

  void take_body(std::string_view bytes) {
    body_begun_ = true;
    long status = 0;
    curl_easy_getinfo(handle_.get(), CURLINFO_RESPONSE_CODE, &status);
    if (exchange_.sink && status == 200) return exchange_.sink(bytes);
    if (response_.body.size() + bytes.size() > kKeptBodyBytesMax) throw too_large("a body of more than 64 MiB");
    response_.body.append(bytes);
  }

  Failure too_large(const std::string& what) const {
    return Failure(Exit::server_error,
                   "the answer has " + what + "; is that a Nexus daemon at " + exchange_.url.origin() + "?");
  }

  static std::size_t on_upload(char* buffer, std::size_t, std::size_t most, void* self) {
    auto& transfer = *static_cast<Transfer*>(self);
    return transfer.guarded(std::size_t{CURL_READFUNC_ABORT}, [&] {
      const BodySource& source = *transfer.exchange_.source;
      if (transfer.uploaded_ >= source.size) return std::size_t{0};
      const std::string_view piece = source.read(transfer.uploaded_, most);
      std::memcpy(buffer, piece.data(), piece.size());
      transfer.uploaded_ += piece.size();
      return piece.size();
    });
  }

  /// Called at least once a second. Bytes of a head do not count as progress, so that a head cannot trickle for ever.
  static int on_progress(void* self, curl_off_t, curl_off_t down, curl_off_t, curl_off_t up) {
    auto& transfer = *static_cast<Transfer*>(self);
    if (!transfer.sent_) return 0;  // connecting has limits of its own
    const auto now = Clock::now();
    if (std::exchange(transfer.moved_, down + up) != down + up) transfer.moved_at_ = now;
    return now - transfer.moved_at_ > transfer.exchange_.timeout ? 1 : 0;
  }

  struct FreeList {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
  };

  HttpHandle& handle_;
  const Exchange& exchange_;
  std::unique_ptr<curl_slist, FreeList> headers_;
  Response response_;
  std::size_t head_bytes_ = 0;
  std::uint64_t uploaded_ = 0;
  bool body_begun_ = false;
  bool sent_ = false;
  curl_off_t moved_ = 0;
  Clock::time_point moved_at_;
  std::exception_ptr thrown_;
};

}  // namespace

std::string Response::header(const std::string& lower_name) const {
  const auto it = headers.find(lower_name);
  return it == headers.end() ? std::string() : it->second;
}

Client::Client() = default;
Client::~Client() = default;

Response Client::run(const Exchange& exchange) {
  if (!handle_) handle_ = std::make_unique<HttpHandle>();
  return Transfer(*handle_, exchange).run();
}

}  // namespace nexus::cli
