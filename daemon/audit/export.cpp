#include "daemon/audit/export.hpp"

#include <bit>
#include <charconv>
#include <cstring>

#include "daemon/base/json.hpp"

namespace nexus::audit {
namespace {

constexpr std::size_t kLineBytesMax = 8u << 20;

/// Parses one line from its front. Every function returns whether the line continues as expected.
class Line {
 public:
  explicit Line(std::string_view text) : rest_(text) {}

  bool word(std::string_view wanted) {
    if (!rest_.starts_with(wanted)) return false;
    rest_.remove_prefix(wanted.size());
    return true;
  }
  bool number(std::int64_t& out) {
    const auto [stop, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), out);
    if (error != std::errc() || out < 0 || (rest_.front() == '0' && stop != rest_.data() + 1)) return false;
    rest_.remove_prefix(static_cast<std::size_t>(stop - rest_.data()));
    return true;
  }
  /// A value, unchanged.
  bool value(std::string_view& out) {
    const std::size_t length = canonical_length(rest_);
    out = rest_.substr(0, length);
    rest_.remove_prefix(length);
    return length > 0;
  }
  /// A text without escapes.
  bool plain(std::string_view& out) {
    if (!value(out) || out.front() != '"' || out.find('\\') != out.npos) return false;
    out = out.substr(1, out.size() - 2);
    return true;
  }
  /// A text with its escapes undone into `room`.
  bool text(std::string& room) {
    std::string_view raw;
    if (!value(raw) || raw.front() != '"') return false;
    undo_escapes(raw.substr(1, raw.size() - 2), room);
    return true;
  }
  /// A list of texts without escapes.
  bool plain_list(std::vector<std::string_view>& out) {
    if (!word("[")) return false;
    do
      if (!plain(out.emplace_back())) return false;
    while (word(","));
    return word("]");
  }
  bool done() const { return rest_.empty(); }

 private:
  static void undo_escapes(std::string_view raw, std::string& room) {
    room.resize(raw.size());
    char* out = room.data();
    const char* at = raw.data();
    const char* const end = at + raw.size();
    while (at != end) {
      const std::size_t plain = copy_plain(at, end, out);
      at += plain;
      out += plain;
      if (at == end || *at != '\\') continue;
      at += undo_one({at, static_cast<std::size_t>(end - at)}, *out++);
    }
    room.resize(static_cast<std::size_t>(out - room.data()));
  }
  /// Copies up to eight bytes, none of them a backslash. A body is full of escaped quotes: calls for each would cost
  /// more than the copying. `out` has as much room as is left to read.
  static std::size_t copy_plain(const char* at, const char* end, char* out) {
    if constexpr (std::endian::native == std::endian::little) {
      if (end - at >= 8) {
        constexpr std::uint64_t ones = 0x0101010101010101, highs = 0x8080808080808080;
        std::uint64_t word;
        std::memcpy(&word, at, sizeof word);
        std::memcpy(out, &word, sizeof word);
        const std::uint64_t differs = word ^ (ones * '\\');
        const std::uint64_t stop = (differs - ones) & ~differs & highs;
        return stop == 0 ? sizeof word : static_cast<std::size_t>(std::countr_zero(stop)) / 8;
      }
    }
    if (*at == '\\') return 0;
    *out = *at;
    return 1;
  }
  /// `raw` is canonical, so it contains only complete, known escapes.
  static std::size_t undo_one(std::string_view raw, char& out) {
    constexpr std::string_view letters = "bfnrt", meanings = "\b\f\n\r\t";
    int code = raw[1];
    if (code == 'u')
      std::from_chars(raw.data() + 4, raw.data() + 6, code, 16);
    else if (const auto at = letters.find(raw[1]); at != letters.npos)
      code = meanings[at];
    out = static_cast<char>(code);
    return raw[1] == 'u' ? 6 : 2;
  }
  std::string_view rest_;
};

/// Bytes that are not UTF-8 were tampered with. They are replaced here, and their digest reveals them.
void append_quoted(std::string& out, std::string_view text) { out += to_text(Json(text)); }

}  // namespace

void append_header_line(std::string& out, const Verifier::Chain& chain, const std::vector<PublicKey>& keys) {
  out.append(kExportMagic).append(R"(2,"instance_id":")").append(chain.instance_id);
  out.append(R"(","tenant":")").append(chain.tenant).append(R"(","env":")").append(chain.env);
  out.append(R"(","checkpoint_keys":[)");
  for (const auto& key : keys) out.append(&key == keys.data() ? "\"" : ",\"").append(key.text()).append("\"");
  out.append("]}\n");
}

void append_row_line(std::string& out, const store::AuditRow& row) {
  out.append(R"({"seq":)").append(std::to_string(row.seq)).append(R"(,"body":)");
  append_quoted(out, row.body);
  out.append(R"(,"details":)").append(row.details ? *row.details : "null");
  out.append(R"(,"prev_hash":")").append(row.prev_hash).append(R"(","hash":")").append(row.hash).append("\"}\n");
}

