// The problem codes of this slice; the build gathers those of all slices.
#pragma once
#include "daemon/base/problem.hpp"

namespace nexus::problems {

inline constexpr CodeInfo raw_filename_mismatch{
    "raw.filename_mismatch", 409, "Another filename than presigned",
    "The asset was presigned for another filename. Register it under that one, or presign again."};
inline constexpr CodeInfo raw_size_mismatch{
    "raw.size_mismatch", 409, "The stored size differs",
    "The object in storage has another size than size_bytes says. Nothing was registered."};
inline constexpr CodeInfo raw_digest_mismatch{
    "raw.digest_mismatch", 409, "The stored digest differs",
    "The object in storage has another SHA-256 than stated at presign or at register. Nothing was registered."};
inline constexpr CodeInfo raw_already_registered{
    "raw.already_registered", 409, "Registered with other values",
    "This asset is registered, with other values than these. Registering again with equal values answers 200."};

}  // namespace nexus::problems
