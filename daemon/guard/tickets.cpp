#include "daemon/guard/tickets.hpp"

#include "daemon/base/bytes.hpp"
#include "daemon/base/crypto.hpp"
#include "daemon/base/problem.hpp"
#include "daemon/base/problems.hpp"
#include "daemon/base/uuid.hpp"
#include "daemon/guard/problems.hpp"
#include "daemon/limits.hpp"

namespace nexus {
namespace {

constexpr std::string_view kPrefix = "nxt_";
constexpr std::size_t kSecretBytes = 32;
constexpr std::size_t kTextChars = kPrefix.size() + (kSecretBytes * 4 + 2) / 3;

std::string digest_of(std::string_view text) { return std::string(as_text(sha256(text))); }

}  // namespace

Tickets::Made Tickets::make(const Caller& caller, std::string path, Time now) {
  Made made{std::string(kPrefix) + base64url(random_bytes(kSecretBytes)), uuid_v7()};
  std::string digest = digest_of(made.text);
  const std::lock_guard lock(mutex_);
  forget_expired(now);
  if (entries_.size() >= limits::tickets_max)
    throw Problem(problems::store_busy, "too many tickets wait to be used: try again").with_retry_after(1);
  std::size_t& held = by_user_[caller.user_id];
  if (held >= limits::tickets_per_user_max)
    throw Problem(problems::rate_limit_exceeded,
                  "this user holds too many unused tickets: use them, or let them expire")
        .with_retry_after(1);
  ++held;
  entries_.push_back({digest, caller, std::move(path), now + limits::ticket_lifetime});
  by_digest_.emplace(std::move(digest), std::prev(entries_.end()));
  return made;
}

Caller Tickets::redeem(std::string_view text, std::string_view path, Time now) {
  const Problem refusal(problems::auth_invalid_ticket,
                        "ask POST /tickets for a new one: a ticket opens one stream, once");
  if (text.size() != kTextChars || !text.starts_with(kPrefix)) throw refusal;
  const std::string digest = digest_of(text);
  const std::lock_guard lock(mutex_);
  forget_expired(now);
  const auto found = by_digest_.find(digest);
  if (found == by_digest_.end() || found->second->path != path) throw refusal;
  Caller maker = found->second->maker;
  forget(found->second);
  return maker;
}

void Tickets::forget(Entries::iterator entry) {
  const auto held = by_user_.find(entry->maker.user_id);
  if (--held->second == 0) by_user_.erase(held);
  by_digest_.erase(entry->digest);
  entries_.erase(entry);
}

void Tickets::forget_expired(Time now) {
  while (!entries_.empty() && entries_.front().until <= now) forget(entries_.begin());
}

}  // namespace nexus
