#include "store/postgres/libpq.hpp"

#include <dlfcn.h>

#include <string>

#include "store/error.hpp"

namespace nexus::store {
namespace {

constexpr const char* kFile = "libpq.so.5";

template <class Function>
void find_function(void* library, const char* file, const char* name, Function& function) {
  function = reinterpret_cast<Function>(::dlsym(library, name));
  if (function != nullptr) return;
  throw SchemaError(std::string(file) + " has no " + name + ", which came with PostgreSQL 14: install a newer libpq5");
}

}  // namespace

Libpq load_libpq(const char* file) {
  void* library = ::dlopen(file, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    const char* why = ::dlerror();
    throw SchemaError("a database of PostgreSQL needs its client library, which cannot be loaded (" +
                      std::string(why != nullptr ? why : file) + "): install the package libpq5");
  }
  Libpq table;
#define NEXUS_LIBPQ_FIND(name) find_function(library, file, #name, table.name);
  NEXUS_LIBPQ_FUNCTIONS(NEXUS_LIBPQ_FIND)
#undef NEXUS_LIBPQ_FIND
  return table;
}

const Libpq& libpq() {
  static const Libpq table = load_libpq(kFile);
  return table;
}

}  // namespace nexus::store
