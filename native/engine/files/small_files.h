// Small files, read and written as a whole.
#pragma once

#include <cstdint>
#include <string>

#include "engine/base/error.h"

namespace rocksdb_live {

// Each returns false if the file does not exist or cannot be read.
bool ReadWhole(const std::string& path, std::string* text);
// The first `most` bytes, or all of a shorter file.
bool ReadHead(const std::string& path, uint64_t most, std::string* text);

// The last `most` bytes, or all of a shorter file. `size` is the size of the whole file.
bool ReadTail(const std::string& path, uint64_t most, std::string* text, uint64_t* size);

// Writes another file and renames it to `path`: a reader sees the old text or the new one. With
// `sync`, both the text and its name are on disk when this returns.
Error WriteAtomically(const std::string& path, const std::string& text, bool sync);

// Overwrites the beginning of a file, and creates the file if needed. Returns false on failure.
bool Overwrite(const std::string& path, const std::string& text);
// Syncs the names in a directory to disk.
Error SyncDirectory(const std::string& path);

// A path below a directory, as RocksDB spells it.
std::string Under(const std::string& directory, const std::string& name);

}  // namespace rocksdb_live
