#include "store/postgres/connecting.hpp"

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <utility>
#include <vector>

#include "daemon/base/file.hpp"
#include "daemon/base/text.hpp"

#include "store/error.hpp"
#include "store/postgres/libpq.hpp"

namespace nexus::store {
namespace {

constexpr int kVersionMin = 150000;
constexpr std::size_t kPasswordFileBytesMax = 4096;

// libpq's words and units: seconds, but milliseconds for tcp_user_timeout. A server that is gone without a word is
// noticed within 10 s.
constexpr std::pair<const char*, const char*> kDefaults[] = {{"fallback_application_name", "nexusd"},
                                                             {"tcp_user_timeout", "10000"},
                                                             {"keepalives", "1"},
                                                             {"keepalives_idle", "4"},
                                                             {"keepalives_interval", "2"},
                                                             {"keepalives_count", "3"}};
constexpr const char* kConnectTimeout = "5";

/// What libpq complains of is not repeated: it may quote the address with its password.
void require_address(const std::string& url) {
  char* complaint = nullptr;
  PQconninfoOption* parsed = libpq().PQconninfoParse(url.c_str(), &complaint);
  libpq().PQfreemem(complaint);
  if (parsed == nullptr)
    throw SchemaError("the database's address is not one that libpq understands: write postgresql://HOST/DATABASE");
  libpq().PQconninfoFree(parsed);
}

std::optional<std::string> read_password(const std::filesystem::path& path) {
  if (path.empty()) return std::nullopt;
  try {
    const std::string text = read_file(path, kPasswordFileBytesMax);
    return text.substr(0, text.find_first_of("\r\n"));  // blanks belong to it
  } catch (const std::exception& error) {
    throw SchemaError("the password of the database cannot be read (" + std::string(error.what()) + "): check " +
                      path.string());
  }
}

constexpr const char* kPooler =
    "a pooler (pgbouncer or the like) stands before the database's server, and a session through it is not one: give "
    "nexusd the address of the server itself";

/// A text in the server's language follows its severity and two blanks; libpq's own has no such place.
bool is_of_server(std::string_view complaint) { return complaint.find(":  ") != std::string_view::npos; }

/// libpq tells a refusal's code only when it was told to, which needs a connection: so it asks a second time. Throws
/// unless that succeeds.
void ask_with_codes(pg_conn* connection) {
  const Libpq& pq = libpq();
  const std::string complaint = one_line(pq.PQerrorMessage(connection));
  if (complaint.find("nsupported startup parameter") != std::string::npos) throw SchemaError(kPooler);
  if (is_of_server(complaint)) {
    pq.PQsetErrorVerbosity(connection, PQERRORS_SQLSTATE);
    pq.PQreset(connection);
    if (pq.PQstatus(connection) == CONNECTION_OK) {
      pq.PQsetErrorVerbosity(connection, PQERRORS_DEFAULT);
      return;
    }
    if (is_not_yet(one_line(pq.PQerrorMessage(connection)))) throw ServerNotYet("postgres: " + complaint);
    throw ServerRefused("postgres: " + complaint);
  }
  throw Error(Failure::unreachable, "postgres: " + complaint);
}

}  // namespace

bool is_not_yet(std::string_view complaint) {
  constexpr std::string_view codes[] = {"53300", "57P03"};  // too many connections; it starts or recovers
  return std::ranges::any_of(codes, [&](std::string_view code) {
    const auto at = complaint.find(code);
    return at != std::string_view::npos && at >= 3 && complaint.substr(at - 3, 3) == ":  ";
  });
}

void require_no_pooler(int ours, std::string_view theirs) {
  if (std::to_string(ours) != theirs) throw SchemaError(kPooler);
}

void FinishConnection::operator()(pg_conn* connection) const noexcept { libpq().PQfinish(connection); }

std::string one_line(std::string_view message) {
  std::string out(trim_ascii(message));
  for (char& character : out)
    if (character == '\n' || character == '\t') character = ' ';
  return out;
}

void require_usable_server(int version, std::string_view encoding) {
  if (version < kVersionMin)
    throw SchemaError("the database's server is PostgreSQL " + std::to_string(version / 10000) +
                      ": use PostgreSQL 15 or later");
  if (encoding != "UTF8")
    throw SchemaError("the database is encoded in " + std::string(encoding) +
                      ": create it with ENCODING 'UTF8' and TEMPLATE template0");
}

ConnectionHandle connect_to_server(const LinkOptions& options) {
  const Libpq& pq = libpq();
  require_address(options.url);
  const std::optional<std::string> password = read_password(options.password_file);
  std::vector<const char*> keys, values;
  const auto add = [&](const char* key, const char* value) {
    keys.push_back(key);
    values.push_back(value);
  };
  // Of two values of one key, the later counts: the address overrides what stands before it.
  for (const auto& [key, value] : kDefaults) add(key, value);
  if (std::getenv("PGCONNECT_TIMEOUT") == nullptr) add("connect_timeout", kConnectTimeout);
  add("dbname", options.url.c_str());
  add("client_encoding", "UTF8");
  if (password) add("password", password->c_str());
  add(nullptr, nullptr);
  ConnectionHandle connection(pq.PQconnectdbParams(keys.data(), values.data(), 1));
  if (connection == nullptr) throw Error(Failure::no_memory, "libpq has no memory for a connection");
  if (pq.PQstatus(connection.get()) != CONNECTION_OK) ask_with_codes(connection.get());
  const char* encoding = pq.PQparameterStatus(connection.get(), "server_encoding");
  require_usable_server(pq.PQserverVersion(connection.get()), encoding != nullptr ? encoding : "an unknown way");
  return connection;
}

}  // namespace nexus::store
