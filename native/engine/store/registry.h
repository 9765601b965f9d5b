// The directories that are open in this process. All threads that open one share its store.
#pragma once

#include <chrono>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "engine/directory/directory.h"
#include "engine/store/store.h"

namespace rocksdb_live {

// Every call may wait for an open or a close on another thread: never call on a JavaScript thread.
class Registry {
 public:
  // Lives as long as the process: threads may still use it while statics are destroyed.
  static Registry& Get();

  Result<std::shared_ptr<Store>> Acquire(OpenRequest request);
  // Closes the store when its last user releases it.
  Error Release(const std::shared_ptr<Store>& store);
  // Runs `work` on a directory that no session of this process has open.
  Error WhileClosed(const std::string& path, const std::function<Error(const std::string&)>& work);
  // The families of the database in memory with this `OpenRequest::path`; none where there is none.
  std::vector<std::string> FamiliesInMemory(const std::string& path);

 private:
  // The string tells read-only and secondary instances from the writer.
  using Key = std::pair<DirectoryId, std::string>;
  struct Entry {
    std::shared_ptr<Store> store;  // null while it opens or closes
    size_t users = 0;
  };

  // Makes the request's paths canonical. Requests with the same key share a store.
  static Result<Key> Identify(OpenRequest* request);
  // Takes the directory's lock for `request`, and waits for its holder. Returns OK without the lock
  // if this process has opened the directory meanwhile.
  Error WaitForLock(const Key& key, std::chrono::steady_clock::time_point end,
                    OpenRequest* request);
  Result<std::shared_ptr<Store>> OpenNew(const Key& key, const OpenRequest& request);

  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<Key, Entry> entries_;
};

}  // namespace rocksdb_live