void append_note_line(std::string& out, std::string_view note) {
  out.append(R"({"checkpoint":)");
  append_quoted(out, note);
  out.append("}\n");
}

void append_end_line(std::string& out, std::int64_t rows, std::string_view head) {
  out.append(R"({"end":true,"rows":)").append(std::to_string(rows));
  out.append(R"(,"head":")").append(head).append("\"}\n");
}

void ExportVerifier::take(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::size_t end = bytes.find('\n');
    if (end == bytes.npos) {
      if (pending_.size() < kLineBytesMax) pending_.append(bytes);
      return;
    }
    if (pending_.empty()) {
      line(bytes.substr(0, end));
    } else {
      pending_.append(bytes.substr(0, end));
      line(pending_);
      pending_.clear();
    }
    bytes.remove_prefix(end + 1);
  }
}

void ExportVerifier::line(std::string_view text) {
  switch (stage_) {
    case Stage::header:
      return header(text);
    case Stage::rows:
      return record(text);
    case Stage::ended:
      return found(Fault::trailing_data, pipeline_->next_seq());
    case Stage::unreadable:
      return;
  }
}

void ExportVerifier::header(std::string_view text) {
  Line read(text);
  std::int64_t version = 0;
  std::string_view instance, tenant, env;
  std::vector<std::string_view> texts;
  const bool whole = read.word(kExportMagic) && read.number(version) && read.word(R"(,"instance_id":)") &&
                     read.plain(instance) && read.word(R"(,"tenant":)") && read.plain(tenant) &&
                     read.word(R"(,"env":)") && read.plain(env) &&
                     (version == 1 ? read.word(R"(,"checkpoint_key":)") && read.plain(texts.emplace_back())
                                   : version == 2 && read.word(R"(,"checkpoint_keys":)") && read.plain_list(texts)) &&
                     read.word("}") && read.done();
  Keys keys{.known = {}, .trusted = kept_.key};
  for (const auto each : texts) {
    const auto key = PublicKey::parse(each);
    if (key && key->name == "nexusd/" + std::string(instance)) keys.known.push_back(*key);
  }
  if (!whole || keys.known.size() != texts.size()) {
    stage_ = Stage::unreadable;
    return;
  }
  chain_ = Verifier::Chain{std::string(instance), std::string(tenant), std::string(env)};
  verifier_.emplace(*chain_, std::move(keys));
  for (const auto& note : kept_.notes) verifier_->keep(note);
  for (const auto& [seq, hash] : kept_.receipts) verifier_->keep(seq, hash);
  pipeline_.emplace(*verifier_);
  stage_ = Stage::rows;
}

void ExportVerifier::record(std::string_view text) {
  Line read(text);
  store::AuditRow row;
  std::string_view value, prev_hash, hash;
  if (read.word(R"({"seq":)")) {
    const bool whole = read.number(row.seq) && read.word(R"(,"body":)") && read.text(row.body) &&
                       read.word(R"(,"details":)") && read.value(value) && read.word(R"(,"prev_hash":)") &&
                       read.plain(prev_hash) && read.word(R"(,"hash":)") && read.plain(hash) && read.word("}") &&
                       read.done();
    if (!whole) return found(Fault::not_canonical, pipeline_->next_seq());
    row.prev_hash = prev_hash;
    row.hash = hash;
    if (value != "null") row.details = value;
    return pipeline_->row(std::move(row), Source::exported);
  }
  if (read.word(R"({"checkpoint":)")) {
    if (read.text(scratch_) && read.word("}") && read.done()) {
      const auto checkpoint = parse_note(scratch_);
      if (checkpoint && checkpoint->size > rows()) found(Fault::reorder, checkpoint->size);
      return pipeline_->note(scratch_);
    }
  } else if (read.word(R"({"end":true,"rows":)")) {
    std::int64_t rows = 0;
    if (read.number(rows) && read.word(R"(,"head":)") && read.plain(value) && read.word("}") && read.done()) {
      stage_ = Stage::ended;
      pipeline_->drain();
      return verifier_->end(rows, value);
    }
  }
  found(Fault::not_canonical, pipeline_->next_seq());
}

void ExportVerifier::found(Fault fault, std::int64_t seq) {
  pipeline_->drain();
  verifier_->found(fault, seq);
}

Report ExportVerifier::finish() {
  if (!verifier_) {
    Report report;
    report.findings_total = 1;
    report.findings = {{stage_ == Stage::header ? Fault::truncated : Fault::not_canonical, 0}};
    return report;
  }
  pipeline_->drain();
  if (stage_ == Stage::ended && !pending_.empty()) found(Fault::trailing_data, verifier_->next_seq());
  if (stage_ != Stage::ended) found(Fault::truncated, verifier_->next_seq());
  return verifier_->finish();
}

}  // namespace nexus::audit
