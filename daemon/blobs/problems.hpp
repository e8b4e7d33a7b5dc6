// Refusals of storage: objects, forms and links. The build gathers all such files.
#pragma once
#include "daemon/base/problem.hpp"

namespace nexus::problems {

inline constexpr CodeInfo raw_changed{
    "raw.changed", 409, "The stored object is another one",
    "The object in storage is no longer the version that was registered: somebody wrote to the bucket beside "
    "Nexus. Upload and register it again."};
inline constexpr CodeInfo blob_form_invalid{
    "blob.form_invalid", 400, "The upload form is not valid",
    "The body is not a whole multipart/form-data form with one part named file, or not the form that a presign "
    "answered: a part is missing, doubled or malformed."};
inline constexpr CodeInfo blob_signature_invalid{
    "blob.signature_invalid", 403, "The signature does not match",
    "The policy or the url was changed after signing, or signed with another key."};
inline constexpr CodeInfo blob_form_expired{"blob.form_expired", 403, "The form has expired",
                                            "A presigned form or url lives 15 minutes. Presign again."};
inline constexpr CodeInfo blob_policy_violation{
    "blob.policy_violation", 403, "The form breaks its policy",
    "A field differs from what was signed, or is not covered by the policy; the detail names the condition."};
inline constexpr CodeInfo blob_size_out_of_range{
    "blob.size_out_of_range", 400, "The file's size is out of range",
    "The file is larger or smaller than the policy allows. Nothing was kept."};
inline constexpr CodeInfo blob_digest_mismatch{
    "blob.digest_mismatch", 400, "The file's digest differs",
    "The uploaded bytes have another SHA-256 than the form states. Nothing was kept."};
inline constexpr CodeInfo blob_exists{"blob.exists", 409, "The object exists",
                                      "Objects are written once. Presign a new upload for other content."};
inline constexpr CodeInfo blob_not_found{"blob.not_found", 404, "No such object", "There is no object with this key."};
inline constexpr CodeInfo blob_range_not_satisfiable{
    "blob.range_not_satisfiable", 416, "The range lies outside the object",
    "The Range header asks for bytes beyond the object's end; Content-Range says how many there are."};
inline constexpr CodeInfo storage_unavailable{
    "storage.unavailable", 503, "The blob store did not answer",
    "Nothing was changed. Retry; if it lasts, the operator finds the cause in the daemon's log."};
inline constexpr CodeInfo storage_full{"storage.full", 507, "The blob store is full",
                                       "The file did not fit; nothing was kept. Free space, then retry."};

}  // namespace nexus::problems
