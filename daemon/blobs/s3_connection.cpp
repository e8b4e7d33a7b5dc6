#include "daemon/blobs/s3_connection.hpp"

#include <curl/curl.h>

#include <cstdlib>
#include <stdexcept>

#include "daemon/base/text.hpp"

namespace nexus::blobs {
namespace {

using std::chrono::milliseconds;

constexpr long kIdleSeconds = 15;  // a firewall, for example, may drop a connection that was idle for longer
constexpr int kPollMillis = 1000;  // libcurl wakes up earlier when there is work

using Easy = std::unique_ptr<CURL, decltype(&curl_easy_cleanup)>;
using Multi = std::unique_ptr<CURLM, decltype(&curl_multi_cleanup)>;
using List = std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)>;

template <class Value>
void set(CURL* easy, CURLoption option, Value value) {
  const CURLcode code = curl_easy_setopt(easy, option, value);
  if (code != CURLE_OK) throw std::runtime_error(std::string("libcurl refuses an option: ") + curl_easy_strerror(code));
}

List list_of(const Fields& headers) {
  List list(nullptr, &curl_slist_free_all);
  const auto add = [&](const std::string& line) {
    curl_slist* longer = curl_slist_append(list.get(), line.c_str());
    if (longer == nullptr) throw std::bad_alloc();
    static_cast<void>(list.release());
    list.reset(longer);
  };
  bool typed = false;
  for (const auto& [name, value] : headers) {
    typed = typed || name == "content-type";
    add(value.empty() ? name + ";" : name + ": " + value);  // the first is libcurl's spelling of an empty value
  }
  // libcurl's spelling of "none": it would otherwise add these headers to a body.
  add("Expect:");
  if (!typed) add("Content-Type:");
  add("Accept-Encoding: identity");
  return list;
}

/// The received part of an answer.
struct Coming {
  std::size_t answer_bytes_max;
  S3Answer answer = {};
  std::size_t head_bytes = 0, head_fields = 0;
  bool head_is_over = false;  // another head or trailers may follow
  bool head_is_too_large = false, body_is_too_large = false;

  /// Takes one line of a head with its line end. False when the head is too large.
  bool take_line(std::string_view line) {
    const std::size_t colon = line.find(':');
    head_bytes += line.size();
    if (colon != std::string_view::npos) ++head_fields;
    head_is_too_large = head_bytes > kHeadBytesMax || head_fields > kHeadFieldsMax;
    if (head_is_too_large) return false;
    if (line.starts_with("HTTP/")) {
      answer.headers.clear();  // those of a 1xx
      head_is_over = false;
    } else if (trim_ascii(line).empty()) {
      head_is_over = true;
    } else if (!head_is_over && colon != std::string_view::npos) {
      answer.headers[lower_ascii(trim_ascii(line.substr(0, colon)))] = trim_ascii(line.substr(colon + 1));
    }
    return true;
  }

  bool take_piece(std::string_view piece) {
    body_is_too_large = piece.size() > answer_bytes_max - answer.body.size();
    if (!body_is_too_large) answer.body.append(piece);
    return !body_is_too_large;
  }
};

/// Called by libcurl, through which no exception may pass. If memory runs out, the call fails.
template <bool (Coming::*take)(std::string_view)>
std::size_t on_data(char* data, std::size_t, std::size_t size, void* coming) noexcept {
  try {
    // Any wrong count ends the call. 0 would be the right count for no bytes.
    return (static_cast<Coming*>(coming)->*take)({data, size}) ? size : size + 1;
  } catch (...) {
    return size + 1;
  }
}

/// Whether a line of the head has no end within 100 KB. libcurl hands on whole lines alone, so it refuses this one: as
/// CURLE_OUT_OF_MEMORY before 8.6, since then as CURLE_TOO_LARGE, which the older header lacks.
bool is_endless_line(CURLcode code) {
  constexpr int too_large = 100;
  return code == CURLE_OUT_OF_MEMORY || static_cast<int>(code) == too_large;
}

std::string_view fault_of(CURLcode code, const Coming& coming, bool resolved) {
  if (coming.head_is_too_large || is_endless_line(code)) return "its head is too large";
  if (coming.body_is_too_large) return "it is too large";
  switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
      return resolved ? "none in time" : "its name was not known in time";
    case CURLE_COULDNT_RESOLVE_HOST:
      return "its name is not known";
    case CURLE_COULDNT_CONNECT:
      return "nobody listens there";
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_PEER_FAILED_VERIFICATION:
      return "TLS failed: is its certificate trusted here?";
    case CURLE_ABORTED_BY_CALLBACK:
      return "nexusd stops";
    default:
      return "it broke off";
  }
}

void start_library() {
  static const CURLcode code = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (code != CURLE_OK) throw std::runtime_error(std::string("libcurl cannot start: ") + curl_easy_strerror(code));
}

}  // namespace

std::string S3Answer::header(const std::string& lower_name) const {
  const auto found = headers.find(lower_name);
  return found == headers.end() ? "" : found->second;
}

std::string xml_text(std::string_view xml, std::string_view element) {
  const std::string open = "<" + std::string(element) + ">", close = "</" + std::string(element) + ">";
  const std::size_t from = xml.find(open);
  if (from == std::string_view::npos) return {};
  const std::size_t begin = from + open.size(), end = xml.find(close, begin);
  return end == std::string_view::npos ? std::string() : std::string(xml.substr(begin, end - begin));
}

