#include "accounts.h"

#include <atomic>
#include <filesystem>
#include <thread>
#include <vector>

#include "bank.h"

namespace bench {
namespace {

bool StartsWith(const std::string& text, const std::string& start) {
  return text.compare(0, start.size(), start) == 0;
}

bool Has(const std::string& text, const char* part) { return text.find(part) != std::string::npos; }

using Pairs = std::vector<AccountPair>;

// Transfers between all pairs, on so many threads.
void TransferOnThreads(Bank& bank, const Pairs& pairs, int threads) {
  std::atomic<size_t> next{0};
  const auto work = [&] {
    Lane lane;
    for (size_t i = next++; i < pairs.size(); i = next++) {
      bank.Transfer(lane, pairs[i].from, pairs[i].to);
    }
  };
  if (threads == 1) return work();
  std::vector<std::thread> running;
  for (int t = 0; t < threads; ++t) running.emplace_back(work);
  for (std::thread& thread : running) thread.join();
}

// One thread has so many open, and takes turns: each reads in one and is committed in the next.
void TransferInTurns(Bank& bank, const Pairs& pairs, size_t open) {
  struct Turn {
    Lane lane;
    size_t pair = 0;
    bool has_read = false;
  };
  std::vector<Turn> turns(open);
  size_t next = 0;
  for (Turn& turn : turns) {
    turn.lane.waits = false;
    turn.pair = next++;
  }
  for (size_t left = pairs.size(); left > 0;) {
    for (Turn& turn : turns) {
      if (turn.pair >= pairs.size()) continue;
      const AccountPair pair = pairs[turn.pair];
      if (!turn.has_read) {
        turn.has_read = bank.Read(turn.lane, pair.from, pair.to);
        continue;
      }
      turn.has_read = false;
      if (!bank.Commit(turn.lane, pair.from, pair.to)) continue;
      turn.pair = next++;
      --left;
    }
  }
}

Pairs MakePairs(uint64_t from, uint64_t to, uint32_t accounts) {
  Pairs pairs;
  for (uint64_t j = from; j < to; ++j) pairs.push_back(PairOf(j, accounts));
  return pairs;
}

// As in bench/support/accounts.mjs: account j % 1000 goes from value j to value j + 1000.
struct Step {
  uint32_t account;
  Slice current;
  Slice next;
};

std::vector<Step> MakeSteps(const Values& values, uint64_t from, uint64_t to) {
  std::vector<Step> steps;
  for (uint64_t j = from; j < to; ++j) {
    steps.push_back({static_cast<uint32_t>(j % kAccounts), values[j], values[j + kAccounts]});
  }
  return steps;
}

// Times `work` on what `make` gives of the operations from one to another, up to a million at a
// time.
template <typename Make, typename Work>
Figure TimedChunks(uint64_t ops, Make make, Work work) {
  Clock clock;
  for (uint64_t from = 0; from < ops; from += kChunkRows) {
    const auto chunk = make(from, std::min(from + kChunkRows, ops));
    clock.Start();
    work(chunk);
    clock.Stop();
  }
  return Figure{ops, clock.ns(), 0};
}

Figure Transfers(const Session&, Bank& bank, const std::string& kind, uint64_t ops) {
  const int in_flight = Has(kind, "-8-") ? 8 : 1;
  const uint32_t accounts = Has(kind, "-high") ? kHotAccounts : kAccounts;
  // The better figure: threads are, but where most of them would sleep for a lock.
  const bool in_turns = kind == "transfers-8-high";
  const Figure figure = TimedChunks(
      ops, [&](uint64_t from, uint64_t to) { return MakePairs(from, to, accounts); },
      [&](const Pairs& pairs) {
        if (in_turns) return TransferInTurns(bank, pairs, 8);
        TransferOnThreads(bank, pairs, in_flight);
      });
  bank.CheckSum();
  return figure;
}

Figure CompareAndWrites(const Session& session, Bank& bank, const std::string&, uint64_t ops) {
  for (uint32_t i = 0; i < kAccounts; ++i) bank.Put(i, session.values[i]);
  Lane lane;
  return TimedChunks(
      ops, [&](uint64_t from, uint64_t to) { return MakeSteps(session.values, from, to); },
      [&](const std::vector<Step>& steps) {
        for (const Step& step : steps) {
          if (!bank.CompareAndWrite(lane, step.account, step.current, step.next)) {
            Fail("compare-and-write: another value than was written");
          }
        }
      });
}

}  // namespace

bool IsOfAccounts(const std::string& kind) {
  return StartsWith(kind, "transfers-") || StartsWith(kind, "compare-and-write-");
}

Figure RunAccounts(const Session& session, const std::string& kind, uint64_t ops) {
  const Locks locks = Has(kind, "-optimistic") ? Locks::kOptimistic : Locks::kPessimistic;
  const auto work = StartsWith(kind, "transfers-") ? Transfers : CompareAndWrites;
  const std::string warm_directory = session.directory + "/warm";
  {
    Bank warm(session, warm_directory, locks);
    WarmUp([&] { work(session, warm, kind, std::min(ops, kWarmRows)); });
  }
  std::filesystem::remove_all(warm_directory);
  Bank bank(session, session.directory + "/db", locks);
  return work(session, bank, kind, ops);
}

}  // namespace bench
