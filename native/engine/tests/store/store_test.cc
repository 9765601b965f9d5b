#include "engine/store/store.h"

#include <atomic>
#include <fstream>
#include <thread>

#include "engine/base/read_options.h"
#include "engine/tests/support.h"

namespace rocksdb_live {
namespace {

using testing::BatchBuilder;
using testing::Get;
using testing::Put;

class StoreTest : public ::testing::Test {
 protected:
  StoreTest() : request_(testing::RequestFor(dir_ / "db")) {
    std::filesystem::create_directories(request_.path);
  }
  uint32_t IdOf(const Store& store, const std::string& name) const {
    for (const auto& [other, id] : store.Families()) {
      if (other == name) return id;
    }
    ADD_FAILURE() << "no family " << name;
    return 0;
  }
  void ExpectRefused(const OpenRequest& request, Code code, const std::string& text) const {
    const Result<std::shared_ptr<Store>> opened = Store::Open(request);
    EXPECT_EQ(opened.error.code(), code) << opened.error.message();
    EXPECT_NE(opened.error.message().find(text), std::string::npos) << opened.error.message();
  }

  testing::TempDir dir_;
  OpenRequest request_;
};

TEST_F(StoreTest, KeepsWhatWasWrittenOverACloseAndASecondClose) {
  request_.families.push_back({"users", {}});
  auto store = testing::OpenStore(request_);
  EXPECT_TRUE(store->recovery().created);
  const uint32_t users = IdOf(*store, "users");
  EXPECT_TRUE(IsOk(Put(store.get(), 0, "a", "1")));
  EXPECT_TRUE(IsOk(Put(store.get(), users, "a", "2", kSync)));
  EXPECT_TRUE(IsOk(store->Close()));
  EXPECT_TRUE(IsOk(store->Close()));

  request_.families.clear();
  store = testing::OpenStore(request_);
  EXPECT_FALSE(store->recovery().created);
  EXPECT_EQ(store->recovery().dropped_bytes, 0u);
  EXPECT_EQ(Get(store.get(), 0, "a"), "1");
  EXPECT_EQ(Get(store.get(), IdOf(*store, "users"), "a"), "2");
}

TEST_F(StoreTest, KeepsWhatManualWalFlushLeftInMemory) {
  request_.db["manual_wal_flush"] = "true";
  auto store = testing::OpenStore(request_);
  EXPECT_TRUE(IsOk(Put(store.get(), 0, "a", "1")));
  EXPECT_TRUE(IsOk(store->Close()));
  EXPECT_EQ(Get(testing::OpenStore(request_).get(), 0, "a"), "1");
}

TEST_F(StoreTest, WritesWhatWaitsWhenItCloses) {
  auto store = testing::OpenStore(request_);
  class Ignore : public CommitSink {
    void OnCommitted(std::vector<uint32_t>, const Error& error) override {
      EXPECT_TRUE(IsOk(error));
    }
  };
  const auto sink = std::make_shared<Ignore>();
  for (int i = 0; i < 100; ++i) {
    store->commits().Submit(BatchBuilder().Put(0, testing::Key(i), "v").Build(), 0,
                            static_cast<uint32_t>(i), sink, nullptr);
  }
  EXPECT_TRUE(IsOk(store->Close()));
  store = testing::OpenStore(request_);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(Get(store.get(), 0, testing::Key(i)), "v");
}

TEST_F(StoreTest, RefusesADirectoryWhoseCurrentIsMissing) {
  auto store = testing::OpenStore(request_);
  EXPECT_TRUE(IsOk(Put(store.get(), 0, "a", "1")));
  EXPECT_TRUE(IsOk(store->Close()));
  const std::filesystem::path current = std::filesystem::path(request_.path) / "CURRENT";
  std::filesystem::rename(current, current.string() + ".kept");
  ExpectRefused(request_, Code::kCorruption, "CURRENT is missing");
  std::filesystem::rename(current.string() + ".kept", current);
  EXPECT_EQ(Get(testing::OpenStore(request_).get(), 0, "a"), "1");
}

TEST_F(StoreTest, CreatesOnlyWhereItMay) {
  request_.create_if_missing = false;
  ExpectRefused(request_, Code::kInvalidArgument, "no database");
  request_.create_if_missing = true;
  request_.mode = Mode::kReadOnly;
  ExpectRefused(request_, Code::kInvalidArgument, "no database");
  EXPECT_TRUE(std::filesystem::is_empty(request_.path));
}

TEST_F(StoreTest, RefusesWhatExistsWhereThatIsAnError) {
  EXPECT_TRUE(IsOk(testing::OpenStore(request_)->Close()));
  request_.error_if_exists = true;
  ExpectRefused(request_, Code::kInvalidArgument, "exists");
}

TEST_F(StoreTest, NamesTheOptionItDoesNotKnow) {
  OpenRequest wrong = request_;
  wrong.db["no_such_option"] = "1";
  ExpectRefused(wrong, Code::kInvalidArgument, "no_such_option");
  wrong = request_;
  wrong.families.push_back({"users", {{{"write_buffer_siez", "1"}}, {}}});
  ExpectRefused(wrong, Code::kInvalidArgument, "users");
  EXPECT_FALSE(std::filesystem::exists(std::filesystem::path(request_.path) / "CURRENT"));
}

TEST_F(StoreTest, CreatesNamedFamiliesOrRefuses) {
  EXPECT_TRUE(IsOk(testing::OpenStore(request_)->Close()));
  request_.families.push_back({"late", {}});
  request_.create_missing_families = false;
  ExpectRefused(request_, Code::kInvalidArgument, "\"late\" is not there");
  request_.create_missing_families = true;
  EXPECT_NE(IdOf(*testing::OpenStore(request_), "late"), 0u);
}

TEST_F(StoreTest, CreatesAndDropsFamiliesWhileOpen) {
  auto store = testing::OpenStore(request_);
  const FamilyOptionMaps adding{{{"merge_operator", "uint64add"}}, {}};
  const Result<uint32_t> created = store->CreateFamily("sums", &adding);
  ASSERT_TRUE(created.ok()) << created.error.message();
  std::string merge = BatchBuilder().Merge(created.value, "n", std::string(8, '\1')).Build();
  EXPECT_TRUE(IsOk(store->Write(&merge, 0)));
  EXPECT_EQ(store->CreateFamily("sums", nullptr).error.code(), Code::kInvalidArgument);
  EXPECT_EQ(store->CreateFamily("", nullptr).error.code(), Code::kInvalidArgument);

  const std::shared_ptr<Family> held = store->FindFamily(created.value);
  EXPECT_TRUE(IsOk(store->DropFamily(created.value)));
  EXPECT_TRUE(held->dropped());
  EXPECT_EQ(store->FindFamily(created.value), nullptr);
  EXPECT_EQ(store->DropFamily(created.value).code(), Code::kDropped);
  EXPECT_EQ(store->DropFamily(0).code(), Code::kInvalidArgument);
  EXPECT_EQ(store->DropFamily(12345).code(), Code::kDropped);

  std::string value;  // its holder can still read
  EXPECT_TRUE(store->db()->Get(rocksdb::ReadOptions(), held->handle(), "n", &value).ok());
}

TEST_F(StoreTest, ReadsOnlyInReadOnlyMode) {
  auto writer = testing::OpenStore(request_);
  EXPECT_TRUE(IsOk(Put(writer.get(), 0, "a", "1")));
  EXPECT_TRUE(IsOk(writer->Close()));
  request_.mode = Mode::kReadOnly;
  auto reader = testing::OpenStore(request_);
  EXPECT_EQ(Get(reader.get(), 0, "a"), "1");
  const Error error = Put(reader.get(), 0, "a", "2");
  EXPECT_EQ(error.code(), Code::kReadOnly);
  EXPECT_EQ(error.outcome(), Outcome::kNotApplied);
  EXPECT_TRUE(IsOk(reader->Close()));
}

TEST_F(StoreTest, SaysWhatAnotherOpeningAsksForOtherwise) {
  request_.db["max_background_jobs"] = "2";
  request_.families.push_back({"users", {{{"write_buffer_size", "1048576"}}, {}}});
  auto store = testing::OpenStore(request_);
  EXPECT_TRUE(IsOk(store->Join(request_)));

  OpenRequest other = request_;
  other.db["max_background_jobs"] = "3";
  other.families[0].options.column_family["write_buffer_size"] = "2097152";
  other.shared["block_cache_bytes"] = std::to_string(1 << 20);
  const Error error = store->Join(other);
  EXPECT_EQ(error.code(), Code::kOptionsMismatch);
  for (const char* part : {"max_background_jobs is 2, asked for 3", "\"users\"", "2097152",
                           "block_cache_bytes is 8388608, asked for 1048576"}) {
    EXPECT_NE(error.message().find(part), std::string::npos) << part << ": " << error.message();
  }
}

TEST_F(StoreTest, CreatesFamiliesThatOnlyTheOtherOpeningNames) {
  auto store = testing::OpenStore(request_);
  request_.families.push_back({"more", {}});
  request_.create_missing_families = false;
  EXPECT_EQ(store->Join(request_).code(), Code::kInvalidArgument);
  request_.create_missing_families = true;
  EXPECT_TRUE(IsOk(store->Join(request_)));
  EXPECT_NE(IdOf(*store, "more"), 0u);
}

TEST_F(StoreTest, LetsNobodyWriteInlineWhileASlowWriteIsUnderWay) {
  auto store = testing::OpenStore(request_);
  EXPECT_TRUE(store->MayWriteInline());
  testing::Gate entered;
  testing::Gate gate;
  testing::Gate done;
  store->commits().SubmitPrepared(
      [&](std::string*) {
        entered.Open();
        gate.Wait();
        return Error();
      },
      kSync, [&](const Error&) { done.Open(); }, nullptr);
  entered.Wait();
  EXPECT_FALSE(store->MayWriteInline());
  gate.Open();
  done.Wait();
  EXPECT_TRUE(store->MayWriteInline());
}

TEST_F(StoreTest, NeverHalfAppliesABatchOverAFamilyThatIsBeingDropped) {
  auto store = testing::OpenStore(request_);
  for (int round = 0; round < 30; ++round) {
    const Result<uint32_t> family = store->CreateFamily("round" + std::to_string(round), nullptr);
    ASSERT_TRUE(family.ok()) << family.error.message();
    const std::string key = testing::Key(round);
    testing::Gate started;
    std::thread dropper([&] {
      started.Wait();
      EXPECT_TRUE(IsOk(store->DropFamily(family.value)));
    });
    int applied = 0;
    for (int i = 0;; ++i) {
      if (i == 3) started.Open();
      std::string batch = BatchBuilder()
                              .Put(0, key, std::to_string(i))
                              .Put(family.value, key, std::to_string(i))
                              .Build();
      const Error error = store->Write(&batch, 0);
      if (error.ok()) {
        applied = i;
        continue;
      }
      EXPECT_EQ(error.code(), Code::kDropped);
      break;
    }
    dropper.join();
    EXPECT_EQ(Get(store.get(), 0, key), std::to_string(applied));
  }
  EXPECT_TRUE(IsOk(Put(store.get(), 0, "after", "1")));
  EXPECT_TRUE(IsOk(store->Close()));
  EXPECT_EQ(Get(testing::OpenStore(request_).get(), 0, "after"), "1");
}

}  // namespace
}  // namespace rocksdb_live