struct S3Connection::Library {
  explicit Library(std::string to) : origin(std::move(to)) {
    start_library();
    multi.reset(curl_multi_init());
    easy.reset(curl_easy_init());
    if (!multi || !easy) throw std::runtime_error("libcurl cannot make a handle");
    curl_multi_setopt(multi.get(), CURLMOPT_MAXCONNECTS, 1L);
  }
  void set_rules();
  void set_message(const S3Request& request, Coming& coming);
  CURLcode run(const std::stop_token& stop);

  const std::string origin;
  // The multi handle owns the connection, and only it can be woken from another thread. It is destroyed last.
  Multi multi{nullptr, &curl_multi_cleanup};
  Easy easy{nullptr, &curl_easy_cleanup};
};

/// The options of every call.
void S3Connection::Library::set_rules() {
  CURL* handle = easy.get();
  curl_easy_reset(handle);  // the connection stays
  set(handle, CURLOPT_PROTOCOLS_STR, "http,https");
  set(handle, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  set(handle, CURLOPT_HTTP_CONTENT_DECODING, 0L);
  set(handle, CURLOPT_FOLLOWLOCATION, 0L);
  set(handle, CURLOPT_PROXY, "");
  set(handle, CURLOPT_NOSIGNAL, 1L);
  set(handle, CURLOPT_QUICK_EXIT, 1L);  // does not wait for a running resolver
  set(handle, CURLOPT_MAXAGE_CONN, kIdleSeconds);
  set(handle, CURLOPT_SSL_VERIFYPEER, 1L);
  set(handle, CURLOPT_SSL_VERIFYHOST, 2L);
  // OpenSSL's variables, which libcurl itself does not read.
  if (const char* file = std::getenv("SSL_CERT_FILE")) set(handle, CURLOPT_CAINFO, file);
  if (const char* directory = std::getenv("SSL_CERT_DIR")) set(handle, CURLOPT_CAPATH, directory);
}

void S3Connection::Library::set_message(const S3Request& request, Coming& coming) {
  CURL* handle = easy.get();
  set(handle, CURLOPT_URL, (origin + request.target).c_str());
  set(handle, CURLOPT_PATH_AS_IS, 1L);  // the path is signed as it is
  if (request.method == "HEAD") set(handle, CURLOPT_NOBODY, 1L);
  if (request.method == "POST" || request.method == "PUT") {
    set(handle, CURLOPT_POST, 1L);
    set(handle, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    set(handle, CURLOPT_POSTFIELDS, request.body.empty() ? "" : request.body.data());  // not copied
  }
  set(handle, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  // libcurl resends a request when a kept-open connection ends without an answer. A new connection prevents that.
  if (!request.may_run_twice) set(handle, CURLOPT_FRESH_CONNECT, 1L);
  set(handle, CURLOPT_HEADERFUNCTION, &on_data<&Coming::take_line>);
  set(handle, CURLOPT_HEADERDATA, static_cast<void*>(&coming));
  set(handle, CURLOPT_WRITEFUNCTION, &on_data<&Coming::take_piece>);
  set(handle, CURLOPT_WRITEDATA, static_cast<void*>(&coming));
}

/// Returns CURLE_ABORTED_BY_CALLBACK when stopped.
CURLcode S3Connection::Library::run(const std::stop_token& stop) {
  CURLM* many = multi.get();
  const std::stop_callback wakes(stop, [many] { curl_multi_wakeup(many); });
  if (curl_multi_add_handle(many, easy.get()) != CURLM_OK) throw std::runtime_error("libcurl does not begin");
  CURLcode result = CURLE_ABORTED_BY_CALLBACK;
  while (!stop.stop_requested()) {
    int running = 0, left = 0;
    const bool goes_on = curl_multi_perform(many, &running) == CURLM_OK;
    if (const CURLMsg* message = curl_multi_info_read(many, &left); message != nullptr) {
      result = message->data.result;
      break;
    }
    if (!goes_on) {
      result = CURLE_RECV_ERROR;
      break;
    }
    curl_multi_poll(many, nullptr, 0, kPollMillis, nullptr);
  }
  curl_multi_remove_handle(many, easy.get());  // ends a running transfer
  return result;
}

S3Connection::S3Connection(std::string origin) : library_(std::make_unique<Library>(std::move(origin))) {}

S3Connection::~S3Connection() = default;

S3Answer S3Connection::ask(const S3Request& request, SteadyTime deadline, const std::stop_token& stop) {
  auto left = std::chrono::ceil<milliseconds>(deadline - std::chrono::steady_clock::now());
  if (left.count() <= 0) return {.fault = "no time was left"};
  left += milliseconds(1);  // libcurl rounds; its timeout must not come before the deadline
  CURL* handle = library_->easy.get();
  Coming coming{.answer_bytes_max = request.answer_bytes_max};
  const List headers = list_of(request.headers);
  library_->set_rules();
  library_->set_message(request, coming);
  set(handle, CURLOPT_HTTPHEADER, headers.get());
  set(handle, CURLOPT_TIMEOUT_MS, static_cast<long>(left.count()));
  set(handle, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(left.count()));
  const CURLcode code = library_->run(stop);
  long status = 0;
  curl_off_t resolved_after = 0;
  curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
  curl_easy_getinfo(handle, CURLINFO_NAMELOOKUP_TIME_T, &resolved_after);
  if (code != CURLE_OK) return {.fault = fault_of(code, coming, resolved_after > 0)};
  coming.answer.status = static_cast<int>(status);
  return std::move(coming.answer);
}

}  // namespace nexus::blobs
