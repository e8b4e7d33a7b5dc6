#include "daemon/atoms/atom_maker.hpp"

#include <algorithm>

#include "daemon/atoms/limits.hpp"
#include "daemon/atoms/problems.hpp"
#include "daemon/base/bytes.hpp"
#include "daemon/base/problem.hpp"
#include "daemon/base/thread.hpp"
#include "daemon/base/uuid.hpp"
#include "daemon/domain/stored_objects.hpp"
#include "daemon/http/common.hpp"
#include "daemon/limits.hpp"
#include "daemon/log.hpp"
#include "store/objects.hpp"

namespace nexus::atoms {
namespace {

// One unit of the writer, so small that others wait a few milliseconds only.
constexpr std::size_t kUnitAtomsMax = 500;
constexpr std::size_t kUnitBytesMax = 1 * limits::MiB;
constexpr std::int64_t kNotedAtOnce = 64;
constexpr std::size_t kCommitsAtOnce = 16;

constexpr const char* kContentType = "text/plain; charset=utf-8";

}  // namespace

AtomMaker::AtomMaker(store::Database& database, blobs::BlobStore& blobs, const TenantId& tenant, Env env,
                     domain::AtomSet set)
    : database_(database), blobs_(blobs), tenant_(tenant), env_(env) {
  made_.set = std::move(set);
}

std::string AtomMaker::atom_id(std::int64_t ordinal) const {
  const domain::AtomSet& set = made_.set;
  return uuid_v8(sha256("nexus.atom.v1\n" + set.tenant_id + "\n" + set.env + "\n" + set.raw_asset_id + "\n" +
                        set.op_type + "\n" + std::to_string(set.op_version) + "\n" + set.params + "\n" +
                        std::to_string(ordinal) + "\n"));
}

/// The name contains the set too, so that leftovers of an earlier try are never taken for this one's.
blobs::StorageKey AtomMaker::key_of(std::int64_t ordinal) const {
  return blobs::StorageKey::make(tenant_, env_, blobs::Plane::atoms, atom_id(ordinal), made_.set.set_id + ".txt");
}

void AtomMaker::begin() {
  const std::int64_t ordinal = next_ordinal();
  if (ordinal >= static_cast<std::int64_t>(limits::atoms_of_one_operation_max))
    throw Problem(
        problems::atom_too_many,
        "one operation makes at most " + std::to_string(limits::atoms_of_one_operation_max) + " atoms of an asset");
  atom_ = {.tenant_id = made_.set.tenant_id,
           .env = made_.set.env,
           .set_id = made_.set.set_id,
           .ordinal = ordinal,
           .atom_id = atom_id(ordinal)};
}

void AtomMaker::append(std::string_view text) {
  atom_.size_bytes += static_cast<std::int64_t>(text.size());
  if (!object_ && content_.size() + text.size() > limits::atom_inline_bytes_max) begin_object();
  if (!object_) {
    content_ += text;
    return;
  }
  object_->append(text);
  hash_->update(text);
}

void AtomMaker::begin_object() {
  if (atom_.ordinal >= noted_end_) note_keys();
  object_ = blobs_.write({.key = key_of(atom_.ordinal), .content_type = kContentType});
  hash_ = std::make_unique<Sha256>();
  object_->append(content_);
  hash_->update(content_);
  content_.clear();
}

/// Only noted objects may become visible. Notes those of the next atoms too: one commit per object would be slow.
void AtomMaker::note_keys() {
  noted_end_ = std::min(atom_.ordinal + kNotedAtOnce, static_cast<std::int64_t>(limits::atoms_of_one_operation_max));
  std::vector<std::string> keys;
  for (std::int64_t ordinal = atom_.ordinal; ordinal < noted_end_; ++ordinal) keys.push_back(key_of(ordinal).str());
  const Micros now = now_micros();
  const auto note_all = [&](store::Tx& tx) {
    for (const std::string& key : keys) store::note_pending_object(tx, key, now);
  };
  write(note_all, 0);
  made_.noted.insert(made_.noted.end(), keys.begin(), keys.end());
}

void AtomMaker::end() {
  if (object_) {
    commit_object();
    atom_.key = key_of(atom_.ordinal).str();
    atom_.sha256 = hex(hash_->finish());
  } else {
    made_.rest_bytes += content_.size();
    if (atom_.ordinal < kFirstPage) made_.first_page_bytes += content_.size();
    atom_.content = std::exchange(content_, {});
  }
  made_.rest.push_back(std::move(atom_));
  if (made_.rest.size() >= kUnitAtomsMax || made_.rest_bytes >= kUnitBytesMax) stage();
}

void AtomMaker::commit_object() {
  if (commits_.size() == kCommitsAtOnce) {
    std::future<void> oldest = std::move(commits_.front());
    commits_.pop_front();
    oldest.get();
  }
  commits_.push_back(std::async(std::launch::async, [object = std::move(object_)] {
    name_thread("atom-commit");
    object->commit();
  }));
}

MadeAtoms AtomMaker::finish() {
  for (auto& commit : commits_) commit.get();
  commits_.clear();
  return std::move(made_);
}

MadeAtoms AtomMaker::give_up() noexcept {
  object_.reset();
  commits_.clear();  // each waits in its destructor
  return std::move(made_);
}

void AtomMaker::stage() {
  write([&](store::Tx& tx) { store::put_atom_set(tx, made_.set, made_.rest); }, made_.rest_bytes);
  made_.staged = next_ordinal();
  made_.rest.clear();
  made_.rest_bytes = 0;
}

/// A step of the tenant's own, in its line. Waits for it.
void AtomMaker::write(const store::Unit& unit, std::size_t bytes) {
  const auto result = database_.writer().run(unit, store::Realms().add(made_.set.realm()), bytes);
  if (result.outcome != store::Outcome::applied) throw http::problem_of(result);
}

void discard(store::Database& database, blobs::BlobStore& blobs, const MadeAtoms& made) noexcept {
  try {
    for (const auto& text : made.noted)
      if (const auto key = blobs::StorageKey::parse(text)) blobs.remove(*key, {});
    if (!made.noted.empty())
      database.writer().run(
          [&](store::Tx& tx) {
            for (const auto& key : made.noted) store::drop_pending_object(tx, key);
          },
          store::Realms().add(made.set.realm()));
    if (made.staged > 0) domain::sweep_set(database, blobs, made.set);
  } catch (const std::exception& error) {
    log::warn("a set of atoms could not be discarded", {{"set_id", made.set.set_id}, {"cause", error.what()}});
  }
}

}  // namespace nexus::atoms
