/** What does it do at the moment? */
import type { About } from '../../lib/studio/protocol'
import { quantile, rate, useLive } from '../base/live'
import { brief, bytes, clock, percent, span } from '../base/words'
import { type Line, Plot } from '../parts/plot'

const rated = (label: string, colour: Line['colour'], ...names: string[]): Line => ({
  label,
  colour,
  at: (now, before) => rate(now, before, names),
})
const gauge = (label: string, colour: Line['colour'], name: string): Line => ({
  label,
  colour,
  at: ({ values }) => values[name] ?? null,
})
const late = (
  label: string,
  colour: Line['colour'],
  name: string,
  part: number,
  unit: number,
): Line => ({
  label,
  colour,
  at(now, before) {
    const value = quantile(now, before, name, part)
    return value === null ? null : value * unit
  },
})
const operations = (...names: string[]) => names.map((name) => `operations_total{${name}}`)

const hits = (['data', 'index', 'filter'] as const).map(
  (kind, at): Line => ({
    label: kind,
    colour: (at + 1) as Line['colour'],
    at(now, before) {
      const hit = rate(now, before, [`block_cache_hits_total{${kind}}`])
      const miss = rate(now, before, [`block_cache_misses_total{${kind}}`])
      return hit === null || miss === null || hit + miss === 0 ? null : hit / (hit + miss)
    },
  }),
)
const perSecond = (value: number) => `${bytes(value)}/s`
const each = (value: number) => `${brief(value)}/s`

const MEMORY: readonly Line[] = [
  gauge('memtables', 1, 'memtable_bytes{*}'),
  gauge('block cache', 2, 'block_cache_usage_bytes'),
  gauge('of it pinned', 3, 'block_cache_pinned_bytes'),
]
const NO_STATISTICS = 'Hits are counted where the tuning option statistics is on.'

function Plots({ hasStatistics }: { hasStatistics: boolean }) {
  return (
    <div class="plots">
      <Plot
        title="Operations"
        show={each}
        lines={[
          rated('reads', 1, ...operations('get', 'has', 'getMany', 'scan', 'count')),
          rated(
            'writes',
            2,
            ...operations('put', 'delete', 'deleteRange', 'merge', 'batch', 'clear'),
          ),
          rated('keys written', 3, 'written_keys_total'),
        ]}
      />
      <Plot
        title="Latency of writes"
        show={span}
        lines={[
          late('median', 1, 'write_batch_ms', 0.5, 1e-3),
          late('99 %', 2, 'write_batch_ms', 0.99, 1e-3),
        ]}
      />
      <Plot
        title="Latency of reads"
        show={span}
        note="Single point reads in RocksDB, sampled."
        lines={[
          late('median', 1, 'read_latency_seconds', 0.5, 1),
          late('99 %', 2, 'read_latency_seconds', 0.99, 1),
        ]}
      />
      <Plot
        title="Bytes"
        binary
        show={perSecond}
        lines={[
          rated('written', 1, 'written_bytes_total'),
          rated('flushed', 2, 'flush_written_bytes_total{*}'),
          rated('compacted', 3, 'compaction_written_bytes_total{*}'),
        ]}
      />
      {hasStatistics ? (
        <Plot title="Block cache hits" show={percent} lines={hits} />
      ) : (
        <Plot
          title="Block cache and memtables"
          binary
          show={bytes}
          note={NO_STATISTICS}
          lines={MEMORY}
        />
      )}
      <Plot
        title="Size"
        binary
        show={bytes}
        lines={[
          gauge('on disk', 1, 'size_bytes'),
          gauge('live data', 2, 'live_data_bytes{*}'),
          gauge('write-ahead log', 3, 'wal_bytes'),
        ]}
      />
    </div>
  )
}

const SECONDARY =
  'Another process writes this database. What only its own memory knows (operations, latencies, cache) it exports itself; these plots show what the files tell, and what this page reads.'

export function Live({ about }: { about: About }) {
  const { samples, events } = useLive()
  const hasStatistics = samples.at(-1)?.values['block_cache_hits_total{data}'] !== undefined
  return (
    <>
      {about.mode === 'secondary' && <p class="calm">{SECONDARY}</p>}
      <Plots key={String(hasStatistics)} hasStatistics={hasStatistics} />
      <section aria-labelledby="events">
        <h2 id="events">Events</h2>
        <ol class="events" aria-live="polite">
          {[...events].reverse().map(({ atMs, type, text }) => (
            <li key={`${atMs} ${type} ${text}`}>
              <time class="dim">{clock(atMs)}</time> <span class={`badge ${type}`}>{type}</span>{' '}
              <span>{text}</span>
            </li>
          ))}
        </ol>
        {events.length === 0 && <p class="calm">None since this page was opened.</p>}
      </section>
    </>
  )
}
