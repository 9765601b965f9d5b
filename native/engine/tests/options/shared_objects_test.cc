#include "engine/options/shared_objects.h"

#include <string>

#include "engine/tests/support.h"

namespace rocksdb_live {
namespace {

// Options one of which differs from its default.
const OptionMap kAll = {{"block_cache_bytes", "8388608"},  {"block_cache_type", "hyper-clock"},
                        {"row_cache_bytes", "1048576"},    {"rate_limit_bytes_per_sec", "2097152"},
                        {"write_buffer_bytes", "4194304"}, {"charge_write_buffers", "true"},
                        {"allow_stall", "true"},           {"stats_level", "3"}};

TEST(SharedObjectsTest, ReadsBackWhatWasAskedFor) {
  EXPECT_EQ(SharedObjects(kAll).Read(), CompleteShared(kAll));
}

TEST(SharedObjectsTest, MakesNothingThatNobodyAskedFor) {
  const SharedObjects shared{OptionMap()};
  EXPECT_EQ(shared.Read(), CompleteShared({}));
  rocksdb::DBOptions options;
  shared.ApplyTo(&options);
  EXPECT_EQ(options.row_cache, nullptr);
  EXPECT_EQ(options.write_buffer_manager, nullptr);
  EXPECT_EQ(options.rate_limiter, nullptr);
  EXPECT_EQ(shared.statistics(), nullptr);
}

TEST(SharedObjectsTest, RefusesWhatItDoesNotKnow) {
  EXPECT_TRUE(IsOk(CheckShared(kAll)));
  const Error error = CheckShared({{"no_such_option", "1"}});
  EXPECT_EQ(error.code(), Code::kInvalidArgument);
  EXPECT_NE(error.message().find("no_such_option"), std::string::npos) << error.message();
  for (const auto& [name, text] : kAll) {
    for (const char* bad : {"", "-2", "1.5", "01", " 1", "9223372036854775808", "yes"}) {
      EXPECT_EQ(CheckShared({{name, bad}}).code(), Code::kInvalidArgument) << name << " = " << bad;
    }
  }
}

TEST(SharedObjectsTest, ChangesWhatCanChangeWhileOpen) {
  SharedObjects shared(kAll);
  const OptionMap next = {{"block_cache_bytes", "4194304"},
                          {"rate_limit_bytes_per_sec", "1048576"},
                          {"write_buffer_bytes", "2097152"}};
  EXPECT_TRUE(IsOk(shared.Change(next)));
  const OptionMap now = shared.Read();
  for (const auto& [name, text] : next) EXPECT_EQ(now.at(name), text) << name;
  EXPECT_TRUE(IsOk(shared.Change({})));
  EXPECT_EQ(shared.Read(), now);
}

TEST(SharedObjectsTest, ChangesAllOrNothing) {
  SharedObjects shared(kAll);
  for (const auto& [name, text] : OptionMap{{"rate_limit_bytes_per_sec", "0"},
                                            {"write_buffer_bytes", "0"},
                                            {"stats_level", "-1"},
                                            {"row_cache_bytes", "2"},
                                            {"no_such_option", "1"}}) {
    const Error error = shared.Change({{"block_cache_bytes", "4194304"}, {name, text}});
    EXPECT_EQ(error.code(), Code::kInvalidArgument) << name;
    EXPECT_NE(error.message().find(name), std::string::npos) << error.message();
    EXPECT_EQ(shared.Read(), CompleteShared(kAll)) << name;
  }
  SharedObjects without{OptionMap()};
  EXPECT_FALSE(IsOk(without.Change({{"rate_limit_bytes_per_sec", "1048576"}})));
  EXPECT_FALSE(IsOk(without.Change({{"write_buffer_bytes", "1048576"}})));
  EXPECT_EQ(without.Read(), CompleteShared({}));
}

}  // namespace
}  // namespace rocksdb_live
