/** Consequences of turning the write-ahead log off. */
import { quote } from '../base/arguments'
import { TuningError } from '../base/errors'
import type { ForcedChange } from './entries'
import type { Passed } from './passthrough'
import type { Settings } from './values'

const ATOMIC =
  'walEnabled is off: without the WAL only atomic flushes keep a batch over several families whole ' +
  'after a crash'
const PIPELINED = 'walEnabled is off: RocksDB has no pipelined writes together with atomic flushes'

/**
 * Without the WAL, families must be flushed together, or a crash could leave half a batch. RocksDB
 * refuses that together with pipelined writes, so those are turned off. Adds the resulting RocksDB
 * options to `forced`; refuses passed-through options that contradict them.
 */
export function settleWithoutWal(
  settings: Settings,
  passed: Readonly<Record<string, Passed>>,
  forced: ForcedChange[],
): void {
  requireText('atomic_flush', passed, 'true', ATOMIC)
  requireText('enable_pipelined_write', passed, 'false', PIPELINED)
  forced.push({ option: 'atomic_flush', text: 'true', reason: ATOMIC })

  const pipelined = settings.enablePipelinedWrite
  if (pipelined?.value === true) {
    settings.enablePipelinedWrite = { ...pipelined, value: false, given: true, reason: PIPELINED }
    forced.push({ option: 'enable_pipelined_write', text: 'false', reason: PIPELINED })
  }
}

/** RocksDB also accepts 1 and 0 for true and false. */
function requireText(
  option: string,
  passes: Readonly<Record<string, Passed>>,
  text: 'true' | 'false',
  reason: string,
): void {
  const passed = passes[option]
  if (passed === undefined || passed.text === text) return
  if (passed.text === (text === 'true' ? '1' : '0')) return
  throw new TuningError(
    `RocksDB option ${quote(option)} (from ${passed.source}) must be ${text}: ${reason}. ` +
      `Received ${quote(passed.text)}`,
    { option, value: passed.text, source: passed.source },
  )
}
