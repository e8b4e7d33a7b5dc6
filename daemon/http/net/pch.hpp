// Precompiled header of the sockets. Without it, Asio and Beast cost about 20 s per file.
#pragma once
#include "daemon/base/pch.hpp"

#include <boost/asio.hpp>
#include <boost/beast.hpp>
