# What RocksDB must know about the target system.

include(CheckCXXSourceCompiles)
include(CheckCXXSymbolExists)

# Defines DEFINITION on TARGET if TEXT compiles; glibc, musl and macOS differ in all of these.
function(define_if_compiles target definition text)
  check_cxx_source_compiles("${text}" HAVE_${definition})
  if(HAVE_${definition})
    target_compile_definitions(${target} PRIVATE ${definition})
  endif()
endfunction()

function(rocksdb_probes target)
  set(CMAKE_REQUIRED_DEFINITIONS -D_GNU_SOURCE)
  set(CMAKE_REQUIRED_LIBRARIES Threads::Threads)
  define_if_compiles(${target} HAVE_UINT128_EXTENSION "
    int main() { return static_cast<int>(__uint128_t(1)); }")
  define_if_compiles(${target} HAVE_ALIGNED_NEW "
    struct alignas(1024) T { int a; };
    int main() { T* t = new T; delete t; }")
  if(WIN32)
    return()
  endif()
  define_if_compiles(${target} ROCKSDB_FALLOCATE_PRESENT "
    #include <fcntl.h>
    #include <linux/falloc.h>
    int main() { return fallocate(0, FALLOC_FL_KEEP_SIZE, 0, 1024); }")
  define_if_compiles(${target} ROCKSDB_RANGESYNC_PRESENT "
    #include <fcntl.h>
    int main() { return sync_file_range(0, 0, 1024, SYNC_FILE_RANGE_WRITE); }")
  define_if_compiles(${target} ROCKSDB_PTHREAD_ADAPTIVE_MUTEX "
    #include <pthread.h>
    int main() { return PTHREAD_MUTEX_ADAPTIVE_NP; }")
  define_if_compiles(${target} ROCKSDB_MALLOC_USABLE_SIZE "
    #include <malloc.h>
    int main() { return malloc_usable_size(nullptr) != 0; }")
  define_if_compiles(${target} ROCKSDB_SCHED_GETCPU_PRESENT "
    #include <sched.h>
    int main() { return sched_getcpu(); }")
  define_if_compiles(${target} ROCKSDB_AUXV_GETAUXVAL_PRESENT "
    #include <sys/auxv.h>
    int main() { return getauxval(AT_HWCAP) != 0; }")
  define_if_compiles(${target} HAVE_FULLFSYNC "
    #include <fcntl.h>
    int main() { return fcntl(0, F_FULLFSYNC); }")
endfunction()

function(rocksdb_posix target)
  target_compile_definitions(${target} PRIVATE ROCKSDB_PLATFORM_POSIX ROCKSDB_LIB_IO_POSIX)
  if(APPLE)
    target_compile_definitions(${target} PRIVATE OS_MACOSX)
  elseif(CMAKE_SYSTEM_NAME STREQUAL "Linux")
    target_compile_definitions(${target} PRIVATE OS_LINUX)
  endif()
  target_compile_options(${target} PRIVATE -fno-builtin-memcmp)
  if(ROCKSDB_LIVE_IO_URING)
    find_library(LIBURING NAMES liburing.a REQUIRED)
    target_compile_definitions(${target} PRIVATE ROCKSDB_IOURING_PRESENT)
    target_link_libraries(${target} PUBLIC "${LIBURING}")
  endif()
endfunction()

function(rocksdb_windows target)
  # PUBLIC: RocksDB's headers check OS_WIN.
  target_compile_definitions(${target} PUBLIC OS_WIN WIN32 WIN64 NOMINMAX WIN32_LEAN_AND_MEAN
                                              _WIN32_WINNT=0x0A00
                                       PRIVATE _MBCS ROCKSDB_WINDOWS_UTF8_FILENAMES)
  target_link_libraries(${target} PUBLIC shlwapi rpcrt4)
  set(prefix "${CMAKE_SOURCE_DIR}/native/windows/prefix.h")
  if(MSVC)
    # A unity unit has more sections than the older object format supports.
    target_compile_options(${target} PUBLIC "/FI${prefix}" PRIVATE /bigobj)
  else()
    target_compile_options(${target} PUBLIC "SHELL:-include \"${prefix}\"")
  endif()
endfunction()

function(rocksdb_platform target)
  if(WIN32)
    rocksdb_windows(${target})
  else()
    rocksdb_posix(${target})
  endif()
  rocksdb_probes(${target})
  if(ROCKSDB_LIVE_X64 AND NOT MSVC)
    # Part of the baseline, and used only where RocksDB counts bits.
    target_compile_options(${target} PRIVATE -mpopcnt)
  endif()
endfunction()
