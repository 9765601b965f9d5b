# Our own code: the engine, which never sees Node, and the addon around it.

file(GLOB engine_sources CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/native/engine/*.cc")
if(engine_sources)
  add_library(engine STATIC ${engine_sources})
  # What runs at open, at close and by hand is compiled for size: the package is to stay under 8 MB.
  set(seldom "${engine_sources}")
  list(FILTER seldom INCLUDE REGEX
       "/(adopt|blob_check|capture|checkpoint|directory|events|fallback_merge|footprint|gather|heal[a-z]+|links|lock_[a-z]+|log_file|maintenance|manifest_[a-z]+|modes|option_[a-z]+|options[a-z_]*|overlay_files|reader[a-z_]*|registry|repair[a-z_]*|salvage|shared_objects|small_files|store_examine|store_open|strangers|survey|table_[a-z]+|unreadable|wal_home|wide_columns)\\.cc$")
  if(NOT MSVC)
    set_source_files_properties(${seldom} PROPERTIES COMPILE_OPTIONS -Os)
  endif()
  target_include_directories(engine PUBLIC "${CMAKE_SOURCE_DIR}/native")
  target_link_libraries(engine PUBLIC rocksdb)
  strict_warnings(engine)
endif()

file(GLOB addon_sources CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/native/addon.cc"
                                          "${CMAKE_SOURCE_DIR}/native/binding/*.cc")
if(NOT addon_sources MATCHES "addon\\.cc" OR NOT TARGET engine)
  message(WARNING "no native/addon.cc or no engine yet: only the libraries are built")
  return()
endif()

add_library(rocksdb_live MODULE ${addon_sources})
target_include_directories(rocksdb_live SYSTEM PRIVATE "${NODE_API_HEADERS_SOURCE_DIR}/include"
                                                       "${NODE_ADDON_API_SOURCE_DIR}")
target_compile_definitions(rocksdb_live PRIVATE NAPI_VERSION=9)
target_link_libraries(rocksdb_live PRIVATE engine)
set_target_properties(rocksdb_live PROPERTIES PREFIX "" SUFFIX ".node"
                      LIBRARY_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/$<CONFIG>")
strict_warnings(rocksdb_live)

include(link)
link_addon(rocksdb_live)
strip_addon(rocksdb_live)
