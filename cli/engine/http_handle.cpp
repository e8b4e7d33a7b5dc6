#include "cli/engine/http_handle.hpp"

#include <algorithm>
#include <cstdlib>

#include "daemon/base/text.hpp"

namespace nexus::cli {
namespace {

constexpr std::chrono::milliseconds kConnectTimeMax{10'000};

CURL* make_handle() {
  static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
  CURL* handle = ready == CURLE_OK ? curl_easy_init() : nullptr;
  if (handle == nullptr) throw std::runtime_error("libcurl cannot be set up");
  return handle;
}

/// libcurl reads http_proxy but not HTTP_PROXY, which a CGI program would take from a stranger. nexusctl is not a CGI
/// program.
const char* upper_case_proxy(const Url& url) {
  return url.secure || std::getenv("http_proxy") != nullptr ? nullptr : std::getenv("HTTP_PROXY");
}

}  // namespace

HttpHandle::HttpHandle() : handle_(make_handle()) {}

void HttpHandle::aim(const Exchange& exchange, std::chrono::milliseconds left) {
  curl_easy_reset(handle_.get());
  detail_.fill('\0');
  set(CURLOPT_ERRORBUFFER, detail_.data());
  set(CURLOPT_NOSIGNAL, 1L);    // no alarm, and SIGPIPE stays as the process has it
  set(CURLOPT_QUICK_EXIT, 1L);  // a name server that does not answer must not delay the end
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  set(CURLOPT_URL, (exchange.url.origin() + exchange.url.target).c_str());
  set(CURLOPT_PATH_AS_IS, 1L);  // presigned targets are signed exactly so
  set(CURLOPT_TIMEOUT_MS, static_cast<long>(left.count()));
  const auto connect = std::min(exchange.timeout, kConnectTimeMax);
  set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(std::max<long long>(connect.count(), 1)));
  // OpenSSL's own variables apply to every program that uses it, but libcurl ignores them.
  if (const char* file = std::getenv("SSL_CERT_FILE")) set(CURLOPT_CAINFO, file);
  if (const char* directory = std::getenv("SSL_CERT_DIR")) set(CURLOPT_CAPATH, directory);
  // The system's directory of certificates (CURLOPT_CAPATH) stays in force beside the file.
  if (!exchange.reach.cacert.empty()) set(CURLOPT_CAINFO, exchange.reach.cacert.c_str());
  if (exchange.reach.proxy) {
    set(CURLOPT_PROXY, exchange.reach.proxy->c_str());
    set(CURLOPT_NOPROXY, "");
  } else if (exchange.url.loopback()) {
    set(CURLOPT_PROXY, "");
  } else if (const char* proxy = upper_case_proxy(exchange.url)) {
    set(CURLOPT_PROXY, proxy);
  }
}

TransportError HttpHandle::failure(CURLcode code, const Exchange& exchange, bool sent) const {
  const std::string where = exchange.url.origin();
  const std::string detail(trim_ascii(detail_.data()));
  const std::string bracketed = detail.empty() ? "" : " (" + detail + ")";
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
      return {"the name " + exchange.url.host + " is not known: it is misspelt, or no name server answers", sent};
    case CURLE_COULDNT_RESOLVE_PROXY:
      return {"the name of the proxy is not known", sent, "nexusctl status --proxy URL"};
    case CURLE_COULDNT_CONNECT:
      if (detail.find("to " + exchange.url.host + " port") != std::string::npos || detail.empty())
        return {"no daemon answers at " + where, sent};
      return {"the proxy on the way to " + where + " does not answer (" + detail + ")", sent,
              "nexusctl status --proxy URL"};
    case CURLE_OPERATION_TIMEDOUT:
      if (!sent) return {"no daemon answered in time at " + where, sent};
      return {"the answer of " + where + " did not come in time", sent};
    case CURLE_PEER_FAILED_VERIFICATION:
      return {"the certificate of " + where + " does not verify" + bracketed, sent, "nexusctl status --cacert FILE"};
    case CURLE_SSL_CACERT_BADFILE:
      return {"the trusted certificates cannot be read: " + detail, sent, "nexusctl status --cacert FILE"};
    case CURLE_SSL_CONNECT_ERROR:
      return {"no TLS connection with " + where + bracketed, sent};
    case CURLE_SEND_ERROR:
      return {"the connection to " + where + " broke while the request was sent", sent};
    case CURLE_RECV_ERROR:
      if (!sent) break;
      [[fallthrough]];
    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE:
    case CURLE_ABORTED_BY_CALLBACK:
      return {"the connection to " + where + " broke, or fell silent, before the answer", sent};
    default:
      break;
  }
  const std::string why = detail.empty() ? curl_easy_strerror(code) : detail;
  return {(sent ? "the exchange with " : "no connection with ") + where + (sent ? " failed (" : " (") + why + ")",
          sent};
}

}  // namespace nexus::cli
