// The loops that are timed, one for each kind of work.
#pragma once

#include <cstdint>

#include "data.h"
#include "database.h"

namespace bench {

// Each writes all rows of a chunk.
void WriteBatches(Database& db, const Chunk& chunk, size_t batch_rows);
void WriteTwoFamilies(Database& db, const Chunk& chunk, size_t batch_rows);
void Put(Database& db, const Chunk& chunk);
void PutDurable(Database& db, const Chunk& chunk);
void WriteDurableBatches(Database& db, const Chunk& chunk, size_t batch_rows);

// Each reads the keys of a chunk and returns how many values were wrong.
uint64_t Get(Database& db, const Chunk& chunk);
uint64_t GetInto(Database& db, const Chunk& chunk);
uint64_t GetMissing(Database& db, const Chunk& chunk);
uint64_t MultiGet(Database& db, const Chunk& chunk, size_t batch_keys);

// Each returns the sum of RowSum over the rows it saw: at most `limit`, from an end or from each
// key.
uint64_t Scan(Database& db, bool reverse, uint64_t limit);
uint64_t ScanRanges(Database& db, const Chunk& chunk, size_t limit);

}  // namespace bench
