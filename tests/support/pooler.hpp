// pgbouncer before a PostgreSQL of the test, on a unix socket of its own. Its package is not among those that tests
// install: it would begin to serve on the developer's machine.
#pragma once
#include <string>

#include "tests/support/postgres_server.hpp"

namespace nexus::test {

class Pooler {
 public:
  static bool is_installed();

  /// `mode`: session, transaction or statement. Throws std::runtime_error, with its log, when it does not come.
  Pooler(const PostgresServer& server, const std::string& mode);
  ~Pooler();
  Pooler(const Pooler&) = delete;
  Pooler& operator=(const Pooler&) = delete;

  std::string url(const std::string& database) const;

 private:
  TemporaryDirectory directory_;
  pid_t pid_ = -1;
};

}  // namespace nexus::test
