// Forms and links of the local store, judged by what they lead to as well as by their signature: a signature says that
// we promised something, the rows say whether it still stands. The routes under /blobs know the store through this
// class alone, so that nothing is written or served on a signature by itself.
//
// Refused: a column in the signed text that would say how long it holds. What ends a promise (a deletion, a disabled
// tenant) comes after it was signed.
#pragma once
#include <optional>
#include <string_view>

#include "daemon/blobs/backend.hpp"
#include "store/database.hpp"

namespace nexus::presigned {

class PresignedBlobs {
 public:
  PresignedBlobs(blobs::LocalBlobStore& blobs, store::Database& database) : blobs_(blobs), database_(database) {}

  /// An upload by a form. Throws Problem: what blobs::verify_post_form refuses; tenant.disabled, tenant.suspended;
  /// blob.form_expired (403) when the form's asset was registered, deleted or swept.
  blobs::Upload begin(std::string_view bucket, const blobs::Fields& fields);
  /// Asked once more when the body is there, right before it becomes an object: what ended meanwhile, ended.
  void judge_end(const blobs::StorageKey& key) const { judge_upload(key); }

  struct Found {
    blobs::VerifiedGet link;
    blobs::OpenObject object;
  };
  /// What a link leads to. Throws Problem: what blobs::verify_presigned_get refuses; tenant.disabled; blob.not_found
  /// for an object that no row names any more.
  Found open(const blobs::SentGet& sent);

 private:
  void judge_upload(const blobs::StorageKey& key) const;
  void judge_download(const blobs::StorageKey& key) const;

  blobs::LocalBlobStore& blobs_;
  store::Database& database_;
};

}  // namespace nexus::presigned
