#include "daemon/app/retention.hpp"

#include "daemon/base/clock.hpp"
#include "daemon/log.hpp"
#include "daemon/memory/store.hpp"
#include "store/card_search.hpp"
#include "store/erasure.hpp"

namespace nexus::app {
namespace {

constexpr int kBatch = 200;  // few enough that no mutation waits noticeably
constexpr int kMergePages = 32;

}  // namespace

void Retention::run(const std::function<bool()>& stopping) {
  if (running_.exchange(true)) return;
  try {
    memory::sweep_deleted_sessions(database_, stopping);
    store::erase_noted(database_, stopping);
    merge_index(stopping);
    prune(days_.events, store::kActivity, stopping);
    prune(days_.chat, store::kMessages, stopping);
  } catch (const std::exception& error) {
    if (!stopping())
      log::warn("what is past its days could not be removed; the next round tries again", {{"cause", error.what()}});
  }
  running_ = false;
}

void Retention::merge_index(const Stopping& stopping) {
  const Micros due = now_micros() - days_.index_hours * kHour;
  for (bool done = false; !done && !stopping();)
    database_.writer().apply([&](store::Tx& tx) { done = store::merge_deleted_words(tx, due, kMergePages); });
}

void Retention::prune(std::uint32_t days, const store::Retained& rows, const Stopping& stopping) {
  if (days == 0) return;
  const Micros before = now_micros() - days * kDay;
  const auto places = store::list_overdue(database_.read().reader(), rows, before);
  for (const Place& place : places) {
    std::int64_t removed = kBatch;
    while (removed == kBatch) {
      if (stopping()) return;
      database_.writer().apply([&](store::Tx& tx) { removed = store::prune(tx, rows, place.realm(), before, kBatch); });
    }
  }
}

}  // namespace nexus::app
