// Writing one object to S3 as its bytes come: a single PUT for what fits into one part, else a multipart upload that
// keeps one part in memory. Nothing is visible before commit; without it, what was sent is taken back.
#pragma once
#include "daemon/blobs/backend.hpp"
#include "daemon/blobs/s3_client.hpp"

namespace nexus::blobs {

// The least that S3 takes as a part. A call has 4 seconds: smaller parts suit slower links. 5 GiB are 1024 of them, and
// S3 takes 10 000.
inline constexpr std::size_t kPartBytes = 5u << 20;

class S3Writer : public ObjectWriter {
 public:
  S3Writer(S3Client& client, UploadTerms terms) : client_(client), terms_(std::move(terms)) {}
  ~S3Writer() override;
  S3Writer(const S3Writer&) = delete;
  S3Writer& operator=(const S3Writer&) = delete;

  void append(std::string_view chunk) override;
  ObjectInfo commit() override;

 private:
  void send_part();
  ObjectInfo put_whole(ObjectInfo info);
  ObjectInfo complete(ObjectInfo info);
  S3Answer expect(S3Call call);

  S3Client& client_;
  UploadTerms terms_;
  std::string buffer_;
  Sha256 hash_;
  std::uint64_t size_ = 0;
  std::string upload_id_;           // of a multipart upload that is under way
  std::vector<std::string> etags_;  // of its parts
};

}  // namespace nexus::blobs
