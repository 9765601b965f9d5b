// The only include of <napi.h>, with the defines it needs.
#pragma once

// C++ code throws; every entry (call.h) catches, std::exception included.
#ifndef NODE_ADDON_API_CPP_EXCEPTIONS
#define NODE_ADDON_API_CPP_EXCEPTIONS
#endif
// A terminated worker with work in flight cannot take exceptions any more. Without this define,
// node-addon-api would end the process then.
#ifndef NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS
#define NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS
#endif

#include <napi.h>
