#include "cli/commands/audit_database.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>

#include "cli/engine/failure.hpp"
#include "daemon/audit/succession.hpp"
#include "daemon/base/bytes.hpp"
#include "daemon/base/file.hpp"
#include "store/audit_log.hpp"
#include "store/identity.hpp"
#include "store/sqlite/connection.hpp"

namespace nexus::cli {
namespace {

// ---- what a file is -------------------------------------------------------------------------------------------------

constexpr std::size_t kPieceBytes = 1 << 20;
constexpr std::size_t kHeaderBytes = 100;  // of an SQLite file; the application id is at 68
constexpr std::string_view kSqlite{"SQLite format 3\0", 16};

Fd open_source(const std::string& file) {
  const bool standard_input = file == "-";
  Fd fd(standard_input ? ::dup(STDIN_FILENO) : ::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) throw usage_error("cannot read " + file + ": " + std::strerror(errno));
  struct stat info {};
  if (::fstat(fd.get(), &info) == 0 && S_ISDIR(info.st_mode)) throw usage_error(file + " is a directory");
  return fd;
}

/// Reads as many bytes as the buffer holds, fewer only at the end.
std::string_view fill(const Fd& fd, const std::string& file, std::string& buffer) {
  std::size_t have = 0;
  while (have < buffer.size()) {
    const ssize_t got = ::read(fd.get(), buffer.data() + have, buffer.size() - have);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw usage_error("cannot read " + file + ": " + std::strerror(errno));
    if (got == 0) break;
    have += static_cast<std::size_t>(got);
  }
  return std::string_view(buffer).substr(0, have);
}

/// True for ours, and for a file that does not say yet: the mark of a young database may be in its log alone.
bool may_be_ours(std::string_view header) {
  if (header.size() < kHeaderBytes) return false;
  const std::string_view mark = header.substr(68, 4);
  return mark == "NXUS" || mark == std::string_view("\0\0\0\0", 4);
}

/// Returns nothing when an export begins so, or could.
bool begins_as_export(std::string_view begin) {
  const std::string_view magic = audit::kExportMagic;
  if (begin.size() < magic.size()) return !begin.empty() && magic.starts_with(begin);
  const std::string_view version = begin.substr(magic.size());
  return begin.starts_with(magic) && (version.empty() || version.starts_with("1,") || version.starts_with("2,") ||
                                      version == "1" || version == "2");
}

/// What a file is, in a word for people, and how such a file is verified.
struct Kind {
  std::string what, remedy;
};

/// Judges by the first bytes.
Kind kind_of(std::string_view begin) {
  if (begin.empty()) return {"empty", ""};
  if (begin.starts_with(kSqlite))
    return may_be_ours(begin) ? Kind{"a database", "nexusctl audit verify --database FILE"}
                              : Kind{"a database of another program", ""};
  if (begin.starts_with("\x1f\x8b")) return {"compressed", "gunzip -c FILE | nexusctl audit verify -"};
  if (begin.starts_with("\x28\xb5\x2f\xfd")) return {"compressed", "zstd -dc FILE | nexusctl audit verify -"};
  if (begin.starts_with("\xfd"
                        "7zXZ"))
    return {"compressed", "xz -dc FILE | nexusctl audit verify -"};
  if (begin.starts_with("BZh")) return {"compressed", "bzip2 -dc FILE | nexusctl audit verify -"};
  if (begin.starts_with("nexusd/")) return {"a checkpoint", "nexusctl audit verify --checkpoint FILE"};
  if (begins_as_export(begin)) return {"an export of an audit log", "nexusctl audit verify FILE"};
  if (begin.starts_with(audit::kExportMagic))
    return {"an export of a version that this nexusctl does not know: it reads 1 and 2", ""};
  return {"something else", "nexusctl audit export --out FILE"};
}

Failure stranger(const std::string& file, const std::string& wanted, std::string_view begin) {
  const Kind kind = kind_of(begin);
  return usage_error((file == "-" ? "standard input" : file) + " is no " + wanted + ": it is " + kind.what,
                     kind.remedy);
}

/// Throws a usage error unless this is a database of ours.
void require_database(const std::filesystem::path& file) {
  if (file == "-") throw usage_error("a database is no stream: give its file");
  const Fd fd = open_source(file);
  std::string buffer(kHeaderBytes, '\0');
  const std::string_view header = fill(fd, file, buffer);
  if (!header.starts_with(kSqlite) || !may_be_ours(header)) throw stranger(file, "database of Nexus", header);
}

// ---- a database -----------------------------------------------------------------------------------------------------

constexpr std::int64_t kPageRows = 10000;

using ChainName = std::pair<std::string, std::string>;  // tenant and env; both empty: over all chains
using RowProgress = std::function<void(std::int64_t)>;

/// Rows that a kept note over all chains names, once its root proved them. They prove as much as receipts.
using ProvedRows = std::multimap<ChainName, std::pair<std::int64_t, std::string>>;

void give_tree(const store::Reader& reader, const audit::Verifier::Chain& chain, audit::Verifier& verifier) {
  const auto tree = store::find_row<store::kAuditTree>(reader, chain.realm()).value_or(store::AuditTree{});
  auto nodes = audit::parse_nodes(tree.range);
  if (!nodes) return verifier.found(audit::Fault::not_canonical, tree.size);
  verifier.range(tree.size, std::move(*nodes));
}

/// Judges the notes over all chains. Each must be signed and chained to the one before it. The newest one, and every
/// kept one, must match the heads that the chains had at its time. A chain that vanished whole is missed here.
class OverAll {
 public:
  OverAll(const store::Reader& reader, std::string instance_id, audit::Keys keys)
      : reader_(reader), instance_id_(std::move(instance_id)), signers_(std::move(keys)) {}

