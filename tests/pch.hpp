// Precompiled header of the tests.
#pragma once
#include "daemon/base/pch.hpp"
#include "tests/catch.hpp"
