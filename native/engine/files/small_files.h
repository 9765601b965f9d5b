// Small files, read and written whole.
#pragma once

#include <cstdint>
#include <string>

#include "engine/base/error.h"

namespace rocksdb_live {

// Each returns false where the file is not there or cannot be read.
bool ReadWhole(const std::string& path, std::string* text);
// The first `most` bytes, or all of a shorter file.
bool ReadHead(const std::string& path, uint64_t most, std::string* text);

// The last `most` bytes, or all of a shorter file. `size` is the whole file's.
bool ReadTail(const std::string& path, uint64_t most, std::string* text, uint64_t* size);

// Writes another file and moves it to `path`: a reader sees the old text or the new one. With
// `sync` both the text and its name are on the disk when this returns.
Error WriteAtomically(const std::string& path, const std::string& text, bool sync);

// Writes over the beginning of a file, which is made where it is not there. False where that
// failed.
bool Overwrite(const std::string& path, const std::string& text);
// Brings the names in a directory to the disk.
Error SyncDirectory(const std::string& path);

// A path below a directory, as RocksDB spells it.
std::string Under(const std::string& directory, const std::string& name);

}  // namespace rocksdb_live
