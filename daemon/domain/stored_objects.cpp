#include "daemon/domain/stored_objects.hpp"

#include "daemon/base/problems.hpp"
#include "daemon/blobs/problems.hpp"
#include "daemon/log.hpp"
#include "store/objects.hpp"

namespace nexus::domain {
namespace {

constexpr int kAtOnce = 100;  // with their contents: bounds memory and the length of a unit

}  // namespace

std::string stored_filename(const std::string& key) { return key.substr(key.rfind('/') + 1); }

Json with_original_filename(Json metadata, const std::string& key, const std::string& filename) {
  if (stored_filename(key) != filename && !metadata.contains("original_filename"))
    metadata["original_filename"] = filename;
  return metadata;
}

blobs::StorageKey own_key(const Caller& caller, const std::string& key) {
  const auto parsed = blobs::StorageKey::parse(key);
  if (!parsed || !parsed->belongs_to(caller.tenant(), caller.env())) throw Problem(problems::internal_error);
  return *parsed;
}

void require_registered(const store::RawAsset& asset, const std::optional<blobs::ObjectInfo>& found) {
  const bool same = found && static_cast<std::int64_t>(found->size) == asset.size_bytes &&
                    (!asset.etag || found->etag == *asset.etag);
  if (!same) throw Problem(problems::raw_changed, "the asset's object is not the one that was registered");
}

http::Route download_route(const http::Surface& surface, const std::string& path, blobs::BlobStore& blobs,
                           FindDownload find, std::vector<int> refusals) {
  const auto redirect = [&blobs, find = std::move(find)](http::Input& input) -> http::Query {
    return [&blobs, find, path = input.path, base_url = input.base_url](const store::Reader& reader,
                                                                        const Caller& caller) -> http::Reply {
      Downloadable found = find(reader, caller, path);
      return {.json = nullptr,
              .status = 302,
              .fields = {{"Location", blobs.presign_download(found.download, now_micros(), base_url)}},
              .confirm = std::move(found.confirm)};
    };
  };
  return surface.show(path + "/download", redirect,
                      {.summary = "Redirect to a presigned download", .success = 302, .refusals = std::move(refusals)});
}

blobs::StorageKey atom_key(const AtomOfSet& atom) {
  const auto key = blobs::StorageKey::parse(atom.atom.key.value_or(""));
  const auto tenant = TenantId::parse(atom.set.tenant_id);
  const auto env = parse_env(atom.set.env);
  if (!key || !tenant || !env || !key->belongs_to(*tenant, *env)) throw Problem(problems::internal_error);
  return *key;
}

namespace {

void remove_object(blobs::BlobStore& blobs, const AtomSet& set, const Atom& atom) {
  if (atom.key) blobs.remove(atom_key({set, atom}), {});
}

/// The unit that removes the rows of a set's first atoms, and with the last of them the set.
store::Unit removal_of(const AtomSet& set, const std::vector<Atom>& atoms) {
  const std::int64_t last = atoms.empty() ? -1 : atoms.back().ordinal;
  return [set, last](store::Tx& tx) { store::sweep_atom_set(tx, set, last); };
}

}  // namespace

bool sweep_set(store::Database& database, blobs::BlobStore& blobs, const AtomSet& set) {
  while (true) {
    const auto atoms = store::list_atoms(database.read().reader(), set, -1, kAtOnce);
    for (const Atom& atom : atoms) remove_object(blobs, set, atom);
    const auto result = database.writer().run(removal_of(set, atoms), store::Realms().add(set.realm()));
    if (result.outcome != store::Outcome::applied) return false;
    if (atoms.size() < kAtOnce) return true;
  }
}

bool sweep_some_atoms(store::Stint& stint, blobs::BlobStore& blobs, Micros staged_before) {
  const auto sets = store::list_swept_atom_sets(stint.read().reader(), staged_before, 1, stint.failures());
  if (sets.empty()) return false;
  const AtomSet& set = sets.front();
  const auto atoms = store::list_atoms(stint.read().reader(), set, -1, stint.rows());
  stint.filled(static_cast<std::int64_t>(atoms.size()));
  // First a unit, for the reason that claim_pending_object() has.
  bool is_given_up = false;
  stint.write([&](store::Tx& tx) { is_given_up = store::give_up_atom_set(tx, set); }, store::Realms().add(set.realm()));
  if (!is_given_up) return true;  // it was finished meanwhile
  try {
    stint.each(atoms.size(), [&](std::size_t i) { remove_object(blobs, set, atoms[i]); });
  } catch (const Problem& problem) {  // a set that cannot be swept now must not block others
    log::warn("a set of atoms could not be swept", {{"set_id", set.set_id}, {"cause", problem.what()}});
    stint.fail();
    return true;
  }
  stint.write(removal_of(set, atoms), store::Realms().add(set.realm()));
  return true;
}

}  // namespace nexus::domain
