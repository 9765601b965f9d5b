// Events that RocksDB reports while it is open: flushes, compactions, stalls, errors, ingested
// files. They are counted for metrics and passed on to subscribers.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "rocksdb/listener.h"

namespace rocksdb_live {

// Named as in lib/native/events.ts.
struct Event {
  using Value = std::variant<double, std::string>;
  const char* type = "";
  std::vector<std::pair<const char*, Value>> fields;
};

// Called on RocksDB's threads, which it must not block.
class EventSink {
 public:
  virtual ~EventSink() = default;
  virtual void OnEvent(const std::shared_ptr<const Event>& event) = 0;
};

// Counts of one family since the database was opened.
struct JobTotals {
  uint64_t flushes = 0;
  uint64_t flush_written_bytes = 0;
  uint64_t compactions = 0;
  uint64_t compaction_read_bytes = 0;
  uint64_t compaction_written_bytes = 0;
  uint64_t compaction_micros = 0;
};

class Events : public rocksdb::EventListener {
 public:
  void Subscribe(std::shared_ptr<EventSink> sink);
  // Ignores null and sinks that are not subscribed. No event is passed on after it has returned.
  void Unsubscribe(const std::shared_ptr<EventSink>& sink);

  // By the family's number.
  JobTotals TotalsOf(uint32_t family) const;
  uint64_t background_errors() const;

  void OnFlushCompleted(rocksdb::DB* db, const rocksdb::FlushJobInfo& info) override;
  void OnCompactionCompleted(rocksdb::DB* db, const rocksdb::CompactionJobInfo& info) override;
  void OnStallConditionsChanged(const rocksdb::WriteStallInfo& info) override;
  void OnBackgroundError(rocksdb::BackgroundErrorReason reason, rocksdb::Status* error) override;
  void OnExternalFileIngested(rocksdb::DB* db,
                              const rocksdb::ExternalFileIngestionInfo& info) override;

 private:
  void Tell(Event event);

  mutable std::mutex mutex_;
  std::vector<std::shared_ptr<EventSink>> sinks_;
  std::map<uint32_t, JobTotals> totals_;
  uint64_t background_errors_ = 0;
};

}  // namespace rocksdb_live
