// The ordered queue of a database's writes.
//
// Batches leave it in the order they came. Those that wait together with the same flags are merged
// into one RocksDB write, so that a thousand synced puts share a few fsyncs. One thread, started
// with the first batch, does the writing. The queue must be destroyed before the parts of the store
// it uses: its destructor writes what waits, then joins the thread.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "engine/base/error.h"
#include "engine/base/timings.h"
#include "engine/watch/recorder.h"
#include "engine/writes/checked_write.h"
#include "engine/writes/proposals.h"

namespace rocksdb_live {

// Hears, on the queue's thread, how the batches it submitted ended.
class CommitSink {
 public:
  virtual ~CommitSink() = default;
  virtual void OnCommitted(std::vector<uint32_t> ids, const Error& error) = 0;
  // Comes before it, of those that were submitted on a thread that measures.
  virtual void OnMeasured(uint32_t /*id*/, const Timings& /*timings*/) {}
};

class CommitQueue {
 public:
  // Writes a batch in wire format; may move from the string. `parts` are the sizes of the batches
  // it was merged from if somebody records them; otherwise empty.
  using Write =
      std::function<Error(std::string* batch, uint32_t flags, const std::vector<BatchSize>& parts)>;
  // Makes a batch when its turn has come.
  using Prepare = std::function<Error(std::string* batch)>;
  // Checks each write and makes those whose condition holds; returns how each ended.
  using WriteChecked =
      std::function<std::vector<Error>(const std::vector<CheckedWrite*>& writes, uint32_t flags)>;

  // `recorders` may be null, and must outlive the queue.
  explicit CommitQueue(Write write, WriteChecked write_checked = nullptr,
                       Recorders* recorders = nullptr)
      : write_(std::move(write)), write_checked_(std::move(write_checked)), recorders_(recorders) {}
  CommitQueue(const CommitQueue&) = delete;
  CommitQueue& operator=(const CommitQueue&) = delete;
  ~CommitQueue();

  // Passes everything to `proposals` instead of writing it, and goes on while they are under way.
  // Call before the first batch. They must have ended when the queue is destroyed.
  void UseProposals(Proposals* proposals) { proposals_ = proposals; }

  // `sink` hears how `id` ended; `hold` is released after that. Throws std::system_error if the
  // thread cannot be started.
  void Submit(std::string batch, uint32_t flags, uint32_t id, std::shared_ptr<CommitSink> sink,
              std::shared_ptr<void> hold);
  // A batch that is made only when everything before it has been written.
  void SubmitPrepared(Prepare prepare, uint32_t flags, std::function<void(const Error&)> done,
                      std::shared_ptr<void> hold);
  // A write that is checked when its turn has come.
  void SubmitChecked(std::shared_ptr<CheckedWrite> write, uint32_t flags,
                     std::function<void(const Error&)> done, std::shared_ptr<void> hold);
  // Waits for everything before it and for the write itself.
  Error SubmitAndWait(std::string batch, uint32_t flags);
  Error SubmitCheckedAndWait(std::shared_ptr<CheckedWrite> write, uint32_t flags);

  // Nothing waits and no write is in progress: a write made now keeps the order.
  bool idle() const { return length() == 0; }
  // How many items wait or are being written.
  size_t length() const { return pending_.load(std::memory_order_acquire); }

 private:
  struct Item {
    std::shared_ptr<void> hold;  // first, so that it is released last
    std::string batch;
    uint32_t flags = 0;
    uint32_t id = 0;
    std::shared_ptr<CommitSink> sink;        // or
    std::function<void(const Error&)> done;  // one of the two
    Prepare prepare;
    std::shared_ptr<CheckedWrite> checked;
    Recorders::Clock::time_point since;  // zero if nobody records or measures
    bool measured = false;
    Timings timings;
  };

  static bool IsChecked(const Item& item);
  static size_t SizeOf(const Item& item);
  bool recorded() const { return recorders_ != nullptr && recorders_->any(); }
  void RecordWaits(const std::vector<Item>& group);
  // Notes how long those that are measured have waited; returns whether there are any.
  static bool MeasureWaits(std::vector<Item>* group);
  void Push(Item item);
  void Loop();
  std::vector<Item> TakeGroup();
  void WriteGroup(std::vector<Item>* group);
  // What a group was before it was merged into its first batch.
  struct Merged {
    size_t size = 0;
    uint32_t count = 0;
    std::vector<BatchSize> parts;
  };
  Merged Merge(std::vector<Item>* group);
  Error WriteMerged(std::vector<Item>* group);
  void ProposeGroup(std::vector<Item> group);
  Error ProposeMerged(const std::shared_ptr<std::vector<Item>>& group);
  void ProposeChecked(std::vector<Item>* group);
  void WriteEachChecked(std::vector<Item>* group);
  Error WriteOne(Item* item);
  void Finish(const std::vector<Item>& group, const Error& error);
  void Announce(const std::vector<Item>& group, const Error& error);

  const Write write_;
  const WriteChecked write_checked_;
  Recorders* const recorders_;
  Proposals* proposals_ = nullptr;
  std::atomic<size_t> pending_{0};
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Item> items_;
  bool stopping_ = false;
  double wal_before_ms_ = 0;  // of the queue's thread, before the group that it writes
  std::thread thread_;
};

}  // namespace rocksdb_live
