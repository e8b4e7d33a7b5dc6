#include "tests/support/relay.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <condition_variable>
#include <cstring>
#include <deque>
#include <system_error>
#include <utility>

namespace nexus::test {
namespace {

using Clock = std::chrono::steady_clock;

constexpr const char* kSocketName = ".s.PGSQL.5432";

sockaddr_un address_of(const std::filesystem::path& directory) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = directory / kSocketName;
  if (path.size() >= sizeof address.sun_path) throw std::system_error(ENAMETOOLONG, std::generic_category());
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  return address;
}

int new_socket() {
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) throw std::system_error(errno, std::generic_category(), "socket");
  return fd;
}

/// One direction: a thread reads, and one writes each piece when its time has come.
class Pump {
 public:
  /// `edits`: whether it says `to` for `from`.
  Pump(int from, int to, const Relay::Conduct& conduct, bool edits)
      : from_(from), to_(to), edits_(edits), conduct_(conduct), reader_([this] { read_all(); }), writer_([this] {
          write_all();
        }) {}
  /// After both sockets were shut down.
  ~Pump() {
    put({});  // where the end itself was swallowed
    reader_.join();
    writer_.join();
  }

 private:
  void read_all() {
    char bytes[65536];
    for (;;) {
      const ssize_t count = ::read(from_, bytes, sizeof bytes);
      if (count <= 0) {
        if (!conduct_.swallows) put({});
        return;
      }
      if (!conduct_.swallows) put(edited({bytes, static_cast<std::size_t>(count)}));
    }
  }
  void put(std::string piece) {
    const std::lock_guard lock(mutex_);
    pieces_.emplace_back(Clock::now() + conduct_.delay, std::move(piece));
    arrived_.notify_one();
  }
  /// Within one piece: what is edited is said while a connection is made, in a message of its own.
  std::string edited(std::string piece) const {
    if (!edits_ || conduct_.from.empty()) return piece;
    const std::size_t at = piece.find(conduct_.from);
    return at == std::string::npos ? piece : piece.replace(at, conduct_.from.size(), conduct_.to);
  }
  void write_all() {
    for (;;) {
      std::unique_lock lock(mutex_);
      arrived_.wait(lock, [this] { return !pieces_.empty(); });
      const auto [due, bytes] = std::move(pieces_.front());
      pieces_.pop_front();
      lock.unlock();
      std::this_thread::sleep_until(due);
      for (std::size_t sent = 0; sent < bytes.size();) {
        const ssize_t count = ::send(to_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
        if (count <= 0) break;
        sent += static_cast<std::size_t>(count);
      }
      if (!bytes.empty()) continue;
      ::shutdown(to_, SHUT_RDWR);
      ::shutdown(from_, SHUT_RDWR);
      return;
    }
  }

  const int from_, to_;
  const bool edits_;
  const Relay::Conduct& conduct_;
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::deque<std::pair<Clock::time_point, std::string>> pieces_;  // an empty one is the end
  std::thread reader_, writer_;
};

}  // namespace

struct Relay::Connection {
  Connection(int client_, int server_, const Conduct& conduct)
      : client(client_), server(server_), there(client, server, conduct, true), back(server, client, conduct, false) {}
  ~Connection() { cut(); }
  void cut() const {
    ::shutdown(client, SHUT_RDWR);
    ::shutdown(server, SHUT_RDWR);
  }

  /// Closed after the pumps ended.
  struct Socket {
    explicit Socket(int fd_) : fd(fd_) {}
    ~Socket() { ::close(fd); }
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;
    operator int() const { return fd; }
    const int fd;
  };
  const Socket client, server;
  Pump there, back;
};

Relay::Relay(std::filesystem::path server, std::chrono::microseconds delay, std::string from, std::string to)
    : server_(std::move(server)), listener_(new_socket()) {
  conduct_.delay = delay;
  conduct_.from = std::move(from);
  conduct_.to = std::move(to);
  const sockaddr_un address = address_of(directory_.path());
  if (::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(listener_, 64) != 0)
    throw std::system_error(errno, std::generic_category(), "listen");
  // A standby that connects is another user.
  std::filesystem::permissions(directory_.path(), std::filesystem::perms::all);
  std::filesystem::permissions(directory_.path() / kSocketName, std::filesystem::perms::all);
  acceptor_ = std::thread([this] { accept_all(); });
}

Relay::~Relay() {
  over_ = true;
  ::shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  ::close(listener_);
  cut();
}

void Relay::accept_all() {
  while (!over_) {
    const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (client >= 0) take(client);
  }
}

void Relay::take(int client) {
  const int server = new_socket();
  const sockaddr_un address = address_of(server_);
  if (::connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    ::close(client);
    ::close(server);
    return;
  }
  const std::lock_guard lock(mutex_);
  connections_.push_back(std::make_unique<Connection>(client, server, conduct_));
}

void Relay::cut() {
  std::vector<std::unique_ptr<Connection>> ended;
  const std::lock_guard lock(mutex_);
  ended.swap(connections_);
  for (const auto& connection : ended) connection->cut();
}

}  // namespace nexus::test
