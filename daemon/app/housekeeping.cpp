#include "daemon/app/housekeeping.hpp"

#include <algorithm>

#include "daemon/base/clock.hpp"
#include "daemon/base/metrics_page.hpp"
#include "daemon/domain/new_card.hpp"
#include "daemon/domain/stored_objects.hpp"
#include "daemon/http/forms.hpp"
#include "daemon/log.hpp"
#include "daemon/maybes/store.hpp"
#include "daemon/memory/store.hpp"
#include "daemon/raw/raw_sweep.hpp"
#include "store/card_index.hpp"
#include "store/erasure.hpp"
#include "store/events.hpp"
#include "store/folded_texts.hpp"
#include "store/idempotency.hpp"
#include "store/model_rows.hpp"
#include "store/objects.hpp"

namespace nexus::app {
namespace {

using store::Housekeeper;
using store::Job;
using store::Reader;
using store::Stint;
using store::Tx;
using Times = Housekeeping::Times;

constexpr int kFoldedAtOnce = 100;  // texts, between two steps of other jobs

constexpr Micros micros(std::chrono::microseconds time) { return time.count(); }

/// A step whose unit `remove` removes up to so many rows and returns their number.
auto removal(std::function<std::int64_t(Tx&, int)> remove) {
  return [remove = std::move(remove)](Stint& stint) {
    std::int64_t removed = 0;
    stint.write([&](Tx& tx) { removed = remove(tx, stint.rows()); });
    return stint.filled(removed);
  };
}

/// A step whose unit `remove` handles one thing with up to so many rows. It returns whether there was one.
auto part(std::function<bool(Tx&, int)> remove) {
  return [remove = std::move(remove)](Stint& stint) {
    bool more = false;
    stint.write([&](Tx& tx) { more = remove(tx, stint.rows()); });
    return more;
  };
}

/// Rows that go `after` their time.
Job expiring(const store::Expiring& rows, Micros after) {
  return {rows.kind, [&rows, after](const Reader& reader) { return count_expired(reader, rows, now_micros() - after); },
          removal([&rows, after](Tx& tx, int limit) { return drop_expired(tx, rows, now_micros() - after, limit); })};
}

/// Rows of the sequence of events that go `days` after they were written.
Job aging(std::string_view kind, const store::Retained& rows, std::uint32_t days) {
  const Micros after = days * kDay;
  return {kind, [&rows, after](const Reader& reader) { return count_overdue(reader, rows, now_micros() - after); },
          [&rows, after](Stint& stint) {
            const Micros before = now_micros() - after;
            const auto places = list_overdue(stint.read().reader(), rows, before);
            std::int64_t removed = 0;
            if (places.empty()) return false;
            stint.write([&](Tx& tx) {
              removed = 0;
              for (const Place& place : places)
                if (const int left = stint.rows() - static_cast<int>(removed); left > 0)
                  removed += prune(tx, rows, place.realm(), before, left);
            });
            return stint.filled(removed);
          }};
}

/// Puts the card's words in the place of those that other rules folded.
void renew_words(Stint& stint, const domain::Card& card, const domain::CardWords& words) {
  if (!store::holds_other_words(stint.read().reader(), card, words)) return;
  for (std::optional<std::int64_t> part = 0; part;) {
    std::optional<std::int64_t> next;
    stint.write([&](Tx& tx) { next = store::renew_part(tx, card, words, *part); });
    part = next;
  }
}

void fold_card_again(Stint& stint, const store::TextKey& key) {
  const auto card = store::find_row<domain::kCard>(stint.read().reader(), key.place.realm(), key.id);
  if (card) renew_words(stint, *card, domain::words_of_card(*card));
}

void fold_maybe_again(Stint& stint, const store::TextKey& key) {
  for (bool put = false; !put;) {
    const auto maybe = store::find_row<maybes::kMaybe>(stint.read().reader(), key.place.realm(), key.id);
    if (!maybe) return;
    const std::string folded = maybes::folded_text(*maybe);
    if (folded == maybe->folded) return;
    stint.write([&](Tx& tx) { put = maybes::put_folded(tx, *maybe, folded); });
  }
}

/// Texts that other rules folded. `fold_again` does one of them.
Job folding(const store::FoldedTexts& texts, std::function<void(Stint&, const store::TextKey&)> fold_again) {
  return {
      texts.job, [&texts](const Reader& reader) { return count_to_fold(reader, texts); },
      [&texts, fold_again = std::move(fold_again)](Stint& stint) {
        const auto next = next_to_fold(stint.read().reader(), texts, std::min(stint.rows(), kFoldedAtOnce));
        for (const store::TextKey& key : next) fold_again(stint, key);
        stint.write([&](Tx& tx) { next.empty() ? end_folding(tx, texts) : move_fold_mark(tx, texts, next.back()); });
        if (next.empty())
          log::info("all texts of a kind are folded by the new rules for search", {{"kind", std::string(texts.kind)}});
        return stint.filled(static_cast<std::int64_t>(next.size())) || !next.empty();
      }};
}

/// Does what is noted of one card: indexes its missing parts, or removes one of a deleted card.
bool go_on_with_card(Stint& stint) {
  std::optional<store::NotedCard> noted;
  std::optional<domain::Card> card;
  {
    auto lease = stint.read();
    noted = store::first_noted_card(lease.reader());
    if (noted && noted->card_id)
      card = store::find_row<domain::kCard>(lease.reader(), noted->place.realm(), *noted->card_id);
  }
  if (!noted) return false;
  if (!card) {
    stint.write([&](Tx& tx) { store::remove_part(tx, noted->place.realm()); });
    return !noted->card_id;
  }
  const domain::CardWords words = domain::words_of_card(*card);
  renew_words(stint, *card, words);
  for (bool more = true; more;)
    stint.write([&](Tx& tx) { more = store::index_part(tx, card->realm(), card->card_id, words); });
  return true;
}

std::vector<Job> answer_jobs(std::int64_t bytes_max) {
  constexpr Micros after = micros(limits::idempotency_lifetime);
  return {
      {"stored_answers",
       [](const Reader& reader) { return store::count_waiting_answers(reader, now_micros() - after, 0).rows; },
       removal([](Tx& tx, int limit) { return store::prune_answers(tx, now_micros() - after, limit); })},
      {"stored_answers_over_limit",
       [bytes_max](const Reader& reader) { return store::count_waiting_answers(reader, 0, bytes_max).bytes; },
       part([bytes_max](Tx& tx, int limit) { return store::prune_heavy_answers(tx, bytes_max, limit) > 0; }), true}};
}

std::vector<Job> row_jobs(const Times& times) {
  const Micros index_after = times.index_hours * kHour;
  std::vector<Job> jobs{
      {"turns_of_deleted_sessions", memory::count_deleted_turns, part(memory::sweep_deleted_turns)},
      {"copies_of_deleted", store::count_noted, part([](Tx& tx, int limit) { return store::erase_noted(tx, limit); })},
      {"cards_in_parts", store::count_noted_cards, go_on_with_card},
      folding(store::kFoldedCards, fold_card_again),
      folding(store::kFoldedMaybes, fold_maybe_again),
      {"words_of_deleted_cards",
       [index_after](const Reader& reader) -> std::int64_t {
         return store::has_words_to_merge(reader, now_micros() - index_after) ? 1 : 0;
       },
       part([index_after](Tx& tx, int pages) {
         return !store::merge_deleted_words(tx, now_micros() - index_after, pages);
       })}};
  for (Job& job : answer_jobs(static_cast<std::int64_t>(times.answer_bytes))) jobs.push_back(std::move(job));
  if (times.events_days > 0) {
    jobs.push_back(aging("events", store::kActivity, times.events_days));
    jobs.push_back(expiring(store::kTraceRuns, times.events_days * kDay));
  }
  if (times.chat_days > 0) jobs.push_back(aging("chat_messages", store::kMessages, times.chat_days));
  jobs.push_back(expiring(store::kTokenRows, micros(limits::token_row_lifetime)));
  jobs.push_back(expiring(store::kDeniedTokens, kDay));
  jobs.push_back(expiring(store::kExpiredTickets, 0));
  for (const auto& rows : store::kTombstones) jobs.push_back(expiring(rows, micros(limits::tombstone_lifetime)));
  return jobs;
}

std::vector<Job> object_jobs(blobs::BlobStore& blobs, const std::string& instance_id, const Times& times) {
  const Micros start = now_micros();  // what is pending since then may be an upload of this run
  const Micros unregistered = times.unregistered_hours * kHour;
  const Micros swept_after[] = {micros(2 * limits::presign_lifetime), std::max(unregistered, kDay)};
  std::vector<Job> jobs{
      {"unregistered_uploads",
       [=](const Reader& reader) { return store::count_unregistered(reader, now_micros() - unregistered); },
       [=, &blobs](Stint& stint) {
         return raw::sweep_unregistered(stint, blobs, instance_id, now_micros() - unregistered);
       }},
      {"pending_objects",
       [=](const Reader& reader) {
         return store::count_pending_objects(reader, std::max(start, now_micros() - kHour));
       },
       [=, &blobs](Stint& stint) { return http::sweep_pending(stint, blobs, std::max(start, now_micros() - kHour)); }},
      {"atom_sets", [](const Reader& reader) { return store::count_swept_atom_sets(reader, now_micros() - kHour); },
       [&blobs](Stint& stint) { return domain::sweep_some_atoms(stint, blobs, now_micros() - kHour); }}};
  for (const int sweeps : {0, 1}) {
    const Micros after = swept_after[sweeps];
    jobs.push_back(
        {sweeps == 0 ? "objects_of_deleted_uploads" : "late_objects_of_deleted_uploads",
         [=](const Reader& reader) { return store::count_tombstones(reader, sweeps, now_micros() - after); },
         [=, &blobs](Stint& stint) { return raw::sweep_tombstones(stint, blobs, sweeps, now_micros() - after); }});
  }
  return jobs;
}

void warn_failed(std::string_view kind, const std::exception& error) {
  log::warn("what is past its time could not be removed; the next round tries again",
            {{"kind", std::string(kind)}, {"cause", error.what()}});
}

}  // namespace

Housekeeping::Times Housekeeping::Times::of(const Config& config) {
  return {.events_days = config.retention_events_days,
          .chat_days = config.retention_chat_days,
          .index_hours = config.retention_index_hours,
          .unregistered_hours = config.retention_unregistered_hours,
          .answer_bytes = config.stored_answers_bytes};
}

Housekeeping::Housekeeping(store::Database& database, blobs::BlobStore& blobs, const std::string& instance_id,
                           const Times& times, store::Helper helper)
    : database_(database),
      rows_(database, pace_, row_jobs(times), warn_failed),
      objects_(database, pace_, object_jobs(blobs, instance_id, times), warn_failed, std::move(helper)) {}

void Housekeeping::run_rows() {
  rows_.run();
  count_kept();
}

// Once an hour: some tables are read whole. One that takes too long keeps its last count.
void Housekeeping::count_kept() {
  const Micros now = now_micros();
  if (now - counted_at_ < kHour) return;
  counted_at_ = now;
  for (std::size_t i = 0; i < kept_.size() && !pace_.stopped(); ++i) {
    try {
      kept_[i] = store::count_kept(database_.read().reader(), store::kKept[i]);
    } catch (const store::Error& error) {
      log::warn("rows could not be counted", {{"kind", std::string(store::kKept[i].kind)}, {"cause", error.what()}});
    }
  }
}

std::string Housekeeping::metrics_text(const store::Reader& reader) const {
  MetricsPage page;
  const auto waiting = [&](bool in_bytes) {
    for (const Housekeeper* keeper : {&rows_, &objects_})
      for (const Job& job : keeper->jobs())
        if (job.in_bytes == in_bytes) page.sample(static_cast<double>(job.waiting(reader)), {{"kind", job.kind}});
  };
  page.gauge("nexus_housekeeping_waiting_rows",
             "Rows past their time that housekeeping has not removed yet, counted up to 10000");
  waiting(false);
  page.gauge("nexus_housekeeping_waiting_bytes", "Bytes that housekeeping has not removed yet");
  waiting(true);
  page.gauge("nexus_kept_rows",
             "Rows at the last look, once an hour, of what is kept until somebody or an option ends it");
  for (std::size_t i = 0; i < kept_.size(); ++i)
    page.sample(static_cast<double>(kept_[i]), {{"kind", store::kKept[i].kind}});
  page.gauge("nexus_stored_answer_bytes", "Bytes of the stored answers of all tenants")
      .sample(static_cast<double>(store::sum_answer_bytes(reader)));
  return page.text();
}

}  // namespace nexus::app
