#include "processor.h"

#if defined(__x86_64__) || defined(_M_X64)
#ifdef _WIN32
#include <intrin.h>
#else
#include <cpuid.h>
#endif

namespace rocksdb_live {
namespace {

// ECX of CPUID's leaf 1; the bits are those of Intel's and AMD's manuals.
constexpr unsigned kPclmulqdq = 1u << 1;
constexpr unsigned kSse42 = 1u << 20;
constexpr unsigned kPopcnt = 1u << 23;

unsigned Features() {
#ifdef _WIN32
  int registers[4] = {};
  __cpuid(registers, 1);
  return static_cast<unsigned>(registers[2]);
#else
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
  return __get_cpuid(1, &eax, &ebx, &ecx, &edx) != 0 ? ecx : 0;
#endif
}

}  // namespace

const char* MissingInstructions() {
  const bool sse42 = (Features() & kSse42) != 0;
  const bool popcnt = (Features() & kPopcnt) != 0;
  if (sse42 && popcnt) return nullptr;
  if (popcnt) return "SSE4.2";
  return sse42 ? "POPCNT" : "SSE4.2 and POPCNT";
}

bool HasCarrylessMultiply() { return (Features() & kPclmulqdq) != 0; }

}  // namespace rocksdb_live

#else

namespace rocksdb_live {

const char* MissingInstructions() { return nullptr; }
bool HasCarrylessMultiply() { return false; }

}  // namespace rocksdb_live

#endif
