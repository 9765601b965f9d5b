// Workloads on 1,000 accounts in RocksDB's own transactions: transfers, and compare-and-write.
#pragma once

#include <string>

#include "session.h"

namespace bench {

constexpr uint32_t kAccounts = 1000;
constexpr uint32_t kHotAccounts = 4;

// Whether `RunAccounts` knows the kind.
bool IsOfAccounts(const std::string& kind);

// `transfers-1-low`, with 1 or 8 in flight, low or high contention, in a TransactionDB; with
// `-optimistic` at the end in an OptimisticTransactionDB. `compare-and-write-sync` in a
// TransactionDB. Ends the program where a balance is lost or a value is another than was written.
Figure RunAccounts(const Session& session, const std::string& kind, uint64_t ops);

}  // namespace bench
