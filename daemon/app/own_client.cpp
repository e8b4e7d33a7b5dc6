#include "daemon/app/own_client.hpp"

#include <curl/curl.h>

#include <exception>
#include <memory>
#include <stdexcept>

#include "daemon/base/file.hpp"
#include "daemon/base/json.hpp"
#include "daemon/base/text.hpp"

namespace nexus::app {
namespace {

constexpr std::size_t kRefusalBytesMax = 64 << 10;
constexpr long kSilenceSeconds = 3600;  // a large database is copied before the first byte comes

constexpr long kAnswerMillis = 5000;

using Easy = std::unique_ptr<CURL, decltype(&curl_easy_cleanup)>;
using List = std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)>;

/// A daemon that listens on every address is asked on the loopback one.
std::string reachable(const std::string& address) {
  if (address.starts_with("0.0.0.0:")) return "127.0.0.1" + address.substr(7);
  if (address.starts_with("[::]:")) return "[::1]" + address.substr(4);
  return address;
}

struct Coming {
  CURL* easy;
  const std::function<void(std::string_view)>& take;
  std::string refusal = {};
  std::exception_ptr thrown = {};

  long status() const {
    long code = 0;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &code);
    return code;
  }
  void piece(std::string_view bytes) {
    if (status() == 200) return take(bytes);
    if (refusal.size() + bytes.size() <= kRefusalBytesMax) refusal += bytes;
  }
};

/// Called by libcurl, through which no exception may pass.
std::size_t on_data(char* data, std::size_t, std::size_t size, void* coming) noexcept {
  try {
    static_cast<Coming*>(coming)->piece({data, size});
    return size;
  } catch (...) {
    static_cast<Coming*>(coming)->thrown = std::current_exception();
    return size + 1;
  }
}

List headers_of(const std::string& token, const std::string& reason) {
  curl_slist* list = nullptr;
  for (const std::string& line :
       {"Authorization: Bearer " + token, "X-Reason: " + reason, std::string("Expect:"), std::string("Content-Type:")})
    if (curl_slist* longer = curl_slist_append(list, line.c_str()); longer != nullptr) list = longer;
  return {list, &curl_slist_free_all};
}

/// What a problem document says, or the status alone.
std::string refusal_text(long status, const std::string& body) {
  const Json problem = parse_or_discard(body);
  std::string text = "nexusd refused with status " + std::to_string(status);
  for (const char* field : {"code", "detail"})
    if (problem.is_object() && problem.contains(field) && problem[field].is_string())
      text += ": " + problem[field].get<std::string>();
  return text;
}

std::size_t ignore(char*, std::size_t, std::size_t size, void*) noexcept { return size; }

std::string system_token_of(const std::filesystem::path& data_dir) {
  try {
    return std::string(trim_ascii(read_file(data_dir / "root.token", 256)));
  } catch (const std::system_error& error) {
    throw std::runtime_error((data_dir / "root.token").string() + " cannot be read (" + error.code().message() +
                             "): nexusd token rotate-root makes another one");
  }
}

}  // namespace

bool answers(const std::string& address) {
  if (address.empty()) return false;
  const Easy easy(curl_easy_init(), &curl_easy_cleanup);
  if (!easy) throw std::runtime_error("libcurl cannot start");
  const std::string url = "http://" + reachable(address) + "/livez";
  curl_easy_setopt(easy.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(easy.get(), CURLOPT_PROTOCOLS_STR, "http");
  curl_easy_setopt(easy.get(), CURLOPT_NOPROXY, "*");
  curl_easy_setopt(easy.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy.get(), CURLOPT_TIMEOUT_MS, kAnswerMillis);
  curl_easy_setopt(easy.get(), CURLOPT_WRITEFUNCTION, &ignore);
  long status = 0;
  return curl_easy_perform(easy.get()) == CURLE_OK &&
         curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &status) == CURLE_OK && status == 200;
}

void post_to_daemon(const std::filesystem::path& data_dir, const std::string& address, const std::string& target,
                    const std::string& reason, const std::function<void(std::string_view)>& take) {
  const std::string token = system_token_of(data_dir);
  if (!answers(address))
    throw std::runtime_error(address.empty() ? "nexusd does not answer yet: try again"
                                             : "nexusd on " + address + " does not answer: nexusd doctor tells more");
  const Easy easy(curl_easy_init(), &curl_easy_cleanup);
  if (!easy) throw std::runtime_error("libcurl cannot start");
  const List headers = headers_of(token, reason);
  Coming coming{easy.get(), take};
  const std::string url = "http://" + reachable(address) + target;
  curl_easy_setopt(easy.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(easy.get(), CURLOPT_PROTOCOLS_STR, "http");
  curl_easy_setopt(easy.get(), CURLOPT_NOPROXY, "*");
  curl_easy_setopt(easy.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy.get(), CURLOPT_POST, 1L);
  curl_easy_setopt(easy.get(), CURLOPT_POSTFIELDSIZE, 0L);
  curl_easy_setopt(easy.get(), CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(easy.get(), CURLOPT_BUFFERSIZE, 256L << 10);
  curl_easy_setopt(easy.get(), CURLOPT_LOW_SPEED_LIMIT, 1L);
  curl_easy_setopt(easy.get(), CURLOPT_LOW_SPEED_TIME, kSilenceSeconds);
  curl_easy_setopt(easy.get(), CURLOPT_WRITEDATA, &coming);
  curl_easy_setopt(easy.get(), CURLOPT_WRITEFUNCTION, &on_data);
  const CURLcode code = curl_easy_perform(easy.get());
  if (coming.thrown) std::rethrow_exception(coming.thrown);
  if (code != CURLE_OK)
    throw std::runtime_error("nexusd on " + address + " did not answer to the end: " + curl_easy_strerror(code));
  if (coming.status() != 200) throw std::runtime_error(refusal_text(coming.status(), coming.refusal));
}

}  // namespace nexus::app