  void keep(const std::string& note) { kept_[sha256(note)] = note; }
  bool has_kept() const { return !kept_.empty(); }

  ProvedRows read() {
    std::optional<store::AuditNote> newest;
    store::scan_audit_notes(reader_, {.tenant = "", .env = ""}, [&](const store::AuditNote& note) {
      judge(note);
      if (kept_.erase(prev_) > 0) meet(note, true);
      newest = note;
    });
    if (newest) meet(*newest, false);
    for (const auto& [digest, note] : kept_) missing(note);
    return std::move(proved_);
  }
  audit::Report finish() {
    signers_.finish([this](std::int64_t size) { found(audit::Fault::bad_signature, size); });
    report_.signers = signers_.all();
    return report_;
  }
  void replaced(std::string_view key) { signers_.replaced(key, 0); }

 private:
  void found(audit::Fault fault, std::int64_t size) {
    ++report_.findings_total;
    report_.findings.push_back({fault, size});
  }
  void judge(const store::AuditNote& note) {
    const auto checkpoint = audit::parse_note(note.note);
    if (!checkpoint || !signers_.take(note.note, *checkpoint)) found(audit::Fault::bad_signature, note.size);
    if (checkpoint && checkpoint->origin != "nexusd/" + instance_id_) found(audit::Fault::fork, note.size);
    if (checkpoint && checkpoint->prev != prev_) found(audit::Fault::bad_prev, note.size);
    if (checkpoint && checkpoint->time < time_) found(audit::Fault::clock_back, note.size);
    prev_ = sha256(note.note);
    if (checkpoint) time_ = checkpoint->time;
    ++report_.notes;
  }
  /// The newest note of each chain that is not younger gives the chain's head at that time.
  void meet(const store::AuditNote& note, bool kept) {
    const auto checkpoint = audit::parse_note(note.note);
    if (!checkpoint) return;
    std::vector<std::string> lines;
    ProvedRows heads;
    for (const auto& name : store::list_audit_chains(reader_)) {
      const auto size = store::find_audit_note_size_at(reader_, {.tenant = name.first, .env = name.second}, note.at);
      if (!size) continue;
      const auto row = store::find_audit_row(reader_, {.tenant = name.first, .env = name.second}, *size);
      const std::string hash = row ? row->hash : "";
      lines.push_back(name.first + "\n" + name.second + "\n" + std::to_string(*size) + "\n" + hash + "\n");
      heads.insert({name, {*size, hash}});
    }
    std::ranges::sort(lines);
    if (checkpoint->size != static_cast<std::int64_t>(lines.size()) || checkpoint->root != audit::merkle_root(lines))
      return found(audit::Fault::fork, note.size);
    report_.signed_rows = checkpoint->size;
    if (!kept) return;
    report_.kept_rows = std::max(report_.kept_rows, checkpoint->size);
    proved_.merge(heads);
  }
  /// A kept note that the file no longer has: its rows were cut, or written anew.
  void missing(const std::string& note) {
    const auto checkpoint = audit::parse_note(note);
    const bool ours = !signers_.judged() || signers_.is_signed_by_known(note);
    found(ours ? audit::Fault::truncated : audit::Fault::bad_signature, checkpoint ? checkpoint->size : 0);
  }

  const store::Reader& reader_;
  std::string instance_id_;
  audit::Signers signers_;
  Digest prev_{};
  std::string time_;
  std::map<Digest, std::string> kept_;
  ProvedRows proved_;
  audit::Report report_;
};

class DatabaseVerifier {
 public:
  DatabaseVerifier(const store::Reader& reader, std::string instance_id, audit::Keys keys, const audit::Kept& kept,
                   const RowProgress& progress)
      : reader_(reader),
        instance_id_(std::move(instance_id)),
        keys_(std::move(keys)),
        receipts_(kept.receipts),
        progress_(progress),
        over_all_(reader, instance_id_, keys_) {
    for (const auto& note : kept.notes) sort(note);
  }

  std::vector<DatabaseVerdict> run(const std::optional<std::string>& tenant, const std::optional<std::string>& env) {
    const bool whole = (!tenant && !env) || over_all_.has_kept();
    const auto proved = over_all_.read();
    for (const auto& name : store::list_audit_chains(reader_)) names_[name];
    for (const auto& [name, notes] : names_) {
      const bool named = (!tenant || name.first == *tenant) && (!env || name.second == *env);
      if (whole || named || !notes.empty()) verify(name, notes, proved);
    }
    if (whole) add({instance_id_, "", ""}, over_all_.finish());
    return std::move(verdicts_);
  }

