#include "store/postgres/locks.hpp"

#include "daemon/base/crypto.hpp"
#include "daemon/base/ids.hpp"
#include "store/rows.hpp"

namespace nexus::store {
namespace {

// "nexusall", "nexussch" (schema), "nexussrv" (service) and "nexusled" (leader): far from what other programs choose by
// counting.
constexpr std::int64_t kAll = 0x6E65787573616C6C, kSchema = 0x6E65787573736368, kService = 0x6E65787573737276,
                       kLeader = 0x6E657875736C6564;

std::int64_t key_of(Realm realm) {
  std::string text = "nexus realm ";
  text.append(realm.tenant).push_back('\0');
  text.append(realm.env);
  const Digest digest = sha256(text);
  std::uint64_t key = 0;
  for (std::size_t place = 0; place < sizeof key; ++place) key = key << 8 | static_cast<std::uint8_t>(digest[place]);
  return static_cast<std::int64_t>(key);
}

}  // namespace

void Locks::add(Realm realm) {
  if (!realm.env.empty()) {
    realms_.insert(key_of(realm));
    return;
  }
  for (const Env env : {Env::dev, Env::staging, Env::prod})
    realms_.insert(key_of({.tenant = realm.tenant, .env = to_string(env)}));
}

void Locks::take(Tx& tx) const {
  if (all_) {
    tx.run("SELECT pg_advisory_xact_lock(?1)", kAll);
    return;
  }
  tx.run("SELECT pg_advisory_xact_lock_shared(?1)", kAll);
  for (const std::int64_t key : realms_) tx.run("SELECT pg_advisory_xact_lock(?1)", key);
}

void lock_schema(Tx& tx) { tx.run("SELECT pg_advisory_xact_lock(?1)", kSchema); }

void lock_service(Tx& tx, bool shared) {
  shared ? tx.run("SELECT pg_advisory_lock_shared(?1)", kService) : tx.run("SELECT pg_advisory_lock(?1)", kService);
}

bool try_share_service(const Reader& reader) {
  return integer_of(reader.query("SELECT CAST(pg_try_advisory_lock_shared(?1) AS int)", kService)) == 1;
}

void lock_term(Tx& tx) { tx.run("SELECT pg_advisory_xact_lock_shared(?1)", kLeader); }

void lock_change_of_term(Tx& tx) { tx.run("SELECT pg_advisory_xact_lock(?1)", kLeader); }

}  // namespace nexus::store
