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
#include "store/daemons.hpp"
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
using store::Realms;
using store::Stint;
using store::Tx;
using Times = Housekeeping::Times;

constexpr int kFoldedAtOnce = 100;  // texts, between two steps of other jobs

constexpr Micros micros(std::chrono::microseconds time) { return time.count(); }

/// A step that handles one thing, which has a realm, with up to so many rows. `handle` returns whether more may wait.
template <class Find, class Handle>
auto part(Find find, Handle handle) {
  return [find, handle](Stint& stint) {
    const auto found = find(stint.read().reader());
    if (!found) return false;
    bool more = false;
    stint.write([&](Tx& tx) { more = handle(tx, *found, stint.rows()); }, Realms().add(found->realm()));
    return more;
  };
}

/// Removes rows of no tenant.
bool drop_some(Stint& stint, const store::Expiring& rows, Micros before) {
  std::int64_t removed = 0;
  const auto drop = [&](Tx& tx) { removed = drop_expired(tx, rows, before, stint.rows(), Realms::every()); };
  stint.write(drop, Realms::every());
  return stint.filled(removed);
}

/// Removes rows of realms.
bool drop_some_of_realms(Stint& stint, const store::Expiring& rows, Micros before) {
  auto places = list_expired(stint.read().reader(), rows, before, stint.rows());
  if (places.empty()) return false;
  const auto found = static_cast<std::int64_t>(places.size());
  const Realms realms = stint.realms_of(places);
  const auto drop = [&](Tx& tx) { drop_expired(tx, rows, before, static_cast<int>(places.size()), realms); };
  stint.write(drop, realms);
  return stint.filled(found);
}

/// Rows that go `after` their time.
Job expiring(const store::Expiring& rows, Micros after) {
  return {rows.kind, [&rows, after](const Reader& reader) { return count_expired(reader, rows, now_micros() - after); },
          [&rows, after](Stint& stint) {
            const auto drop = rows.has_realm() ? drop_some_of_realms : drop_some;
            return drop(stint, rows, now_micros() - after);
          }};
}

/// Rows of the sequence of events that go `days` after they were written.
Job aging(std::string_view kind, const store::Retained& rows, std::uint32_t days) {
  const Micros after = days * kDay;
  return {kind, [&rows, after](const Reader& reader) { return count_overdue(reader, rows, now_micros() - after); },
          [&rows, after](Stint& stint) {
            const Micros before = now_micros() - after;
            auto places = list_overdue(stint.read().reader(), rows, before);
            std::int64_t removed = 0;
            if (places.empty()) return false;
            const Realms realms = stint.realms_of(places);
            const auto remove = [&](Tx& tx) {
              removed = 0;
              for (const Place& place : places)
                if (const int left = stint.rows() - static_cast<int>(removed); left > 0)
                  removed += prune(tx, rows, place.realm(), before, left);
            };
            stint.write(remove, realms);
            return stint.filled(removed);
          }};
}

/// Puts the card's words in the place of those that other rules folded.
void renew_words(Stint& stint, const domain::Card& card, const domain::CardWords& words) {
  if (!store::holds_other_words(stint.read().reader(), card, words)) return;
  for (std::optional<std::int64_t> part = 0; part;) {
    std::optional<std::int64_t> next;
    stint.write([&](Tx& tx) { next = store::renew_part(tx, card, words, *part); }, Realms().add(card.realm()));
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
    stint.write([&](Tx& tx) { put = maybes::put_folded(tx, *maybe, folded); }, Realms().add(key.place.realm()));
  }
}

