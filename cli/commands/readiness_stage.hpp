// The tenant, the users and the tokens of one run of `nexusctl readiness`: set up before the first item, and struck
// after the last one, also when the run breaks off.
#pragma once
#include <string>
#include <vector>

#include "cli/commands/readiness_walk.hpp"

namespace nexus::cli::readiness {

class Stage {
 public:
  explicit Stage(Walk& walk) : walk_(walk) {}
  ~Stage();
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;

  /// Makes what is missing, and the tokens; lifts what a run that was killed left. Throws a Failure (conflict) for a
  /// tenant or user of that name that no run has made.
  void set();
  /// Deletes what was made, lifts what stops, revokes every token and disables the tenant. Each step is tried. Returns
  /// what could not be done; empty means that all was.
  std::vector<std::string> strike();

 private:
  void make_tenant_active();
  void make_user(const char* user_id);
  std::string make_token(const Json& body, std::string* id);
  void lift();

  Walk& walk_;
  bool stands_ = false;
};

}  // namespace nexus::cli::readiness
