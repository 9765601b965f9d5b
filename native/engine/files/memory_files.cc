#include "engine/files/memory_files.h"

#include "rocksdb/env.h"

namespace rocksdb_live {

std::shared_ptr<rocksdb::FileSystem> MemoryFiles() {
  const std::unique_ptr<rocksdb::Env> env(rocksdb::NewMemEnv(rocksdb::Env::Default()));
  return env->GetFileSystem();
}

}  // namespace rocksdb_live
