// Learns what a unit will ask: its statements find nothing, and are asked ahead on another session.
#pragma once
#include "store/postgres/session.hpp"

namespace nexus::store {

class AskingSession final : public Session {
 public:
  explicit AskingSession(PostgresSession& session) : session_(session) {}

  Cursor& start(std::string_view sql, std::span<const Argument> arguments) override {
    session_.ask_ahead(sql, arguments);
    return nothing_;
  }
  std::int64_t run(std::string_view, std::span<const Argument>) override {
    throw std::logic_error("a write where a unit only says what it will read");
  }
  std::int64_t changed_by(std::int64_t) override { return 0; }
  const FullText& full_text() const override { return session_.full_text(); }
  std::int64_t count_rows(std::string_view, bool) override { return 0; }

 private:
  struct Nothing final : Cursor {
    bool next() override { return false; }
    bool is_null(int) const override { return true; }
    std::int64_t integer(int) const override { return 0; }
    double real(int) const override { return 0; }
    std::string_view text(int) const override { return {}; }
    void release() noexcept override {}
  };

  PostgresSession& session_;
  Nothing nothing_;
};

}  // namespace nexus::store
