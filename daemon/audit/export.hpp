// An audit log as lines of JSON (NDJSON), written and verified. The layout is fixed byte for byte, so that a reader may
// take the lines apart without a parser and every byte counts:
//
//   {"nexus_audit_export":1,"instance_id":"…","tenant":"…","env":"…","checkpoint_key":"…"}
//   {"seq":1,"body":"<the exact bytes, as a JSON string>","details":{…},"prev_hash":"…","hash":"…"}
//   {"checkpoint":"<note>"}                    after the last row that the note is of
//   {"end":true,"rows":N,"head":"…"}
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/audit/verify_pipeline.hpp"

namespace nexus::audit {

void append_header_line(std::string& out, const Verifier::Chain& chain, const PublicKey& key);
void append_row_line(std::string& out, const RowView& row);
void append_note_line(std::string& out, std::string_view note);
void append_end_line(std::string& out, std::int64_t rows, std::string_view head);

/// What a verifier brings of its own.
struct Kept {
  std::optional<PublicKey> key;  // else the export's own, which whoever wrote the export may have chosen
  std::vector<std::string> notes;
  std::vector<std::pair<std::int64_t, std::string>> receipts;
};

/// Verifies an export as it comes, in pieces of any size.
class ExportVerifier {
 public:
  explicit ExportVerifier(Kept kept) : kept_(std::move(kept)) {}
  ExportVerifier(const ExportVerifier&) = delete;
  ExportVerifier& operator=(const ExportVerifier&) = delete;

  void take(std::string_view bytes);
  Report finish();
  /// What the header said; nothing before it, and when it is no header.
  const std::optional<Verifier::Chain>& chain() const { return chain_; }
  const std::optional<PublicKey>& key() const { return key_; }
  std::int64_t rows() const { return pipeline_ ? pipeline_->next_seq() - 1 : 0; }

 private:
  enum class Stage { header, rows, ended, unreadable };
  void line(std::string_view text);
  void header(std::string_view text);
  void record(std::string_view text);
  /// A fault of what was read, in its place behind the rows before it.
  void found(Fault fault, std::int64_t seq);

  Kept kept_;
  Stage stage_ = Stage::header;
  std::string pending_, scratch_;
  std::optional<Verifier::Chain> chain_;
  std::optional<PublicKey> key_;
  std::optional<Verifier> verifier_;
  std::optional<VerifyPipeline> pipeline_;  // feeds verifier_
};

}  // namespace nexus::audit
