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

/// Removes the objects of a set's first atoms. Returns the unit that removes their rows, and with the last of them the
/// set.
store::Unit remove_objects(blobs::BlobStore& blobs, const AtomSet& set, const std::vector<Atom>& atoms) {
  for (const Atom& atom : atoms)
    if (atom.key) blobs.remove(atom_key({set, atom}), {});
  const std::int64_t last = atoms.empty() ? -1 : atoms.back().ordinal;
  return [set, last](store::Tx& tx) { store::sweep_atom_set(tx, set, last); };
}

void warn_unswept(const AtomSet& set, const std::exception& error) {
  log::warn("a set of atoms could not be swept", {{"set_id", set.set_id}, {"cause", error.what()}});
}

}  // namespace

bool sweep_set(store::Database& database, blobs::BlobStore& blobs, const AtomSet& set) {
  while (true) {
    const auto atoms = store::list_atoms(database.read().reader(), set, -1, kAtOnce);
    const auto result = database.writer().run(remove_objects(blobs, set, atoms));
    if (result.outcome != store::Outcome::applied) return false;
    if (atoms.size() < kAtOnce) return true;
  }
}

bool sweep_some_atoms(store::Stint& stint, blobs::BlobStore& blobs, Micros staged_before) {
  const auto sets = store::list_swept_atom_sets(stint.read().reader(), staged_before, 1, stint.failures());
  if (sets.empty()) return false;
  const auto atoms = store::list_atoms(stint.read().reader(), sets.front(), -1, stint.rows());
  stint.filled(static_cast<std::int64_t>(atoms.size()));
  store::Unit unit;
  try {
    unit = remove_objects(blobs, sets.front(), atoms);
  } catch (const Problem& problem) {  // a set that cannot be swept now must not block others
    warn_unswept(sets.front(), problem);
    stint.fail();
    return true;
  }
  stint.write(unit);
  return true;
}

void sweep_atoms(store::Database& database, blobs::BlobStore& blobs, Micros staged_before, int count) {
  for (const AtomSet& set : store::list_swept_atom_sets(database.read().reader(), staged_before, count)) {
    try {
      if (!sweep_set(database, blobs, set)) return;
    } catch (const std::exception& error) {  // a set that cannot be swept now must not block others
      warn_unswept(set, error);
    }
  }
}

}  // namespace nexus::domain
