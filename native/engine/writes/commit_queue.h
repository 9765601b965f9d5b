// The ordered queue of a database's writes.
//
// Batches leave it in the order they came. Those that wait together and ask for the same things are
// merged into one RocksDB write, so that a thousand synced puts share a few fsyncs. One thread,
// started with the first batch, does the writing. It may outlive no part of the store: destroying
// the queue writes what waits, then joins it.
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
#include "engine/watch/recorder.h"
#include "engine/writes/checked_write.h"

namespace rocksdb_live {

// Told, on the queue's thread, what became of the batches it submitted.
class CommitSink {
 public:
  virtual ~CommitSink() = default;
  virtual void OnCommitted(std::vector<uint32_t> ids, const Error& error) = 0;
};

class CommitQueue {
 public:
  // Writes a batch in wire format; may take the string's contents. `parts` are the sizes of the
  // batches that it was merged of, where somebody records them; else it is empty.
  using Write =
      std::function<Error(std::string* batch, uint32_t flags, const std::vector<BatchSize>& parts)>;
  // Makes a batch when its turn has come.
  using Prepare = std::function<Error(std::string* batch)>;
  // Looks at each, and writes those that hold; says of each how that ended.
  using WriteChecked =
      std::function<std::vector<Error>(const std::vector<CheckedWrite*>& writes, uint32_t flags)>;

  // `recorders` may be null, and outlives the queue.
  explicit CommitQueue(Write write, WriteChecked write_checked = nullptr,
                       Recorders* recorders = nullptr)
      : write_(std::move(write)), write_checked_(std::move(write_checked)), recorders_(recorders) {}
  CommitQueue(const CommitQueue&) = delete;
  CommitQueue& operator=(const CommitQueue&) = delete;
  ~CommitQueue();

  // `sink` hears of `id`, and `hold` is let go after that. Throws std::system_error where the
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

  // Nothing waits and nothing is being written: a write made now keeps the order.
  bool idle() const { return length() == 0; }
  // How many wait or are being written.
  size_t length() const { return pending_.load(std::memory_order_acquire); }

 private:
  struct Item {
    std::shared_ptr<void> hold;  // first, so that it is let go last
    std::string batch;
    uint32_t flags = 0;
    uint32_t id = 0;
    std::shared_ptr<CommitSink> sink;        // or
    std::function<void(const Error&)> done;  // one of the two
    Prepare prepare;
    std::shared_ptr<CheckedWrite> checked;
    Recorders::Clock::time_point since;  // zero where nobody records
  };

  static bool IsChecked(const Item& item);
  static size_t SizeOf(const Item& item);
  bool recorded() const { return recorders_ != nullptr && recorders_->any(); }
  void RecordWaits(const std::vector<Item>& group);
  void Push(Item item);
  void Loop();
  std::vector<Item> TakeGroup();
  void WriteGroup(std::vector<Item>* group);
  Error WriteMerged(std::vector<Item>* group);
  void WriteEachChecked(std::vector<Item>* group);
  Error WriteOne(Item* item);
  void Finish(const std::vector<Item>& group, const Error& error);
  static void Announce(const std::vector<Item>& group, const Error& error);

  const Write write_;
  const WriteChecked write_checked_;
  Recorders* const recorders_;
  std::atomic<size_t> pending_{0};
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Item> items_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace rocksdb_live
