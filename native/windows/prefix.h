// Included before everything that is compiled for Windows (cmake/rocksdb-platform.cmake).
#ifndef ROCKSDB_LIVE_WINDOWS_PREFIX_H
#define ROCKSDB_LIVE_WINDOWS_PREFIX_H

#if defined(__MINGW32__) && defined(__clang__)
// clang's cpuid.h and mingw-w64's intrin.h both define these two.
#define __cpuidex rocksdb_live_cpuidex_of_clang
#include <cpuid.h>
#undef __cpuidex
#undef __cpuid
#endif

#include <windows.h>
// An old macro in winbase.h, and also the name of a method of RocksDB's FileSystem.
#undef GetFreeSpace

#endif
