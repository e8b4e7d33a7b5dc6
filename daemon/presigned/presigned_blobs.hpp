// Judges forms and links of the local store by their signature and by the rows that they lead to. A signature shows
// that we made a promise; the rows show whether it is still valid. The routes under /blobs know the store through this
// class alone, so that nothing is written or served on a signature alone.
//
// Refused: a column in the signed text for how long it holds. The events that end a promise (a deletion, a disabled
// tenant) come after the signing.
#pragma once
#include <optional>
#include <string_view>

#include "daemon/blobs/backend.hpp"
#include "store/database.hpp"

namespace nexus::presigned {

class PresignedBlobs {
 public:
  PresignedBlobs(blobs::LocalBlobStore& blobs, store::Database& database) : blobs_(blobs), database_(database) {}

  /// An upload by a form. Throws Problem: the refusals of blobs::verify_post_form; tenant.disabled, tenant.suspended;
  /// blob.form_expired (403) when the form's asset was registered, deleted or swept.
  blobs::Upload begin(std::string_view bucket, const blobs::Fields& fields);
  /// Judges again when the body has arrived, right before it becomes an object: the promise may have ended meanwhile.
  void judge_end(const blobs::StorageKey& key) const { judge_upload(key); }

  struct Found {
    blobs::VerifiedGet link;
    blobs::OpenObject object;
  };
  /// The object of a link. Throws Problem: the refusals of blobs::verify_presigned_get; tenant.disabled; blob.not_found
  /// for an object that no row names any more.
  Found open(const blobs::SentGet& sent);

 private:
  void judge_upload(const blobs::StorageKey& key) const;
  void judge_download(const blobs::StorageKey& key) const;

  blobs::LocalBlobStore& blobs_;
  store::Database& database_;
};

}  // namespace nexus::presigned
