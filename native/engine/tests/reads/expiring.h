// A database with a family whose rows expire, and every way to read it.
#pragma once

#include <future>
#include <limits>

#include "engine/base/clock.h"
#include "engine/jobs/maintenance.h"
#include "engine/options/expiry_filter.h"
#include "engine/reads/range_work.h"
#include "engine/store/registry.h"
#include "engine/store/session.h"
#include "engine/tests/support.h"

namespace rocksdb_live {
namespace testing {

constexpr char kExpiryOption[] = "compaction_filter_factory";
constexpr uint64_t kGrace = 60000;
constexpr uint64_t kLater = 1000;

inline std::string Enveloped(uint64_t moment, const std::string& value) {
  std::string stored;
  for (int i = 7; i >= 0; --i) stored.push_back(static_cast<char>(moment >> (8 * i)));
  return stored + value;
}

inline std::string Packed(const std::vector<std::string>& keys) {
  std::string packed;
  for (const std::string& key : keys) {
    packed.push_back(static_cast<char>(key.size()));
    packed += std::string(3, '\0') + key;
  }
  return packed;
}

class ExpiringTest : public ::testing::Test {
 protected:
  void SetUp() override {
    request_ = testing::RequestFor(dir_ / "db");
    request_.defaults.column_family["disable_auto_compactions"] = "true";
    FamilyRequest family;
    family.name = "s";
    family.options.column_family = {{kExpiryOption, "{id=rocksdb-live.expires;grace_ms=60000}"},
                                    {"disable_auto_compactions", "true"}};
    request_.families.push_back(family);
    Open();
  }
  void TearDown() override {
    if (session_) {
      EXPECT_TRUE(IsOk(session_->Close()));
    }
    ShiftClock(-ShiftClock(0));
  }

  void Open() {
    Result<std::shared_ptr<Session>> opened = Session::Open(request_);
    ASSERT_TRUE(IsOk(opened.error));
    session_ = opened.value;
    id_ = session_->store().FindNamed("s")->id();
  }
  void Close() {
    EXPECT_TRUE(IsOk(session_->Close()));
    session_.reset();
  }
  const Expiry& ExpiryOfFamily(const std::string& name) const {
    return *session_->store().FindNamed(name)->expiry();
  }
  const Expiry& expiry() const { return ExpiryOfFamily("s"); }
  void Put(const std::string& key, uint64_t moment, const std::string& value) {
    EXPECT_TRUE(
        IsOk(::rocksdb_live::testing::Put(&session_->store(), id_, key, Enveloped(moment, value))));
  }
  // Rows that are gone, that will be at `then_`, and that never will be.
  void PutThree() {
    then_ = NowMs() + kLater;
    Put("a", then_ - kLater - 1, "gone");
    Put("b", then_, "soon");
    Put("c", 0, "never");
  }
  void Wait(uint64_t ms) { ShiftClock(static_cast<int64_t>(ms)); }

  std::string Get(const std::string& key, uint32_t snapshot = 0, uint32_t flags = 0) {
    const Result<Answer> answer = session_->Read(PointRead{id_, snapshot, flags, key});
    if (!answer.ok()) return answer.error.code_name();
    const std::string value(session_->reads().value());
    session_->reads().Release();
    return answer.value == Answer::kFound ? value : "(none)";
  }
  std::string Queued(const std::string& key, uint32_t snapshot = 0) {
    EXPECT_TRUE(IsOk(session_->QueueRead(1, PointRead{id_, snapshot, 0, key}, Deadline(0))));
    std::promise<std::string> result;
    session_->SubmitReads([&](const ReadResults& results) {
      if (results.lengths[0] == kFailed)
        return result.set_value(results.errors[0].second.code_name());
      result.set_value(results.lengths[0] == kMissing ? "(none)" : results.bytes);
    });
    return result.get_future().get();
  }
  std::string Many(const std::vector<std::string>& keys, uint32_t snapshot = 0,
                   uint32_t flags = 0) {
    const std::string packed = Packed(keys);
    const Result<ManyJob> job =
        session_->PrepareMany(ManyRequest{id_, snapshot, flags, keys.size()}, packed, Deadline(0));
    if (!job.ok()) return job.error.code_name();
    const Result<ManyValues> values = job.value.Run();
    if (!values.ok()) return values.error.code_name();
    std::string text;
    for (const uint32_t length : values.value.lengths) {
      text += length == kMissing ? "-" : std::to_string(length);
    }
    return text + " " + values.value.bytes;
  }
  // The keys and values of a scan.
  std::string Scan(uint32_t flags = 0, uint32_t snapshot = 0) {
    ScanRequest request;
    request.family = id_;
    request.snapshot = snapshot;
    request.flags = flags;
    request.range.reverse = (flags & kReverse) != 0;
    std::vector<char> bytes(4096);
    std::vector<uint32_t> offsets(201);
    const Page page{bytes.data(), bytes.size(), offsets.data(), 100};
    const CursorRows rows = session_->OpenCursor(request, page);
    if (!rows.page.error.ok()) return rows.page.error.code_name();
    if (rows.page.not_cached) return "(not cached)";
    std::string text;
    for (size_t i = 0; i < rows.page.count; ++i) {
      const char* const at = bytes.data();
      text += std::string(at + offsets[2 * i], at + offsets[2 * i + 1]) + "=" +
              std::string(at + offsets[2 * i + 1], at + offsets[2 * i + 2]) + " ";
    }
    return text;
  }
  std::string Count(uint32_t snapshot = 0, int64_t limit = -1) {
    ScanRequest request;
    request.family = id_;
    request.snapshot = snapshot;
    request.range.limit = limit;
    const Result<Cursor::Config> config = session_->PrepareCount(request);
    if (!config.ok()) return config.error.code_name();
    const Result<uint64_t> count = CountRange(config.value, *session_->canceled(), Deadline(0));
    return count.ok() ? std::to_string(count.value) : count.error.code_name();
  }
  void Compact() {
    Store* const store = &session_->store();
    EXPECT_TRUE(IsOk(Flush(store, {store->FindFamily(id_)})));
    EXPECT_TRUE(IsOk(CompactRange(store, *store->FindFamily(id_), Range(), true, nullptr)));
  }
  // What RocksDB has, which no read of ours shows.
  std::string Stored(const std::string& key) { return testing::Get(&session_->store(), id_, key); }
  uint32_t Begin() {
    const Result<BegunTransaction> begun = session_->BeginTransaction(Isolation::kSerializable);
    EXPECT_TRUE(IsOk(begun.error));
    EXPECT_TRUE(begun.value.started);
    return begun.value.number;
  }
  std::string PutBatch(const std::string& key, uint64_t moment, const std::string& value) const {
    return testing::BatchBuilder().Put(id_, key, Enveloped(moment, value)).Build();
  }
  std::string Commit(uint32_t transaction) {
    const Error error =
        session_->CommitTransactionNow(transaction, testing::BatchBuilder().Build(), 0);
    const std::string code = error.code_name();
    return error.outcome() == Outcome::kNotApplied ? code + ", not applied" : code;
  }

  testing::TempDir dir_;
  OpenRequest request_;
  std::shared_ptr<Session> session_;
  uint32_t id_ = 0;
  uint64_t then_ = 0;
};

}  // namespace testing
}  // namespace rocksdb_live
