// The checks that forms and links share: scope, date and signature.
#include "daemon/blobs/verify_support.hpp"

namespace nexus::blobs::detail {

Scope check_scope(std::string_view credential, const Trust& trust) {
  const auto scope = Scope::parse(credential);
  if (!scope) refuse_form("x-amz-credential must be KEY-ID/YYYYMMDD/REGION/s3/aws4_request.");
  if (scope->access_key_id != trust.credentials.access_key_id) refuse_signature("The access key id is not ours.");
  if (scope->region != trust.region) refuse_signature("The credential is for another region.");
  if (scope->service != "s3") refuse_signature("The credential is for another service than s3.");
  return *scope;
}

Micros check_date(std::string_view amz_date, const Scope& scope, Micros now) {
  const auto signed_at = parse_amz_date(amz_date);
  if (!signed_at) refuse_form("x-amz-date must look like 20260131T235959Z.");
  if (amz_date.substr(0, 8) != scope.date) refuse_signature("x-amz-date and the credential name different days.");
  if (*signed_at > now + kClockSkewMax) refuse_signature("x-amz-date lies more than 15 minutes in the future.");
  if (*signed_at < now - kSignatureAgeMax) refuse_expired("x-amz-date is more than 7 days old; presign again.");
  return *signed_at;
}

void check_signature(std::string_view sent, std::string_view ours) {
  if (!constant_time_equal(sent, ours)) refuse_signature("The signature does not match what was sent.");
}

}  // namespace nexus::blobs::detail
