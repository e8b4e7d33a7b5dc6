#include "daemon/blobs/s3_addresses.hpp"

#include <arpa/inet.h>
#include <netdb.h>
#include <sys/socket.h>

#include <algorithm>
#include <memory>

namespace nexus::blobs {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kLifetime{60};

bool is_address(const std::string& host) {
  in6_addr ignored{};
  return ::inet_pton(AF_INET, host.c_str(), &ignored) == 1 || ::inet_pton(AF_INET6, host.c_str(), &ignored) == 1;
}

/// A question to the resolver, which writes into it.
struct Lookup {
  explicit Lookup(std::string name) : host(std::move(name)) {
    hints.ai_socktype = SOCK_STREAM;
    request.ar_name = host.c_str();
    request.ar_request = &hints;
  }
  Lookup(const Lookup&) = delete;
  Lookup& operator=(const Lookup&) = delete;
  ~Lookup() {
    if (request.ar_result != nullptr) ::freeaddrinfo(request.ar_result);
  }
  std::string host;
  addrinfo hints{};
  gaicb request{};
};

std::vector<std::string> texts_of(const addrinfo* found) {
  std::vector<std::string> out;
  for (; found != nullptr; found = found->ai_next) {
    char text[NI_MAXHOST] = {};
    if (::getnameinfo(found->ai_addr, found->ai_addrlen, text, sizeof text, nullptr, 0, NI_NUMERICHOST) == 0)
      out.emplace_back(text);
  }
  return out;
}

std::vector<std::string> look_up(const std::string& host, SteadyTime deadline) {
  auto lookup = std::make_unique<Lookup>(host);
  gaicb* asked[] = {&lookup->request};
  if (::getaddrinfo_a(GAI_NOWAIT, asked, 1, nullptr) != 0) return {};
  for (auto now = Clock::now(); ::gai_error(asked[0]) == EAI_INPROGRESS && now < deadline; now = Clock::now()) {
    const auto left = std::chrono::duration_cast<std::chrono::nanoseconds>(deadline - now).count();
    const timespec wait{static_cast<time_t>(left / 1'000'000'000), static_cast<long>(left % 1'000'000'000)};
    ::gai_suspend(asked, 1, &wait);
  }
  if (::gai_error(asked[0]) == EAI_INPROGRESS && ::gai_cancel(asked[0]) == EAI_NOTCANCELED) {
    static_cast<void>(lookup.release());  // the resolver will still write there, whenever it ends
    return {};
  }
  return ::gai_error(asked[0]) == 0 ? texts_of(lookup->request.ar_result) : std::vector<std::string>();
}

}  // namespace

std::string S3Addresses::get(SteadyTime deadline) {
  if (is_address(host_)) return host_;
  {
    const std::lock_guard lock(mutex_);
    if (!known_.empty() && Clock::now() < stale_at_) return known_.front();
  }
  auto found = look_up(host_, deadline);
  const std::lock_guard lock(mutex_);
  // A resolver that fails is no reason to forget what was right a minute ago.
  if (!found.empty()) known_ = std::move(found);
  stale_at_ = Clock::now() + kLifetime;
  return known_.empty() ? "" : known_.front();
}

void S3Addresses::failed(const std::string& address) {
  const std::lock_guard lock(mutex_);
  std::erase(known_, address);
}

}  // namespace nexus::blobs
