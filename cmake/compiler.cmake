# Flags for everything that is compiled: the libraries, the engine, the addon.

set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_C_VISIBILITY_PRESET hidden)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(THREADS_PREFER_PTHREAD_FLAG ON)
# On Windows the C++ runtime is linked statically, as everywhere: no redistributable has to be
# installed.
set(CMAKE_MSVC_RUNTIME_LIBRARY "MultiThreaded$<$<CONFIG:Debug>:Debug>")
find_package(Threads REQUIRED)

# RocksDB moved to C++20 in a later release: use the standard that its own CMakeLists requires. The
# packed sources, which are of a later release, come without that file.
set(CMAKE_CXX_STANDARD 20)
if(EXISTS "${ROCKSDB_SOURCE_DIR}/CMakeLists.txt")
  file(STRINGS "${ROCKSDB_SOURCE_DIR}/CMakeLists.txt" standard LIMIT_COUNT 1
       REGEX "set\\(CMAKE_CXX_STANDARD [0-9]+\\)")
  if(standard MATCHES "([0-9]+)\\)")
    set(CMAKE_CXX_STANDARD ${CMAKE_MATCH_1})
  endif()
endif()

if(CMAKE_CXX_STANDARD GREATER_EQUAL 20)
  # Paths are UTF-8 in std::string everywhere here; u8string() returns one under both standards.
  add_compile_options(
    "$<$<COMPILE_LANGUAGE:CXX>:$<IF:$<CXX_COMPILER_ID:MSVC>,/Zc:char8_t-,-fno-char8_t>>")
endif()

string(TOLOWER "${CMAKE_SYSTEM_PROCESSOR}" processor)
if(APPLE AND CMAKE_OSX_ARCHITECTURES)
  # Apple silicon cross-compiles for x64, too.
  set(processor "${CMAKE_OSX_ARCHITECTURES}")
endif()
if(processor MATCHES "^(x86_64|amd64)$")
  set(ROCKSDB_LIVE_X64 ON)
elseif(processor MATCHES "^(aarch64|arm64)$")
  set(ROCKSDB_LIVE_ARM64 ON)
endif()

if(NOT MSVC)
  set(CMAKE_C_FLAGS_RELEASE "-O2 -DNDEBUG")
  set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")
  # No -march: everything up to the check in native/processor.h runs on any processor. Only the
  # checksums (crc32c.cmake), which run after it, are compiled for more.
  add_compile_options(-ffunction-sections -fdata-sections)
  if(ROCKSDB_LIVE_SYMBOLS)
    add_compile_options(-g -fno-omit-frame-pointer)
  endif()
  if(ROCKSDB_LIVE_SANITIZER)
    add_compile_options(-fsanitize=${ROCKSDB_LIVE_SANITIZER} -g -fno-omit-frame-pointer)
    add_link_options(-fsanitize=${ROCKSDB_LIVE_SANITIZER})
  endif()
endif()

include(reproducible)

# ccache hashes absolute paths unless it is told where they start: with the base folder a clone
# elsewhere hits too.
find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  set(launcher "${CMAKE_COMMAND}" -E env "CCACHE_BASEDIR=${CMAKE_SOURCE_DIR}" CCACHE_NOHASHDIR=1
               "${CCACHE_PROGRAM}")
  set(CMAKE_C_COMPILER_LAUNCHER ${launcher})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${launcher})
endif()

# Third-party sources: we do not fix their warnings.
function(quiet_warnings target)
  if(MSVC)
    target_compile_options(${target} PRIVATE /w)
  else()
    target_compile_options(${target} PRIVATE -w)
  endif()
endfunction()

function(strict_warnings target)
  if(MSVC)
    target_compile_options(${target} PRIVATE /W4 $<$<BOOL:${ROCKSDB_LIVE_WERROR}>:/WX>)
  else()
    target_compile_options(${target} PRIVATE -Wall -Wextra
                                             $<$<BOOL:${ROCKSDB_LIVE_WERROR}>:-Werror>)
  endif()
endfunction()
