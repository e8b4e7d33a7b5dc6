// Atoms on their way into the store, as a cutter tells of them: small ones as rows, large ones as objects. Memory stays
// small whatever the source: rows are staged in small units on the writer (which so never holds up others for long), a
// large atom streams to storage. Blocks: not on an I/O thread, and outside any transaction.
//
// Objects are made durable several at a time, for each waits for the disk, or for another server, more than once.
//
// What is made here is there for nobody until the write that finishes the set is committed; what was staged for one
// that never was, the sweeps of atom sets and of pending objects take away.
#pragma once
#include <deque>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "daemon/atoms/atom_text.hpp"
#include "daemon/base/crypto.hpp"
#include "daemon/base/ids.hpp"
#include "daemon/blobs/backend.hpp"
#include "store/atoms.hpp"
#include "store/database.hpp"

namespace nexus::atoms {

/// What was made: `rest` still to be written, after `staged` that are.
struct MadeAtoms {
  domain::AtomSet set;
  std::int64_t staged = 0;
  std::vector<domain::Atom> rest = {};
  std::vector<std::string> noted = {};  // keys in pending_objects
};

class AtomMaker : public AtomSink {
 public:
  AtomMaker(store::Database& database, blobs::BlobStore& blobs, const TenantId& tenant, Env env, domain::AtomSet set);

  /// These throw Problem: atom.too_many, and what storage and the store refuse.
  void begin() override;
  void append(std::string_view text) override;
  void end() override;
  /// Once the last atom has ended: waits for its objects. Throws what kept one from being stored.
  MadeAtoms finish();
  /// The same where something went wrong, for `discard`: waits, and throws nothing.
  MadeAtoms give_up() noexcept;

 private:
  std::string atom_id(std::int64_t ordinal) const;
  blobs::StorageKey key_of(std::int64_t ordinal) const;
  std::int64_t next_ordinal() const { return made_.staged + static_cast<std::int64_t>(made_.rest.size()); }
  void begin_object();
  void commit_object();
  void note_keys();
  void stage();

  store::Database& database_;
  blobs::BlobStore& blobs_;
  const TenantId& tenant_;
  Env env_;
  MadeAtoms made_;
  std::size_t rest_bytes_ = 0;
  std::int64_t noted_end_ = 0;  // keys of ordinals below are noted, or will not be needed
  std::deque<std::future<void>> commits_;
  // The atom that is begun:
  domain::Atom atom_;
  std::string content_;
  std::unique_ptr<blobs::ObjectWriter> object_;
  std::unique_ptr<Sha256> hash_;
};

/// `s3://…` of an atom that is an object.
std::string atom_uri(const domain::Atom& atom, const blobs::BlobStore& blobs);

/// Removes what was made and will not be finished: its objects, its notes, its rows. Throws nothing: what cannot be
/// removed now is swept.
void discard(store::Database& database, blobs::BlobStore& blobs, const MadeAtoms& made) noexcept;

}  // namespace nexus::atoms
