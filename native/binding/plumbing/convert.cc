#include "binding/plumbing/convert.h"

namespace rocksdb_live {
namespace {

Napi::Object AsObject(const Napi::Value& value) {
  if (!value.IsObject()) throw BadArgument{"an object was expected"};
  return value.As<Napi::Object>();
}

std::string Text(const Napi::Value& value) {
  if (!value.IsString()) throw BadArgument{"a string was expected"};
  return value.As<Napi::String>().Utf8Value();
}

std::string Text(const Napi::Object& object, const char* name) { return Text(object.Get(name)); }

bool Flag(const Napi::Object& object, const char* name) {
  const Napi::Value value = object.Get(name);
  if (!value.IsBoolean()) throw BadArgument{"a boolean was expected"};
  return value.As<Napi::Boolean>().Value();
}

int64_t Integer(const Napi::Object& object, const char* name) {
  const Napi::Value value = object.Get(name);
  if (!value.IsNumber()) throw BadArgument{"a number was expected"};
  return value.As<Napi::Number>().Int64Value();
}

uint64_t Count(const Napi::Object& object, const char* name) {
  const int64_t value = Integer(object, name);
  if (value < 0) throw BadArgument{"a number of 0 or more was expected"};
  return static_cast<uint64_t>(value);
}

Mode ToMode(const std::string& mode) {
  if (mode == "read-only") return Mode::kReadOnly;
  return mode == "secondary" ? Mode::kSecondary : Mode::kReadWrite;
}

void Set(napi_env env, napi_value object, const char* name, napi_value value) {
  Check(napi_set_named_property(env, object, name, value));
}

}  // namespace

OptionMap ToOptionMap(const Napi::Value& value) {
  const Napi::Object object = AsObject(value);
  const Napi::Array names = object.GetPropertyNames();
  OptionMap map;
  for (uint32_t i = 0; i < names.Length(); ++i) {
    const Napi::Value name = names[i];
    map[Text(name)] = Text(object.Get(name));
  }
  return map;
}

FamilyOptionMaps ToFamilyOptions(const Napi::Value& value) {
  const Napi::Object object = AsObject(value);
  return FamilyOptionMaps{ToOptionMap(object.Get("columnFamily")),
                          ToOptionMap(object.Get("table"))};
}

namespace {

// Plain where the request says nothing.
ReplicaAccess AccessOf(const Napi::Object& object) {
  if (object.Get("replica").IsUndefined()) return ReplicaAccess::kNone;
  switch (Count(object, "replica")) {
    case 0:
      return ReplicaAccess::kNone;
    case 1:
      return ReplicaAccess::kNode;
    case 2:
      return ReplicaAccess::kRaw;
    default:
      throw BadArgument{"replica is 0, 1 or 2"};
  }
}

}  // namespace

OpenRequest ToOpenRequest(const Napi::Value& value) {
  const Napi::Object object = AsObject(value);
  OpenRequest request;
  request.path = Text(object, "path");
  request.mode = ToMode(Text(object, "mode"));
  request.secondary_path = Text(object, "secondaryPath");
  request.replica = AccessOf(object);
  request.create_if_missing = Flag(object, "createIfMissing");
  request.error_if_exists = Flag(object, "errorIfExists");
  request.create_missing_families = Flag(object, "createMissingColumnFamilies");
  request.in_memory = Flag(object, "inMemory");
  request.strict_recovery = Flag(object, "strictRecovery");
  request.wait_for_lock_ms = Count(object, "waitForLockMs");
  request.open_files_budget = Count(object, "openFilesBudget");
  request.retain_changes_bytes = Count(object, "retainChangesBytes");
  request.db = ToOptionMap(object.Get("db"));
  request.defaults = ToFamilyOptions(object.Get("defaults"));
  const Napi::Value named = object.Get("families");
  if (!named.IsArray()) throw BadArgument{"an array of families was expected"};
  const Napi::Array families = named.As<Napi::Array>();
  for (uint32_t i = 0; i < families.Length(); ++i) {
    const Napi::Value family = families[i];
    request.families.push_back(
        FamilyRequest{Text(AsObject(family), "name"), ToFamilyOptions(family)});
  }
  request.shared = ToOptionMap(object.Get("shared"));
  return request;
}

napi_value StringsToJs(napi_env env, const std::vector<std::string>& strings) {
  napi_value array = nullptr;
  Check(napi_create_array_with_length(env, strings.size(), &array));
  for (size_t i = 0; i < strings.size(); ++i) {
    Check(napi_set_element(env, array, static_cast<uint32_t>(i), MakeString(env, strings[i])));
  }
  return array;
}

napi_value RecoveryToJs(napi_env env, const Recovery& recovery) {
  napi_value object = nullptr;
  napi_value created = nullptr;
  Check(napi_create_object(env, &object));
  Check(napi_get_boolean(env, recovery.created, &created));
  Set(env, object, "created", created);
  Set(env, object, "droppedBytes", MakeNumber(env, static_cast<double>(recovery.dropped_bytes)));
  Set(env, object, "reasons", StringsToJs(env, recovery.reasons));
  return object;
}

napi_value FamilyOptionsToJs(napi_env env, const FamilyOptionMaps& maps) {
  napi_value object = nullptr;
  Check(napi_create_object(env, &object));
  Set(env, object, "columnFamily", MapToJs(env, maps.column_family));
  Set(env, object, "table", MapToJs(env, maps.table));
  return object;
}

}  // namespace rocksdb_live
