#include "binding/plumbing/call.h"

#include <cstring>

#include "binding/plumbing/session_object.h"

namespace rocksdb_live {
namespace {

Bytes GetTypedArray(napi_env env, napi_value value, napi_typedarray_type wanted, size_t width) {
  napi_typedarray_type type;
  size_t length = 0;
  void* data = nullptr;
  Check(napi_get_typedarray_info(env, value, &type, &length, &data, nullptr, nullptr));
  if (type != wanted) throw BadArgument{"a typed array of another type was expected"};
  return Bytes{static_cast<char*>(data), length * width};
}

}  // namespace

Bytes GetBytes(napi_env env, napi_value value) {
  return GetTypedArray(env, value, napi_uint8_array, 1);
}

Bytes GetUint32Array(napi_env env, napi_value value) {
  return GetTypedArray(env, value, napi_uint32_array, sizeof(uint32_t));
}

Bytes GetFloat64Array(napi_env env, napi_value value) {
  return GetTypedArray(env, value, napi_float64_array, sizeof(double));
}

std::string GetString(napi_env env, napi_value value) {
  size_t length = 0;
  Check(napi_get_value_string_utf8(env, value, nullptr, 0, &length));
  std::string text(length, '\0');
  Check(napi_get_value_string_utf8(env, value, text.data(), length + 1, &length));
  return text;
}

napi_value MakeUint32Array(napi_env env, const std::vector<uint32_t>& values) {
  void* data = nullptr;
  napi_value buffer = nullptr;
  napi_value array = nullptr;
  Check(napi_create_arraybuffer(env, values.size() * sizeof(uint32_t), &data, &buffer));
  if (!values.empty()) std::memcpy(data, values.data(), values.size() * sizeof(uint32_t));
  Check(napi_create_typedarray(env, napi_uint32_array, values.size(), buffer, 0, &array));
  return array;
}

napi_value MakeBuffer(napi_env env, const char* data, size_t size) {
  void* to = nullptr;
  napi_value buffer = nullptr;
  Check(napi_create_buffer(env, size, &to, &buffer));
  if (size != 0) std::memcpy(to, data, size);
  return buffer;
}

napi_value MakeString(napi_env env, const std::string& text) {
  napi_value value = nullptr;
  Check(napi_create_string_utf8(env, text.data(), text.size(), &value));
  return value;
}

napi_value MakeNumber(napi_env env, double number) {
  napi_value value = nullptr;
  Check(napi_create_double(env, number, &value));
  return value;
}

void CallHook(napi_env env, napi_ref hook, size_t count, const napi_value* arguments) {
  napi_value function = nullptr;
  Check(napi_get_reference_value(env, hook, &function));
  napi_value result = nullptr;
  const napi_status status =
      napi_call_function(env, Undefined(env), function, count, arguments, &result);
  if (status != napi_pending_exception) return;
  napi_value exception = nullptr;
  if (napi_get_and_clear_last_exception(env, &exception) == napi_ok) {
    napi_fatal_exception(env, exception);
  }
}

void ThrowBadArgument(napi_env env, const char* what) {
  bool pending = false;
  if (napi_is_exception_pending(env, &pending) == napi_ok && !pending) {
    napi_throw_type_error(env, "ERR_INVALID_ARG_TYPE", what);
  }
}

Environment* Call::environment() const {
  return data_ == nullptr ? nullptr : static_cast<Owner*>(data_)->environment;
}

SessionHandle& Call::SelfEvenClosed() const {
  return static_cast<SessionHandle&>(*static_cast<Owner*>(data_));
}

SessionHandle& Call::Self() const {
  SessionHandle& self = SelfEvenClosed();
  if (!self.session->open()) throw Failure{Error(Code::kClosed, "the database is closed")};
  return self;
}

}  // namespace rocksdb_live
