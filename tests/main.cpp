// The one main of all Catch2 executables.
#define CATCH_CONFIG_MAIN
#include "tests/catch.hpp"
#if CATCH_VERSION_MAJOR >= 3
int main(int count, char** words) { return Catch::Session().run(count, words); }
#endif
