// The files of `keys/` as an archive that `age` encrypts and decrypts (package `age`, https://age-encryption.org/v1).
// Only recipients: nobody types a passphrase, and none stands in a script.
#pragma once
#include <filesystem>
#include <string>
#include <vector>

namespace nexus::app {

/// The encrypted archive of the directory's files. Throws std::runtime_error, one line for the operator, where age is
/// not installed or refuses a recipient.
std::string encrypt_keys(const std::filesystem::path& keys, const std::vector<std::string>& recipients);

/// Decrypts `archive` and writes its files into the new directory `keys`. Throws as above.
void decrypt_keys(const std::filesystem::path& archive, const std::filesystem::path& identity,
                  const std::filesystem::path& keys);

}  // namespace nexus::app
