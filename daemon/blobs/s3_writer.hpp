// Writes one object to S3 as its bytes come: a single PUT if it fits into one part, else a multipart upload that keeps
// one part in memory. Nothing is visible before commit. Without commit the sent parts are removed.
#pragma once
#include "daemon/blobs/backend.hpp"
#include "daemon/blobs/s3_client.hpp"

namespace nexus::blobs {

// The smallest part that S3 accepts. A call has 4 seconds, and smaller parts suit slower links. 5 GiB make 1024 parts;
// S3 accepts 10 000.
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
  std::string upload_id_;           // of the running multipart upload
  std::vector<std::string> etags_;  // of its parts
};

}  // namespace nexus::blobs
