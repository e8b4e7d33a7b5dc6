// The strict envs: there an unconfigured gate refuses instead of letting pass. prod is always strict.
#pragma once
#include <vector>

#include "daemon/base/ids.hpp"

namespace nexus::gates {

class Strictness {
 public:
  explicit Strictness(const std::vector<Env>& strict = {Env::staging, Env::prod}) {
    for (const Env env : strict) set_[static_cast<std::size_t>(env)] = true;
    set_[static_cast<std::size_t>(Env::prod)] = true;
  }
  bool operator()(Env env) const { return set_[static_cast<std::size_t>(env)]; }

 private:
  bool set_[3] = {};
};

}  // namespace nexus::gates
