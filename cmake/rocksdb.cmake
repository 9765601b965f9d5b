# RocksDB as one static library, from the list of sources in its src.mk. No version is named here:
# the same lines compile later releases.

include(unity)
include(rocksdb-platform)

if(NOT EXISTS "${ROCKSDB_SOURCE_DIR}/src.mk")
  message(FATAL_ERROR "no RocksDB in ${ROCKSDB_SOURCE_DIR}: run node scripts/fetch-sources.mjs")
endif()
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${ROCKSDB_SOURCE_DIR}/src.mk")

# Parses LIB_SOURCES: a make variable whose lines end in a backslash.
function(read_lib_sources out)
  file(READ "${ROCKSDB_SOURCE_DIR}/src.mk" text)
  string(REGEX REPLACE "\\\\[ \t]*\r?\n" " " text "${text}")
  if(NOT text MATCHES "(^|\n)LIB_SOURCES[ \t]*=([^\n]*)")
    message(FATAL_ERROR "no LIB_SOURCES in ${ROCKSDB_SOURCE_DIR}/src.mk")
  endif()
  string(REGEX MATCHALL "[^ \t\r]+\\.cc" sources "${CMAKE_MATCH_2}")
  set(${out} "${sources}" PARENT_SCOPE)
endfunction()

read_lib_sources(rocksdb_sources)
# native/sources.json excludes what no database needs: the C API, tools, utilities for other
# purposes. The npm package also omits the transactions, which only the benchmark's native limit
# uses, and more of the utilities; native/rocksdb_left_out.cc replaces what the core calls in them.
foreach(source IN LISTS rocksdb_sources)
  if(NOT EXISTS "${ROCKSDB_SOURCE_DIR}/${source}")
    list(REMOVE_ITEM rocksdb_sources "${source}")
  endif()
endforeach()
# Upstream's build generates this from a template; ours is native/rocksdb_build_version.cc.
list(REMOVE_ITEM rocksdb_sources util/build_version.cc)
if(WIN32)
  list(FILTER rocksdb_sources EXCLUDE REGEX "(^|/)[a-z]+_posix\\.cc$")
else()
  list(FILTER rocksdb_sources EXCLUDE REGEX "^port/win/")
endif()

include(crc32c)
crc32c_sources(rocksdb_sources rocksdb_checksums)

set(rocksdb_alone ${rocksdb_checksums})
if(WIN32)
  # Calls Windows' CreateFile, which file/file_util.h would hide from it in a shared unit.
  list(APPEND rocksdb_alone port/win/env_win.cc)
endif()
include(read-path)
read_path_units(rocksdb_read_path rocksdb_sources)
include(seldom)
seldom_units(rocksdb_seldom rocksdb_sources)

unity_sources(rocksdb_units ROOT "${ROCKSDB_SOURCE_DIR}" BATCH 16
              SOURCES ${rocksdb_sources} ALONE ${rocksdb_alone})

# Code compiled for size comes last: of an inline function in several units, the linker keeps the
# first.
add_library(rocksdb STATIC ${rocksdb_read_path}
                           ${rocksdb_units}
                           ${rocksdb_seldom}
                           "${CMAKE_SOURCE_DIR}/native/processor.cc"
                           "${CMAKE_SOURCE_DIR}/native/rocksdb_recovery.cc"
                           "${CMAKE_SOURCE_DIR}/native/rocksdb_build_version.cc")
if(NOT EXISTS "${ROCKSDB_SOURCE_DIR}/utilities/transactions/snapshot_checker.cc")
  target_sources(rocksdb PRIVATE "${CMAKE_SOURCE_DIR}/native/rocksdb_left_out.cc")
endif()
target_include_directories(rocksdb SYSTEM PUBLIC "${ROCKSDB_SOURCE_DIR}/include"
                                          PRIVATE "${ROCKSDB_SOURCE_DIR}")
target_compile_definitions(rocksdb PRIVATE LZ4 ZSTD)
foreach(codec snappy zlib bzip2)
  if(TARGET ${codec})
    string(TOUPPER "${codec}" definition)
    # Our own code may query these for RocksDB's version.
    target_compile_definitions(rocksdb PRIVATE ${definition}
                                       INTERFACE ROCKSDB_LIVE_${definition})
    target_link_libraries(rocksdb PUBLIC ${codec})
  endif()
endforeach()
# Per-thread counters, which nothing here reads. In a shared library each access is a call of
# __tls_get_addr: 6 % of a scan (npm run bench -- --workloads ranges-pages).
target_compile_definitions(rocksdb PRIVATE NPERF_CONTEXT NIOSTATS_CONTEXT)
target_link_libraries(rocksdb PUBLIC lz4 zstd Threads::Threads ${CMAKE_DL_LIBS})
rocksdb_platform(rocksdb)
crc32c_variants(rocksdb)
quiet_warnings(rocksdb)
