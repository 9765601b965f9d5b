#include "engine/repair/repair.h"

#include "binding/methods/repair.h"
#include "binding/plumbing/async.h"
#include "binding/plumbing/convert.h"

namespace rocksdb_live {
namespace {

void Set(napi_env env, napi_value object, const char* name, napi_value value) {
  Check(napi_set_named_property(env, object, name, value));
}

napi_value DamageToJs(napi_env env, const std::vector<Damage>& damage) {
  napi_value array = nullptr;
  Check(napi_create_array_with_length(env, damage.size(), &array));
  for (size_t i = 0; i < damage.size(); ++i) {
    napi_value one = nullptr;
    Check(napi_create_object(env, &one));
    Set(env, one, "file", MakeString(env, damage[i].file));
    Set(env, one, "reason", MakeString(env, damage[i].reason));
    Check(napi_set_element(env, array, static_cast<uint32_t>(i), one));
  }
  return array;
}

napi_value ReportToJs(napi_env env, RepairReport* report) {
  napi_value object = nullptr;
  napi_value repaired = nullptr;
  Check(napi_create_object(env, &object));
  Check(napi_get_boolean(env, report->repaired, &repaired));
  const auto number = [env](uint64_t value) { return MakeNumber(env, static_cast<double>(value)); };
  Set(env, object, "repaired", repaired);
  Set(env, object, "damage", DamageToJs(env, report->damage));
  Set(env, object, "columnFamilies", StringsToJs(env, report->families));
  Set(env, object, "keptFiles", StringsToJs(env, report->kept_files));
  Set(env, object, "lostFiles", StringsToJs(env, report->lost_files));
  Set(env, object, "salvagedRows", number(report->salvaged_rows));
  Set(env, object, "lostRows", number(report->lost_rows));
  Set(env, object, "lostRangeDeletions", number(report->lost_range_deletions));
  Set(env, object, "lostValues", number(report->unreadable_values));
  Set(env, object, "walRows", number(report->wal_rows));
  Set(env, object, "walLostBytes", number(report->wal_lost_bytes));
  if (!report->backup.empty()) Set(env, object, "backup", MakeString(env, report->backup));
  return object;
}

}  // namespace

napi_value Repair(Call& call) {
  RepairRequest request;
  request.path = call.String(1);
  request.force = call.Bool(2);
  const auto work = [request]() { return RepairDatabase(request); };
  RunLong<RepairReport>(call.environment(), call.Uint32(0), work, ReportToJs);
  return nullptr;
}

}  // namespace rocksdb_live
