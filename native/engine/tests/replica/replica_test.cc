#include "engine/replica/replica.h"

#include <future>
#include <thread>

#include "engine/base/byte_reader.h"
#include "engine/base/read_options.h"
#include "engine/tests/replica/fake_host.h"

namespace rocksdb_live {
namespace {

using testing::BatchBuilder;
using testing::FakeHost;
using testing::Gate;
using Keys = std::vector<std::string>;

std::string One(const std::string& key) { return BatchBuilder().Put(0, key, "value").Build(); }

class ReplicaTest : public ::testing::Test {
 protected:
  using Future = std::future<Error>;

  void Begin(bool local = false, double lag = 60000, double hold = 60000) {
    replica_.SetLog(77);
    ASSERT_TRUE(IsOk(replica_.Write({5, 0, local, lag, hold})));
  }
  Replica::Done DoneOf(Future* outcome) {
    const auto promise = std::make_shared<std::promise<Error>>();
    *outcome = promise->get_future();
    return [promise](const Error& error) { promise->set_value(error); };
  }
  Future Put(const std::string& key, uint32_t flags = 0) {
    Future outcome;
    const Replica::Done done = DoneOf(&outcome);
    std::string batch = One(key);
    const Error error = replica_.Propose(&batch, flags, {}, done);
    if (!error.ok()) done(error);
    return outcome;
  }
  Future Follow(const std::string& text) {
    Future outcome;
    replica_.Follow(text, DoneOf(&outcome));
    return outcome;
  }
  Result<std::string> Next(size_t bytes = 1 << 20) {
    std::promise<Result<std::string>> promise;
    const Error error =
        replica_.Next(bytes, [&](Result<std::string> next) { promise.set_value(std::move(next)); });
    if (!error.ok()) return error;
    return promise.get_future().get();
  }
  std::vector<uint64_t> Take(size_t bytes = 1 << 20) {
    std::vector<uint64_t> ordinals;
    const Result<std::string> next = Next(bytes);
    EXPECT_TRUE(IsOk(next.error));
    ByteReader reader(next.value);
    while (!reader.empty()) {
      ordinals.push_back(reader.Fixed(8));
      const std::string_view body = reader.Bytes(reader.Fixed(4));
      EXPECT_TRUE(ReadBody(body).ok());
    }
    return ordinals;
  }
  Future Apply(const std::string& records) {
    Future outcome;
    const Replica::Done done = DoneOf(&outcome);
    const Error error = replica_.Apply(records, done);
    if (!error.ok()) done(error);
    return outcome;
  }
  static std::string Record(uint64_t epoch, uint64_t sequence, uint64_t ordinal,
                            const std::string& body) {
    std::string record;
    AppendFixed64(epoch, &record);
    AppendFixed64(sequence, &record);
    AppendFixed64(ordinal, &record);
    AppendFixed32(static_cast<uint32_t>(body.size()), &record);
    return record + body;
  }

