# The benchmark's native limit: a program with the same static RocksDB as the addon. Built only by
# name.

if(WIN32)
  return()
endif()
file(GLOB bench_sources CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/bench/native/*.cc")
if(NOT bench_sources)
  return()
endif()

add_executable(bench_limit EXCLUDE_FROM_ALL ${bench_sources})
target_link_libraries(bench_limit PRIVATE rocksdb)
strict_warnings(bench_limit)
