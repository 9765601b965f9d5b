#include "engine/store/registry.h"

#include <thread>

#include "engine/base/exceptions.h"
#include "engine/directory/wal_home.h"
#include "engine/files/directory_lock.h"
#include "engine/files/lock_holder.h"
#include "engine/files/lock_queue.h"

namespace rocksdb_live {
namespace {

// How often a waiter looks whether the directory was released.
constexpr std::chrono::milliseconds kLook{20};

// Returns what keeps `request` from its directory, or OK once it holds the only lock.
Error TakeLock(OpenRequest* request) {
  if (!request->lock) {
    const auto lock = std::make_shared<DirectoryLock>();
    Error error = lock->Take(request->path);
    if (!error.ok()) return error;
    request->lock = lock;
  }
  // A program that does not know the directory's lock may hold RocksDB's.
  if (!IsLockedByRocksDB(request->path)) return Error();
  return LockedBy(DescribeRocksDBHolder(request->path));
}

std::string ModeKey(const OpenRequest& request) {
  switch (request.mode) {
    case Mode::kReadOnly:
      return "read-only";
    case Mode::kSecondary:
      return "secondary " + request.secondary_path;
    case Mode::kReadWrite:
      break;
  }
  return "";
}

}  // namespace

Registry& Registry::Get() {
  static auto* const registry = new Registry();
  return *registry;
}

Result<std::shared_ptr<Store>> Registry::OpenNew(const Key& key, const OpenRequest& request) {
  // Threads that wait for this open must be woken, whatever happens.
  Result<std::shared_ptr<Store>> opened = Caught([&] { return Store::Open(request); });
  std::lock_guard<std::mutex> lock(mutex_);
  if (opened.ok()) {
    entries_[key].store = opened.value;
  } else {
    entries_.erase(key);
  }
  changed_.notify_all();
  return opened;
}

Error Registry::WaitForLock(const Key& key, std::chrono::steady_clock::time_point end,
                            OpenRequest* request) {
  const LockQueue place(request->path);
  for (;;) {
    {
      std::lock_guard<std::mutex> lock(mutex_);
      if (entries_.count(key) != 0) return Error();
    }
    if (request->canceled && *request->canceled) {
      return Error(Code::kAborted, "the process ends, or its worker, while it waits for the lock");
    }
    const bool last = std::chrono::steady_clock::now() >= end;
    Error error;
    if (place.IsFirst()) {
      error = TakeLock(request);
      if (error.ok()) return error;
    } else if (last) {
      error = LockedBy(DescribeHolder(request->path));
    }
    if (last) return error;
    std::this_thread::sleep_for(kLook);
  }
}

Result<Registry::Key> Registry::Identify(OpenRequest* request) {
  if (request->in_memory) {
    if (request->mode != Mode::kReadWrite) {
      return Error(Code::kNotSupported, "a database in memory is opened read-write");
    }
    // No directory has device and inode 0. RocksDB requires an absolute path.
    const Key key(DirectoryId(), request->path);
    request->path = "/" + request->path;
    return key;
  }
  const bool create = request->mode == Mode::kReadWrite && request->create_if_missing;
  Result<Directory> directory = FindDirectory(request->path, create);
  if (!directory.ok()) return directory.error;
  request->path = directory.value.path;
  ResolveWalDir(request);
  return Key(directory.value.id, ModeKey(*request));
}

Result<std::shared_ptr<Store>> Registry::Acquire(OpenRequest request) {
  const Result<Key> identified = Identify(&request);
  if (!identified.ok()) return identified.error;
  const Key& key = identified.value;
  const auto end =
      std::chrono::steady_clock::now() + std::chrono::milliseconds(request.wait_for_lock_ms);
  const bool locks = request.mode == Mode::kReadWrite && !request.in_memory;
  const bool waits = locks && request.wait_for_lock_ms > 0;
  std::unique_lock<std::mutex> lock(mutex_);
  for (;;) {
    const auto found = entries_.find(key);
    if (found == entries_.end() && waits && !request.lock) {
      lock.unlock();
      Error error = WaitForLock(key, end, &request);
      if (!error.ok()) return error;
      lock.lock();
      continue;
    }
    if (found == entries_.end()) break;
    if (found->second.store == nullptr) {
      changed_.wait(lock);
      continue;
    }
    ++found->second.users;
    const std::shared_ptr<Store> store = found->second.store;
    lock.unlock();
    Error error = request.error_if_exists
                      ? Error(Code::kInvalidArgument, "it exists (errorIfExists)")
                      : Caught([&] { return store->Join(request); });
    if (error.ok()) return store;
    static_cast<void>(Release(store));
    return error;
  }
  entries_[key].users = 1;
  lock.unlock();
  return OpenNew(key, request);
}

Error Registry::Release(const std::shared_ptr<Store>& store) {
  std::unique_lock<std::mutex> lock(mutex_);
  for (auto entry = entries_.begin(); entry != entries_.end(); ++entry) {
    if (entry->second.store != store) continue;
    if (--entry->second.users > 0) return Error();
    entry->second.store = nullptr;  // an open that comes now waits for the close
    const Key key = entry->first;
    lock.unlock();
    Error error = Caught([&] { return store->Close(); });
    lock.lock();
    entries_.erase(key);
    changed_.notify_all();
    return error;
  }
  return Error();
}

Error Registry::WhileClosed(const std::string& path,
                            const std::function<Error(const std::string&)>& work) {
  Result<Directory> directory = FindDirectory(path, false);
  if (!directory.ok()) return directory.error;
  const Key key(directory.value.id, "");
  {
    std::lock_guard<std::mutex> lock(mutex_);
    for (const auto& [other, entry] : entries_) {
      const bool same = !(other.first < key.first) && !(key.first < other.first);
      if (same) return Error(Code::kLocked, path + " is open in this process");
    }
    entries_[key].users = 1;  // as if it were opening
  }
  DirectoryLock directory_lock;
  Error error = directory_lock.Take(directory.value.path);
  if (error.ok()) error = Caught([&] { return work(directory.value.path); });
  directory_lock.Release();
  std::lock_guard<std::mutex> lock(mutex_);
  entries_.erase(key);
  changed_.notify_all();
  return error;
}

std::vector<std::string> Registry::FamiliesInMemory(const std::string& path) {
  std::shared_ptr<Store> store;
  {
    std::unique_lock<std::mutex> lock(mutex_);
    for (;;) {
      const auto found = entries_.find(Key(DirectoryId(), path));
      if (found == entries_.end()) return {};
      store = found->second.store;
      if (store != nullptr) break;
      changed_.wait(lock);
    }
  }
  std::vector<std::string> names;
  for (const auto& [name, id] : store->Families()) names.push_back(name);
  return names;
}

}  // namespace rocksdb_live
