#include "engine/watch/events.h"

#include <algorithm>
#include <numeric>

namespace rocksdb_live {
namespace {

double Number(uint64_t value) { return static_cast<double>(value); }

uint64_t TableBytes(const rocksdb::TableProperties& table) {
  return table.data_size + table.index_size + table.filter_size;
}

uint64_t BlobBytes(const std::vector<rocksdb::BlobFileAdditionInfo>& files) {
  return std::accumulate(files.begin(), files.end(), uint64_t{0},
                         [](uint64_t sum, const rocksdb::BlobFileAdditionInfo& file) {
                           return sum + file.total_blob_bytes;
                         });
}

const char* NameOf(rocksdb::WriteStallCondition condition) {
  switch (condition) {
    case rocksdb::WriteStallCondition::kDelayed:
      return "delayed";
    case rocksdb::WriteStallCondition::kStopped:
      return "stopped";
    case rocksdb::WriteStallCondition::kNormal:
      break;
  }
  return "normal";
}

const char* NameOf(rocksdb::BackgroundErrorReason reason) {
  switch (reason) {
    case rocksdb::BackgroundErrorReason::kFlush:
    case rocksdb::BackgroundErrorReason::kFlushNoWAL:
      return "flush";
    case rocksdb::BackgroundErrorReason::kCompaction:
      return "compaction";
    case rocksdb::BackgroundErrorReason::kWriteCallback:
      return "write";
    case rocksdb::BackgroundErrorReason::kMemTable:
      return "memtable";
    case rocksdb::BackgroundErrorReason::kManifestWrite:
    case rocksdb::BackgroundErrorReason::kManifestWriteNoWAL:
      return "manifest";
    default:
      break;  // a reason added in a later RocksDB
  }
  return "other";
}

const char* NameOf(rocksdb::Status::Severity severity) {
  switch (severity) {
    case rocksdb::Status::kHardError:
      return "hard";
    case rocksdb::Status::kFatalError:
      return "fatal";
    case rocksdb::Status::kUnrecoverableError:
      return "unrecoverable";
    default:
      return "soft";  // as HealthListener takes it
  }
}

}  // namespace

void Events::Subscribe(std::shared_ptr<EventSink> sink) {
  std::lock_guard<std::mutex> lock(mutex_);
  sinks_.push_back(std::move(sink));
}

void Events::Unsubscribe(const std::shared_ptr<EventSink>& sink) {
  std::lock_guard<std::mutex> lock(mutex_);
  sinks_.erase(std::remove(sinks_.begin(), sinks_.end(), sink), sinks_.end());
}

JobTotals Events::TotalsOf(uint32_t family) const {
  std::lock_guard<std::mutex> lock(mutex_);
  const auto found = totals_.find(family);
  return found == totals_.end() ? JobTotals() : found->second;
}

uint64_t Events::background_errors() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return background_errors_;
}

void Events::Tell(Event event) {
  const auto shared = std::make_shared<const Event>(std::move(event));
  std::lock_guard<std::mutex> lock(mutex_);
  for (const auto& sink : sinks_) sink->OnEvent(shared);
}

void Events::OnFlushCompleted(rocksdb::DB*, const rocksdb::FlushJobInfo& info) {
  const uint64_t bytes = TableBytes(info.table_properties);
  const uint64_t blob_bytes = BlobBytes(info.blob_file_addition_infos);
  {
    std::lock_guard<std::mutex> lock(mutex_);
    JobTotals& totals = totals_[info.cf_id];
    totals.flushes += 1;
    totals.flush_written_bytes += bytes + blob_bytes;
  }
  Tell({"flush",
        {{"columnFamily", info.cf_name},
         {"reason", rocksdb::GetFlushReasonString(info.flush_reason)},
         {"file", info.file_path},
         {"entries", Number(info.table_properties.num_entries)},
         {"bytes", Number(bytes)},
         {"blobBytes", Number(blob_bytes)}}});
}

void Events::OnCompactionCompleted(rocksdb::DB*, const rocksdb::CompactionJobInfo& info) {
  const rocksdb::CompactionJobStats& stats = info.stats;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    JobTotals& totals = totals_[info.cf_id];
    totals.compactions += 1;
    totals.compaction_read_bytes += stats.total_input_bytes + stats.total_blob_bytes_read;
    totals.compaction_written_bytes += stats.total_output_bytes + stats.total_output_bytes_blob;
    totals.compaction_micros += stats.elapsed_micros;
  }
  Event event{"compaction",
              {{"columnFamily", info.cf_name},
               {"reason", rocksdb::GetCompactionReasonString(info.compaction_reason)},
               {"inputLevel", static_cast<double>(info.base_input_level)},
               {"outputLevel", static_cast<double>(info.output_level)},
               {"inputFiles", Number(info.input_files.size())},
               {"outputFiles", Number(info.output_files.size())},
               {"inputBytes", Number(stats.total_input_bytes)},
               {"outputBytes", Number(stats.total_output_bytes)},
               {"inputEntries", Number(stats.num_input_records)},
               {"outputEntries", Number(stats.num_output_records)},
               {"durationMs", Number(stats.elapsed_micros) / 1000}}};
  if (!info.status.ok()) event.fields.emplace_back("error", info.status.ToString());
  Tell(std::move(event));
}

void Events::OnStallConditionsChanged(const rocksdb::WriteStallInfo& info) {
  Tell({"stall",
        {{"columnFamily", info.cf_name},
         {"state", NameOf(info.condition.cur)},
         {"previous", NameOf(info.condition.prev)}}});
}

void Events::OnBackgroundError(rocksdb::BackgroundErrorReason reason, rocksdb::Status* error) {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    background_errors_ += 1;
  }
  Tell({"backgroundError",
        {{"reason", NameOf(reason)},
         {"severity", NameOf(error->severity())},
         {"message", error->ToString()}}});
}

void Events::OnExternalFileIngested(rocksdb::DB*, const rocksdb::ExternalFileIngestionInfo& info) {
  Tell({"ingest",
        {{"columnFamily", info.cf_name},
         {"externalFile", info.external_file_path},
         {"file", info.internal_file_path},
         {"entries", Number(info.table_properties.num_entries)},
         {"bytes", Number(TableBytes(info.table_properties))}}});
}

}  // namespace rocksdb_live
