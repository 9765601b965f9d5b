#include "engine/base/merge_rules.h"

#include <cstdint>
#include <deque>
#include <mutex>

#include "engine/base/counter_merge.h"
#include "engine/base/merge_failure.h"
#include "rocksdb/utilities/object_registry.h"

namespace rocksdb_live {
namespace {

using rocksdb::Slice;

constexpr MergeRule kUint64Add{"uint64add", sizeof(uint64_t), "little-endian"};
constexpr MergeRule kCounter{kCounterMerge, kCounterWidth, "big-endian, with the sign flipped"};

// RocksDB's operators that accept any bytes, by the names of their objects.
constexpr const char* kAnyBytes[] = {"PutOperator", "MaxOperator", "StringAppendOperator",
                                     "StringAppendTESTOperator", "BytesXOR"};

uint64_t Decode(const Slice& bytes) {
  uint64_t value = 0;
  for (size_t i = 0; i < sizeof(value); ++i) {
    value |= static_cast<uint64_t>(static_cast<unsigned char>(bytes[i])) << (8 * i);
  }
  return value;
}

std::string Encode(uint64_t value) {
  std::string bytes(sizeof(value), '\0');
  for (size_t i = 0; i < sizeof(value); ++i) bytes[i] = static_cast<char>(value >> (8 * i));
  return bytes;
}

bool Fits(const Slice& bytes) { return bytes.size() == kUint64Add.width; }

// Compatible with files of RocksDB's `uint64add`, except for values of another width: reads of such
// a key fail, while RocksDB counts them as 0. Flushes and compactions keep them.
class Uint64Add : public rocksdb::MergeOperator {
 public:
  const char* Name() const override { return "UInt64AddOperator"; }
  const char* NickName() const override { return kUint64Add.name; }

  bool FullMergeV2(const MergeOperationInput& in, MergeOperationOutput* out) const override {
    uint64_t sum = 0;
    bool fits = in.existing_value == nullptr || Fits(*in.existing_value);
    if (fits && in.existing_value != nullptr) sum = Decode(*in.existing_value);
    for (const Slice& operand : in.operand_list) {
      fits = fits && Fits(operand);
      if (fits) sum += Decode(operand);
    }
    out->op_failure_scope = OpFailureScope::kMustMerge;
    if (fits) {
      out->new_value = Encode(sum);
    } else {
      NoteMergeFailure(MergeFailure::kUnreadable, in.key);
    }
    return fits;
  }

  bool PartialMergeMulti(const Slice&, const std::deque<Slice>& operands, std::string* result,
                         rocksdb::Logger*) const override {
    uint64_t sum = 0;
    for (const Slice& operand : operands) {
      if (!Fits(operand)) return false;
      sum += Decode(operand);
    }
    *result = Encode(sum);
    return true;
  }
};

std::string Offered() {
  return "put, put_v1, max, uint64add, stringappend, stringappendtest, bytesxor and " +
         std::string(kCounterMerge) + " are offered";
}

}  // namespace

void OfferOperators() {
  static std::once_flag once;
  std::call_once(once, [] {
    rocksdb::ObjectLibrary::Default()->AddFactory<rocksdb::MergeOperator>(
        kCounterMerge,
        [](const std::string&, std::unique_ptr<rocksdb::MergeOperator>* guard, std::string*) {
          *guard = MakeCounterMerge();
          return guard->get();
        });
  });
}

Error UseSafeMergeOperator(const std::string& where, rocksdb::ColumnFamilyOptions* options) {
  if (!options->merge_operator) return Error();
  const std::string name = options->merge_operator->Name();
  if (name == "UInt64AddOperator") {
    options->merge_operator = std::make_shared<Uint64Add>();
    return Error();
  }
  if (name == kCounterMerge) return Error();
  for (const char* any : kAnyBytes) {
    if (name == any) return Error();
  }
  return Error(Code::kNotSupported, where + ": the merge operator " + name +
                                        " is not offered, for operands that it cannot read end the "
                                        "process; " +
                                        Offered());
}

const MergeRule* FindMergeRule(const rocksdb::MergeOperator* merge_operator) {
  if (merge_operator == nullptr) return nullptr;
  const std::string name = merge_operator->Name();
  if (name == kCounterMerge) return &kCounter;
  return name == "UInt64AddOperator" ? &kUint64Add : nullptr;
}

std::string PublicName(const rocksdb::MergeOperator& merge_operator) {
  for (const char* name :
       {"stringappend", "stringappendtest", "uint64add", "max", "put", "sortlist", "bytesxor"}) {
    if (merge_operator.IsInstanceOf(name)) return name;
  }
  return merge_operator.Name();
}

std::string ProblemOf(const MergeRule& rule, size_t size) {
  if (rule.width == 0 || size == rule.width) return "";
  return "the merge operator " + std::string(rule.name) + " takes " + std::to_string(rule.width) +
         " bytes (" + rule.form + "), and this has " + std::to_string(size);
}

}  // namespace rocksdb_live
