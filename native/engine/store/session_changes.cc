// A session's readers of changes.
#include <utility>

#include "engine/base/exceptions.h"
#include "engine/store/modes.h"
#include "engine/store/session.h"

namespace rocksdb_live {

Error Session::OpenFeed(uint32_t operation, const FeedRequest& request) {
  Error error = CheckMode(store_->mode(), "openChanges");
  if (!error.ok()) return error;
  Result<OpenedFeed> opened = store_->changes().Open(request);
  if (!opened.ok()) return opened.error;
  std::lock_guard<std::mutex> lock(mutex_);
  opened_feeds_[operation] = std::move(opened.value);
  return error;
}

std::optional<OpenedFeed> Session::TakeFeed(uint32_t operation) {
  std::lock_guard<std::mutex> lock(mutex_);
  const auto taken = opened_feeds_.extract(operation);
  if (!taken) return std::nullopt;
  return std::move(taken.mapped());
}

Result<std::optional<std::string>> Session::ReadFeed(uint32_t feed, size_t most_bytes,
                                                     PageRead done) {
  Error error;
  const std::shared_ptr<ChangeFeed> found = resources_.FindIdle<ChangeFeed>(feed, &error);
  if (!found) return error;
  ChangePage page(most_bytes);
  const Result<Changes::Step> step = store_->changes().TryRead(found.get(), &page);
  if (!step.ok()) return step.error;
  if (step.value == Changes::Step::kPage) return std::optional<std::string>(page.Take());
  resources_.SetBusy(feed, true);
  if (step.value == Changes::Step::kTail) {
    if (found->Wait([done] { done(std::string()); })) return std::optional<std::string>();
    // Something has come meanwhile.
    done(std::string());
    return std::optional<std::string>();
  }
  auto read = [lease = TakeLease(), found = found, most_bytes, changes = &store_->changes(),
               done = std::move(done)]() mutable {
    ChangePage read_page(most_bytes);
    const Error failure = Caught([&] { return changes->Read(found.get(), &read_page).error; });
    found.reset();
    lease.reset();
    done(failure.ok() ? Result<std::string>(read_page.Take()) : Result<std::string>(failure));
  };
  store_->executor().Run(std::move(read));
  return std::optional<std::string>();
}

void Session::CancelFeed(uint32_t feed) {
  Error error;
  const std::shared_ptr<ChangeFeed> found = resources_.Find<ChangeFeed>(feed, &error);
  if (found) found->EndWait();
}

}  // namespace rocksdb_live
