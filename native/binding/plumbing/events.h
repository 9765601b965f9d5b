// Events on their way from RocksDB's threads to one environment.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <vector>

#include "binding/plumbing/lane.h"
#include "engine/watch/events.h"

namespace rocksdb_live {

class EventInbox : public EventSink, public std::enable_shared_from_this<EventInbox> {
 public:
  // `listener` is the number by which lib/ knows the subscriber.
  EventInbox(std::shared_ptr<Lane> lane, uint32_t listener)
      : lane_(std::move(lane)), listener_(listener) {}

  void OnEvent(const std::shared_ptr<const Event>& event) override;
  // How many events were dropped because JavaScript did not take the earlier ones in time.
  uint64_t dropped() const { return dropped_.load(std::memory_order_relaxed); }
  // Call on the environment's thread.
  void Deliver(Environment* environment);

 private:
  const std::shared_ptr<Lane> lane_;
  const uint32_t listener_;
  std::atomic<uint64_t> dropped_{0};
  std::mutex mutex_;
  std::vector<std::shared_ptr<const Event>> waiting_;
};

}  // namespace rocksdb_live
