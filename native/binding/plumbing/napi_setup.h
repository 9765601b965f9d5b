// The only include of <napi.h>, with the defines it needs.
#pragma once

// C++ code throws; binding/call.h catches at every entry, std::exception included.
#ifndef NODE_ADDON_API_CPP_EXCEPTIONS
#define NODE_ADDON_API_CPP_EXCEPTIONS
#endif
// A worker that is terminated with work in flight cannot take an exception any more. Without this,
// node-addon-api ends the process there.
#ifndef NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS
#define NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS
#endif

#include <napi.h>
