#include "cli/engine/http_handle.hpp"

#include <algorithm>
#include <cstdlib>

#include "daemon/base/text.hpp"

namespace nexus::cli {
namespace {

constexpr std::chrono::milliseconds kConnectTimeMax{10'000};
constexpr long kTlsTrialTimeMax = 2000;  // milliseconds

CURL* make_handle() {
  static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
  CURL* handle = ready == CURLE_OK ? curl_easy_init() : nullptr;
  if (handle == nullptr) throw std::runtime_error("libcurl cannot be set up");
  return handle;
}

/// The line that tries the same server by the other scheme.
std::string other_scheme_line(Url url) {
  url.secure = !url.secure;
  return "nexusctl status --server " + url.origin();
}

/// libcurl reads http_proxy but not HTTP_PROXY, which a CGI program would take from a stranger. nexusctl is not a CGI
/// program.
const char* upper_case_proxy(const Url& url) {
  return url.secure || std::getenv("http_proxy") != nullptr ? nullptr : std::getenv("HTTP_PROXY");
}

TransportError wants_no_tls(const Url& url) {
  return {"the address says https, and " + url.origin().substr(8) +
              " speaks HTTP without TLS; nexusd has no TLS of its own, a proxy before it does",
          false, other_scheme_line(url)};
}

/// Whether OpenSSL complains of bytes that are no record of TLS.
bool is_no_tls(const std::string& detail) {
  return detail.find("wrong version number") != std::string::npos ||
         detail.find("packet length too long") != std::string::npos;
}

/// Whether a connection failed where its server had taken it and TLS was to begin. libcurl tells no time of a
/// connection before TLS is done, but its port.
bool stuck_before_tls(CURL* handle) {
  long made = 0, port = 0;
  curl_off_t secured = 0;
  curl_easy_getinfo(handle, CURLINFO_NUM_CONNECTS, &made);
  curl_easy_getinfo(handle, CURLINFO_LOCAL_PORT, &port);
  curl_easy_getinfo(handle, CURLINFO_APPCONNECT_TIME_T, &secured);
  return made > 0 && port > 0 && secured == 0;
}

/// Opens one more connection, which sends no request and trusts any certificate.
bool speaks_tls(const Url& url) {
  HttpHandle handle;
  Url secured = url;
  secured.secure = true;
  handle.set(CURLOPT_NOSIGNAL, 1L);
  handle.set(CURLOPT_URL, secured.origin().c_str());
  handle.set(CURLOPT_PROXY, "");
  handle.set(CURLOPT_CONNECT_ONLY, 1L);
  handle.set(CURLOPT_SSL_VERIFYPEER, 0L);
  handle.set(CURLOPT_SSL_VERIFYHOST, 0L);
  handle.set(CURLOPT_TIMEOUT_MS, kTlsTrialTimeMax);
  return curl_easy_perform(handle.get()) == CURLE_OK;
}

/// Whether the server, asked without TLS on a new connection, gave no answer because it wants TLS.
bool hung_up_without_tls(CURL* handle, const Exchange& exchange) {
  long made = 0, status = 0;
  curl_easy_getinfo(handle, CURLINFO_NUM_CONNECTS, &made);
  curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
  const bool direct = exchange.url.loopback() || !exchange.reach.proxy;
  return !exchange.url.secure && made > 0 && status == 0 && direct && speaks_tls(exchange.url);
}

}  // namespace

TransportError wants_tls(const Url& url) {
  return {"the address says http, and " + url.origin().substr(7) + " wants TLS", false, other_scheme_line(url)};
}

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
      if (!sent && exchange.url.secure && stuck_before_tls(handle_.get()))
        return {where + " took the connection and did not begin TLS; a server without TLS has an address with http://",
                sent, other_scheme_line(exchange.url)};
      if (!sent) return {"no daemon answered in time at " + where, sent};
      return {"the answer of " + where + " did not come in time", sent};
    case CURLE_PEER_FAILED_VERIFICATION:
      return {"the certificate of " + where + " does not verify" + bracketed, sent, "nexusctl status --cacert FILE"};
    case CURLE_SSL_CACERT_BADFILE:
      return {"the trusted certificates cannot be read: " + detail, sent, "nexusctl status --cacert FILE"};
    case CURLE_SSL_CONNECT_ERROR:
      if (is_no_tls(detail)) return wants_no_tls(exchange.url);
      return {"no TLS connection with " + where + bracketed, sent};
    case CURLE_SEND_ERROR:
      return {"the connection to " + where + " broke while the request was sent", sent};
    case CURLE_RECV_ERROR:
      if (!sent) break;
      [[fallthrough]];
    case CURLE_UNSUPPORTED_PROTOCOL:  // bytes that are no HTTP: the alert of a TLS server, say
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_GOT_NOTHING:
      if (hung_up_without_tls(handle_.get(), exchange)) return wants_tls(exchange.url);
      if (code == CURLE_UNSUPPORTED_PROTOCOL || code == CURLE_WEIRD_SERVER_REPLY) break;
      [[fallthrough]];
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
