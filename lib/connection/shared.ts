/** What all families share, from the texts of tuning to what native takes. */
import type { NativeShared } from '../native/addon'
import type { OptionMap } from '../tuning'

const count = (text: string | undefined) => Number(text ?? 0)

/** The names of the texts are those of native/engine/options/shared_objects.h. */
export function sharedOf(texts: OptionMap): NativeShared {
  return {
    blockCacheBytes: count(texts['block_cache_bytes']),
    hyperClockCache: texts['block_cache_type'] === 'hyper-clock',
    rowCacheBytes: count(texts['row_cache_bytes']),
    rateLimitBytesPerSec: count(texts['rate_limit_bytes_per_sec']),
    writeBufferBytes: count(texts['write_buffer_bytes']),
    chargeWriteBuffers: texts['charge_write_buffers'] === 'true',
    allowStall: texts['allow_stall'] === 'true',
    statsLevel: count(texts['stats_level']),
  }
}
