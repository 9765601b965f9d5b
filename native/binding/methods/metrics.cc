// The figures that metrics are made from, and the subscription to events.
#include "binding/plumbing/async.h"
#include "binding/plumbing/events.h"
#include "binding/plumbing/session_object.h"
#include "engine/jobs/gather.h"

namespace rocksdb_live {
namespace {

std::vector<double> NumbersFrom(napi_env env, napi_value array) {
  uint32_t length = 0;
  Check(napi_get_array_length(env, array, &length));
  std::vector<double> numbers(length);
  for (uint32_t i = 0; i < length; ++i) {
    napi_value element = nullptr;
    Check(napi_get_element(env, array, i, &element));
    Check(napi_get_value_double(env, element, &numbers[i]));
  }
  return numbers;
}

Recorder::Bounds BoundsFrom(napi_env env, napi_value object) {
  napi_value names = nullptr;
  Check(napi_get_property_names(env, object, &names));
  uint32_t count = 0;
  Check(napi_get_array_length(env, names, &count));
  Recorder::Bounds bounds;
  for (uint32_t i = 0; i < count; ++i) {
    napi_value name = nullptr;
    napi_value array = nullptr;
    Check(napi_get_element(env, names, i, &name));
    Check(napi_get_property(env, object, name, &array));
    bounds[Napi::String(env, name).Utf8Value()] = NumbersFrom(env, array);
  }
  return bounds;
}

napi_value NumbersToJs(napi_env env, const std::vector<double>& numbers) {
  napi_value array = nullptr;
  Check(napi_create_array_with_length(env, numbers.size(), &array));
  for (uint32_t i = 0; i < numbers.size(); ++i) {
    Check(napi_set_element(env, array, i, MakeNumber(env, numbers[i])));
  }
  return array;
}

// Makes a record of `values` with `to_js`. The names are ours or RocksDB's.
template <typename Values, typename ToJs>
napi_value RecordToJs(napi_env env, const Values& values, ToJs to_js) {
  napi_value object = nullptr;
  Check(napi_create_object(env, &object));
  for (const auto& [name, value] : values) {
    Check(napi_set_property(env, object, MakeString(env, name), to_js(env, value)));
  }
  return object;
}

napi_value FamilyToJs(napi_env env, const FamilyFigures& family) {
  napi_value object = nullptr;
  Check(napi_create_object(env, &object));
  const auto set = [&](const char* name, napi_value value) {
    Check(napi_set_named_property(env, object, name, value));
  };
  set("name", MakeString(env, family.name));
  set("figures", RecordToJs(env, family.figures, MakeNumber));
  set("levelFiles", NumbersToJs(env, family.level_files));
  set("levelBytes", NumbersToJs(env, family.level_bytes));
  set("stalls", RecordToJs(env, family.stalls, MakeString));
  return object;
}

napi_value CountsToJs(napi_env env, const HistogramCounts& counts) {
  std::vector<double> numbers(counts.buckets.begin(), counts.buckets.end());
  numbers.push_back(static_cast<double>(counts.sum));
  return NumbersToJs(env, numbers);
}

napi_value SummaryToJs(napi_env env, const HistogramSummary& summary) {
  return NumbersToJs(env, {summary.median, summary.p95, summary.p99, summary.sum, summary.count});
}

napi_value PlaceToJs(napi_env env, const NamedPlace& place) {
  napi_value object = nullptr;
  Check(napi_create_object(env, &object));
  const auto set = [&](const char* name, napi_value value) {
    Check(napi_set_named_property(env, object, name, value));
  };
  set("name", MakeString(env, place.name));
  set("lagBytes", MakeNumber(env, static_cast<double>(place.lag_bytes)));
  set("ageSeconds", MakeNumber(env, place.age_seconds));
  set("lost", MakeNumber(env, place.place.lost ? 1 : 0));
  return object;
}

struct Gathered {
  StoreFigures figures;
  uint64_t dropped = 0;
};

napi_value GatheredToJs(napi_env env, Gathered* gathered) {
  StoreFigures& figures = gathered->figures;
  figures.figures.emplace_back("events_dropped_total", static_cast<double>(gathered->dropped));
  napi_value object = nullptr;
  napi_value families = nullptr;
  Check(napi_create_object(env, &object));
  Check(napi_create_array_with_length(env, figures.families.size(), &families));
  for (uint32_t i = 0; i < figures.families.size(); ++i) {
    Check(napi_set_element(env, families, i, FamilyToJs(env, figures.families[i])));
  }
  napi_value places = nullptr;
  Check(napi_create_array_with_length(env, figures.places.size(), &places));
  for (uint32_t i = 0; i < figures.places.size(); ++i) {
    Check(napi_set_element(env, places, i, PlaceToJs(env, figures.places[i])));
  }
  const auto set = [&](const char* name, napi_value value) {
    Check(napi_set_named_property(env, object, name, value));
  };
  set("places", places);
  set("figures", RecordToJs(env, figures.figures, MakeNumber));
  set("families", families);
  set("histograms", RecordToJs(env, figures.histograms, CountsToJs));
  set("tickers", RecordToJs(env, figures.statistics.tickers, MakeNumber));
  set("summaries", RecordToJs(env, figures.statistics.histograms, SummaryToJs));
  return object;
}

napi_value GatherMetrics(Call& call) {
  SessionHandle& self = call.Self();
  const auto work = [store = &self.session->store(), recorder = self.session->recorder(),
                     events = self.events]() -> Result<Gathered> {
    return Gathered{Gather(store, recorder.get()), events ? events->dropped() : 0};
  };
  RunShort<Gathered>(self, call.Uint32(0), work, GatheredToJs);
  return nullptr;
}

napi_value Record(Call& call) {
  SessionHandle& self = call.Self();
  Result<std::shared_ptr<Recorder>> recorder =
      Recorder::Make(BoundsFrom(call.env, call[0]), call.Uint32(1));
  ThrowIf(recorder.error);
  self.session->SetRecorder(std::move(recorder.value));
  return nullptr;
}

napi_value EndRecord(Call& call) {
  SessionHandle& self = call.SelfEvenClosed();
  if (self.session->open()) self.session->SetRecorder(nullptr);
  return nullptr;
}

napi_value Listen(Call& call) {
  SessionHandle& self = call.Self();
  if (self.events) throw BadArgument{"the session has a listener"};
  self.events = std::make_shared<EventInbox>(self.environment->lane, call.Uint32(0));
  self.session->Subscribe(self.events);
  return nullptr;
}

}  // namespace

const std::vector<Method>& MetricsMethods() {
  static const auto* const methods = new std::vector<Method>{
      {"gather", Entry<GatherMetrics>},
      {"record", Entry<Record>},
      {"endRecord", Entry<EndRecord>},
      {"listen", Entry<Listen>},
  };
  return *methods;
}

}  // namespace rocksdb_live
