/**
 * The drill: the index is killed in the middle of its work, again and again, and compared with one that is made
 * anew after each. At times its database is copied in between, or loses its old WAL files.
 *
 *     npm run search:kill -- --kills 100
 *     npm run search:kill -- --kills 100 --seed 5 --documents 40
 */
import { cpSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { killAfter } from '../support/kill'
import { type Random, randomOf } from '../support/random'
import { type Check, check } from './check'
import { edit } from './edits'
import { type Library, openLibrary } from './library'
import { type ScanReason, SearchIndex } from './search-index'

/** How a drill is run. */
export interface DrillOptions {
  /** A directory that is not there yet. */
  directory: string
  kills: number
  random: Random
  /** main.js, compiled. */
  program: string
  documents?: number
  onKill?: (kill: number, check: Check) => void
}

/** What a drill found. */
export interface Drill {
  kills: number
  /** Changes of which the index said that it has taken them. */
  taken: number
  /** How often it went on from where it was, and how often it had to read all documents, by reason. */
  resumed: number
  scans: Record<ScanReason, number>
  problems: string[]
}

/** Lines that a program says at most before it is killed. */
const LINES = 400

/** Brings the index to its end, and checks it. Gives why documents were read, if they were. */
async function audit(library: Library): Promise<Check & { reason: ScanReason | undefined }> {
  let reason: ScanReason | undefined
  const stop = new AbortController()
  const onScan = (why: ScanReason) => {
    reason = why
  }
  const index = new SearchIndex(library, { onScan })
  const following = index.follow(stop.signal)
  await Promise.race([index.settled(), following])
  stop.abort()
  await following
  return { ...(await check(library)), reason }
}

/** Puts a copy in the place of the database: nobody knows what else became of the first one. */
function copy(directory: string): void {
  cpSync(directory, `${directory}.copy`, { recursive: true })
  rmSync(directory, { recursive: true })
  renameSync(`${directory}.copy`, directory)
}

/** Edits that the index has not seen, and whose WAL is gone. */
async function loseWal(directory: string, documents: number, random: Random): Promise<void> {
  const library = await openLibrary(directory)
  for (let i = 0; i < 20; i++) await edit(library, documents, random)
  await library.db.flush()
  await library.db.close()
  rmSync(join(directory, 'archive'), { recursive: true, force: true })
}

/** Kills the index so many times; each goes on with what the last one left. */
export async function drill(options: DrillOptions): Promise<Drill> {
  const { directory, kills, random, program, documents = 100, onKill } = options
  const scans = { new: 0, ERR_CHANGES_GAP: 0, ERR_CHANGES_EPOCH: 0 }
  const found: Drill = { kills, taken: 0, resumed: 0, scans, problems: [] }
  let expected: ScanReason | undefined = 'new'
  const told = (reason: ScanReason | undefined, problems: string[]) => {
    if (reason === undefined) found.resumed++
    else scans[reason]++
    if (reason !== expected) problems.push(`read documents for ${reason}, not for ${expected}`)
  }
  for (let kill = 0; kill < kills && found.problems.length === 0; kill++) {
    const lines = random(4) === 0 ? 1 + random(4) : 5 + random(LINES)
    const args = ['--data-dir', directory, '--documents', String(documents)]
    const forever = ['--edits', '1000000000', '--acknowledge']
    const said = await killAfter(lines, program, [...args, ...forever])
    found.taken += said.filter((line) => line === 'taken').length
    const scan = said.find((line) => line.startsWith('scan '))?.slice('scan '.length)
    if (scan !== undefined) told(scan as ScanReason, found.problems)
    const library = await openLibrary(directory)
    try {
      if ((await library.marks.get('token')) === undefined) expected = 'new'
      // It has got over that, if it was said: the token is one of what is there.
      else if (scan !== undefined) expected = undefined
      const { reason, ...checked } = await audit(library)
      found.problems.push(...checked.problems)
      told(reason, found.problems)
      onKill?.(kill, checked)
    } finally {
      await library.db.close()
    }
    const event = random(4)
    expected = event === 0 ? 'ERR_CHANGES_EPOCH' : event === 1 ? 'ERR_CHANGES_GAP' : undefined
    if (event === 0) copy(directory)
    if (event === 1) await loseWal(directory, documents, random)
  }
  return found
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      kills: { type: 'string', default: '20' },
      documents: { type: 'string', default: '100' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000_007) },
    },
  })
  const home = mkdtempSync(join(tmpdir(), 'rocksdb-live-search-'))
  try {
    console.log(`seed ${values.seed}`)
    const found = await drill({
      directory: join(home, 'library'),
      kills: Number(values.kills),
      documents: Number(values.documents),
      random: randomOf(Number(values.seed)),
      program: join(__dirname, 'main.js'),
      onKill: (kill, { rows, documents }) =>
        console.log(`kill ${kill + 1}: ${rows} rows of ${documents} documents agree`),
    })
    console.log(found)
    process.exitCode = found.problems.length === 0 ? 0 : 1
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
}

if (require.main === module) {
  main().catch((error: unknown) => {
    console.error(error)
    process.exitCode = 1
  })
}