  FakeHost host_;
  Replica replica_{&host_, std::nullopt};
};

TEST_F(ReplicaTest, WritesWhatIsLoggedWithItsPlace) {
  Begin();
  Future a = Put("a");
  Future b = Put("b");
  EXPECT_EQ(Take(), (std::vector<uint64_t>{1, 2}));
  EXPECT_TRUE(host_.writes().empty());
  ASSERT_TRUE(IsOk(replica_.Logged(1, 8)));
  EXPECT_TRUE(IsOk(a.get()));
  ASSERT_TRUE(IsOk(replica_.Logged(2, 9)));
  EXPECT_TRUE(IsOk(b.get()));
  const auto writes = host_.writes();
  ASSERT_EQ(writes.size(), 2U);
  EXPECT_EQ(writes[0].keys, Keys{"a"});
  EXPECT_EQ(writes[1].keys, Keys{"b"});
  for (size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(writes[i].places, 1U);
    EXPECT_EQ(writes[i].place.log_id, 77U);
    EXPECT_EQ(writes[i].place.epoch, 5U);
    EXPECT_EQ(writes[i].place.sequence, 8 + i);
    EXPECT_EQ(writes[i].place.ordinal, 1 + i);
  }
  EXPECT_EQ(replica_.position()->ordinal, 2U);
}

TEST_F(ReplicaTest, WritesTogetherWhatIsLoggedTogether) {
  Begin();
  Gate gate;
  host_.Hold(&gate);
  std::vector<Future> outcomes;
  outcomes.push_back(Put("first"));
  ASSERT_EQ(Take().size(), 1U);
  ASSERT_TRUE(IsOk(replica_.Logged(1, 6)));
  host_.WaitEntered();
  for (int i = 0; i < 20; ++i) outcomes.push_back(Put(testing::Key(i)));
  ASSERT_EQ(Take().size(), 20U);
  ASSERT_TRUE(IsOk(replica_.Logged(21, 30)));
  gate.Open();
  for (Future& each : outcomes) EXPECT_TRUE(IsOk(each.get()));
  const auto writes = host_.writes();
  ASSERT_EQ(writes.size(), 2U);
  EXPECT_EQ(writes[1].keys.size(), 20U);
  EXPECT_EQ(writes[1].places, 1U);
  EXPECT_EQ(writes[1].place.sequence, 30U);
  EXPECT_EQ(writes[1].place.ordinal, 21U);
}

TEST_F(ReplicaTest, TakesSoManyBytes) {
  Begin();
  std::vector<Future> outcomes;
  for (int i = 0; i < 5; ++i) outcomes.push_back(Put(std::string(1000, 'x')));
  EXPECT_EQ(Take(1).size(), 1U);
  EXPECT_EQ(Take(2500).size(), 2U);
  EXPECT_EQ(Take(1 << 20).size(), 2U);
  static_cast<void>(Follow("ends"));
}

TEST_F(ReplicaTest, StopsAtWhatCannotBeWritten) {
  Begin();
  Future a = Put("a");
  Future b = Put("b");
  Future c = Put("c");
  ASSERT_EQ(Take().size(), 3U);
  host_.Fail(Error(Code::kNoSpace, "the disk is full", Outcome::kUnknown));
  ASSERT_TRUE(IsOk(replica_.Logged(1, 6)));
  const Error failed = a.get();
  EXPECT_EQ(failed.code(), Code::kNoSpace);
  EXPECT_EQ(failed.outcome(), Outcome::kUnknown);
  EXPECT_NE(failed.message().find("in the log"), std::string::npos);
  ASSERT_TRUE(IsOk(replica_.Logged(2, 7)));
  EXPECT_EQ(b.get().code(), Code::kNoSpace);
  EXPECT_TRUE(host_.writes().empty());
  EXPECT_EQ(Next().error.code(), Code::kNoSpace);
  EXPECT_EQ(Next().error.code(), Code::kNoSpace);
  EXPECT_TRUE(IsOk(Follow("later").get()));
  EXPECT_EQ(c.get().code(), Code::kNotWriter);
  // From the log, in order.
  std::string records;
  for (uint64_t i = 1; i < 4; ++i) {
    const std::string key(1, static_cast<char>('a' + i - 1));
    records += Record(5, 5 + i, i, CommitHead({{0, "default"}}) + One(key));
  }
  EXPECT_TRUE(IsOk(Apply(records).get()));
  ASSERT_EQ(host_.writes().size(), 1U);
  EXPECT_EQ(host_.writes()[0].keys, (Keys{"a", "b", "c"}));
  EXPECT_EQ(host_.writes()[0].place.sequence, 8U);
}

TEST_F(ReplicaTest, FollowsWhenWhatIsLoggedIsWritten) {
  Begin();
  Gate gate;
  host_.Hold(&gate);
  Future a = Put("a");
  Future b = Put("b");
  ASSERT_EQ(Take(1).size(), 1U);
  ASSERT_TRUE(IsOk(replica_.Logged(1, 6)));
  host_.WaitEntered();
  ASSERT_EQ(Take(1).size(), 1U);
  Future c = Put("c");
  Future followed = Follow("another writes");
  EXPECT_EQ(b.get().outcome(), Outcome::kUnknown);
  EXPECT_EQ(c.get().outcome(), Outcome::kNotApplied);
  EXPECT_EQ(followed.wait_for(std::chrono::seconds(0)), std::future_status::timeout);
  EXPECT_EQ(replica_.Write({6, 0, false, 1, 1}).code(), Code::kBusy);
  gate.Open();
  EXPECT_TRUE(IsOk(followed.get()));
  EXPECT_TRUE(IsOk(a.get()));
  EXPECT_EQ(Put("d").get().message(), "another writes");
}

TEST_F(ReplicaTest, NeverHoldsWhoProposesPastItsEnd) {
  for (const bool ends : {false, true}) {
    Replica replica(&host_, std::nullopt);
    ASSERT_TRUE(IsOk(replica.Write({5, 0, false, 1, 1})));
    std::atomic<size_t> told{0};
    std::thread proposer([&] {
      for (size_t i = 0; i < 2 * Replica::kMostProposals; ++i) {
        std::string batch = One("key");
        const auto done = [&](const Error&) { ++told; };
        if (!replica.Propose(&batch, 0, {}, done).ok()) ++told;
      }
      EXPECT_FALSE(replica.Settle().ok());
    });
    while (replica.state().queued < Replica::kMostProposals) std::this_thread::yield();
    if (ends) {
      replica.End();
    } else {
      replica.Follow("another writes", [](const Error&) {});
    }
    proposer.join();
    EXPECT_EQ(told, 2 * Replica::kMostProposals);
  }
}

TEST_F(ReplicaTest, MakesFamiliesInTurn) {
  Begin();
  Error made;
  std::thread maker([&] { made = replica_.MakeFamily("users", "uint64add"); });
  EXPECT_EQ(Take().size(), 1U);
  EXPECT_EQ(replica_.MakeFamily("users", "").code(), Code::kInvalidArgument);
  EXPECT_EQ(host_.syncs(), 0);
  ASSERT_TRUE(IsOk(replica_.Logged(1, 6)));
  maker.join();
  EXPECT_TRUE(IsOk(made));
  EXPECT_EQ(host_.syncs(), 1);
  uint32_t number = 0;
  ASSERT_TRUE(host_.FindNumber("users", &number));
  Error dropped;
  std::thread dropper([&] { dropped = replica_.DropFamily("users", number); });
  EXPECT_EQ(Take().size(), 1U);
  std::string batch = BatchBuilder().Put(number, "a", "1").Build();
  EXPECT_EQ(replica_.Propose(&batch, 0, {}, nullptr).code(), Code::kDropped);
  EXPECT_TRUE(IsOk(Follow("no").get()));
  dropper.join();
  EXPECT_EQ(dropped.code(), Code::kNotWriter);
  ASSERT_TRUE(IsOk(replica_.Write({6, 0, false, 1, 1})));
  Future outcome;
  EXPECT_TRUE(IsOk(replica_.Propose(&batch, 0, {}, DoneOf(&outcome))));
}

TEST_F(ReplicaTest, HasOneOwnerAtATime) {
  EXPECT_FALSE(replica_.Claim());
  Begin();
  Future a = Put("a");
  replica_.End();
  EXPECT_EQ(a.get().code(), Code::kClosed);
  EXPECT_EQ(Put("b").get().code(), Code::kNotWriter);
  EXPECT_EQ(Next().value, "");
  EXPECT_TRUE(replica_.Claim());
  EXPECT_FALSE(replica_.Claim());
  Begin();
  Future c = Put("c");
  EXPECT_EQ(Take(), std::vector<uint64_t>{1});
  ASSERT_TRUE(IsOk(replica_.Logged(1, 6)));
  EXPECT_TRUE(IsOk(c.get()));
}

TEST_F(ReplicaTest, TellsOthersFirstWithLocal) {
  Begin(true);
  EXPECT_TRUE(IsOk(Put("a", kSync).get()));
  EXPECT_TRUE(IsOk(Put("b").get()));
  ASSERT_EQ(host_.writes().size(), 2U);
  EXPECT_EQ(host_.writes()[0].flags, uint32_t{kSync});
  EXPECT_EQ(host_.writes()[1].place.ordinal, 2U);
  EXPECT_EQ(host_.writes()[1].place.sequence, 0U);
  EXPECT_EQ(Take(), (std::vector<uint64_t>{1, 2}));
  ASSERT_TRUE(IsOk(replica_.Logged(2, 9)));
  EXPECT_EQ(replica_.position()->sequence, 9U);
  EXPECT_TRUE(IsOk(Follow("ends").get()));
  // Written down, too.
  EXPECT_EQ(host_.writes().back().place.sequence, 9U);
}

TEST_F(ReplicaTest, HoldsLocalWritesWhileTheLogLags) {
  Begin(true, 0, 1);
  EXPECT_TRUE(IsOk(Put("a").get()));
  std::this_thread::yield();
  EXPECT_EQ(Put("b").get().code(), Code::kBusy);
  EXPECT_EQ(Put("c").get().code(), Code::kBusy);
  ASSERT_EQ(Take(), std::vector<uint64_t>{1});
  ASSERT_TRUE(IsOk(replica_.Logged(1, 6)));
  EXPECT_TRUE(IsOk(Put("d").get()));
}

TEST_F(ReplicaTest, GivesNoNumberTwiceAfterALocalWriteOfUnknownOutcome) {
  Begin(true);
  host_.Fail(Error(Code::kIo, "the WAL", Outcome::kUnknown));
  EXPECT_EQ(Put("a").get().outcome(), Outcome::kUnknown);
  EXPECT_EQ(Put("b").get().outcome(), Outcome::kNotApplied);
  EXPECT_EQ(Next().error.code(), Code::kIo);
  EXPECT_TRUE(host_.writes().empty());
}

TEST_F(ReplicaTest, TakesAndTellsOnManyThreads) {
  Begin();
  constexpr int kEach = 500;
  std::atomic<int> told{0};
  std::atomic<bool> over{false};
  std::thread owner([&] {
    uint64_t sequence = 5;
    while (!over) {
      const std::vector<uint64_t> ordinals = Take(4096);
      if (ordinals.empty()) return;
      sequence += ordinals.size();
      EXPECT_TRUE(IsOk(replica_.Logged(ordinals.back(), sequence)));
    }
  });
  std::thread proposer([&] {
    for (int i = 0; i < kEach; ++i) {
      std::string batch = One(testing::Key(i));
      const auto done = [&](const Error& error) { told += error.ok() ? 1 : 0; };
      EXPECT_TRUE(IsOk(replica_.Propose(&batch, 0, {}, done)));
    }
    EXPECT_TRUE(IsOk(replica_.Settle()));
  });
  proposer.join();
  EXPECT_EQ(told, kEach);
  over = true;
  replica_.Cancel();
  EXPECT_TRUE(IsOk(Follow("ends").get()));
  owner.join();
  Keys keys;
  for (const auto& write : host_.writes())
    keys.insert(keys.end(), write.keys.begin(), write.keys.end());
  ASSERT_EQ(keys.size(), static_cast<size_t>(kEach));
  for (int i = 0; i < kEach; ++i) EXPECT_EQ(keys[static_cast<size_t>(i)], testing::Key(i));
}

}  // namespace
}  // namespace rocksdb_live
