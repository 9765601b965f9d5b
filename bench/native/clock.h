// The clock of the limit program.
#pragma once

#include <chrono>
#include <cstdint>

namespace bench {

// Nanoseconds between Start and Stop, summed up.
class Clock {
 public:
  void Start() { started_ = std::chrono::steady_clock::now(); }
  void Stop() { ns_ += Since(started_); }
  int64_t ns() const { return ns_; }

 private:
  static int64_t Since(std::chrono::steady_clock::time_point time) {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now() -
                                                                time)
        .count();
  }

  std::chrono::steady_clock::time_point started_;
  int64_t ns_ = 0;
};

}  // namespace bench
