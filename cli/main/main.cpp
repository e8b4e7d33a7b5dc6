// nexusctl. All its code is in cli/engine/app.cpp, so that tests can link it.
#include "cli/engine/app.hpp"

int main(int argc, char** argv) { return nexus::cli::run({argv + (argc > 0 ? 1 : 0), argv + argc}); }
