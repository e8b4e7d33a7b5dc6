#include "tests/bench/load.hpp"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <memory>
#include <optional>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <vector>

namespace nexus::bench {
namespace {

using Clock = std::chrono::steady_clock;

/// Where the value of a field begins in a head, after its name in either spelling; npos when absent.
std::size_t value_of(std::string_view head, std::string_view name, std::string_view lower) {
  std::size_t at = head.find(name);
  if (at == std::string_view::npos) at = head.find(lower);
  return at == std::string_view::npos ? at : at + name.size();
}

/// The whole answer at the front of `bytes`, and its length; nothing while it is incomplete.
std::optional<std::pair<Answer, std::size_t>> parse(std::string_view bytes) {
  const std::size_t end = bytes.find("\r\n\r\n");
  if (end == std::string_view::npos) return std::nullopt;
  Answer answer;
  answer.head = bytes.substr(0, end + 2);
  if (!answer.head.starts_with("HTTP/1.1 ")) throw std::runtime_error("not an HTTP answer");
  std::from_chars(answer.head.data() + 9, answer.head.data() + 12, answer.status);
  std::size_t length = 0;
  if (const std::size_t at = value_of(answer.head, "\r\nContent-Length: ", "\r\ncontent-length: ");
      at != std::string_view::npos)
    std::from_chars(answer.head.data() + at, answer.head.data() + answer.head.size(), length);
  if (bytes.size() < end + 4 + length) return std::nullopt;
  answer.body = bytes.substr(end + 4, length);
  return std::pair{answer, end + 4 + length};
}

int connect_to(const Load& load, int connection) {
  const bool is_others = load.other_port != 0 && connection % 2 != 0;
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(is_others ? load.other_port : load.port));
  ::inet_pton(AF_INET, load.host.c_str(), &address.sin_addr);
  if (fd < 0 || ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    throw std::system_error(errno, std::generic_category(), "connect");
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return fd;
}

struct Client {
  int index = 0;
  int fd = -1;
  std::string request;
  std::string received;
  Clock::time_point sent;
  Clock::time_point due;  // when it may send next
  bool waits = false;     // for its time
};

/// The connections of one thread.
class Lane {
 public:
  Lane(const Load& load, int first, int count, Clock::time_point start)
      : load_(load), end_(start + load.duration), epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
    if (load.per_second > 0)
      pace_ = std::chrono::duration_cast<Clock::duration>(
          std::chrono::duration<double>(load.connections / load.per_second));
    for (int i = 0; i < count; ++i) open(first + i, start);
  }
  Lane(const Lane&) = delete;
  ~Lane() {
    for (Client& client : clients_)
      if (client.fd >= 0) ::close(client.fd);
    ::close(epoll_);
  }

  void run() {
    for (Client& client : clients_) send_next(client);
    epoll_event events[64];
    while (open_ > 0) {
      const int ready = ::epoll_wait(epoll_, events, 64, pace_.count() > 0 ? 1 : 1000);
      for (int i = 0; i < ready; ++i) receive(*static_cast<Client*>(events[i].data.ptr));
      if (pace_.count() > 0) wake_due();
    }
    finished_ = Clock::now();
  }

  std::uint64_t ok = 0, others = 0, broken = 0;
  std::vector<std::uint32_t> micros;
  Clock::time_point finished() const { return finished_; }

 private:
  void open(int index, Clock::time_point start) {
    if (clients_.capacity() == 0) clients_.reserve(4096);  // epoll keeps addresses
    Client& client = clients_.emplace_back();
    client.index = index;
    client.due = start + pace_ * index / load_.connections;  // evenly, not in bursts
    client.fd = connect_to(load_, index);
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = &client;
    ::epoll_ctl(epoll_, EPOLL_CTL_ADD, client.fd, &event);
    ++open_;
  }

  void close(Client& client) {
    ::close(client.fd);
    client.fd = -1;
    client.waits = false;
    --open_;
  }

