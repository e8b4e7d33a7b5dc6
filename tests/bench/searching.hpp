// Search while cards are written: 100 000 cards of five tenants with the words of a natural text (few that stand nearly
// everywhere, many that are rare), two-word queries of one of the tenants through HTTP, and 500 new cards a second.
#pragma once
#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/bench/load.hpp"

namespace nexus::bench {

struct SearchFigure {
  std::string words;  // which words the queries are made of
  Measured quiet;     // nothing is written
  Measured beside;    // while cards are written
  Measured writes;    // those cards
};

struct SearchFigures {
  Measured load;  // of the cards
  std::vector<SearchFigure> figures;
};

/// `cards` in all; `each` is the time of one measurement.
SearchFigures measure_search(const std::filesystem::path& data, int cards, std::chrono::milliseconds each);

}  // namespace nexus::bench
