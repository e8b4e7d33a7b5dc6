#include "store/postgres/bell.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <random>
#include <system_error>

#include "daemon/base/insist.hpp"
#include "daemon/base/thread.hpp"

namespace nexus::store {
namespace {
using Clock = std::chrono::steady_clock;

// The server takes less than 8 000 bytes.
constexpr std::size_t kPayloadMax = 7900;
constexpr std::size_t kPlacesMax = 4096;
constexpr std::size_t kWordsBytesMax = 4 << 20;    // that wait to be told
constexpr std::size_t kLightBytesMax = 1 << 20;    // after which no light ones come
constexpr std::size_t kBegunBytesMax = 256 << 10;  // of one daemon's words whose end has not come
constexpr std::chrono::milliseconds kBetweenTells{5}, kIdleWait{1000}, kConnectAgain{200}, kTellPatience{5000};

// The first letter of a payload says what it is.
constexpr char kChanged = 'c', kEverywhere = 'a', kWords = 'w';
// Words are `w<number><more or end><text>`.
constexpr char kWordsMore = '+', kWordsEnd = '.';

/// The most bytes of the text, at most `max`, that do not end within a character of UTF-8.
std::size_t whole_characters(std::string_view text, std::size_t max) {
  if (text.size() <= max) return text.size();
  while (max > 0 && (static_cast<unsigned char>(text[max]) & 0xC0) == 0x80) --max;
  return max;
}

std::vector<std::string> payloads_of(const std::set<Place>& places) {
  std::vector<std::string> out;
  for (const Place& place : places) {
    const std::size_t bytes = place.tenant_id.size() + place.env.size() + 2;
    if (out.empty() || out.back().size() + bytes > kPayloadMax) out.emplace_back(1, kChanged);
    out.back().append(place.tenant_id).append(1, ' ').append(place.env).append(1, '\n');
  }
  return out;
}

std::vector<Place> places_of(std::string_view payload) {
  std::vector<Place> places;
  while (!payload.empty()) {
    const std::string_view line = payload.substr(0, payload.find('\n'));
    payload.remove_prefix(std::min(line.size() + 1, payload.size()));
    const std::size_t space = line.find(' ');
    if (space == std::string_view::npos) continue;
    places.push_back({std::string(line.substr(0, space)), std::string(line.substr(space + 1))});
  }
  return places;
}

}  // namespace

PostgresBell::Waker::Waker() {
  if (::pipe(ends_) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
  for (const int end : ends_) {
    ::fcntl(end, F_SETFL, O_NONBLOCK);
    ::fcntl(end, F_SETFD, FD_CLOEXEC);
  }
}

PostgresBell::Waker::~Waker() {
  for (const int end : ends_) ::close(end);
}

void PostgresBell::Waker::wake() const noexcept {
  // A pipe that is full wakes as well.
  [[maybe_unused]] const ssize_t written = ::write(ends_[1], "!", 1);
}

void PostgresBell::Waker::clear() const noexcept {
  char taken[64];
  while (::read(ends_[0], taken, sizeof taken) > 0) {
  }
}

PostgresBell::PostgresBell(LinkOptions options)
    : options_(std::move(options)), next_(Clock::now()), thread_([this] {
        name_thread("bell");
        loop();
      }) {}

PostgresBell::~PostgresBell() {
  stopping_ = true;
  waker_.wake();
  thread_.join();
}

void PostgresBell::listen(Listener listener) {
  {
    const std::lock_guard lock(listener_mutex_);
    listener_ = std::move(listener);
    has_missed_ = true;
  }
  waker_.wake();
}

void PostgresBell::ring(const std::vector<Place>& places) noexcept {
  try {
    const std::lock_guard lock(mutex_);
    if (!everywhere_) places_.insert(places.begin(), places.end());
    everywhere_ = everywhere_ || places_.size() > kPlacesMax;
    if (everywhere_) places_.clear();
  } catch (const std::bad_alloc&) {
    return;  // who follows these places polls
  }
  waker_.wake();
}

void PostgresBell::say(std::string words, Weight weight) {
  {
    const std::lock_guard lock(mutex_);
    if (words_bytes_ + words.size() > (weight == Weight::light ? kLightBytesMax : kWordsBytesMax)) return;
    for (std::string_view left = words;;) {
      std::string payload = kWords + std::to_string(++parts_);
      const std::size_t bytes = whole_characters(left, kPayloadMax - payload.size() - 1);
      payload.append(1, bytes < left.size() ? kWordsMore : kWordsEnd).append(left.substr(0, bytes));
      words_bytes_ += payload.size();
      words_.push_back(std::move(payload));
      left.remove_prefix(bytes);
      if (left.empty()) break;
    }
  }
  waker_.wake();
}

// ---- the thread ----------------------------------------------------------------------------------------------------

void PostgresBell::loop() {
  std::mt19937 random(std::random_device{}());
  while (!stopping_) {
    try {
      serve_connection();
    } catch (const std::exception&) {
      link_.reset();  // readiness tells of a server that is away
    }
    // Not all daemons at once.
    if (!stopping_) wait(kConnectAgain + std::chrono::milliseconds(random() % 200));
  }
  try {
    if (link_ != nullptr && has_to_tell()) tell();
  } catch (const std::exception&) {
  }
}

void PostgresBell::serve_connection() {
  connect();
  while (!stopping_) {
    tell_missed();
    hear();
    const auto now = Clock::now();
    if (!has_to_tell()) {
      wait(kIdleWait);
    } else if (now < next_) {
      wait(std::chrono::ceil<std::chrono::milliseconds>(next_ - now));
    } else {
      tell();
      next_ = Clock::now() + kBetweenTells;
    }
  }
}

void PostgresBell::connect() {
  if (link_ != nullptr && !link_->lost()) return;
  link_ = std::make_unique<Link>(options_);
  link_->set_patience(kTellPatience);
  // What a crash of the server loses of this session is nothing: a notification is not stored.
  link_->execute("SET synchronous_commit = off; LISTEN nexus_bell");
  begun_.clear();
  ++connections_;
  const std::lock_guard lock(listener_mutex_);
  has_missed_ = true;
}

void PostgresBell::tell_missed() {
  const std::lock_guard lock(listener_mutex_);
  if (std::exchange(has_missed_, false) && listener_.missed) insist([&] { listener_.missed(); });
}

/// Until the socket or the waker has something, at most so long.
void PostgresBell::wait(std::chrono::milliseconds longest) {
  pollfd wanted[] = {{waker_.descriptor(), POLLIN, 0}, {link_ != nullptr ? link_->wire().socket() : -1, POLLIN, 0}};
  ::poll(wanted, 2, static_cast<int>(longest.count()));
  waker_.clear();
}

void PostgresBell::hear() {
  for (const Notification& notification : link_->wire().take_notifications())
    if (!notification.is_own && !notification.payload.empty()) hear(notification);
}

void PostgresBell::hear(const Notification& notification) {
  const std::string_view payload = notification.payload;
  if (payload.front() == kWords) return hear_words(notification);
  const std::lock_guard lock(listener_mutex_);
  if (payload.front() == kChanged && listener_.changed)
    insist([&] { listener_.changed(places_of(payload.substr(1))); });
  if (payload.front() == kEverywhere) has_missed_ = true;
}

void PostgresBell::hear_words(const Notification& notification) {
  const std::string_view payload = notification.payload;
  const std::size_t mark = payload.find_first_of("+.");
  if (mark == std::string_view::npos) return;
  std::string& words = begun_[notification.sender];
  words.append(payload.substr(mark + 1));
  if (payload[mark] == kWordsMore && words.size() <= kBegunBytesMax) return;
  const auto whole = begun_.extract(notification.sender);
  if (payload[mark] == kWordsMore) return;  // too long to be ours
  const std::lock_guard lock(listener_mutex_);
  if (listener_.said) insist([&] { listener_.said(whole.mapped()); });
}

bool PostgresBell::has_to_tell() const {
  const std::lock_guard lock(mutex_);
  return everywhere_ || !places_.empty() || !words_.empty();
}

void PostgresBell::tell() {
  std::set<Place> places;
  std::deque<std::string> words;
  bool everywhere = false;
  {
    const std::lock_guard lock(mutex_);
    places.swap(places_);
    words.swap(words_);
    words_bytes_ = 0;
    everywhere = std::exchange(everywhere_, false);
  }
  const auto notify = [this](std::string_view payload) {
    const Argument argument(payload);
    link_->send(link_->call("SELECT pg_notify('nexus_bell', ?1)", std::span(&argument, 1)));
  };
  if (everywhere) notify(std::string(1, kEverywhere));
  for (const std::string& payload : payloads_of(places)) notify(payload);
  for (const std::string& payload : words) notify(payload);
  link_->finish();
}

}  // namespace nexus::store
