// KPI definitions, corridors and observations as clients see them.
#pragma once
#include "daemon/base/json.hpp"
#include "store/kpi.hpp"

namespace nexus::kpi {

Json definition_json(const store::KpiDefinition& definition);
Json corridor_json(const store::KpiCorridor& corridor);
Json observation_json(const store::KpiObservation& observation);

/// Of what is sent, or of the answer.
Json definition_schema(bool answer);
Json corridor_schema(bool answer);
Json observation_schema(bool answer);

}  // namespace nexus::kpi
