#include "daemon/presigned/presigned_blobs.hpp"

#include "daemon/base/problem.hpp"
#include "daemon/blobs/problems.hpp"
#include "daemon/guard/problems.hpp"
#include "store/identity.hpp"
#include "store/objects.hpp"

namespace nexus::presigned {
namespace {

using store::ObjectStanding;

/// The row behind the key. Throws tenant.disabled, and tenant.suspended for a change.
ObjectStanding standing_of(store::Database& database, const blobs::StorageKey& key, bool changes) {
  auto lease = database.read();
  const std::string& tenant_id = key.tenant().str();
  const auto tenant = store::find_row<identity::kTenant>(lease.reader(), tenant_id);
  if (!tenant) return ObjectStanding::absent;
  if (tenant->status == "disabled") throw Problem(problems::tenant_disabled, "the operator disabled this tenant");
  if (changes && tenant->status == "suspended")
    throw Problem(problems::tenant_suspended, "the tenant can be read, not changed");
  return store::find_object_standing(lease.reader(),
                                     {to_string(key.plane()), tenant_id, to_string(key.env()), key.owner(), key.str()});
}

}  // namespace

void PresignedBlobs::judge_upload(const blobs::StorageKey& key) const {
  if (standing_of(database_, key, true) != ObjectStanding::awaited)
    throw Problem(problems::blob_form_expired, "the asset of this form was registered or deleted: presign a new one");
}

void PresignedBlobs::judge_download(const blobs::StorageKey& key) const {
  if (standing_of(database_, key, false) != ObjectStanding::present) throw Problem(problems::blob_not_found);
}

blobs::Upload PresignedBlobs::begin(std::string_view bucket, const blobs::Fields& fields) {
  auto form = blobs_.verify_upload(bucket, fields, now_micros());
  judge_upload(form.key);
  return blobs_.begin(std::move(form));
}

PresignedBlobs::Found PresignedBlobs::open(const blobs::SentGet& sent) {
  auto link = blobs_.verify_download(sent, now_micros());
  judge_download(link.key);
  auto object = blobs_.open(link.key);
  if (!object) throw Problem(problems::blob_not_found);
  return {std::move(link), std::move(*object)};
}

}  // namespace nexus::presigned
