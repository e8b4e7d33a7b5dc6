// The HTTP client over cpp-httplib: the one file that includes its (slow) header.
#include <httplib.h>

#include <condition_variable>
#include <mutex>
#include <thread>

#include "cli/engine/client.hpp"
#include "cli/engine/early_answer.hpp"
#include "daemon/base/bytes.hpp"
#include "daemon/base/text.hpp"

namespace nexus::cli {
namespace {

using Clock = std::chrono::steady_clock;

// JSON answers are far smaller; a server that sends more is not ours.
constexpr std::size_t kKeptBodyBytesMax = 64u << 20;

std::string describe(httplib::Error error, const Url& url) {
  const std::string where = url.origin();
  switch (error) {
    case httplib::Error::Connection:
      return "no daemon answers at " + where;
    case httplib::Error::ConnectionTimeout:
      return "no daemon answered in time at " + where;
    case httplib::Error::SSLConnection:
      return "no TLS connection with " + where;
    case httplib::Error::SSLLoadingCerts:
      return "the system's certificates cannot be read";
    case httplib::Error::SSLServerVerification:
      return "the certificate of " + where + " does not verify";
    case httplib::Error::Read:
      return "the connection to " + where + " broke, or fell silent, before the answer";
    case httplib::Error::Write:
      return "the connection to " + where + " broke while the request was sent";
    default:
      return "the exchange with " + where + " failed (" + httplib::to_string(error) + ")";
  }
}

bool may_have_been_seen(httplib::Error error) {
  switch (error) {
    case httplib::Error::Connection:
    case httplib::Error::ConnectionTimeout:
    case httplib::Error::BindIPAddress:
    case httplib::Error::SSLConnection:
    case httplib::Error::SSLLoadingCerts:
    case httplib::Error::SSLServerVerification:
      return false;
    default:
      return true;
  }
}

// Whether a parameter of a presigned address begins here: a decoded value may itself hold `&`.
bool begins_parameter(std::string_view text) {
  const auto name = text.substr(0, text.find('='));
  return name.size() < text.size() && (name.starts_with("X-Amz-") || name.starts_with("response-") || name == "x-id" ||
                                       name == "versionId" || name == "partNumber");
}

std::string encode_query(std::string_view query) {
  std::string out = "?";
  while (true) {
    std::size_t end = query.find('&');
    while (end != std::string_view::npos && !begins_parameter(query.substr(end + 1))) end = query.find('&', end + 1);
    const auto pair = query.substr(0, end);
    const auto equals = std::min(pair.find('='), pair.size());
    out += percent_encode(pair.substr(0, equals));
    if (equals < pair.size()) out += "=" + percent_encode(pair.substr(equals + 1));
    if (end == std::string_view::npos) return out;
    out += "&";
    query.remove_prefix(end + 1);
  }
}

// cpp-httplib 0.11 percent-decodes every header's value, a Location too, which breaks a presigned address. SigV4
// encodes all but unreserved characters, so a slash in the query (the credential holds some) shows that it was decoded,
// and encoding it again gives the very bytes that were signed. A library that leaves it alone shows no slash there.
std::string undo_decoding(const std::string& location) {
  const auto query = location.find('?');
  if (query == std::string::npos || location.find('/', query) == std::string::npos) return location;
  const auto scheme = location.find("://");
  const auto path = location.find('/', scheme < query ? scheme + 3 : 0);
  if (path > query) return location;
  return location.substr(0, path) + percent_encode(std::string_view(location).substr(path, query - path), true) +
         encode_query(std::string_view(location).substr(query + 1));
}

Response convert(const httplib::Response& from) {
  Response to;
  to.status = from.status;
  to.body = from.body;
  for (const auto& [name, value] : from.headers) to.headers[lower_ascii(name)] = value;
  if (const auto it = to.headers.find("location"); it != to.headers.end()) it->second = undo_decoding(it->second);
  return to;
}

std::unique_ptr<httplib::ClientImpl> connect(const Url& url) {
  std::unique_ptr<httplib::ClientImpl> client;
  if (url.secure)
    client = std::make_unique<httplib::SSLClient>(url.host, url.port);
  else
    client = std::make_unique<httplib::ClientImpl>(url.host, url.port);
  client->set_keep_alive(true);
  client->set_tcp_nodelay(true);       // head and body go in two writes: without this the second waits for an ACK
  client->set_url_encode(false);       // targets are encoded already, and presigned ones are signed as they stand
  client->set_follow_location(false);  // a redirect must never carry the token elsewhere
  return client;
}

httplib::Headers headers_of(const Exchange& exchange) {
  httplib::Headers headers;
  for (const auto& [name, value] : exchange.headers) headers.emplace(name, value);
  return headers;
}

/// Ends the exchange at its deadline. The library's own limits count anew with every byte, so an answer that dribbles
/// would never end by them; `stop` is what it lets another thread call.
class Watchdog {
 public:
  Watchdog(httplib::ClientImpl& client, const Exchange& exchange) {
    if (exchange.deadline) thread_ = std::thread([this, &client, end = *exchange.deadline] { wait(client, end); });
  }
  ~Watchdog() {
    {
      const std::lock_guard lock(mutex_);
      done_ = true;
    }
    woken_.notify_one();
    if (thread_.joinable()) thread_.join();
  }
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

