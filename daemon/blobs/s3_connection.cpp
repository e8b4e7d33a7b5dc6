#include "daemon/blobs/s3_connection.hpp"

#include <fcntl.h>
#include <httplib.h>
#include <sys/socket.h>

#include "daemon/base/text.hpp"

namespace nexus::blobs {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds kInterruptEvery{20};

milliseconds remaining(SteadyTime deadline) {
  return std::chrono::ceil<milliseconds>(std::max(deadline - Clock::now(), Clock::duration(0)));
}

struct Target {
  bool tls;
  std::string host;
  int port;
};

Target target_of(const std::string& origin) {
  Target target{origin.starts_with("https://"), origin.substr(origin.find("://") + 3), 0};
  target.port = target.tls ? 443 : 80;
  const std::size_t colon = target.host.rfind(':');
  if (colon != std::string::npos && target.host.find(']', colon) == std::string::npos) {
    target.port = std::stoi(target.host.substr(colon + 1));
    target.host.erase(colon);
  }
  if (target.host.starts_with('[')) target.host = target.host.substr(1, target.host.size() - 2);
  return target;
}

std::string_view fault_of(httplib::Error error, bool late) {
  if (late) return "none in time";
  switch (error) {
    case httplib::Error::Connection:
      return "nobody listens there";
    case httplib::Error::SSLConnection:
    case httplib::Error::SSLLoadingCerts:
    case httplib::Error::SSLServerVerification:
      return "TLS failed: is its certificate trusted here?";
    case httplib::Error::Canceled:
      return "it is too large";
    default:
      return "it broke off";
  }
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
  explicit Library(const std::string& origin) : target(target_of(origin)) {
    if (target.tls)
      client = std::make_unique<httplib::SSLClient>(target.host, target.port);
    else
      client = std::make_unique<httplib::ClientImpl>(target.host, target.port);
    client->set_keep_alive(true);
    client->set_tcp_nodelay(true);
    client->set_url_encode(false);  // targets are encoded already, and signed as they stand
    client->set_follow_location(false);
    client->set_decompress(false);
  }
  Target target;
  std::unique_ptr<httplib::ClientImpl> client;
  std::string address;  // that it is connected to
};

std::string host_of(const std::string& origin) { return target_of(origin).host; }

S3Connection::S3Connection(const std::string& origin, S3Addresses& addresses)
    : addresses_(addresses), library_(std::make_unique<Library>(origin)) {
  library_->client->set_socket_options([this](int socket) { watch(socket); });
}

S3Connection::~S3Connection() = default;

void S3Connection::watch(int socket) {
  const std::lock_guard lock(mutex_);
  watched_ = Fd(::fcntl(socket, F_DUPFD_CLOEXEC, 0));
}

void S3Connection::interrupt() {
  const std::lock_guard lock(mutex_);
  if (watched_) ::shutdown(watched_.get(), SHUT_RDWR);
}

S3Answer S3Connection::ask(const S3Wire& wire, SteadyTime deadline) {
  httplib::ClientImpl& client = *library_->client;
  std::string& address = library_->address;
  if (address.empty()) address = addresses_.get(deadline);
  const milliseconds left = remaining(deadline);
  S3Answer answer;
  if (address.empty()) answer.fault = "its name is not known";
  if (left.count() == 0) answer.fault = "no time was left";
  if (!answer.fault.empty()) return answer;
  client.set_hostname_addr_map({{library_->target.host, address}});
  client.set_connection_timeout(left);
  client.set_read_timeout(left);
  client.set_write_timeout(left);

  httplib::Request request;
  request.method = wire.method;
  request.path = wire.target;
  for (const auto& [name, value] : wire.headers) request.headers.emplace(name, value);
  request.headers.emplace("Accept-Encoding", "identity");
  request.content_receiver = [&](const char* data, std::size_t size, std::uint64_t, std::uint64_t) {
    if (answer.body.size() + size > wire.answer_bytes_max) return false;
    answer.body.append(data, size);
    return true;
  };
  // Not request.body: the library copies that.
  if (!wire.body.empty()) {
    request.content_length_ = wire.body.size();
    request.content_provider_ = [&](std::size_t offset, std::size_t length, httplib::DataSink& sink) {
      return sink.write(wire.body.data() + offset, length);
    };
  }
  httplib::Response response;
  httplib::Error error{};
  if (!client.send(request, response, error)) {
    addresses_.failed(address);
    return {.fault = fault_of(error, Clock::now() >= deadline)};
  }
  answer.status = response.status;
  for (const auto& [name, value] : response.headers) answer.headers[lower_ascii(name)] = value;
  return answer;
}

S3Watchdog::S3Watchdog() : thread_([this] { run(); }) {}

S3Watchdog::~S3Watchdog() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void S3Watchdog::begin(S3Connection& connection, SteadyTime deadline) {
  {
    const std::lock_guard lock(mutex_);
    watched_.emplace(deadline, &connection);
  }
  changed_.notify_all();
}

void S3Watchdog::end(S3Connection& connection, SteadyTime deadline) {
  const std::lock_guard lock(mutex_);
  watched_.erase({deadline, &connection});
}

void S3Watchdog::interrupt_all() {
  {
    const std::lock_guard lock(mutex_);
    all_over_ = true;
  }
  changed_.notify_all();
}

void S3Watchdog::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (watched_.empty()) {
      changed_.wait(lock);
      continue;
    }
    for (const auto& [deadline, connection] : watched_)
      if (all_over_ || deadline <= Clock::now()) connection->interrupt();
    SteadyTime next = Clock::now() + kInterruptEvery;
    if (!all_over_) next = std::max(next, watched_.begin()->first);
    changed_.wait_until(lock, next);  // a copy: the set changes meanwhile
  }
}

}  // namespace nexus::blobs
