/** Is it well? What the doctor finds, and the figures of every family. */
import { useState } from 'preact/hooks'
import type {
  About,
  FamilyHealth,
  Findings,
  FindingView,
  HealthView,
  LiveSample,
} from '../../lib/studio/protocol'
import { useAsked } from '../base/asked'
import { hrefOf } from '../base/route'
import { brief, bytes, count, ratio, span } from '../base/words'
import { Field, Problem, Tile } from '../parts/bits'
import { Levels } from '../parts/levels'
import { type Line, Plot } from '../parts/plot'

const TONES: Readonly<Record<string, string>> = {
  ok: 'good',
  degraded: 'warn',
  readOnly: 'bad',
  failed: 'bad',
}
const WORDS: Readonly<Record<string, string>> = {
  ok: 'well',
  degraded: 'degraded',
  readOnly: 'takes no writes',
  failed: 'failed',
}

function Finding({ finding }: { finding: FindingView }) {
  const { severity, what, columnFamily, since, evidence, cause, remedy, option, rule } = finding
  return (
    <details class={`finding ${severity}`} open={severity === 'critical'}>
      <summary>
        <span class="badge">{severity}</span> {what}
        {columnFamily !== undefined && <span class="dim"> in {columnFamily}</span>}
      </summary>
      {since !== undefined && <p class="dim">since {new Date(since).toLocaleString('en-GB')}</p>}
      <p>{cause}</p>
      <p>
        <b>Remedy:</b> {remedy}
        {option !== undefined && (
          <>
            {' '}
            <a href={hrefOf('tuning', { filter: option.name })}>
              {option.name}
              {option.suggestion !== undefined && ` = ${option.suggestion}`}
            </a>{' '}
            ({option.live ? 'can change while open' : 'needs a reopen'})
          </>
        )}
      </p>
      <ul class="evidence">
        {evidence.map(({ source, text }) => (
          <li key={`${source} ${text}`}>
            <code>{source}</code> {text}
          </li>
        ))}
      </ul>
      <p class="dim small">
        Rule {rule}, {finding.guide}
      </p>
    </details>
  )
}

export function FindingList() {
  const { answer, error, busy, again } = useAsked<Findings>('findings', {})
  return (
    <section aria-labelledby="findings">
      <h2 id="findings">
        Findings{' '}
        <button type="button" onClick={again} disabled={busy}>
          {busy ? 'Looking…' : 'Look again'}
        </button>
      </h2>
      <Problem error={error} />
      {answer?.findings.map((finding) => (
        <Finding
          key={`${finding.rule} ${finding.columnFamily} ${finding.what}`}
          finding={finding}
        />
      ))}
      {answer?.findings.length === 0 && (
        <p class="calm">
          {answer.rules === 0
            ? 'No rules were checked.'
            : `Nothing was found by ${answer.rules - answer.unknown} rules.`}
        </p>
      )}
      {answer !== undefined && answer.unknown > 0 && (
        <p class="dim small">
          {answer.unknown === 1 ? '1 rule' : `${answer.unknown} rules`} could not be judged here.
        </p>
      )}
    </section>
  )
}

function Tiles({ view }: { view: HealthView }) {
  const { figures, health, cause, writesStopped } = view
  const of = (name: string) => figures[name]
  const delayed = of('delayed_write_rate_bytes_per_second') ?? 0
  const writes = writesStopped ? 'stopped' : delayed > 0 ? `slowed to ${bytes(delayed)}/s` : 'free'
  return (
    <div class="tiles">
      <Tile name="Health" tone={TONES[health] ?? ''} note={cause}>
        {WORDS[health] ?? health}
      </Tile>
      <Tile
        name="Writes"
        tone={writesStopped ? 'bad' : delayed > 0 ? 'warn' : ''}
        note={`held up for ${span(of('write_stall_seconds_total') ?? 0)} since the open`}
      >
        {writes}
      </Tile>
      <Tile name="On disk" note={`${bytes(of('disk_free_bytes'))} free`}>
        {bytes(of('size_bytes'))}
      </Tile>
      <Tile
        name="Write-ahead log"
        note={`${bytes(of('wal_written_bytes_total'))} written since the open`}
      >
        {bytes(of('wal_bytes'))}
      </Tile>
      <Tile name="Running" note="flushes and compactions">
        {count((of('flush_jobs') ?? 0) + (of('compaction_jobs') ?? 0))}
      </Tile>
      <Tile name="Block cache" note={`of ${bytes(of('block_cache_capacity_bytes'))}`}>
        {bytes(of('block_cache_usage_bytes'))}
      </Tile>
    </div>
  )
}

