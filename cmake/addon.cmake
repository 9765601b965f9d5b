# Our own code: the engine, which never sees Node, and the addon around it.

file(GLOB engine_sources CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/native/engine/*/*.cc")
if(engine_sources)
  add_library(engine STATIC ${engine_sources})
  # Only code that runs for each read and write is compiled for speed, to keep the package under 8
  # MB.
  set(seldom "${engine_sources}")
  list(FILTER seldom EXCLUDE REGEX
       "/(batch_check|checked_writes|commit_queue|commit_window|cursor|counter_merge|executor|merge_rules|page|ring|nowait_[a-z]+|own_index|point_reads|range_work|read_set|reader_files|reads|recorder|body|replica_(apply|propose)|session|session_(compare|cursors|reads|transactions|writes)|store|store_writes|transaction|transactions|wal_watch|write_gate)\\.cc$")
  if(NOT MSVC)
    set_source_files_properties(${seldom} PROPERTIES COMPILE_OPTIONS -Os)
  endif()
  target_include_directories(engine PUBLIC "${CMAKE_SOURCE_DIR}/native")
  target_link_libraries(engine PUBLIC rocksdb)
  strict_warnings(engine)
endif()

file(GLOB addon_sources CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/native/addon.cc"
                                          "${CMAKE_SOURCE_DIR}/native/binding/*/*.cc")
if(NOT addon_sources MATCHES "addon\\.cc" OR NOT TARGET engine)
  message(WARNING "no native/addon.cc or no engine yet: only the libraries are built")
  return()
endif()

add_library(rocksdb_live MODULE ${addon_sources})
set(seldom_called "${addon_sources}")
list(FILTER seldom_called INCLUDE REGEX
     "/(captures|changes|data_files|environment|events|families|inspect|live_options|maintenance|metrics|open|repair|replica|transactions)\\.cc$")
if(NOT MSVC)
  set_source_files_properties(${seldom_called} PROPERTIES COMPILE_OPTIONS -Os)
endif()
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
