// Who is told what once no lock is held: declare it before the lock.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "engine/replica/replica.h"

namespace rocksdb_live {

class Replica::Told {
 public:
  Told() = default;
  Told(const Told&) = delete;
  Told& operator=(const Told&) = delete;
  ~Told() { Tell(); }

  void Tell() {
    for (auto& [done, error] : std::exchange(dones_, {})) {
      if (done) done(error);
    }
    if (next_) std::exchange(next_, nullptr)(std::move(proposals_));
  }

  void Add(Done done, const Error& error) { dones_.emplace_back(std::move(done), error); }
  void AddNext(NextDone next, Result<std::string> proposals) {
    next_ = std::move(next);
    proposals_ = std::move(proposals);
  }

 private:
  std::vector<std::pair<Done, Error>> dones_;
  NextDone next_;
  Result<std::string> proposals_{std::string()};
};

}  // namespace rocksdb_live
