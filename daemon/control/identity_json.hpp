// Tenants, users, members and tokens as clients see them, and the marks of their lists.
#pragma once
#include "daemon/base/json.hpp"
#include "store/identity.hpp"

namespace nexus::control {

Json tenant_json(const store::Tenant& tenant);
Json user_json(const store::User& user);
Json member_json(const store::Member& member);
Json token_json(const store::Token& token);

/// `<micros>:<id>`, and back. A text that is none gives the start of the list.
std::string mark_text(Micros at, std::string_view id);
store::PageMark mark_of(std::string_view text);

Json tenant_schema();
Json user_schema();
Json member_schema();
Json token_schema();

}  // namespace nexus::control
