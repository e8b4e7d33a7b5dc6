// What the gates refuse; the build gathers them all.
#pragma once
#include "daemon/base/problem.hpp"

namespace nexus::problems {

inline constexpr CodeInfo kill_switch_blocked{
    "kill_switch_blocked", 403, "A kill switch is on",
    "The kill switch of this tenant and env disables this action, all actions, the named provider or autonomous "
    "agents. An admin can see and lift it with `nexusctl kill show` and `nexusctl kill allow`."};
inline constexpr CodeInfo firearms_licence_required{
    "firearms_licence_required", 403, "A licence is needed",
    "The action is dangerous, and the caller (or the subject it names) holds no active licence of at least its level. "
    "An admin issues one with `nexusctl firearms issue`."};
inline constexpr CodeInfo strategy_lock_required{
    "strategy_lock_required", 409, "An approved strategy lock is needed",
    "No approved lock, valid now, of this surface or of all surfaces, allows the action. Make one with `nexusctl lock "
    "create` and have it approved."};
inline constexpr CodeInfo three_wise_verdict_required{
    "three_wise_verdict_required", 409, "The three wise have not approved",
    "The strategy lock that allows the action hangs on a three-wise question whose verdict is not APPROVE."};
inline constexpr CodeInfo budget_threshold_missing{"budget_threshold_missing", 403, "No budget is set",
                                                   "In a strict env every surface needs a budget policy, of its own or "
                                                   "of `*`. An admin sets one with `nexusctl budget policy`."};
inline constexpr CodeInfo budget_threshold_exceeded{"budget_threshold_exceeded", 403, "The budget is spent",
                                                    "The cost in the policy's window is above its threshold. Wait for "
                                                    "the window to move on, or have an admin raise the threshold."};
inline constexpr CodeInfo kpi_threshold_missing{
    "kpi_threshold_missing", 403, "No KPI corridor, or no data in it",
    "In a strict env every surface needs a KPI corridor; one that requires data refuses without observations."};
inline constexpr CodeInfo kpi_corridor_breached{
    "kpi_corridor_breached", 403, "A KPI is outside its corridor",
    "The aggregated value of a KPI lies below its floor or above its ceiling in its window."};
inline constexpr CodeInfo temperature_breach{
    "temperature_breach", 403, "The temperature is out of bounds",
    "A floor or a ceiling of the surface's temperature is breached; `nexusctl temperature current` shows which."};

}  // namespace nexus::problems
