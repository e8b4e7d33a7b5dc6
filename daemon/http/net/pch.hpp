// Precompiled header of the sockets: Asio and Beast cost about 20 s a file without it.
#pragma once
#include "daemon/base/pch.hpp"

#include <boost/asio.hpp>
#include <boost/beast.hpp>
