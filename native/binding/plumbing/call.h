// One call from JavaScript: its checked arguments, and the frame that lets no C++ exception out.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "binding/plumbing/error.h"
#include "binding/plumbing/napi_setup.h"
#include "engine/base/exceptions.h"

namespace rocksdb_live {

class Environment;
struct Owner;
struct SessionHandle;

struct Bytes {
  char* data = nullptr;
  size_t size = 0;
};

// napi_pending_exception and napi_cannot_run_js are expected: an exception is already pending.
inline void Check(napi_status status) {
  if (status != napi_ok) throw BadArgument{"an argument has the wrong type"};
}

inline napi_value Undefined(napi_env env) {
  napi_value value = nullptr;
  Check(napi_get_undefined(env, &value));
  return value;
}

Bytes GetBytes(napi_env env, napi_value value);
Bytes GetUint32Array(napi_env env, napi_value value);
Bytes GetFloat64Array(napi_env env, napi_value value);
std::string GetString(napi_env env, napi_value value);
napi_value MakeUint32Array(napi_env env, const std::vector<uint32_t>& values);
napi_value MakeBuffer(napi_env env, const char* data, size_t size);
napi_value MakeString(napi_env env, const std::string& text);
napi_value MakeNumber(napi_env env, double number);
// Calls a hook of lib/. Hooks should never throw; if one does, the exception becomes an uncaught
// one.
void CallHook(napi_env env, napi_ref hook, size_t count, const napi_value* arguments);

class Call {
 public:
  static constexpr size_t kMaxArguments = 7;

  Call(napi_env e, napi_callback_info info) : env(e) {
    size_t count = kMaxArguments;
    Check(napi_get_cb_info(env, info, &count, arguments_, nullptr, &data_));
  }

  // undefined if the caller passed fewer arguments.
  napi_value operator[](size_t index) const {
    if (index >= kMaxArguments) throw BadArgument{"a function asks for more arguments than it has"};
    return arguments_[index];
  }
  uint32_t Uint32(size_t index) const {
    uint32_t value = 0;
    Check(napi_get_value_uint32(env, (*this)[index], &value));
    return value;
  }
  int32_t Int32(size_t index) const {
    int32_t value = 0;
    Check(napi_get_value_int32(env, (*this)[index], &value));
    return value;
  }
  int64_t Int64(size_t index) const {
    int64_t value = 0;
    Check(napi_get_value_int64(env, (*this)[index], &value));
    return value;
  }
  double Double(size_t index) const {
    double value = 0;
    Check(napi_get_value_double(env, (*this)[index], &value));
    return value;
  }
  bool Bool(size_t index) const {
    bool value = false;
    Check(napi_get_value_bool(env, (*this)[index], &value));
    return value;
  }
  Bytes Buffer(size_t index) const { return GetBytes(env, (*this)[index]); }
  std::string String(size_t index) const { return GetString(env, (*this)[index]); }

  napi_value Number(double value) const { return MakeNumber(env, value); }
  napi_value Integer(int32_t value) const {
    napi_value result = nullptr;
    Check(napi_create_int32(env, value, &result));
    return result;
  }
  napi_value Boolean(bool value) const {
    napi_value result = nullptr;
    Check(napi_get_boolean(env, value, &result));
    return result;
  }

  // The session of the called function; throws ERR_CLOSED once it is closed.
  SessionHandle& Self() const;
  // The session, closed or not.
  SessionHandle& SelfEvenClosed() const;
  // Null for the module's own functions.
  Environment* environment() const;
  // The owner that the function was created with.
  Owner* owner() const { return static_cast<Owner*>(data_); }

  const napi_env env;

 private:
  napi_value arguments_[kMaxArguments];
  void* data_ = nullptr;
};

void ThrowBadArgument(napi_env env, const char* what);

// The callback for Node. If `Body` returns null, JavaScript gets undefined.
template <napi_value (*Body)(Call&)>
napi_value Entry(napi_env env, napi_callback_info info) {
  Environment* environment = nullptr;
  try {
    Call call(env, info);
    environment = call.environment();
    return Body(call);
  } catch (const Failure& failure) {
    Throw(env, environment, failure.error);
  } catch (const BadArgument& bad) {
    ThrowBadArgument(env, bad.what);
  } catch (const Napi::Error& error) {
    error.ThrowAsJavaScriptException();
  } catch (...) {
    Throw(env, environment, CaughtError());
  }
  return nullptr;
}

}  // namespace rocksdb_live
