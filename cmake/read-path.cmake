# The files on the read path are units of their own, in which the compiler may inline more.
#
# GCC stops inlining once a unit has grown by 40 %, and a unity batch is one unit: in 11.8.1 it no
# longer inlines the code that decodes and compares the entries of a block. With these flags a get
# and a scan take fewer instructions than they did with 9.7.4 (docs/performance.md; npm run
# bench:instructions counts them). -O3 is no substitute: it has the same bound. Clang has none, and
# gets the same units without flags.

# Called for each entry, block and file.
set(read_path_table
    cache/clock_cache.cc
    cache/lru_cache.cc
    cache/sharded_cache.cc
    db/arena_wrapped_db_iter.cc
    db/db_iter.cc
    db/dbformat.cc
    db/memtable.cc
    db/memtable_list.cc
    db/table_cache.cc
    db/wide/read_path_blob_resolver.cc
    table/block_based/binary_search_index_reader.cc
    table/block_based/block.cc
    table/block_based/block_based_table_iterator.cc
    table/block_based/block_based_table_reader.cc
    table/block_based/filter_block_reader_common.cc
    table/block_based/filter_policy.cc
    table/block_based/full_filter_block.cc
    table/block_based/index_reader_common.cc
    table/block_based/reader_common.cc
    table/format.cc
    table/get_context.cc
    table/merging_iterator.cc
    util/cleanable.cc
    util/coding.cc
    util/comparator.cc
    util/status.cc)
# Called once for a read, in large files that mostly do other things.
set(read_path_db
    db/db_impl/db_impl.cc
    db/version_set.cc)

# Removes the given files from the list SOURCES and makes one unit of those that this release has,
# compiled by GCC with OPTIONS; appends its path to the list OUT.
function(read_path_unit out sources name options)
  set(rest ${${sources}})
  set(files "")
  foreach(file IN LISTS ARGN)
    if(file IN_LIST rest)
      list(APPEND files ${file})
      list(REMOVE_ITEM rest ${file})
    endif()
  endforeach()
  unity_source(unit ${name} ${files})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    set_source_files_properties("${unit}" PROPERTIES COMPILE_OPTIONS "${options}")
  endif()
  set(${out} ${${out}} "${unit}" PARENT_SCOPE)
  set(${sources} "${rest}" PARENT_SCOPE)
endfunction()

function(read_path_units out sources)
  set(rest ${${sources}})
  set(made "")
  set(grow --param=inline-unit-growth=300)
  read_path_unit(made rest read-path-table "${grow};--param=max-inline-insns-single=200"
                 ${read_path_table})
  read_path_unit(made rest read-path-db "${grow}" ${read_path_db})
  set(${out} ${made} PARENT_SCOPE)
  set(${sources} "${rest}" PARENT_SCOPE)
endfunction()
