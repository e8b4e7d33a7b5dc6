// The address of the store's database as people write it: `postgresql://…`, `postgres://…`, or `service=NAME` of
// libpq's service file. libpq alone reads it whole; here it is judged only as far as a start and people must know:
// whether it is one, and whether a password stands in it.
#pragma once
#include <string>
#include <string_view>

namespace nexus {

/// Whether the text begins as an address of PostgreSQL does.
bool is_postgres_address(std::string_view text);

/// Whether a password stands in an address of PostgreSQL: before the host, or as a parameter.
bool holds_password(std::string_view address);

/// The address with *** in the place of the user, of the password and of what may be one; any other text as it is.
std::string without_password(std::string_view text);

}  // namespace nexus
