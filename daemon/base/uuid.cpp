#include "daemon/base/uuid.hpp"

#include <algorithm>
#include <array>
#include <mutex>
#include <unordered_map>

#include "daemon/base/bytes.hpp"
#include "daemon/base/clock.hpp"

namespace nexus {
namespace {

constexpr std::uint64_t kTailMax = (std::uint64_t{1} << 62) - 1;

std::uint64_t random_word() {
  std::uint64_t word = 0;
  draw_random(&word, sizeof word);
  return word;
}

using Bytes = std::array<std::uint8_t, 16>;

Bytes bytes_of(std::uint64_t head, std::uint64_t tail) {
  Bytes bytes{};
  for (std::size_t i = 0; i < 8; ++i) {
    bytes[i] = static_cast<std::uint8_t>(head >> (56 - 8 * i));
    bytes[8 + i] = static_cast<std::uint8_t>(tail >> (56 - 8 * i));
  }
  return bytes;
}

/// Sets version and variant of RFC 9562 and writes the text.
std::string text_of(Bytes bytes, unsigned version) {
  bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0F) | version << 4);
  bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3F) | 0x80);
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  text.reserve(36);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    text.append(1, digits[bytes[i] >> 4]).append(1, digits[bytes[i] & 15]);
  }
  return text;
}

/// Makes ids that are each greater than the one before.
class RisingIds {
 public:
  std::string next(std::uint64_t now) {
    if (now > head_ >> 12) {
      head_ = now << 12 | (random_word() & 0xFFF);
      tail_ = random_word() & kTailMax;
    } else {
      // RFC 9562 section 6.2, method 2: a random step, so that no id reveals the next one.
      tail_ += 1 + (random_word() & 0xFFFF'FFFF);
      if (tail_ > kTailMax) ++head_;  // carries into the millisecond if all 74 bits were ones
      tail_ &= kTailMax;
    }
    return text_of(bytes_of(head_ >> 12 << 16 | (head_ & 0xFFF), tail_), 7);
  }

 private:
  std::uint64_t head_ = 0;  // the millisecond, and the 12 bits behind the version
  std::uint64_t tail_ = 0;  // the 62 bits behind the variant
};

std::uint64_t millis_now() { return static_cast<std::uint64_t>(now_micros() / 1000); }

}  // namespace

std::string uuid_v7() { return RisingIds().next(millis_now()); }

std::string new_id(const TenantId& tenant) {
  static std::mutex mutex;
  static std::unordered_map<std::string, RisingIds> tenants;  // those that got an id in the newest millisecond
  static std::uint64_t newest = 0;
  const std::lock_guard lock(mutex);
  const std::uint64_t now = millis_now();
  if (now > newest) tenants.clear();
  newest = std::max(newest, now);
  return tenants[tenant.str()].next(now);
}

std::string uuid_v4() { return text_of(bytes_of(random_word(), random_word()), 4); }

std::string uuid_v8(const Digest& digest) {
  Bytes bytes{};
  std::copy_n(digest.begin(), bytes.size(), bytes.begin());
  return text_of(bytes, 8);
}

bool is_uuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    const bool digit = (text[i] >= '0' && text[i] <= '9') || (text[i] >= 'a' && text[i] <= 'f');
    if (dash ? text[i] != '-' : !digit) return false;
  }
  return true;
}

}  // namespace nexus
