#include "daemon/app/retention.hpp"

#include "daemon/base/clock.hpp"
#include "daemon/log.hpp"
#include "daemon/memory/store.hpp"
#include "store/card_search.hpp"
#include "store/erasure.hpp"
#include "store/events.hpp"

namespace nexus::app {
namespace {

constexpr int kBatch = 200;  // few enough that no mutation waits noticeably
constexpr int kMergePages = 32;

using Stopping = std::function<bool()>;

void merge_index(store::Database& database, Micros due, const Stopping& stopping) {
  for (bool done = false; !done && !stopping();)
    database.writer().apply([&](store::Tx& tx) { done = store::merge_deleted_words(tx, due, kMergePages); });
}

/// Removes what is older than `days`; 0 keeps all.
void prune(store::Database& database, std::uint32_t days, const store::Retained& rows, const Stopping& stopping) {
  if (days == 0) return;
  const Micros before = now_micros() - days * kDay;
  const auto places = store::list_overdue(database.read().reader(), rows, before);
  for (const Place& place : places) {
    std::int64_t removed = kBatch;
    while (removed == kBatch) {
      if (stopping()) return;
      database.writer().apply([&](store::Tx& tx) { removed = store::prune(tx, rows, place.realm(), before, kBatch); });
    }
  }
}

}  // namespace

void Retention::run(const std::function<bool()>& stopping) {
  if (running_.exchange(true)) return;
  try {
    memory::sweep_deleted_sessions(database_, stopping);
    store::erase_noted(database_, stopping);
    merge_index(database_, now_micros() - days_.index_hours * kHour, stopping);
    prune(database_, days_.events, store::kActivity, stopping);
    prune(database_, days_.chat, store::kMessages, stopping);
  } catch (const std::exception& error) {
    if (!stopping())
      log::warn("what is past its days could not be removed; the next round tries again", {{"cause", error.what()}});
  }
  running_ = false;
}

}  // namespace nexus::app
