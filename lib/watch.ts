/** Reads tuning again when the process gets a signal. */
import { AsyncResource } from 'node:async_hooks'
import { invalidType, oneOf, readOptions } from './base/arguments'
import type { Database } from './database'
import { readConfigPath } from './open/sources'
import { partsOf } from './open-database'
import type { TuningChanges } from './types/options'

/** Signals that a process can take without ending. */
const SIGNALS = ['SIGHUP', 'SIGUSR2', 'SIGCONT', 'SIGWINCH'] as const

/** Options of `watchTuning`. */
export interface WatchTuningOptions {
  /** The TOML file. By default the one that the database was opened with. */
  configFile?: string | URL | undefined
  /** The signal that makes the process read again. `'SIGHUP'` by default. */
  signal?: (typeof SIGNALS)[number] | undefined
  /**
   * Called after each reading with what changed and what needs a reopen. By default the latter is a process
   * warning.
   */
  onChange?: ((changes: TuningChanges) => void) | undefined
  /**
   * Called where reading or applying failed; nothing has changed then. By default the error is a process
   * warning.
   */
  onError?: ((error: unknown) => void) | undefined
}

/** What `watchTuning` returns. */
export interface TuningWatch {
  /**
   * Reads the layers now, and resolves to what changed. Fails with `ERR_INVALID_TUNING`, and changes
   * nothing, where a value is wrong.
   */
  reload(): Promise<TuningChanges>
  /** Ends the watch. The tuning in force stays. */
  close(): void
  /** `close`, for `using`. */
  [Symbol.dispose](): void
}

/** @internal The code of the process warnings of `watchTuning`. */
export const WATCH_WARNING = 'ROCKSDB_LIVE_TUNING_WATCH'

/**
 * Reads the layers of a database's tuning anew whenever the process gets a signal, and applies what
 * can change while it is open. Ends with the database, or with `close()`.
 *
 * Fails with `ERR_CLOSED` where the database is closed.
 *
 * @example
 * ```ts
 * const watch = watchTuning(db, { onChange: ({ applied, held }) => console.log(applied, held) })
 * await watch.reload()
 * watch.close()
 * ```
 */
export function watchTuning(
  // biome-ignore lint/suspicious/noExplicitAny: a database of any families is meant
  db: Database<any>,
  options?: WatchTuningOptions,
): TuningWatch {
  const { connection, live } = partsOf(db)
  live.assertOpen('watchTuning')
  const known = ['configFile', 'signal', 'onChange', 'onError']
  const given = readOptions('options', options, known)
  const signal = oneOf('options.signal', given['signal'], SIGNALS, 'SIGHUP')
  const onChange = callback('options.onChange', given['onChange'], warnOfHeld)
  const onError = callback('options.onError', given['onError'], warnOfError)
  const file = given['configFile']
  const configFile = file === undefined ? undefined : readConfigPath(file)

  const reload = () => live.reload(configFile)
  const listen = AsyncResource.bind(() => void reload().then(onChange).catch(onError))
  process.on(signal, listen)
  const forget = connection.onClose(() => close())
  const close = () => {
    forget()
    process.off(signal, listen)
  }
  return { reload, close, [Symbol.dispose]: close }
}

function callback<T>(name: string, value: unknown, fallback: (value: T) => void) {
  if (value === undefined) return fallback
  if (typeof value !== 'function') throw invalidType(name, 'a function', value)
  return value as (value: T) => void
}

function warnOfHeld({ held }: TuningChanges): void {
  for (const { option, to, source } of held) {
    warn(`Tuning option ${option} (from ${source}) stays as it is until a reopen: not ${to}`)
  }
}

function warnOfError(error: unknown): void {
  warn(`The tuning was not read anew: ${error instanceof Error ? error.message : error}`)
}

function warn(message: string): void {
  process.emitWarning(message, { type: 'TuningWarning', code: WATCH_WARNING })
}
