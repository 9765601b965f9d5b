#include "binding/plumbing/error.h"

#include "binding/plumbing/environment.h"

namespace rocksdb_live {

napi_value ErrorToJs(const Environment& environment, const Error& error) {
  napi_env env = environment.env;
  napi_value create = nullptr;
  napi_value receiver = nullptr;
  napi_value arguments[5];
  napi_value made = nullptr;
  const bool prepared =
      environment.hooks.create_error != nullptr &&
      napi_get_reference_value(env, environment.hooks.create_error, &create) == napi_ok &&
      napi_get_undefined(env, &receiver) == napi_ok &&
      napi_create_string_utf8(env, error.code_name(), NAPI_AUTO_LENGTH, &arguments[0]) == napi_ok &&
      napi_create_string_utf8(env, error.message().data(), error.message().size(), &arguments[1]) ==
          napi_ok &&
      napi_create_int32(env, error.severity(), &arguments[2]) == napi_ok &&
      napi_get_boolean(env, error.retryable(), &arguments[3]) == napi_ok &&
      napi_create_int32(env, static_cast<int32_t>(error.outcome()), &arguments[4]) == napi_ok;
  if (!prepared) return nullptr;
  // Fails if the environment is ending or the stack is exhausted; then an exception is already
  // pending, or nobody is left to tell.
  const napi_status status = napi_call_function(env, receiver, create, 5, arguments, &made);
  return status == napi_ok ? made : nullptr;
}

void Throw(napi_env env, const Environment* environment, const Error& error) {
  const napi_value made = environment == nullptr ? nullptr : ErrorToJs(*environment, error);
  if (made != nullptr) {
    napi_throw(env, made);
    return;
  }
  bool pending = false;
  if (napi_is_exception_pending(env, &pending) == napi_ok && !pending) {
    napi_throw_error(env, error.code_name(), error.message().c_str());
  }
}

}  // namespace rocksdb_live
