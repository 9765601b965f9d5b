/** Collects everything that rules judge. */
import { isAbsolute, join, resolve } from 'node:path'
import { addon } from '../../native/addon'
import type { Collected, Known, OptionsEvidence } from '../evidence'
import { MOST_FAMILIES, optionsInForce } from '../options-in-force'
import { lookAtDirectory, lookAtTables } from './directory'
import { readLog, type Stopped } from './log'
import { lookAtFiles, lookInside, type Patient } from './open'
import { readOptionsFile } from './options-file'
import { lookAtFileSystem, lookAtHolder, lookAtMemory, lookAtProcess, probeDisk } from './system'

/** What is known before. */
export interface Case {
  path: string
  inMemory: boolean
  opened: Collected['opened']
  patient: Patient | undefined
  /** What native says of who has it open, or ''. */
  holder: string
  openErrors: Collected['openErrors']
  probe: { directory: string | undefined } | undefined
  stopped: Stopped
}

const inMemory = { unknown: 'the database is in memory' }
const notAsked = { unknown: 'the disk is measured only with the option probe' }

export async function collect(given: Case): Promise<Collected> {
  const { path, opened, patient, openErrors, stopped } = given
  const atMs = Date.now()
  const [error] = openErrors
  const notOpen = {
    unknown: `the database could not be opened${error === undefined ? '' : `: ${error.message}`}`,
  }
  const open = patient === undefined ? notOpen : await lookInside(patient)
  const families = 'families' in open ? open.families.length : 0
  const options = await optionsOf(given, families)
  const holder =
    given.holder === '' || opened === 'live' ? undefined : await lookAtHolder(given.holder)
  const pid = opened === 'live' ? process.pid : holder?.pid
  return {
    path,
    atMs,
    opened,
    rocksdb: addon.versions.rocksdb,
    ...(await onDisk(given, options, atMs)),
    options,
    open,
    files: patient === undefined ? notOpen : await lookAtFiles(patient),
    process: await lookAtProcess(pid),
    memory: await lookAtMemory(),
    holder,
    probe:
      given.probe === undefined || given.inMemory
        ? notAsked
        : await probeDisk(path, given.probe.directory, stopped),
    openErrors,
  }
}

/** What is in the directory, and below it. */
async function onDisk(
  { path, opened, stopped, ...given }: Case,
  options: Known<OptionsEvidence>,
  atMs: number,
): Promise<Pick<Collected, 'log' | 'directory' | 'tables' | 'fileSystem' | 'largestReadBytes'>> {
  if (given.inMemory) {
    const all = { directory: inMemory, tables: inMemory, fileSystem: inMemory }
    return { log: inMemory, ...all, largestReadBytes: inMemory }
  }
  const db = 'unknown' in options ? {} : options.db
  const [logPath, walPath] = [directoryOf(path, db['db_log_dir']), directoryOf(path, db['wal_dir'])]
  const largest = addon.largestRead(path)
  return {
    log: await readLog(join(logPath ?? path, 'LOG'), stopped),
    directory: await lookAtDirectory(path, walPath, atMs, stopped),
    tables:
      opened === 'files'
        ? await lookAtTables(path, stopped)
        : { unknown: 'RocksDB has looked at the tables when it opened the database' },
    fileSystem: await lookAtFileSystem(path),
    largestReadBytes:
      largest > 0
        ? largest
        : { unknown: 'the system does not say how much the disk reads at once' },
  }
}

/** A directory that options name; undefined where it is the database's. */
function directoryOf(path: string, named: string | undefined): string | undefined {
  if (named === undefined || named === '') return undefined
  const whole = isAbsolute(named) ? resolve(named) : resolve(path, named)
  return whole === path ? undefined : whole
}

async function optionsOf(given: Case, families: number): Promise<Known<OptionsEvidence>> {
  const { path, patient } = given
  const read = given.inMemory ? inMemory : await readOptionsFile(path)
  if (!('unknown' in read) || patient === undefined) return read
  if (families > MOST_FAMILIES) return read
  return optionsInForce(patient.connection, addon.versions.rocksdb)
}
