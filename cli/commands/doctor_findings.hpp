// The findings of `nexusctl doctor`: those that the daemon tells, and those that only a client can make. The form is
// that of GET /doctor.
#pragma once
#include <string>

#include "cli/engine/session.hpp"

namespace nexus::cli {

class DoctorFindings {
 public:
  /// `document` is the answer of GET /doctor. Throws a Failure (server_error) for another document.
  explicit DoctorFindings(Json document);

  /// `severity` is ok, note, warning or error; `remedy` may be empty.
  void add(const char* id, const char* severity, const std::string& found, const std::string& remedy = {});
  /// Whether there is a warning or an error.
  bool found_fault() const;
  /// {"ok","findings":[…]}
  Json json() const;
  /// For people: a line for each, and below it what mends it.
  std::string text() const;

 private:
  Json document_;
};

/// What a client sees of a proxy in front of the session's daemon, reached under `address`. Asks it as a viewer, by a
/// token of 60 s that is revoked before this returns. The token is sent to nobody but a daemon that names the same
/// instance. Throws a usage error for an address that is none.
void probe_proxy(Session& session, const std::string& address, DoctorFindings& findings);

}  // namespace nexus::cli