const space = ({ values }: LiveSample) => {
  const live = values['live_data_bytes{*}'] ?? 0
  const levels = Object.entries(values).filter(([name]) => name.startsWith('level_bytes{'))
  const all = levels.reduce((sum, [, value]) => sum + value, values['blob_bytes{*}'] ?? 0)
  return live > 0 ? all / live : null
}

const AMPLIFICATION: readonly Line[] = [
  { label: 'write', colour: 1, at: ({ values }) => values['write_amplification{*}'] ?? null },
  { label: 'read', colour: 2, at: ({ values }) => values['read_amplification{*}'] ?? null },
  { label: 'space', colour: 3, at: space },
]
const PENDING: readonly Line[] = [
  {
    label: 'left to compact',
    colour: 1,
    at: ({ values }) => values['pending_compaction_bytes{*}'] ?? null,
  },
]

function FamilyRow({ family }: { family: FamilyHealth }) {
  const { name, figures, levels, delays, stops } = family
  const live = figures['live_data_bytes'] ?? 0
  return (
    <tr>
      <th scope="row">
        <a href={hrefOf('space', { family: name })}>{name}</a>
      </th>
      <td class="number">{brief(figures['keys'])}</td>
      <td class="number">{bytes(family.bytes)}</td>
      <td class="number">{count(family.files)}</td>
      <td class="wide">
        <Levels levels={levels} />
      </td>
      <td class="number">{bytes(figures['memtable_bytes'])}</td>
      <td class="number">{bytes(figures['pending_compaction_bytes'])}</td>
      <td class="number">{ratio(figures['write_amplification'])}</td>
      <td class="number">{ratio(figures['read_amplification'])}</td>
      <td class="number">{ratio(live > 0 ? family.bytes / live : undefined)}</td>
      <td class="number">{delays + stops === 0 ? '0' : `${count(delays)} / ${count(stops)}`}</td>
    </tr>
  )
}

const HEADS = [
  ['Family', 'Column family'],
  ['Keys', 'As RocksDB estimates them'],
  ['Bytes', 'Of tables and blob files'],
  ['Files', 'Tables and blob files'],
  ['Levels', 'As wide as their bytes; the number is how much of its target a level has'],
  ['Memory', 'Bytes of memtables'],
  ['Pending', 'Bytes that compactions have to rewrite'],
  ['W-amp', 'Bytes written for each byte flushed'],
  ['R-amp', 'Places where a read may have to look'],
  ['S-amp', 'Bytes of files for each byte of live data'],
  ['Stalls', 'Times that writes were delayed, and stopped'],
] as const

export function Health({ about }: { about: About }) {
  const [filter, setFilter] = useState('')
  const [offset, setOffset] = useState(0)
  const { answer, error } = useAsked<HealthView>('health', { filter, offset }, 5000)
  if (about.failure !== undefined) return <FindingList />
  const pages = answer !== undefined && answer.found > answer.limit
  return (
    <>
      <Problem error={error} />
      {answer !== undefined && <Tiles view={answer} />}
      <FindingList />
      <div class="plots two">
        <Plot title="Amplification" lines={AMPLIFICATION} show={ratio} />
        <Plot title="Compaction debt" lines={PENDING} binary show={bytes} />
      </div>
      <section aria-labelledby="families">
        <h2 id="families">
          Column families {answer !== undefined && <span class="dim">{count(answer.total)}</span>}
        </h2>
        {(answer?.total ?? 0) > 10 && (
          <Field
            label="Filter"
            id="filter"
            value={filter}
            onText={(text) => {
              setFilter(text)
              setOffset(0)
            }}
          />
        )}
        {answer !== undefined && (
          <div class="scroll">
            <table>
              <thead>
                <tr>
                  {HEADS.map(([head, title]) => (
                    <th
                      key={head}
                      scope="col"
                      title={title}
                      class={head === 'Family' || head === 'Levels' ? '' : 'number'}
                    >
                      {head}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {answer.families.map((family) => (
                  <FamilyRow key={family.name} family={family} />
                ))}
              </tbody>
            </table>
          </div>
        )}
        {pages && (
          <p class="pager">
            <button
              type="button"
              disabled={offset === 0}
              onClick={() => setOffset(offset - answer.limit)}
            >
              Larger
            </button>
            <span>
              {count(offset + 1)} to {count(Math.min(answer.found, offset + answer.limit))} of{' '}
              {count(answer.found)}
            </span>
            <button
              type="button"
              disabled={offset + answer.limit >= answer.found}
              onClick={() => setOffset(offset + answer.limit)}
            >
              Smaller
            </button>
          </p>
        )}
      </section>
    </>
  )
}
