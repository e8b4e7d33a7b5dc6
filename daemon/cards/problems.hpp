// The problem codes of this slice; the build gathers those of all slices.
#pragma once
#include "daemon/base/problem.hpp"

namespace nexus::problems {

inline constexpr CodeInfo card_not_found{
    "card.not_found", 404, "No such card",
    "There is no card with this id in this tenant and env; one of another tenant or env looks the same."};
inline constexpr CodeInfo card_reserved_type{
    "card.reserved_type", 422, "The type belongs to the settings",
    "Cards of the types surface_settings, app_definition and connector_config are versions of settings: write "
    "them with `nexusctl settings put`."};

}  // namespace nexus::problems