  void send_next(Client& client) {
    const auto now = Clock::now();
    client.waits = false;
    if (now >= end_ || !load_.next(client.index, client.request)) return close(client);
    if (client.due > now) {
      client.waits = true;
      return;
    }
    client.due = std::max(client.due, now - std::chrono::milliseconds(100)) + pace_;
    send(client);
  }

  void send(Client& client) {
    client.sent = Clock::now();
    std::string_view left = client.request;
    while (!left.empty()) {  // requests are small: the socket's buffer takes them whole
      const ssize_t count = ::send(client.fd, left.data(), left.size(), MSG_NOSIGNAL);
      if (count <= 0) return fail(client);
      left.remove_prefix(static_cast<std::size_t>(count));
    }
  }

  void fail(Client& client) {
    ++broken;
    close(client);
  }

  void wake_due() {
    const auto now = Clock::now();
    for (Client& client : clients_)
      if (client.waits && (client.due <= now || now >= end_)) send_next(client);
  }

  void receive(Client& client) {
    if (client.fd < 0) return;
    char buffer[16384];
    const ssize_t count = ::recv(client.fd, buffer, sizeof buffer, MSG_DONTWAIT);
    if (count < 0 && errno == EAGAIN) return;
    if (count <= 0) return fail(client);
    client.received.append(buffer, static_cast<std::size_t>(count));
    const auto parsed = parse(client.received);
    if (!parsed) return;
    note(client, parsed->first);
    client.received.erase(0, parsed->second);
    send_next(client);
  }

  void note(const Client& client, const Answer& answer) {
    ++(answer.status / 100 == 2 ? ok : others);
    const auto took = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - client.sent).count();
    micros.push_back(static_cast<std::uint32_t>(took));
    if (load_.answered) load_.answered(client.index, answer);
  }

  const Load& load_;
  Clock::time_point end_;
  Clock::time_point finished_;
  Clock::duration pace_{0};
  int epoll_;
  int open_ = 0;
  std::vector<Client> clients_;
};

double at_fraction(const std::vector<std::uint32_t>& sorted, double fraction) {
  if (sorted.empty()) return 0;
  const auto index = static_cast<std::size_t>(fraction * static_cast<double>(sorted.size() - 1));
  return sorted[index] / 1000.0;
}

}  // namespace

Measured drive(const Load& load) {
  const auto start = Clock::now();
  std::vector<std::unique_ptr<Lane>> lanes;
  for (int i = 0; i < load.threads; ++i) {
    const int first = load.connections * i / load.threads;
    lanes.push_back(std::make_unique<Lane>(load, first, load.connections * (i + 1) / load.threads - first, start));
  }
  std::vector<std::thread> threads;
  for (auto& lane : lanes) threads.emplace_back([&lane] { lane->run(); });
  for (auto& thread : threads) thread.join();

  Measured measured;
  std::vector<std::uint32_t> micros;
  for (const auto& lane : lanes) {
    measured.ok += lane->ok;
    measured.others += lane->others;
    measured.broken += lane->broken;
    micros.insert(micros.end(), lane->micros.begin(), lane->micros.end());
    measured.seconds = std::max(measured.seconds, std::chrono::duration<double>(lane->finished() - start).count());
  }
  std::ranges::sort(micros);
  measured.p50_ms = at_fraction(micros, 0.5);
  measured.p99_ms = at_fraction(micros, 0.99);
  measured.max_ms = at_fraction(micros, 1);
  return measured;
}

std::function<bool(int, std::string&)> always(std::string request) {
  return [request = std::move(request)](int, std::string& out) {
    if (out.empty()) out = request;
    return true;
  };
}

std::string request_text(std::string_view method, std::string_view target, std::string_view fields,
                         std::string_view body) {
  std::string out;
  out.append(method).append(" ").append(target).append(" HTTP/1.1\r\nHost: 127.0.0.1\r\n").append(fields);
  if (!body.empty()) out.append("Content-Length: ").append(std::to_string(body.size())).append("\r\n");
  return out.append("\r\n").append(body);
}

}  // namespace nexus::bench
