// What the tests of PostgreSQL share: one server for the whole run, and a connection with all that stands on it.
#pragma once
#include <functional>
#include <string>

#include "store/postgres/session.hpp"
#include "store/rows.hpp"
#include "tests/catch.hpp"
#include "tests/support/postgres_server.hpp"

namespace nexus::store::test {

inline nexus::test::PostgresServer& server() {
  static nexus::test::PostgresServer running;
  return running;
}

inline LinkOptions link_options() { return {.url = server().url()}; }

struct OpenLink {
  explicit OpenLink(const LinkOptions& options = link_options()) : link(options) {}

  std::int64_t integer(std::string_view sql) { return integer_of(tx.query(sql)); }

  Link link;
  PostgresSession session{link};
  Tx tx{session};
};

/// Has the statement run now.
inline std::int64_t now(Changed changed) { return changed; }

/// What the failure of a call is; `none` when it does not fail.
inline Failure failure_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& error) {
    UNSCOPED_INFO(error.what());
    return error.failure;
  }
  return Failure::none;
}

}  // namespace nexus::store::test
