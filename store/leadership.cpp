#include "store/leadership.hpp"

namespace nexus::store {
namespace {

class Sole final : public Leadership {
 public:
  std::optional<std::int64_t> term() const override { return 1; }
  void require(Tx& /*tx*/, std::int64_t /*term*/) const override {}
  bool is_shared() const override { return false; }
  std::int64_t daemons() const override { return 1; }
  std::uint64_t applied_elsewhere() const override { return 0; }
  std::string agreed_key() const override { return {}; }
};

}  // namespace

const Leadership& sole_leadership() {
  static const Sole sole;
  return sole;
}

Unit as_leader(const Leadership& leadership, std::optional<std::int64_t> term, Unit unit) {
  if (!term) throw NotLeader();
  return [&leadership, term = *term, unit = std::move(unit)](Tx& tx) {
    leadership.require(tx, term);
    unit(tx);
  };
}

}  // namespace nexus::store
