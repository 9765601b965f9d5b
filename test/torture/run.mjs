/**
 * Does to the package what machines do to it, and looks whether anything is lost, wrong, dead or stuck.
 *
 *   npm run torture                                   # every section, ten minutes each at most
 *   npm run torture -- kills damage --seconds 3600    # some of them, for longer
 *   npm run torture -- kills --seed 5                 # the same once more: what failed says its seed
 *   npm run torture -- calls --only checkpoint        # the cases whose name has a word
 *   npm run torture -- kills --times 60 --json        # at most so many; a report for programs
 *
 * docs/reliability.md has what each section does, and its figures.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Run } from './report.mjs'

/** In the order in which they run. */
const SECTIONS = [
  'kills',
  'kill-calls',
  'fail-calls',
  'damage',
  'power',
  'full-disk',
  'ends',
  'hostile',
  'resources',
  'options',
]

const { values: asked, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: 'string', default: '600' },
    times: { type: 'string' },
    seed: { type: 'string' },
    only: { type: 'string' },
    json: { type: 'boolean' },
    keep: { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
  },
})

const HELP = `npm run torture -- [section…] [--seconds N] [--times N] [--seed S] [--only WORD] [--json] [--keep]
Sections: ${SECTIONS.join(', ')}`

function wholeNumber(name, otherwise) {
  const text = asked[name]
  if (text === undefined) return otherwise
  if (/^\d{1,12}$/.test(text)) return Number(text)
  console.error(`--${name} must be a whole number, not ${text}`)
  process.exit(2)
}

/** Where the databases are: in memory if possible, since a killed process loses no write there either. */
function scratchFolder() {
  const memory = '/dev/shm'
  return mkdtempSync(join(existsSync(memory) ? memory : tmpdir(), 'rocksdb-live-torture-'))
}

async function runSection(section, settings) {
  const scratch = scratchFolder()
  const tell = (line) => process.stderr.write(`${section}: ${line}\n`)
  const run = new Run({ ...settings, section, scratch, tell })
  const { torture } = await import(`./sections/${section}.mjs`)
  try {
    await torture(run)
  } catch (error) {
    run.fail('the section itself', error?.stack ?? error)
  }
  if (asked.keep) tell(`kept: ${scratch}`)
  else rmSync(scratch, { recursive: true, force: true })
  return run.report
}

/** The report as a line for people. */
function lineOf({ section, seed, seconds, bad, skipped, ...counts }) {
  const counted = Object.entries(counts).map(([what, count]) => `${count} ${what}`)
  const end = skipped ? `SKIPPED: ${skipped}` : `${bad.length} bad`
  return `${section} (seed ${seed}, ${seconds} s): ${[...counted, end].join(', ')}`
}

async function main() {
  const unknown = positionals.filter((name) => !SECTIONS.includes(name))
  if (asked.help || unknown.length > 0) {
    console.error(unknown.length > 0 ? `no such section: ${unknown}\n${HELP}` : HELP)
    process.exit(unknown.length > 0 ? 2 : 0)
  }
  const settings = {
    seed: wholeNumber('seed', Date.now() % 1_000_000_007),
    seconds: wholeNumber('seconds', 600),
    times: wholeNumber('times', Number.POSITIVE_INFINITY),
    only: asked.only,
  }
  for (const section of positionals.length > 0 ? positionals : SECTIONS) {
    const report = await runSection(section, settings)
    console.log(asked.json ? JSON.stringify(report) : lineOf(report))
    const wanted = report.skipped && process.env.CI
    if (report.bad.length > 0 || wanted) process.exitCode = 1
    if (report.bad.length > 0 && !asked.json) {
      for (const bad of report.bad) console.log(`  ${bad}`)
      console.log(`  again: npm run torture -- ${section} --seed ${report.seed}`)
    }
  }
}

await main()
