# The files of RocksDB that run when a database is opened, changed or inspected, or for a job, but
# never for a row: units of their own, compiled for size. The package must stay under 8 MB; the read
# path needs more (read-path.cmake).

set(rocksdb_seldom_pattern
    "^options/"
    "^cache/(cache_reservation_manager|charged_cache|compressed_secondary_cache|secondary_cache|tiered_)"
    "^db/(attribute_group_iterator_impl|builder|coalescing_iterator|flush_job|flush_scheduler|log_reader)\\.cc$"
    "^db/(logs_with_prep_tracker|multi_scan|output_validator)\\.cc$"
    "^db/compaction/(compaction_job|compaction_outputs|sst_partitioner|subcompaction_state)\\.cc$"
    "^db/db_impl/db_impl_compaction_flush\\.cc$"
    "^env/(env_posix|fs_posix)\\.cc$"
    "^port/stack_trace\\.cc$"
    "^table/meta_blocks\\.cc$"
    "^db/blob/(blob_file_meta|blob_file_partition_manager|blob_gen2_format|blob_log_sequential_reader)"
    "^db/blob/blob_write_batch_transformer"
    "^file/(line_file_reader|readahead_raf|sequence_file_reader)\\.cc$"
    "^memory/(jemalloc|memkind)"
    "^memtable/(alloc_tracker|hash_linklist_rep|hash_skiplist_rep|vectorrep|wbwi_memtable)"
    "^monitoring/(histogram_windowing|in_memory_stats_history)"
    "^table/sst_file_(reader|writer)"
    "^util/(async_file_reader|auto_tune_compressor|compaction_job_stats_impl|coro_stats_utils|data_structure)"
    "^util/(file_checksum_helper|ribbon_config|simple_mixed_compressor|stderr_logger|string_util)"
    "^utilities/(compaction_filters|counted_fs|debug|secondary_index|trie_index|ttl|wal_filter)"
    "^logging/"
    "^monitoring/(instrumented_mutex|iostats|persistent_stats|thread_status)"
    "^trace_replay/"
    "^test_util/"
    "^env/(composite_env|env|env_chroot|env_encryption|file_system|file_system_tracer|fs_on_demand|fs_remap|mock_env|unique_id_gen)\\.cc$"
    "^file/(delete_scheduler|file_util|filename|sst_file_manager_impl)\\.cc$"
    "^db/(convenience|db_filesnapshot|db_info_dumper|error_handler|event_helpers|experimental|external_sst_file_ingestion_job)\\.cc$"
    "^db/(forward_iterator|import_column_family_job|internal_stats|malloc_stats|manifest_ops|periodic_task_scheduler)\\.cc$"
    "^db/(repair|transaction_log_impl|trim_history_scheduler|version_edit|version_edit_handler|version_util|wal_edit)\\.cc$"
    "^db/(version_builder|wal_manager|write_stall_stats)\\.cc$"
    "^db/blob/(blob_file_addition|blob_file_garbage|blob_garbage_meter)\\.cc$"
    "^db/compaction/compaction(_picker|_picker_fifo|_picker_level|_picker_universal|_service_job|_state)?\\.cc$"
    "^db/db_impl/(compacted_db_impl|db_impl_debug|db_impl_experimental|db_impl_files|db_impl_follower)\\.cc$"
    "^db/db_impl/(db_impl_open|db_impl_readonly|db_impl_secondary)\\.cc$"
    "^table/(adaptive|cuckoo|plain)/"
    "^table/(external_table|persistent_cache_helper|sst_file_dumper|table_factory|table_properties|unique_id)\\.cc$"
    "^utilities/(backup|checkpoint|convenience|copy_engine|env_|fault_|leveldb_options|memory|object_registry)"
    "^utilities/(options|persistent_cache|simulator_cache|table_properties_collectors|trace|cache_dump|types_util)")

# Makes units, compiled for size, of these files; removes the files from SOURCES and appends the
# units' paths to OUT.
function(seldom_units out sources)
  set(rest ${${sources}})
  set(files "")
  foreach(pattern IN LISTS rocksdb_seldom_pattern)
    set(matching ${rest})
    list(FILTER matching INCLUDE REGEX "${pattern}")
    list(FILTER rest EXCLUDE REGEX "${pattern}")
    list(APPEND files ${matching})
  endforeach()
  list(SORT files)
  unity_sources(units NAME seldom- ROOT "${ROCKSDB_SOURCE_DIR}" BATCH 16 SOURCES ${files})
  if(NOT MSVC)
    set_source_files_properties(${units} PROPERTIES COMPILE_OPTIONS -Os)
  endif()
  set(${out} ${units} PARENT_SCOPE)
  set(${sources} "${rest}" PARENT_SCOPE)
endfunction()
