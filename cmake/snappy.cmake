# snappy: RocksDB's default codec, so the codec of most directories that other programs have
# written. It uses only instructions of the baseline (at most x86-64-v2, where the file itself
# asks).

file(STRINGS "${SNAPPY_SOURCE_DIR}/CMakeLists.txt" project REGEX "project\\(Snappy VERSION")
string(REGEX MATCH "([0-9]+)\\.([0-9]+)\\.([0-9]+)" version "${project}")
set(PROJECT_VERSION_MAJOR ${CMAKE_MATCH_1})
set(PROJECT_VERSION_MINOR ${CMAKE_MATCH_2})
set(PROJECT_VERSION_PATCH ${CMAKE_MATCH_3})
set(HAVE_SYS_UIO_H_01 1)
if(WIN32)
  set(HAVE_SYS_UIO_H_01 0)
endif()
configure_file("${SNAPPY_SOURCE_DIR}/snappy-stubs-public.h.in"
               "${CMAKE_BINARY_DIR}/snappy/snappy-stubs-public.h")

add_library(snappy STATIC "${SNAPPY_SOURCE_DIR}/snappy.cc"
                          "${SNAPPY_SOURCE_DIR}/snappy-sinksource.cc"
                          "${SNAPPY_SOURCE_DIR}/snappy-stubs-internal.cc")
target_include_directories(snappy SYSTEM PUBLIC "${SNAPPY_SOURCE_DIR}" "${CMAKE_BINARY_DIR}/snappy")
if(NOT MSVC)
  target_compile_definitions(snappy PRIVATE HAVE_BUILTIN_EXPECT=1 HAVE_BUILTIN_CTZ=1
                                            HAVE_BUILTIN_PREFETCH=1 HAVE_ATTRIBUTE_ALWAYS_INLINE=1)
  # As in upstream's build; nothing in it throws.
  target_compile_options(snappy PRIVATE -fno-exceptions)
endif()
if(ROCKSDB_LIVE_X64)
  target_compile_definitions(snappy PRIVATE SNAPPY_HAVE_SSSE3=1)
  if(NOT MSVC)
    target_compile_options(snappy PRIVATE -mssse3)
  endif()
elseif(ROCKSDB_LIVE_ARM64)
  target_compile_definitions(snappy PRIVATE SNAPPY_HAVE_NEON=1)
endif()
quiet_warnings(snappy)
