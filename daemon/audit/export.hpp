// Writes and verifies an audit log as lines of JSON (NDJSON). The layout is fixed byte for byte, so that a reader needs
// no JSON parser and every byte is verified:
//
//   {"nexus_audit_export":2,"instance_id":"…","tenant":"…","env":"…","checkpoint_keys":["…",…]}   oldest first
//   {"seq":1,"body":"<the exact bytes, as a JSON string>","details":{…},"prev_hash":"…","hash":"…"}
//   {"checkpoint":"<note>"}                    after the last row that the note is of
//   {"end":true,"rows":N,"head":"…"}
//
// Version 1 had `"checkpoint_key":"…"` in the place of the keys. It is read too.
#pragma once

#include "daemon/audit/verify.hpp"

namespace nexus::audit {

/// The beginning of every export, before the version.
inline constexpr std::string_view kExportMagic = R"({"nexus_audit_export":)";

void append_header_line(std::string& out, const Verifier::Chain& chain, const std::vector<PublicKey>& keys);
void append_row_line(std::string& out, const store::AuditRow& row);
void append_note_line(std::string& out, std::string_view note);
void append_end_line(std::string& out, std::int64_t rows, std::string_view head);

/// What a verifier supplies from outside the export.
struct Kept {
  std::optional<PublicKey> key;  // else the export's own keys count, which its writer may have chosen
  std::vector<std::string> notes;
  std::vector<std::pair<std::int64_t, std::string>> receipts;
};

/// Verifies an export that arrives in pieces of any size.
class ExportVerifier {
 public:
  explicit ExportVerifier(Kept kept) : kept_(std::move(kept)) {}
  ExportVerifier(const ExportVerifier&) = delete;
  ExportVerifier& operator=(const ExportVerifier&) = delete;

  void take(std::string_view bytes);
  Report finish();
  /// The chain in the header; empty before the header, and when it is invalid.
  const std::optional<Verifier::Chain>& chain() const { return chain_; }
  /// Whether the end line was seen. An export without it was truncated.
  bool ended() const { return stage_ == Stage::ended; }
  std::int64_t rows() const { return pipeline_ ? pipeline_->next_seq() - 1 : 0; }

 private:
  enum class Stage { header, rows, ended, unreadable };
  void line(std::string_view text);
  void header(std::string_view text);
  void record(std::string_view text);
  /// Reports a fault of the input, after the rows before it.
  void found(Fault fault, std::int64_t seq);

  Kept kept_;
  Stage stage_ = Stage::header;
  std::string pending_, scratch_;
  std::optional<Verifier::Chain> chain_;
  std::optional<Verifier> verifier_;
  std::optional<VerifyPipeline> pipeline_;  // feeds verifier_
};

}  // namespace nexus::audit
