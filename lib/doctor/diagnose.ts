/** The doctor: collects evidence of a database that is open or not, and judges it. */
import { mkdtempSync, realpathSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { invalidType, invalidValue, optionalInteger, readOptions } from '../base/arguments'
import { RocksDBError } from '../base/errors'
import { absolutePathOf } from '../base/paths'
import { limited, signalOf } from '../connection/requests'
import { addon } from '../native/addon'
import { call, explain } from '../native/lane'
import type { DoctorReport } from '../types/doctor'
import { type Case, collect } from './collect/collect'
import type { Patient } from './collect/open'
import type { Collected } from './evidence'
import { judge } from './judge'

/** Opens a database to look at it: read-only, or as a secondary with a folder of its own; never writes to it. */
export type OpenToLook = (path: string, secondary: string | undefined) => Promise<Patient>

interface Asked {
  probe: { directory: string | undefined } | undefined
  signal: AbortSignal | undefined
  deadlineMs: number | undefined
}

function asked(given: unknown): Asked {
  const options = readOptions('options', given, ['probe', 'signal', 'deadlineMs'])
  return {
    probe: probeOf(options['probe']),
    signal: signalOf(options['signal']),
    deadlineMs: optionalInteger('options.deadlineMs', options['deadlineMs'], {
      min: 1,
      max: 0x7fffffff,
      default: undefined,
    }),
  }
}

function probeOf(value: unknown): Asked['probe'] {
  if (value === undefined || value === false) return undefined
  if (value === true) return { directory: undefined }
  if (typeof value === 'number' || value === null) {
    throw invalidType('options.probe', 'a boolean or a directory', value)
  }
  const directory = absolutePathOf('options.probe', value)
  if (statSync(directory, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw invalidValue('options.probe', value, 'must be a directory that exists')
  }
  return { directory }
}

/** Runs within the limits that were asked for. What nobody waits for any more ends at its next step. */
async function within<T>(
  { signal, deadlineMs }: Asked,
  place: { path: string },
  work: (stopped: () => boolean) => Promise<T>,
): Promise<T> {
  let isOver = false
  const running = work(() => isOver)
  const explained = (error: unknown) => explain(error, 'doctor', place)
  return limited(running, signal, deadlineMs, explained).finally(() => {
    isOver = true
  })
}

/** Looks at an open database. */
export async function diagnose(
  { connection, families }: Patient,
  given: unknown,
): Promise<DoctorReport> {
  const options = asked(given)
  connection.assertOpen('doctor')
  const mode = connection.mode
  const patient = { connection, families }
  return within(options, connection, async (stopped) => {
    const opened = mode === 'read-write' ? 'live' : mode
    const holder =
      opened === 'live' || isInMemory(connection.path) ? '' : await holderOf(connection.path)
    return report({ ...caseOf(connection.path, options, stopped), opened, patient, holder })
  })
}

/** Looks at a directory, whatever is in it. */
export async function diagnosePath(
  given: unknown,
  givenOptions: unknown,
  open: OpenToLook,
): Promise<DoctorReport> {
  const named = absolutePathOf('path', given)
  const options = asked(givenOptions)
  const found = statSync(named, { throwIfNoEntry: false })
  if (found?.isDirectory() !== true) {
    const what =
      found === undefined
        ? 'there is no such directory'
        : 'it is a file, and a database is a directory'
    throw explain(new RocksDBError(what, { code: 'ERR_INVALID_ARGUMENT' }), 'doctor', {
      path: named,
    })
  }
  const path = realpathSync(named)
  return within(options, { path }, async (stopped) => {
    const holder = await holderOf(path)
    const folder = holder === '' ? undefined : mkdtempSync(join(tmpdir(), 'rocksdb-live-doctor-'))
    try {
      return await lookAt({ ...caseOf(path, options, stopped), holder }, open, folder)
    } finally {
      if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
    }
  })
}

/** How often opening beside a process that writes is tried again. */
const TRIES = 3

async function lookAt(
  known: Case,
  open: OpenToLook,
  folder: string | undefined,
): Promise<DoctorReport> {
  const errors: Collected['openErrors'][number][] = []
  const mode = folder === undefined ? 'read-only' : 'secondary'
  while (errors.length < (folder === undefined ? 1 : TRIES) && !known.stopped()) {
    let opened: Patient
    try {
      opened = await open(known.path, folder)
    } catch (error) {
      if (!(error instanceof RocksDBError)) throw error
      errors.push({ code: error.code, message: error.message, mode })
      continue
    }
    const { connection, families } = opened
    try {
      const patient = { connection, families }
      return await report({ ...known, opened: mode, patient, openErrors: errors })
    } finally {
      await connection.close()
    }
  }
  return report({ ...known, openErrors: errors })
}

function caseOf(path: string, { probe }: Asked, stopped: () => boolean): Case {
  const inMemory = isInMemory(path)
  return {
    path,
    inMemory,
    opened: 'files',
    patient: undefined,
    holder: '',
    openErrors: [],
    probe,
    stopped,
  }
}

async function report(known: Case): Promise<DoctorReport> {
  return judge(await collect(known))
}

async function holderOf(path: string): Promise<string> {
  const holder = await call('doctor', { path }, (id) => addon.holder(id, path))
  return holder as string
}

const isInMemory = (path: string) => path.startsWith('memory:')
