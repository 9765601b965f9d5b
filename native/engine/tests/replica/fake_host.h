// A replica's database for tests: it remembers what was written, and fails when asked to.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "engine/replica/replica.h"
#include "engine/tests/support.h"

namespace rocksdb_live {
namespace testing {

class FakeHost : public ReplicaHost {
 public:
  static constexpr uint32_t kHidden = 9;

  FakeHost() { window_.TrackAlways(); }

  Error CheckProposal(const rocksdb::Slice& batch, const std::set<uint32_t>& dropping,
                      FamilyNames* names) override {
    BatchWalk walk(batch);
    BatchRecord record;
    while (walk.Next(&record)) {
      const bool known = record.family == 0 || families_.count(record.family) != 0;
      if (!known || dropping.count(record.family) != 0) {
        return Error(Code::kDropped, "dropped", Outcome::kNotApplied);
      }
      names->emplace(record.family, record.family == 0 ? "default" : families_[record.family]);
    }
    return Error();
  }
  bool FindNumber(const std::string& name, uint32_t* number) const override {
    *number = 0;
    if (name == "default") return true;
    for (const auto& [id, known] : families_) {
      *number = id;
      if (known == name) return true;
    }
    return false;
  }
  uint32_t hidden() const override { return kHidden; }
  Error WriteLogged(std::string* batch, uint32_t flags, const std::vector<BatchSize>&,
                    bool known) override {
    Gate* gate = nullptr;
    {
      std::lock_guard<std::mutex> lock(mutex_);
      std::swap(gate, gate_);
    }
    if (gate != nullptr) {
      entered_.Open();
      gate->Wait();
    }
    std::lock_guard<std::mutex> lock(mutex_);
    if (!failure_.ok()) return std::exchange(failure_, Error());
    if (!known) window_.Add(*batch);
    writes_.push_back(Read(*batch));
    writes_.back().flags = flags;
    return Error();
  }
  Error MakeLogged(const std::string& name, const std::string&) override {
    families_[next_++] = name;
    return Error();
  }
  Error DropLogged(const std::string& name) override {
    uint32_t number = 0;
    if (FindNumber(name, &number)) families_.erase(number);
    return Error();
  }
  Error SyncLog() override {
    ++syncs_;
    return Error();
  }
  CommitWindow& window() override { return window_; }

  struct Written {
    std::vector<std::string> keys;
    ReplicaPosition place;
    size_t places = 0;
    uint32_t flags = 0;
  };
  std::vector<Written> writes() {
    std::lock_guard<std::mutex> lock(mutex_);
    return writes_;
  }
  int syncs() const { return syncs_; }
  void Fail(Error error) {
    std::lock_guard<std::mutex> lock(mutex_);
    failure_ = std::move(error);
  }
  // Blocks the next write.
  void Hold(Gate* gate) {
    std::lock_guard<std::mutex> lock(mutex_);
    gate_ = gate;
  }
  void WaitEntered() { entered_.Wait(); }

 private:
  static Written Read(const std::string& batch) {
    Written written;
    BatchWalk walk(batch);
    BatchRecord record;
    uint32_t count = 0;
    for (; walk.Next(&record); ++count) {
      if (record.family != kHidden) {
        written.keys.push_back(record.key.ToString());
        continue;
      }
      ++written.places;
      EXPECT_EQ(record.key.ToString(), kPlaceKey);
      EXPECT_TRUE(UnpackPosition(record.second.ToString(), &written.place));
    }
    EXPECT_EQ(count, BatchCount(batch));
    return written;
  }

  CommitWindow window_{1 << 20};
  std::mutex mutex_;
  std::map<uint32_t, std::string> families_;
  uint32_t next_ = 10;
  std::vector<Written> writes_;
  std::atomic<int> syncs_{0};
  Error failure_;
  Gate* gate_ = nullptr;
  Gate entered_;
};

}  // namespace testing
}  // namespace rocksdb_live
