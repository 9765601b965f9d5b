// Options that can change while the database is open, and the statistics that one of them enables.
#include "engine/jobs/live_options.h"

#include "binding/plumbing/async.h"
#include "binding/plumbing/convert.h"
#include "binding/plumbing/session_object.h"
#include "engine/jobs/statistics.h"

namespace rocksdb_live {
namespace {

napi_value SetDbOptions(Call& call) {
  SessionHandle& self = call.Self();
  const auto work = [store = &self.session->store(),
                     map = ToOptionMap(Napi::Value(call.env, call[1])),
                     budget = static_cast<uint64_t>(call.Double(2))]() -> Result<Nothing> {
    return ChangeDbOptions(store, map, budget);
  };
  RunLong<Nothing>(self, call.Uint32(0), work, NothingToJs);
  return nullptr;
}

napi_value SetFamilyOptions(Call& call) {
  SessionHandle& self = call.Self();
  const auto work = [store = &self.session->store(), family = self.FindFamily(call.Uint32(1)),
                     map = ToOptionMap(Napi::Value(call.env, call[2]))]() -> Result<Nothing> {
    return ChangeFamilyOptions(store, family, map);
  };
  RunLong<Nothing>(self, call.Uint32(0), work, NothingToJs);
  return nullptr;
}

napi_value SetShared(Call& call) {
  SessionHandle& self = call.Self();
  const auto work = [store = &self.session->store(),
                     map = ToOptionMap(Napi::Value(call.env, call[1]))]() -> Result<Nothing> {
    return store->shared().Change(map);
  };
  RunLong<Nothing>(self, call.Uint32(0), work, NothingToJs);
  return nullptr;
}

napi_value HistogramToJs(napi_env env, const HistogramSummary& summary) {
  napi_value object = nullptr;
  Check(napi_create_object(env, &object));
  const std::pair<const char*, double> fields[] = {
      {"count", summary.count},
      {"sum", summary.sum},
      {"min", summary.min},
      {"max", summary.max},
      {"average", summary.average},
      {"median", summary.median},
      {"p95", summary.p95},
      {"p99", summary.p99},
      {"standardDeviation", summary.standard_deviation}};
  for (const auto& [name, value] : fields) {
    Check(napi_set_named_property(env, object, name, MakeNumber(env, value)));
  }
  return object;
}

napi_value GetStatistics(Call& call) {
  const StatisticsFigures figures = ReadStatistics(call.Self().session->store().shared());
  if (figures.tickers.empty()) return nullptr;
  napi_env env = call.env;
  napi_value tickers = nullptr;
  napi_value histograms = nullptr;
  napi_value object = nullptr;
  Check(napi_create_object(env, &tickers));
  Check(napi_create_object(env, &histograms));
  Check(napi_create_object(env, &object));
  for (const auto& [name, count] : figures.tickers) {
    Check(napi_set_named_property(env, tickers, name.c_str(), call.Number(count)));
  }
  for (const auto& [name, summary] : figures.histograms) {
    Check(napi_set_named_property(env, histograms, name.c_str(), HistogramToJs(env, summary)));
  }
  Check(napi_set_named_property(env, object, "tickers", tickers));
  Check(napi_set_named_property(env, object, "histograms", histograms));
  return object;
}

}  // namespace

const std::vector<Method>& LiveOptionMethods() {
  static const auto* const methods = new std::vector<Method>{
      {"setDbOptions", Entry<SetDbOptions>},
      {"setFamilyOptions", Entry<SetFamilyOptions>},
      {"setShared", Entry<SetShared>},
      {"statistics", Entry<GetStatistics>},
  };
  return *methods;
}

}  // namespace rocksdb_live
