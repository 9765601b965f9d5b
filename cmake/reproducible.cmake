# Two builds of one commit produce the same bytes, wherever the clone is and with or without ccache:
# no absolute path and no time gets into a binary. scripts/check-reproducible.mjs compares two
# clones.

file(RELATIVE_PATH up "${CMAKE_BINARY_DIR}" "${CMAKE_SOURCE_DIR}")
# ccache passes the compiler paths relative to the build folder instead of absolute ones.
set(maps "${CMAKE_SOURCE_DIR}/=" "${up}=")
foreach(name ROCKSDB LZ4 ZSTD SNAPPY ZLIB BZIP2)
  string(TOLOWER "${name}" folder)
  if(${name}_SOURCE_DIR)
    list(APPEND maps "${${name}_SOURCE_DIR}=deps/${folder}")
  endif()
endforeach()

foreach(map IN LISTS maps)
  if(NOT MSVC)
    add_compile_options("-ffile-prefix-map=${map}")
  elseif(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    add_compile_options("/clang:-ffile-prefix-map=${map}")
  endif()
endforeach()

if(MSVC)
  add_link_options(LINKER:/Brepro)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    add_compile_options(/Brepro)
  endif()
elseif(WIN32)
  add_link_options(LINKER:--no-insert-timestamp)
endif()
