// Converts engine values to JavaScript values, and JavaScript records of strings to option maps.
#pragma once

#include <string>
#include <vector>

#include "binding/plumbing/call.h"
#include "binding/plumbing/napi_setup.h"
#include "engine/options/open_request.h"
#include "engine/options/options.h"
#include "engine/watch/health.h"

namespace rocksdb_live {

OptionMap ToOptionMap(const Napi::Value& value);
FamilyOptionMaps ToFamilyOptions(const Napi::Value& value);
OpenRequest ToOpenRequest(const Napi::Value& value);

template <typename Map>
napi_value MapToJs(napi_env env, const Map& map) {
  napi_value object = nullptr;
  Check(napi_create_object(env, &object));
  for (const auto& [name, value] : map) {
    Check(napi_set_property(env, object, MakeString(env, name), MakeString(env, value)));
  }
  return object;
}

napi_value StringsToJs(napi_env env, const std::vector<std::string>& strings);
napi_value RecoveryToJs(napi_env env, const Recovery& recovery);
napi_value FamilyOptionsToJs(napi_env env, const FamilyOptionMaps& maps);

}  // namespace rocksdb_live
