#include "engine/writes/write_gate.h"

#include <atomic>
#include <thread>
#include <vector>

#include "engine/tests/support.h"

namespace rocksdb_live {
namespace {

TEST(WriteGate, LetsWritersInSideBySide) {
  WriteGate gate;
  gate.Enter();
  EXPECT_TRUE(gate.TryEnter());
  EXPECT_FALSE(gate.TryClose());
  gate.Leave();
  EXPECT_FALSE(gate.TryClose());
  gate.Leave();
  EXPECT_TRUE(gate.TryClose());
  EXPECT_FALSE(gate.TryEnter());
  EXPECT_FALSE(gate.TryClose());
  gate.Open();
  EXPECT_TRUE(gate.TryEnter());
  gate.Leave();
}

TEST(WriteGate, IsAloneWhereItIsClosed) {
  WriteGate gate;
  std::atomic<int> inside{0};
  std::atomic<int> met{0};
  uint64_t alone = 0;  // guarded by the gate
  std::vector<std::thread> threads;
  threads.reserve(6);
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 20000; ++n) {
        const GatePass pass(&gate);
        inside.fetch_add(1);
        inside.fetch_sub(1);
      }
    });
  }
  for (int i = 0; i < 2; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 5000; ++n) {
        if (n % 2 == 0 && !gate.TryClose()) continue;
        if (n % 2 == 1) gate.Close();
        const GateClosed closed(&gate, std::adopt_lock);
        if (inside.load() != 0) met.fetch_add(1);
        ++alone;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(met.load(), 0);
  EXPECT_GE(alone, 5000U);
}

TEST(WriteGate, HasWritersWaitBehindWhoWaitsToClose) {
  WriteGate gate;
  gate.Enter();
  std::thread closer([&] {
    gate.Close();
    gate.Open();
  });
  // It has announced that it wants to close once nobody else gets in.
  while (gate.TryEnter()) gate.Leave();
  std::thread writer([&] {
    gate.Enter();
    gate.Leave();
  });
  gate.Leave();
  closer.join();
  writer.join();
}

}  // namespace
}  // namespace rocksdb_live
