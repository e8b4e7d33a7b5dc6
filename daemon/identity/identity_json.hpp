// Tenants, users, members and tokens as clients see them.
#pragma once
#include <functional>

#include "daemon/base/json.hpp"
#include "daemon/http/page.hpp"
#include "store/identity.hpp"
#include "store/invitations.hpp"

namespace nexus::identity {

Json tenant_json(const store::Tenant& tenant);
Json user_json(const store::User& user);
/// Status `active`, and `invited` in the same shape: who has not answered is no member, so `since` is null.
Json member_json(const store::Member& member);
Json invitation_json(const store::Invitation& invitation);
Json token_json(const store::Token& token);

/// `rows` has one more than the page when the list goes on.
http::Reply token_page(const http::Page& page, std::vector<store::Token> rows);
/// The roles of members that are wanted, as the store takes them.
std::string roles_text(const std::function<bool(Role)>& wanted);

Json tenant_schema();
Json user_schema();
Json member_schema();
Json token_schema();

}  // namespace nexus::identity