 private:
  void wait(httplib::ClientImpl& client, std::chrono::steady_clock::time_point end) {
    std::unique_lock lock(mutex_);
    if (!woken_.wait_until(lock, end, [this] { return done_; })) client.stop();
  }

  std::mutex mutex_;
  std::condition_variable woken_;
  bool done_ = false;
  std::thread thread_;
};

Response run_with_source(httplib::ClientImpl& client, const Exchange& exchange) {
  const BodySource& source = *exchange.source;
  std::optional<Response> early;
  std::exception_ptr thrown;
  const auto provide = [&](std::size_t offset, std::size_t length, httplib::DataSink& sink) {
    if (!exchange.url.secure && (early = take_early_answer(client.socket()))) return false;
    try {
      const auto piece = source.read(offset, std::min<std::size_t>(length, 256 * 1024));
      return !piece.empty() && sink.write(piece.data(), piece.size());
    } catch (...) {  // the library is not ours to unwind through
      thrown = std::current_exception();
      return false;
    }
  };
  const auto result = client.Post(exchange.url.target, headers_of(exchange), source.size, provide, source.content_type);
  if (result) return convert(*result);
  client.stop();
  if (thrown) std::rethrow_exception(thrown);
  if (early) return *early;
  throw TransportError(describe(result.error(), exchange.url), may_have_been_seen(result.error()));
}

Response run_plain(httplib::ClientImpl& client, const Exchange& exchange) {
  httplib::Request request;
  request.method = exchange.method;
  request.path = exchange.url.target;
  request.headers = headers_of(exchange);
  request.body = exchange.body;
  int status = 0;
  std::string kept;
  std::exception_ptr thrown;
  request.response_handler = [&](const httplib::Response& head) {
    status = head.status;
    return true;
  };
  request.content_receiver = [&](const char* data, std::size_t size, std::uint64_t, std::uint64_t) {
    try {
      if (exchange.sink && status == 200)
        exchange.sink({data, size});
      else if (kept.size() + size > kKeptBodyBytesMax)
        return false;
      else
        kept.append(data, size);
      return true;
    } catch (...) {
      thrown = std::current_exception();
      return false;
    }
  };
  httplib::Response response;
  auto error = httplib::Error::Success;
  const bool ok = client.send(request, response, error);
  if (thrown) {
    client.stop();
    std::rethrow_exception(thrown);
  }
  if (!ok) throw TransportError(describe(error, exchange.url), may_have_been_seen(error));
  response.body = std::move(kept);
  return convert(response);
}

}  // namespace

std::string Response::header(const std::string& lower_name) const {
  const auto it = headers.find(lower_name);
  return it == headers.end() ? std::string() : it->second;
}

struct Client::Connections {
  std::map<std::string, std::unique_ptr<httplib::ClientImpl>> by_origin;
};

Client::Client() : connections_(std::make_unique<Connections>()) {}
Client::~Client() = default;

Response Client::run(const Exchange& exchange) {
  auto& client = connections_->by_origin[exchange.url.origin()];
  if (!client) client = connect(exchange.url);
  auto silence = exchange.timeout;
  if (exchange.deadline) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(*exchange.deadline - Clock::now());
    if (left.count() <= 0) throw TransportError("there was no time left to ask " + exchange.url.origin(), false);
    silence = std::min(silence, left);
  }
  client->set_connection_timeout(std::min<std::chrono::milliseconds>(silence, std::chrono::seconds(10)));
  client->set_read_timeout(silence);
  client->set_write_timeout(silence);
  const Watchdog watchdog(*client, exchange);
  try {
    return exchange.source ? run_with_source(*client, exchange) : run_plain(*client, exchange);
  } catch (const TransportError& error) {
    if (!exchange.deadline || Clock::now() < *exchange.deadline) throw;
    throw TransportError("the answer of " + exchange.url.origin() + " did not come in time", error.sent);
  }
}

}  // namespace nexus::cli
