# RocksDB chooses its CRC32C when it is compiled, from the flags of util/crc32c.cc. So that one binary
# is fast everywhere and runs everywhere, only that file gets the flags.
#
# x64: it is compiled twice, under two names, and native/crc32c_x64.cc takes the one this processor
# has the instructions for. PCLMULQDQ is not part of x86-64-v2, and many virtual machines lack it.
# arm64: both files look at the processor themselves, but only where the flags let them.

include(CheckCXXCompilerFlag)

# Takes the files that need flags of their own out of the list SOURCES; those to compile alone go into
# ALONE.
function(crc32c_sources sources alone)
  set(taken "")
  set(rest ${${sources}})
  if(ROCKSDB_LIVE_X64)
    list(REMOVE_ITEM rest util/crc32c.cc)
  elseif(ROCKSDB_LIVE_ARM64)
    set(taken util/crc32c.cc util/crc32c_arm64.cc)
    list(TRANSFORM taken PREPEND "${ROCKSDB_SOURCE_DIR}/" OUTPUT_VARIABLE files)
    set_source_files_properties(${files} PROPERTIES COMPILE_OPTIONS "-march=armv8-a+crc+crypto")
  endif()
  set(${sources} "${rest}" PARENT_SCOPE)
  set(${alone} "${taken}" PARENT_SCOPE)
endfunction()

# One form of the file: its namespace `crc32c` gets NAME.
function(crc32c_variant target name)
  add_library(${name} OBJECT "${ROCKSDB_SOURCE_DIR}/util/crc32c.cc")
  target_include_directories(${name} SYSTEM PRIVATE "${ROCKSDB_SOURCE_DIR}/include"
                                                    "${ROCKSDB_SOURCE_DIR}")
  target_compile_definitions(${name} PRIVATE crc32c=${name})
  target_compile_options(${name} PRIVATE ${ARGN})
  rocksdb_platform(${name})
  quiet_warnings(${name})
  target_sources(${target} PRIVATE $<TARGET_OBJECTS:${name}>)
endfunction()

function(crc32c_variants target)
  if(NOT ROCKSDB_LIVE_X64)
    return()
  endif()
  if(MSVC AND NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    # Microsoft's compiler has these instructions without flags, and no macro that says so.
    crc32c_variant(${target} crc32c_sse42 /D__SSE4_2__=1)
    crc32c_variant(${target} crc32c_pclmul /D__SSE4_2__=1 /D__PCLMUL__=1)
  else()
    # SSE4.2 stands for CRC32 in most compilers; those that tell them apart know this.
    check_cxx_compiler_flag(-mcrc32 HAVE_MCRC32)
    set(sse42 -msse4.2 $<$<BOOL:${HAVE_MCRC32}>:-mcrc32>)
    crc32c_variant(${target} crc32c_sse42 ${sse42})
    crc32c_variant(${target} crc32c_pclmul ${sse42} -mpclmul)
  endif()
  target_sources(${target} PRIVATE "${CMAKE_SOURCE_DIR}/native/crc32c_x64.cc")
endfunction()
