// Inspects an open database.
#include "engine/jobs/inspect.h"

#include "binding/plumbing/convert.h"
#include "binding/plumbing/request.h"

namespace rocksdb_live {
namespace {

napi_value GetProperty(Call& call) {
  const auto family = call.Self().FindFamily(call.Uint32(0));
  const std::optional<std::string> value = Property(*family, call.String(1));
  return value ? MakeString(call.env, *value) : nullptr;
}

napi_value NumberOrNone(const Call& call, const std::optional<uint64_t>& value) {
  return value ? call.Number(static_cast<double>(*value)) : nullptr;
}

napi_value GetIntProperty(Call& call) {
  const auto family = call.Self().FindFamily(call.Uint32(0));
  return NumberOrNone(call, IntProperty(*family, call.String(1)));
}

napi_value GetAggregatedIntProperty(Call& call) {
  const SessionHandle& self = call.Self();
  return NumberOrNone(call, AggregatedIntProperty(*self.session, call.String(0)));
}

napi_value GetMapProperty(Call& call) {
  const auto family = call.Self().FindFamily(call.Uint32(0));
  const auto map = MapProperty(*family, call.String(1));
  return map ? MapToJs(call.env, *map) : nullptr;
}

napi_value GetApproximateSize(Call& call) {
  SessionHandle& self = call.Self();
  const auto family = FamilyOf(self);
  const Range range = RangeOf(self);
  return call.Number(static_cast<double>(ValueOf(ApproximateSize(*family, range))));
}

// Defined, not set: setting "__proto__" on an object would change its prototype.
void Define(napi_env env, napi_value object, const std::string& name, napi_value value) {
  napi_property_descriptor property = {};
  property.name = MakeString(env, name);
  property.value = value;
  property.attributes = napi_default_jsproperty;
  Check(napi_define_properties(env, object, 1, &property));
}

napi_value GetOptions(Call& call) {
  const OptionsInForce options = ValueOf(ReadOptionsInForce(*call.Self().session));
  napi_value object = nullptr;
  napi_value families = nullptr;
  Check(napi_create_object(call.env, &object));
  Check(napi_create_object(call.env, &families));
  for (const auto& [name, maps] : options.families) {
    Define(call.env, families, name, FamilyOptionsToJs(call.env, maps));
  }
  Check(napi_set_named_property(call.env, object, "db", MapToJs(call.env, options.db)));
  Check(napi_set_named_property(call.env, object, "shared", MapToJs(call.env, options.shared)));
  Check(napi_set_named_property(call.env, object, "columnFamilies", families));
  return object;
}

napi_value GetHealth(Call& call) {
  const Store& store = call.Self().session->store();
  Health health = store.health().Get();
  if (health.severity == 0) health.message = store.changes().LostText();
  napi_value pair = nullptr;
  Check(napi_create_array_with_length(call.env, 2, &pair));
  Check(napi_set_element(call.env, pair, 0, call.Integer(health.severity)));
  Check(napi_set_element(call.env, pair, 1, MakeString(call.env, health.message)));
  return pair;
}

}  // namespace

const std::vector<Method>& InspectMethods() {
  static const auto* const methods = new std::vector<Method>{
      {"property", Entry<GetProperty>},
      {"intProperty", Entry<GetIntProperty>},
      {"aggregatedIntProperty", Entry<GetAggregatedIntProperty>},
      {"mapProperty", Entry<GetMapProperty>},
      {"approximateSize", Entry<GetApproximateSize>},
      {"options", Entry<GetOptions>},
      {"health", Entry<GetHealth>},
  };
  return *methods;
}

}  // namespace rocksdb_live
