#include "store/erasure.hpp"

#include "store/events.hpp"
#include "store/idempotency.hpp"
#include "store/retention.hpp"
#include "store/rows.hpp"

namespace nexus::store {
namespace {

constexpr int kAtOnce = 100;  // few enough for a unit of some milliseconds

/// Erases what was made from a media asset. Returns whether nothing is left.
bool drop_media_artifacts(Tx& tx, const Subject& asset, int limit) {
  const auto artifacts = all(tx.query("SELECT artifact_id FROM media_artifacts WHERE tenant_id = ?1 AND env = ?2 "
                                      "AND asset_id = ?3 LIMIT ?4",
                                      asset.realm(), asset.id, limit),
                             only_text);
  for (const std::string& artifact_id : artifacts) {
    erase_copies(tx, {asset.tenant_id, asset.env, "media_artifact", artifact_id});
    tx.run("DELETE FROM media_artifacts WHERE tenant_id = ?1 AND env = ?2 AND artifact_id = ?3", asset.realm(),
           artifact_id);
  }
  return artifacts.size() < static_cast<std::size_t>(limit);
}

/// Removes up to `limit` excerpts of a card from packs and from stored answers about them. Returns whether none is
/// left.
bool drop_excerpts(Tx& tx, const Subject& card, int limit) {
  const auto packs = all(tx.query("SELECT pack_id FROM pack_excerpts WHERE tenant_id = ?1 AND env = ?2 "
                                  "AND card_id = ?3 LIMIT ?4",
                                  card.realm(), card.id, limit),
                         only_text);
  for (const std::string& pack_id : packs) {
    drop_excerpt_from_answers(tx, {card.tenant_id, card.env, "influence_pack", pack_id}, card.id);
    tx.run("DELETE FROM pack_excerpts WHERE tenant_id = ?1 AND env = ?2 AND pack_id = ?3 AND card_id = ?4",
           card.realm(), pack_id, card.id);
  }
  return packs.size() < static_cast<std::size_t>(limit);
}

bool erase_some(Tx& tx, const Subject& subject, int limit) {
  bool done = erase_events(tx, subject, limit);
  done = erase_answers(tx, subject, limit) && done;
  if (subject.type == "card") done = drop_excerpts(tx, subject, limit) && done;
  if (subject.type == "media_asset") done = drop_media_artifacts(tx, subject, limit) && done;
  return done;
}

}  // namespace

bool erase_copies(Tx& tx, const Subject& subject) {
  if (erase_some(tx, subject, kAtOnce)) return true;
  tx.run(
      "INSERT INTO erasures (tenant_id, env, subject_type, subject_id) VALUES (?1, ?2, ?3, ?4) "
      "ON CONFLICT DO NOTHING",
      subject.realm(), subject.type, subject.id);
  return false;
}

std::optional<Subject> find_noted(const Reader& reader) {
  return first(reader.query("SELECT tenant_id, env, subject_type, subject_id FROM erasures LIMIT 1"),
               [](const Query& q) {
                 return Subject{q.text(0), q.text(1), q.text(2), q.text(3)};
               });
}

void erase_noted(Tx& tx, const Subject& subject, int limit) {
  if (erase_some(tx, subject, limit))
    tx.run("DELETE FROM erasures WHERE tenant_id = ?1 AND env = ?2 AND subject_type = ?3 AND subject_id = ?4",
           subject.realm(), subject.type, subject.id);
}

std::int64_t count_noted(const Reader& reader) {
  return integer_of(
      reader.query("SELECT count(*) FROM (SELECT 1 AS one FROM erasures LIMIT ?1) AS counted", kCountMax));
}

}  // namespace nexus::store
