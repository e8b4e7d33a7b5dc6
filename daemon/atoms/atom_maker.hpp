// Writes atoms into the store as a cutter reports them: small ones as rows, large ones as objects. Memory stays small
// whatever the source. Rows are staged in small units on the writer, so that others never wait long; a large atom
// streams to storage. Blocks: not on an I/O thread, and outside any transaction.
//
// Several objects are made durable at a time, because each waits for the disk, or for another server, more than once.
//
// Nobody sees these atoms until the write that finishes the set is committed. When it never is, the sweeps of atom sets
// and of pending objects remove what was staged.
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

/// Atoms in the answer to their making.
inline constexpr int kFirstPage = 200;

/// The atoms made: `staged` are in the store, `rest` is still to be written after them.
struct MadeAtoms {
  domain::AtomSet set;
  std::int64_t staged = 0;
  std::vector<domain::Atom> rest = {};
  std::size_t rest_bytes = 0;           // the text in them
  std::vector<std::string> noted = {};  // keys in pending_objects
  std::size_t first_page_bytes = 0;     // of the texts in the answer
};

class AtomMaker : public AtomSink {
 public:
  AtomMaker(store::Database& database, blobs::BlobStore& blobs, const TenantId& tenant, Env env, domain::AtomSet set);

  /// These throw Problem: atom.too_many, and the refusals of storage and store.
  void begin() override;
  void append(std::string_view text) override;
  void end() override;
  /// Call it after the end of the last atom. Waits for its objects. Throws the error that kept one from being stored.
  MadeAtoms finish();
  /// The same after an error, for `discard`: waits, and throws nothing.
  MadeAtoms give_up() noexcept;

 private:
  std::string atom_id(std::int64_t ordinal) const;
  blobs::StorageKey key_of(std::int64_t ordinal) const;
  std::int64_t next_ordinal() const { return made_.staged + static_cast<std::int64_t>(made_.rest.size()); }
  void begin_object();
  void commit_object();
  void note_keys();
  void stage();
  void write(const store::Unit& unit, std::size_t bytes);

  store::Database& database_;
  blobs::BlobStore& blobs_;
  const TenantId& tenant_;
  Env env_;
  MadeAtoms made_;
  std::int64_t noted_end_ = 0;  // keys of lower ordinals are noted, or are not needed
  std::deque<std::future<void>> commits_;
  // The current atom:
  domain::Atom atom_;
  std::string content_;
  std::unique_ptr<blobs::ObjectWriter> object_;
  std::unique_ptr<Sha256> hash_;
};

/// Removes the objects, notes and rows of a set that will not be finished. Throws nothing: the sweeps remove what
/// cannot be removed now.
void discard(store::Database& database, blobs::BlobStore& blobs, const MadeAtoms& made) noexcept;

}  // namespace nexus::atoms
