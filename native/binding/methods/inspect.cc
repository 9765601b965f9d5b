// Looking inside an open database.
#include <map>
#include <memory>

#include "binding/plumbing/convert.h"
#include "binding/plumbing/session_object.h"

namespace rocksdb_live {
namespace {

napi_value Property(Call& call) {
  SessionHandle& self = call.Self();
  const auto& family = self.FindFamily(call.Uint32(0));
  std::string value;
  if (!family->db()->GetProperty(family->handle(), call.String(1), &value)) return nullptr;
  return MakeString(call.env, value);
}

napi_value IntProperty(Call& call) {
  SessionHandle& self = call.Self();
  const auto& family = self.FindFamily(call.Uint32(0));
  uint64_t value = 0;
  if (!family->db()->GetIntProperty(family->handle(), call.String(1), &value)) {
    return nullptr;
  }
  return call.Number(static_cast<double>(value));
}

napi_value AggregatedIntProperty(Call& call) {
  uint64_t value = 0;
  if (!call.Self().session->db()->GetAggregatedIntProperty(call.String(0), &value)) {
    return nullptr;
  }
  return call.Number(static_cast<double>(value));
}

napi_value MapProperty(Call& call) {
  SessionHandle& self = call.Self();
  const auto& family = self.FindFamily(call.Uint32(0));
  std::map<std::string, std::string> map;
  if (!family->db()->GetMapProperty(family->handle(), call.String(1), &map)) return nullptr;
  return MapToJs(call.env, map);
}

// RocksDB wants an end; the last key's successor stands for none.
std::string EndOf(rocksdb::DB* db, const Family& family) {
  rocksdb::ReadOptions options;
  options.total_order_seek = true;
  const std::unique_ptr<rocksdb::Iterator> at(db->NewIterator(options, family.handle()));
  at->SeekToLast();
  ThrowIf(Error::From(at->status()));
  return at->Valid() ? at->key().ToString() + '\0' : std::string();
}

napi_value ApproximateSize(Call& call) {
  SessionHandle& self = call.Self();
  const auto& family = self.FindFamily(call.Uint32(0));
  rocksdb::DB* const db = family->db();
  Range range = self.Bounds(call.Int32(1), call.Int32(2));
  const std::string lower = range.lower.value_or("");
  const std::string upper = range.upper ? *range.upper : EndOf(db, *family);
  if (lower >= upper) return call.Number(0);
  rocksdb::SizeApproximationOptions options;
  options.include_memtables = true;
  const rocksdb::Range asked(lower, upper);
  uint64_t size = 0;
  ThrowIf(Error::From(db->GetApproximateSizes(options, family->handle(), &asked, 1, &size)));
  return call.Number(static_cast<double>(size));
}

// Not a plain set: to an object, "__proto__" is no name for a property.
void Define(napi_env env, napi_value object, const std::string& name, napi_value value) {
  napi_property_descriptor property = {};
  property.name = MakeString(env, name);
  property.value = value;
  property.attributes = napi_default_jsproperty;
  Check(napi_define_properties(env, object, 1, &property));
}

napi_value Options(Call& call) {
  SessionHandle& self = call.Self();
  rocksdb::DB* const db = self.session->db();
  OptionMap map;
  ThrowIf(ReadDbOptions(db, &map));
  napi_value object = nullptr;
  napi_value families = nullptr;
  Check(napi_create_object(call.env, &object));
  Check(napi_create_object(call.env, &families));
  for (const auto& family : self.session->AllFamilies()) {
    FamilyOptionMaps maps;
    ThrowIf(ReadFamilyOptions(db, family->handle(), &maps));
    Define(call.env, families, family->name(), FamilyOptionsToJs(call.env, maps));
  }
  Check(napi_set_named_property(call.env, object, "db", MapToJs(call.env, map)));
  Check(napi_set_named_property(call.env, object, "shared",
                                MapToJs(call.env, self.session->store().shared().Read())));
  Check(napi_set_named_property(call.env, object, "columnFamilies", families));
  return object;
}

napi_value GetHealth(Call& call) {
  const Health health = call.Self().session->store().health().Get();
  napi_value pair = nullptr;
  Check(napi_create_array_with_length(call.env, 2, &pair));
  Check(napi_set_element(call.env, pair, 0, call.Integer(health.severity)));
  Check(napi_set_element(call.env, pair, 1, MakeString(call.env, health.message)));
  return pair;
}

}  // namespace

const std::vector<Method>& InspectMethods() {
  static const auto* const methods = new std::vector<Method>{
      {"property", Entry<Property>},
      {"intProperty", Entry<IntProperty>},
      {"aggregatedIntProperty", Entry<AggregatedIntProperty>},
      {"mapProperty", Entry<MapProperty>},
      {"approximateSize", Entry<ApproximateSize>},
      {"options", Entry<Options>},
      {"health", Entry<GetHealth>},
  };
  return *methods;
}

}  // namespace rocksdb_live
