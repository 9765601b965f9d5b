# RocksDB selects its CRC32C at compile time, by the flags for util/crc32c.cc. Only that file gets
# these flags, so that one binary runs everywhere and is fast everywhere.
#
# x64: it is compiled twice, under two names, and native/crc32c_x64.cc selects the one that the
# processor supports. PCLMULQDQ is not part of x86-64-v2, and many virtual machines lack it. arm64:
# both files check the processor themselves, but only if the flags allow it.

include(CheckCXXCompilerFlag)

# Removes the files that need their own flags from the list SOURCES, and appends those to compile
# alone to ALONE.
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

# One variant of the file: its namespace `crc32c` is renamed to NAME.
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
    # Microsoft's compiler has these instructions without flags, and defines no macro for them.
    crc32c_variant(${target} crc32c_sse42 /D__SSE4_2__=1)
    crc32c_variant(${target} crc32c_pclmul /D__SSE4_2__=1 /D__PCLMUL__=1)
  else()
    # In most compilers the SSE4.2 flag includes CRC32; those that separate the two know this flag.
    check_cxx_compiler_flag(-mcrc32 HAVE_MCRC32)
    set(sse42 -msse4.2 $<$<BOOL:${HAVE_MCRC32}>:-mcrc32>)
    crc32c_variant(${target} crc32c_sse42 ${sse42})
    crc32c_variant(${target} crc32c_pclmul ${sse42} -mpclmul)
  endif()
  target_sources(${target} PRIVATE "${CMAKE_SOURCE_DIR}/native/crc32c_x64.cc")
endfunction()
