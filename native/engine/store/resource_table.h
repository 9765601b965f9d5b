// The table of what a session has open. Each resource has a number, which JavaScript holds. The
// kinds are in base/resource.h.
//
// Used on the session's own thread; the counts may be read on any thread.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <memory>
#include <unordered_map>
#include <utility>

#include "engine/base/error.h"
#include "engine/base/resource.h"

namespace rocksdb_live {

// How many resources of each kind are open in all tables of a store. Any thread.
class ResourceCounts {
 public:
  int64_t Of(ResourceKind kind) const {
    return counts_[static_cast<size_t>(kind)].load(std::memory_order_relaxed);
  }
  void Add(ResourceKind kind, int64_t difference) {
    counts_[static_cast<size_t>(kind)].fetch_add(difference, std::memory_order_relaxed);
  }

 private:
  std::array<std::atomic<int64_t>, kResourceKinds> counts_{};
};

class ResourceTable {
 public:
  using Clock = std::chrono::steady_clock;

  // `counts` must outlive the table. `first_id` lets tests see what happens when the numbers wrap
  // around.
  explicit ResourceTable(ResourceCounts* counts, uint32_t first_id = 1)
      : counts_(counts), next_id_(first_id) {}
  ResourceTable(const ResourceTable&) = delete;
  ResourceTable& operator=(const ResourceTable&) = delete;
  ~ResourceTable() { EndAll(); }

  // Returns the resource's number: unique and never 0, which means "none".
  template <typename T>
  uint32_t Add(std::shared_ptr<T> resource) {
    const uint32_t id = NextId();
    entries_.emplace(id, Entry{std::move(resource), Clock::now(), T::kKind});
    counts_->Add(T::kKind, 1);
    return id;
  }

  // Null with kClosed if no T with this number is open.
  template <typename T>
  std::shared_ptr<T> Find(uint32_t id, Error* error) const {
    const Entry* const entry = FindEntry<T>(id, error);
    return entry == nullptr ? nullptr : std::static_pointer_cast<T>(entry->resource);
  }

  // Like Find, but null with kBusy while a job uses the resource.
  template <typename T>
  std::shared_ptr<T> FindIdle(uint32_t id, Error* error) const {
    const Entry* const entry = FindEntry<T>(id, error);
    if (entry == nullptr) return nullptr;
    if (!entry->busy) return std::static_pointer_cast<T>(entry->resource);
    *error = Error(Code::kBusy, T::kBusy);
    return nullptr;
  }

  // Marks the resource as used by a job, or no longer. Ignores numbers of ended resources.
  void SetBusy(uint32_t id, bool busy) {
    const auto found = entries_.find(id);
    if (found != entries_.end()) found->second.busy = busy;
  }

  // Removes it; a job that uses it keeps it alive until the job ends. Returns false if it has
  // already ended.
  bool End(uint32_t id) {
    const auto found = entries_.find(id);
    if (found == entries_.end()) return false;
    counts_->Add(found->second.kind, -1);
    entries_.erase(found);
    return true;
  }

  // Removes everything, kind by kind.
  void EndAll() {
    for (size_t kind = 0; kind < kResourceKinds; ++kind) {
      for (auto at = entries_.begin(); at != entries_.end();) {
        if (static_cast<size_t>(at->second.kind) != kind) {
          ++at;
          continue;
        }
        counts_->Add(at->second.kind, -1);
        at = entries_.erase(at);
      }
    }
  }

  size_t Count(ResourceKind kind) const {
    size_t count = 0;
    for (const auto& [id, entry] : entries_) count += entry.kind == kind ? 1 : 0;
    return count;
  }

  // How long the oldest resource of a kind has been open; zero if there is none.
  Clock::duration Age(ResourceKind kind) const {
    const Clock::time_point now = Clock::now();
    Clock::duration age{0};
    for (const auto& [id, entry] : entries_) {
      if (entry.kind == kind && now - entry.since > age) age = now - entry.since;
    }
    return age;
  }

 private:
  struct Entry {
    std::shared_ptr<void> resource;
    Clock::time_point since;
    ResourceKind kind;
    bool busy = false;
  };

  template <typename T>
  const Entry* FindEntry(uint32_t id, Error* error) const {
    const auto found = entries_.find(id);
    if (found != entries_.end() && found->second.kind == T::kKind) return &found->second;
    *error = Error(Code::kClosed, T::kClosed);
    return nullptr;
  }

  uint32_t NextId() {
    uint32_t id = next_id_++;
    while (id == 0 || entries_.count(id) != 0) id = next_id_++;
    return id;
  }

  ResourceCounts* const counts_;
  uint32_t next_id_;
  std::unordered_map<uint32_t, Entry> entries_;
};

}  // namespace rocksdb_live