 private:
  /// Assigns each kept note to its chain; a note of another installation is a verdict by itself.
  void sort(const std::string& note) {
    const auto checkpoint = audit::parse_note(note);
    const auto of = checkpoint ? audit::chain_of(checkpoint->origin) : std::nullopt;
    if (of && of->instance_id == instance_id_ && of->tenant.empty()) return over_all_.keep(note);
    if (of && of->instance_id == instance_id_) return names_[{of->tenant, of->env}].push_back(note);
    audit::Report report;
    report.findings_total = 1;
    report.findings = {{audit::Fault::fork, checkpoint ? checkpoint->size : 0}};
    add(of.value_or(audit::Verifier::Chain{}), std::move(report));
  }
  void add(const audit::Verifier::Chain& chain, audit::Report report) {
    verdicts_.push_back({chain, std::move(report), !keys_.known.empty() || keys_.trusted});
  }
  void verify(const ChainName& name, const std::vector<std::string>& notes, const ProvedRows& proved) {
    const audit::Verifier::Chain chain{instance_id_, name.first, name.second};
    audit::Verifier verifier(chain, keys_);
    for (const auto& note : notes) verifier.keep(note);
    for (const auto& [seq, hash] : receipts_) verifier.keep(seq, hash);
    const auto [first, last] = proved.equal_range(name);
    std::for_each(first, last, [&](const auto& each) { verifier.keep(each.second.first, each.second.second); });
    give_tree(reader_, chain, verifier);
    read_rows(chain, verifier);
    const auto head = store::find_audit_head(reader_, chain.realm());
    if (head)
      verifier.end(head->seq, head->hash);
    else
      verifier.end(0, audit::genesis_hash(chain.instance_id, chain.realm()));
    auto report = verifier.finish();
    for (const auto& [key, seq] : report.replacements) over_all_.replaced(key);
    add(chain, std::move(report));
  }
  void read_rows(const audit::Verifier::Chain& chain, audit::Verifier& verifier) {
    audit::VerifyPipeline pipeline(verifier);
    store::AuditScan scan(chain.realm());
    const auto take_row = [&](store::AuditRow&& row) { pipeline.row(std::move(row), audit::Source::table); };
    const auto take_note = [&](const store::AuditNote& note) { pipeline.note(note.note); };
    while (scan.page(reader_, kPageRows, take_row, take_note)) progress_(pipeline.next_seq() - 1);
    pipeline.drain();
  }

  const store::Reader& reader_;
  std::string instance_id_;
  audit::Keys keys_;
  std::vector<std::pair<std::int64_t, std::string>> receipts_;
  const RowProgress& progress_;
  OverAll over_all_;
  std::map<ChainName, std::vector<std::string>> names_;  // of every chain, with the kept notes of it
  std::vector<DatabaseVerdict> verdicts_;
};

audit::Keys keys_of(const store::Reader& reader, const std::filesystem::path& file, const audit::Kept& kept) {
  audit::Keys keys{.known = audit::list_checkpoint_keys(reader), .trusted = kept.key};
  if (const auto beside = key_beside(file)) {
    const auto same = [&](const audit::PublicKey& key) { return key.text() == beside->text(); };
    if (std::ranges::none_of(keys.known, same)) keys.known.push_back(*beside);
  }
  return keys;
}

}  // namespace

void read_export(const std::string& file, const std::function<void(std::string_view)>& take) {
  const Fd fd = open_source(file);
  std::string buffer(kPieceBytes, '\0');
  std::string_view piece = fill(fd, file, buffer);
  if (!begins_as_export(piece)) throw stranger(file, "export of an audit log", piece);
  for (; !piece.empty(); piece = fill(fd, file, buffer)) take(piece);
}

std::optional<audit::PublicKey> key_beside(const std::filesystem::path& file) {
  try {
    const std::string text = read_file(file.parent_path() / "keys" / "checkpoint.key", 4096);
    const auto key = audit::SigningKey::parse(trim_ascii(text));
    return key ? std::optional(key->public_key()) : std::nullopt;
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

std::vector<DatabaseVerdict> verify_database(const std::filesystem::path& file, const audit::Kept& kept,
                                             const std::optional<std::string>& tenant,
                                             const std::optional<std::string>& env, const RowProgress& progress) {
  require_database(file);
  try {
    store::Connection connection({.path = file, .read_only = true, .offline = true});
    connection.execute("BEGIN");
    const store::Reader reader(connection);
    const auto instance = store::find_meta(reader, "instance_id");
    if (!instance) throw usage_error(file.string() + " is no database of Nexus that was ever used");
    return DatabaseVerifier(reader, *instance, keys_of(reader, file, kept), kept, progress).run(tenant, env);
  } catch (const store::Error& error) {
    const bool damaged = error.failure == store::Failure::corrupt;
    throw Failure(damaged ? Exit::audit_broken : Exit::usage,
                  file.string() + (damaged ? " is damaged: " : " cannot be read: ") + error.what());
  } catch (const store::SchemaError& error) {
    throw usage_error(error.what());
  }
}

}  // namespace nexus::cli
