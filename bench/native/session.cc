#include "session.h"

#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>

#include "accounts.h"
#include "workloads.h"

namespace bench {
namespace {

std::function<uint64_t(uint64_t)> From(uint64_t first) {
  return [first](uint64_t j) { return first + j; };
}

std::function<uint64_t(uint64_t)> Again(uint64_t rows) {
  return [rows](uint64_t j) { return j % rows; };
}

std::function<uint64_t(uint64_t)> InOrder(uint32_t rows, uint32_t seed) {
  return [order = Shuffled(rows, seed)](uint64_t j) { return uint64_t{order[j % order.size()]}; };
}

Chunk MakeChunk(const Session& session, const Plan& plan, uint64_t from, uint64_t to) {
  Chunk chunk;
  chunk.values = &session.values;
  chunk.keys.resize((to - from) * kKeySize);
  chunk.rows.resize(to - from);
  chunk.first.resize(to - from);
  for (uint64_t j = from; j < to; ++j) {
    const uint64_t row = plan.row(j);
    chunk.rows[j - from] = static_cast<uint32_t>(row);
    chunk.first[j - from] = session.values[row].data()[0];
    WriteKey(row, plan.sequential, &chunk.keys[(j - from) * kKeySize]);
  }
  return chunk;
}

// The first rows of a plan, to warm up with.
Plan Few(const Plan& plan, uint64_t most = kWarmRows) {
  return {std::min(plan.count, most), plan.sequential, plan.row};
}

using Loop = std::function<void(Database&, const Chunk&)>;

struct FreshKind {
  const char* name;
  bool sequential;
  bool overwrite;
  Loop loop;
  uint64_t keys = 0;  // where it is not 0, so many are written again and again
};

const std::vector<FreshKind>& FreshKinds() {
  const auto batches = [](size_t rows) -> Loop {
    return [rows](Database& db, const Chunk& chunk) { WriteBatches(db, chunk, rows); };
  };
  static const std::vector<FreshKind> kinds = {
      {"fill-seq-1000", true, false, batches(1000)},
      {"fill-seq-10", true, false, batches(10)},
      {"fill-random-1000", false, false, batches(1000)},
      {"fill-random-10", false, false, batches(10)},
      {"overwrite-1000", false, true, batches(1000)},
      {"batch-two-families", false, false,
       [](Database& db, const Chunk& chunk) { WriteTwoFamilies(db, chunk, 1000); }},
      {"put-sync", false, false, Put},
      {"put-again-sync", false, false, Put, kAccounts},
      {"put-fsync", false, false, PutDurable},
      {"put-fsync-64", false, false,
       [](Database& db, const Chunk& chunk) { WriteDurableBatches(db, chunk, 64); }},
  };
  return kinds;
}

void Load(const Session& session, Database& db) {
  const Plan plan{session.rows, false, From(0)};
  Timed(session, plan, [&](const Chunk& chunk) { WriteBatches(db, chunk, session.BatchRows()); });
}

int64_t ResidentBytes() {
  std::ifstream file("/proc/self/statm");
  int64_t total = 0;
  int64_t resident = 0;
  if (!(file >> total >> resident)) Fail("no /proc/self/statm on this system");
  return resident * sysconf(_SC_PAGESIZE);
}

Figure Memory(const Session& session) {
  const Plan plan{session.rows, false, From(0)};
  const Chunk chunk = MakeChunk(session, plan, 0, session.rows);
  const int64_t before = ResidentBytes();
  Database db(session.directory + "/db", session.settings);
  WriteBatches(db, chunk, session.BatchRows());
  Figure figure;
  figure.value = static_cast<double>(ResidentBytes() - before) / 1e6;
  return figure;
}

Figure OpenTime(const Session& session, uint64_t times) {
  const std::string directory = session.directory + "/db";
  {
    Database db(directory, session.settings);
    Load(session, db);
    db.FlushAndCompact();
  }
  std::vector<double> milliseconds;
  for (uint64_t i = 0; i < times; ++i) {
    Clock clock;
    const Database db(directory, session.settings, &clock);
    milliseconds.push_back(static_cast<double>(clock.ns()) / 1e6);
  }
  std::sort(milliseconds.begin(), milliseconds.end());
  Figure figure;
  figure.value = milliseconds[milliseconds.size() / 2];
  return figure;
}

void Expect(uint64_t wrong, const std::string& kind) {
  if (wrong != 0) Fail(kind + ": " + std::to_string(wrong) + " reads were wrong");
}

Figure TimedReads(const Session& session, const std::string& kind, const Plan& plan,
                  const std::function<uint64_t(const Chunk&)>& read) {
  uint64_t wrong = 0;
  const auto count = [&](const Chunk& chunk) { wrong += read(chunk); };
  const Plan few = Few(plan);
  WarmUp([&] { Timed(session, few, count); });
  const Figure figure = Timed(session, plan, count);
  Expect(wrong, kind);
  return figure;
}

Figure TimedScans(const Session& session, Database& db, bool reverse, uint64_t ops) {
  const uint64_t expected = SortedRows(session.rows, session.values).Total();
  const uint64_t passes = std::max<uint64_t>(1, ops / session.rows);
  WarmUp([&] { Scan(db, reverse, kWarmRows); });
  Clock clock;
  for (uint64_t pass = 0; pass < passes; ++pass) {
    clock.Start();
    const uint64_t sum = Scan(db, reverse, UINT64_MAX);
    clock.Stop();
    if (sum != expected) Fail("a scan saw other rows than were written");
  }
  return Figure{passes * session.rows, clock.ns(), 0};
}

Figure TimedRanges(const Session& session, Database& db, uint64_t ops) {
  constexpr size_t kLimit = 100;
  const SortedRows sorted(session.rows, session.values);
  uint64_t seen = 0;
  uint64_t expected = 0;
  const Plan plan{ops, false, InOrder(session.rows, kReadSeed)};
  for (uint64_t j = 0; j < ops; ++j) expected += sorted.SumFrom(plan.row(j), kLimit);
  const auto walk = [&](const Chunk& chunk) { seen += ScanRanges(db, chunk, kLimit); };
  const Plan few = Few(plan, kWarmRows / kLimit);
  WarmUp([&] { Timed(session, few, walk); });
  seen = 0;
  Figure figure = Timed(session, plan, walk);
  if (seen != expected) Fail("ranges had other rows than were written");
  figure.ops *= kLimit;
  return figure;
}

// Several threads do `work`, each on a chunk of its own; all are warmed up, and start at once.
Figure InThreads(const Session& session, int threads, const std::function<Plan(int)>& plan,
                 const std::function<void(const Chunk&)>& work) {
  std::vector<Chunk> chunks;
  std::vector<Chunk> warm;
  uint64_t ops = 0;
  for (int t = 0; t < threads; ++t) {
    const Plan mine = plan(t);
    chunks.push_back(MakeChunk(session, mine, 0, mine.count));
    warm.push_back(MakeChunk(session, mine, 0, Few(mine).count));
    ops += mine.count;
  }
  std::atomic<int> ready{0};
  std::atomic<bool> go{false};
  std::vector<std::thread> running;
  for (size_t t = 0; t < chunks.size(); ++t) {
    running.emplace_back([&, t] {
      WarmUp([&] { work(warm[t]); });
      ++ready;
      while (!go.load()) std::this_thread::yield();
      work(chunks[t]);
    });
  }
  while (ready.load() < threads) std::this_thread::yield();
  Clock clock;
  clock.Start();
  go = true;
  for (std::thread& thread : running) thread.join();
  clock.Stop();
  return Figure{ops, clock.ns(), 0};
}

Figure ReadInThreads(const Session& session, Database& db, int threads, uint64_t ops) {
  std::atomic<uint64_t> wrong{0};
  const auto plan = [&](int t) {
    return Plan{ops, false, InOrder(session.rows, kReadSeed + static_cast<uint32_t>(t))};
  };
  const Figure figure =
      InThreads(session, threads, plan, [&](const Chunk& chunk) { wrong += Get(db, chunk); });
  Expect(wrong, "workers");
  return figure;
}

Figure WriteInThreads(const Session& session, Database& db, int threads, uint64_t ops) {
  const auto plan = [&](int t) {
    const uint64_t place = static_cast<uint64_t>(threads) * (threads - 1) / 2 + t;
    return Plan{ops, false, From(session.rows + place * ops)};
  };
  return InThreads(session, threads, plan, [&](const Chunk& chunk) { Put(db, chunk); });
}

}  // namespace

void WarmUp(const std::function<void()>& pass) {
  constexpr std::chrono::milliseconds kTime(400);
  const auto end = std::chrono::steady_clock::now() + kTime;
  do {
    pass();
  } while (std::chrono::steady_clock::now() < end);
}

Figure Timed(const Session& session, const Plan& plan,
             const std::function<void(const Chunk&)>& work) {
  Clock clock;
  for (uint64_t from = 0; from < plan.count; from += kChunkRows) {
    const Chunk chunk = MakeChunk(session, plan, from, std::min(from + kChunkRows, plan.count));
    clock.Start();
    work(chunk);
    clock.Stop();
  }
  return Figure{plan.count, clock.ns(), 0};
}

Figure RunFresh(const Session& session, const std::string& kind, uint64_t ops) {
  if (kind == "memory") return Memory(session);
  if (kind == "open") return OpenTime(session, ops);
  if (IsOfAccounts(kind)) return RunAccounts(session, kind, ops);
  const auto& kinds = FreshKinds();
  const auto found = std::find_if(kinds.begin(), kinds.end(),
                                  [&](const FreshKind& fresh) { return kind == fresh.name; });
  if (found == kinds.end()) Fail("no such workload: " + kind);
  const auto rows = found->keys == 0 ? From(0) : Again(found->keys);
  Database db(session.directory + "/db", session.settings);
  {
    Database warm(session.directory + "/warm", session.settings);
    const Plan plan{std::min(ops, kWarmRows), found->sequential, rows};
    WarmUp([&] { Timed(session, plan, [&](const Chunk& chunk) { found->loop(warm, chunk); }); });
  }
  std::filesystem::remove_all(session.directory + "/warm");
  if (found->overwrite) Load(session, db);
  const Plan plan{ops, found->sequential,
                  found->overwrite ? InOrder(session.rows, kWriteSeed) : rows};
  return Timed(session, plan, [&](const Chunk& chunk) { found->loop(db, chunk); });
}

std::unique_ptr<Database> OpenLoaded(const Session& session) {
  const std::string directory = session.directory + "/db";
  auto db = std::make_unique<Database>(directory, session.settings);
  Load(session, *db);
  db->FlushAndCompact();
  if (session.reopen) {
    db.reset();
    db = std::make_unique<Database>(directory, session.settings);
  }
  if (session.read_once) {
    const Plan plan{session.rows, false, InOrder(session.rows, kWriteSeed)};
    Timed(session, plan, [&](const Chunk& chunk) { Expect(Get(*db, chunk), "first reads"); });
  }
  return db;
}

Figure RunLoaded(const Session& session, Database& db, const std::string& kind, uint64_t ops) {
  const Plan reads{ops, false, InOrder(session.rows, kReadSeed)};
  const Plan missing{ops, false, From(session.rows)};
  const auto timed = [&](const Plan& plan, const std::function<uint64_t(const Chunk&)>& read) {
    return TimedReads(session, kind, plan, read);
  };
  if (kind == "get-sync") return timed(reads, [&](const Chunk& c) { return Get(db, c); });
  if (kind == "get-into") return timed(reads, [&](const Chunk& c) { return GetInto(db, c); });
  if (kind == "misses") return timed(missing, [&](const Chunk& c) { return GetMissing(db, c); });
  if (kind == "get-many-100") {
    return timed(reads, [&](const Chunk& c) { return MultiGet(db, c, 100); });
  }
  if (kind == "scan") return TimedScans(session, db, false, ops);
  if (kind == "scan-reverse") return TimedScans(session, db, true, ops);
  if (kind == "ranges") return TimedRanges(session, db, ops);
  if (kind == "workers-read-1") return ReadInThreads(session, db, 1, ops);
  if (kind == "workers-read-2") return ReadInThreads(session, db, 2, ops);
  if (kind == "workers-write-1") return WriteInThreads(session, db, 1, ops);
  if (kind == "workers-write-2") return WriteInThreads(session, db, 2, ops);
  Fail("no such workload: " + kind);
}

}  // namespace bench
