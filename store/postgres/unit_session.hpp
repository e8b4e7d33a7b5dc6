// What a unit of the writer works on: the lane's session, in which a statement that names a table of heads (heads.hpp)
// finds it written.
#pragma once
#include "store/heads.hpp"
#include "store/postgres/session.hpp"

namespace nexus::store {

class UnitSession final : public Session {
 public:
  UnitSession(PostgresSession& session, Heads& heads) : session_(session), heads_(heads) {}

  Cursor& start(std::string_view sql, std::span<const Argument> arguments) override {
    write_heads_for(sql);
    return session_.start(sql, arguments);
  }
  std::int64_t run(std::string_view sql, std::span<const Argument> arguments) override {
    write_heads_for(sql);
    return session_.run(sql, arguments);
  }
  std::int64_t changed_by(std::int64_t run) override { return session_.changed_by(run); }
  const FullText& full_text() const override { return session_.full_text(); }
  std::int64_t count_rows(std::string_view table, bool by_number) override {
    return session_.count_rows(table, by_number);
  }

 private:
  void write_heads_for(std::string_view sql) {
    if (sql.find("_heads") != std::string_view::npos) heads_.write();
  }

  PostgresSession& session_;
  Heads& heads_;
};

}  // namespace nexus::store
