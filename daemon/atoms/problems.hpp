// The problem codes of this slice; the build gathers those of all slices.
#pragma once
#include "daemon/base/problem.hpp"

namespace nexus::problems {

inline constexpr CodeInfo atom_not_found{
    "atom.not_found", 404, "No such atom",
    "There is no atom with this id in this tenant and env; one of another tenant or env looks the same."};
inline constexpr CodeInfo atom_too_many{
    "atom.too_many", 422, "Too many atoms",
    "The operation would make more than 10 000 atoms of this asset. Choose a larger `max_chars`, or split the file."};
inline constexpr CodeInfo atom_too_large{
    "atom.too_large", 422, "The source is too large",
    "Atoms are made of assets up to 64 MiB. Split the file before it is uploaded."};
inline constexpr CodeInfo atom_not_text{
    "atom.not_text", 422, "The source is not text",
    "The operation reads UTF-8 text, and the asset's bytes are none. Nothing was made."};

}  // namespace nexus::problems
