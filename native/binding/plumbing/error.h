// Engine errors as JavaScript errors.
#pragma once

#include <utility>

#include "binding/plumbing/napi_setup.h"
#include "engine/base/error.h"
#include "engine/base/result.h"

namespace rocksdb_live {

// Thrown inside the binding; Entry (call.h) converts it to a JavaScript exception.
struct Failure {
  Error error;
};

// A wrong argument at the boundary, which lib/ should have caught.
struct BadArgument {
  const char* what;
};

inline void ThrowIf(const Error& error) {
  if (!error.ok()) throw Failure{error};
}

// Returns the value, or throws the error.
template <typename T>
T ValueOf(Result<T>&& result) {
  ThrowIf(result.error);
  return std::move(result.value);
}

class Environment;

// The error object that lib/base/errors.ts makes; null if JavaScript can no longer run.
napi_value ErrorToJs(const Environment& environment, const Error& error);

// Makes `error` the pending exception. `environment` may be null: then it is a plain Error.
void Throw(napi_env env, const Environment* environment, const Error& error);

}  // namespace rocksdb_live