/// Texts that other rules folded. `fold_again` does one of them.
Job folding(const store::FoldedTexts& texts, std::function<void(Stint&, const store::TextKey&)> fold_again) {
  return {
      texts.job, [&texts](const Reader& reader) { return count_to_fold(reader, texts); },
      [&texts, fold_again = std::move(fold_again)](Stint& stint) {
        const auto next = next_to_fold(stint.read().reader(), texts, std::min(stint.rows(), kFoldedAtOnce));
        for (const store::TextKey& key : next) fold_again(stint, key);
        const auto note = [&](Tx& tx) {
          next.empty() ? end_folding(tx, texts) : move_fold_mark(tx, texts, next.back());
        };
        stint.write(note, Realms::every());
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
    const Realm realm = noted->place.realm();
    stint.write([&](Tx& tx) { store::remove_part(tx, realm); }, Realms().add(realm));
    return !noted->card_id;
  }
  const domain::CardWords words = domain::words_of_card(*card);
  renew_words(stint, *card, words);
  for (bool more = true; more;) {
    const auto index = [&](Tx& tx) { more = store::index_part(tx, card->realm(), card->card_id, words); };
    stint.write(index, Realms().add(card->realm()));
  }
  return true;
}

bool prune_some_answers(Stint& stint, Micros before) {
  auto tenants = store::list_tenants_of_old_answers(stint.read().reader(), before, stint.rows());
  if (tenants.empty()) return false;
  const Realms realms = stint.realms_of(tenants);
  std::int64_t removed = 0;
  stint.write([&](Tx& tx) { removed = store::prune_answers(tx, tenants, before, stint.rows()); }, realms);
  return stint.filled(removed);
}

std::vector<Job> answer_jobs(std::int64_t bytes_max) {
  constexpr Micros after = micros(limits::idempotency_lifetime);
  return {{"stored_answers",
           [](const Reader& reader) { return store::count_waiting_answers(reader, now_micros() - after, 0).rows; },
           [](Stint& stint) { return prune_some_answers(stint, now_micros() - after); }},
          {"stored_answers_over_limit",
           [bytes_max](const Reader& reader) { return store::count_waiting_answers(reader, 0, bytes_max).bytes; },
           part([bytes_max](const Reader& reader) { return store::find_tenant_of_heavy_answers(reader, bytes_max); },
                [bytes_max](Tx& tx, const Place& tenant, int limit) {
                  return store::prune_heavy_answers(tx, tenant.tenant_id, bytes_max, limit) > 0;
                }),
           true}};
}

std::vector<Job> row_jobs(const Times& times) {
  const Micros index_after = times.index_hours * kHour;
  std::vector<Job> jobs{{"turns_of_deleted_sessions", memory::count_deleted_turns,
                         part(memory::find_unswept_session,
                              [](Tx& tx, const memory::Session& session, int limit) {
                                memory::sweep_turns(tx, session, limit);
                                return true;
                              })},
                        {"copies_of_deleted", store::count_noted,
                         part(store::find_noted,
                              [](Tx& tx, const store::Subject& subject, int limit) {
                                store::erase_noted(tx, subject, limit);
                                return true;
                              })},
                        {"cards_in_parts", store::count_noted_cards, go_on_with_card},
                        folding(store::kFoldedCards, fold_card_again),
                        folding(store::kFoldedMaybes, fold_maybe_again),
                        {"words_of_deleted_cards",
                         [index_after](const Reader& reader) -> std::int64_t {
                           return store::has_words_to_merge(reader, now_micros() - index_after) ? 1 : 0;
                         },
                         [index_after](Stint& stint) {
                           bool more = false;
                           const Micros due = now_micros() - index_after;
                           stint.write([&](Tx& tx) { more = !store::merge_deleted_words(tx, due, stint.rows()); },
                                       Realms::every());
                           return more;
                         }}};
  for (Job& job : answer_jobs(static_cast<std::int64_t>(times.answer_bytes))) jobs.push_back(std::move(job));
  if (times.events_days > 0) {
    jobs.push_back(aging("events", store::kActivity, times.events_days));
    jobs.push_back(expiring(store::kTraceRuns, times.events_days * kDay));
  }
  if (times.chat_days > 0) jobs.push_back(aging("chat_messages", store::kMessages, times.chat_days));
  jobs.push_back(expiring(store::kTokenRows, micros(limits::token_row_lifetime)));
  jobs.push_back(expiring(store::kDeniedTokens, kDay));
  jobs.push_back(expiring(store::kExpiredTickets, 0));
  jobs.push_back(expiring(store::kGoneDaemons, store::kGoneAfter));
  for (const auto& rows : store::kTombstones) jobs.push_back(expiring(rows, micros(limits::tombstone_lifetime)));
  return jobs;
}

std::vector<Job> object_jobs(blobs::BlobStore& blobs, const std::string& instance_id, const Times& times,
                             bool is_shared) {
  // What was pending before this daemon began is no upload of it, but may be one of another daemon.
  const Micros start = is_shared ? 0 : now_micros();
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
      objects_(database, pace_, object_jobs(blobs, instance_id, times, database.leadership().is_shared()), warn_failed,
               std::move(helper)) {}

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

std::string Housekeeping::metrics_text(const store::Reader* reader) const {
  MetricsPage page;
  if (reader != nullptr) add_waiting(page, *reader);
  page.gauge("nexus_kept_rows",
             "Rows at the last look, once an hour, of what is kept until somebody or an option ends it");
  for (std::size_t i = 0; i < kept_.size(); ++i)
    page.sample(static_cast<double>(kept_[i]), {{"kind", store::kKept[i].kind}});
  return page.text();
}

void Housekeeping::add_waiting(MetricsPage& page, const store::Reader& reader) const {
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
  page.gauge("nexus_stored_answer_bytes", "Bytes of the stored answers of all tenants")
      .sample(static_cast<double>(store::sum_answer_bytes(reader)));
}

}  // namespace nexus::app
