#include "engine/jobs/statistics.h"

#include "rocksdb/statistics.h"

namespace rocksdb_live {
namespace {

HistogramSummary Summarize(const rocksdb::HistogramData& data) {
  HistogramSummary summary;
  summary.count = static_cast<double>(data.count);
  summary.sum = static_cast<double>(data.sum);
  summary.min = data.count == 0 ? 0 : data.min;
  summary.max = data.max;
  summary.average = data.average;
  summary.median = data.median;
  summary.p95 = data.percentile95;
  summary.p99 = data.percentile99;
  summary.standard_deviation = data.standard_deviation;
  return summary;
}

}  // namespace

StatisticsFigures ReadStatistics(const SharedObjects& shared) {
  StatisticsFigures figures;
  rocksdb::Statistics* const statistics = shared.statistics().get();
  if (statistics == nullptr) return figures;
  for (const auto& [ticker, name] : rocksdb::TickersNameMap) {
    figures.tickers.emplace_back(name, static_cast<double>(statistics->getTickerCount(ticker)));
  }
  for (const auto& [histogram, name] : rocksdb::HistogramsNameMap) {
    rocksdb::HistogramData data;
    statistics->histogramData(histogram, &data);
    figures.histograms.emplace_back(name, Summarize(data));
  }
  return figures;
}

}  // namespace rocksdb_live
