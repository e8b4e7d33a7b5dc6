#include "cli/commands/audit_database.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "cli/engine/failure.hpp"
#include "daemon/audit/succession.hpp"
#include "daemon/base/bytes.hpp"
#include "daemon/base/database_address.hpp"
#include "daemon/base/file.hpp"
#include "store/identity.hpp"
#include "store/postgres/session.hpp"
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

std::vector<audit::PublicKey> keys_of(const store::Reader& reader, const std::filesystem::path& file) {
  auto keys = audit::list_checkpoint_keys(reader);
  if (const auto beside = key_beside(file)) {
    const auto same = [&](const audit::PublicKey& key) { return key.text() == beside->text(); };
    if (std::ranges::none_of(keys, same)) keys.push_back(*beside);
  }
  return keys;
}

using Verify = std::function<std::vector<audit::ChainVerdict>(const store::Reader&, std::vector<audit::PublicKey>)>;

std::vector<audit::ChainVerdict> in_file(const DatabaseName& database, const Verify& verify) {
  const std::filesystem::path file = database.text;
  if (!database.password_file.empty())
    throw usage_error("--database-password-file belongs to a database of PostgreSQL");
  require_database(file);
  store::Connection connection({.path = file, .read_only = true, .offline = true});
  connection.execute("BEGIN");
  const store::Reader reader(connection);
  return verify(reader, keys_of(reader, file));
}

void require_secret(const std::filesystem::path& file) {
  struct stat info {};
  if (::stat(file.c_str(), &info) != 0) throw usage_error("cannot read " + file.string() + ": " + std::strerror(errno));
  if ((info.st_mode & (S_IRWXG | S_IRWXO)) != 0)
    throw usage_error(file.string() + " may be opened by others", "chmod 600 " + file.string());
}

std::vector<audit::ChainVerdict> on_server(const DatabaseName& database, const Verify& verify) {
  if (holds_password(database.text))
    throw usage_error(
        "--database holds a password, which everybody sees in the list of processes: a file, ~/.pgpass or a service "
        "file "
        "may hold it",
        "nexusctl audit verify --database postgresql://HOST/NAME --database-password-file FILE");
  if (!database.password_file.empty()) require_secret(database.password_file);
  // Rows are verified between two questions, for as long as that takes.
  store::Link link({.url = database.text,
                    .password_file = database.password_file,
                    .idle_in_transaction = std::chrono::milliseconds(0),
                    .patience = std::chrono::minutes(10)});
  store::PostgresSession session(link);
  session.begin(store::Isolation::snapshot);
  const store::Reader reader(session);
  if (!reader
           .query("SELECT 1 FROM pg_class WHERE relname = 'audit_rows' AND relnamespace = "
                  "CAST(current_schema() AS regnamespace)")
           .next())
    throw usage_error(without_password(database.text) + " is no database of Nexus");
  auto verdicts = verify(reader, audit::list_checkpoint_keys(reader));
  session.rollback();
  return verdicts;
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

std::vector<audit::ChainVerdict> verify_database(const DatabaseName& database, const audit::Kept& kept,
                                                 const std::optional<std::string>& tenant,
                                                 const std::optional<std::string>& env,
                                                 const std::function<void(std::int64_t rows)>& progress) {
  const std::string shown = without_password(database.text);
  const auto verify = [&](const store::Reader& reader, std::vector<audit::PublicKey> keys) {
    const auto instance = store::find_meta(reader, "instance_id");
    if (!instance) throw usage_error(shown + " is no database of Nexus that was ever used");
    return audit::verify_store(reader, *instance, std::move(keys), kept, {tenant, env}, progress);
  };
  try {
    return is_postgres_address(database.text) ? on_server(database, verify) : in_file(database, verify);
  } catch (const store::Error& error) {
    const bool damaged = error.failure == store::Failure::corrupt;
    const Exit exit = error.failure == store::Failure::unreachable ? Exit::unreachable : Exit::usage;
    throw Failure(damaged ? Exit::audit_broken : exit,
                  shown + (damaged ? " is damaged: " : " cannot be read: ") + error.what());
  } catch (const store::SchemaError& error) {
    throw usage_error(error.what());
  }
}

}  // namespace nexus::cli
