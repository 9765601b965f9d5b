/** `rocksdb-live import`: rows of another store into a database. */
import { quote } from '../base/arguments'
import {
  type ImportReport,
  importRows,
  KINDS,
  openSource,
  type SourceKind,
  type SourceOptions,
  STDIN,
  type TransferProgress,
} from '../transfer'
import { type Command, UsageError } from './command'
import { helpOf, parseFlags, SHARED, wholeNumber, wordsOf } from './flags'
import { interruptible } from './interrupt'
import { Progress, shareOf } from './progress'
import { bytesText, countText, jsonText } from './render'

const FLAGS = {
  from: {
    type: 'string',
    argument: '<kind>',
    help: 'level, rocksdb, lmdb or jsonl (default: what the files of the source are).',
  },
  families: {
    type: 'string',
    argument: '<a,b>',
    help: 'Of rocksdb and lmdb: read these column families, or named databases, alone.',
  },
  into: {
    type: 'string',
    argument: '<family>',
    help: 'The column family for rows that name none, or of the one family that is read (default: default).',
  },
  sublevels: {
    type: 'string',
    argument: '<how>',
    help: 'Of level: keys (default), as they are stored; families, which makes one of each outermost sublevel.',
  },
  value: {
    type: 'string',
    argument: '<form>',
    help: 'Of jsonl: text (default), strings are the text of the value; json, strings are JSON as well.',
  },
  compression: { type: 'boolean', help: 'Of lmdb: the database was opened with compression.' },
  'max-line-mb': {
    type: 'string',
    argument: '<n>',
    help: 'Of jsonl: the longest line, in MiB, 1 to 400 (default: 64).',
  },
  'into-existing': {
    type: 'boolean',
    help: 'Write into column families that have rows already; the same keys are overwritten.',
  },
  restart: {
    type: 'boolean',
    help: 'Remove what an import that was cut has written, and begin anew.',
  },
  verify: { type: 'boolean', help: 'Read both sides again at the end, and compare every row.' },
  quiet: { type: 'boolean', short: 'q', help: 'Show no progress.' },
  json: SHARED.json,
  help: SHARED.help,
} as const

type Values = ReturnType<typeof parseFlags<typeof FLAGS>>['values']

const LONGEST_LINE_MB = 400

const GO_ON =
  '; what is written stays, and the same command goes on from there (--restart begins anew)'

export const importCommand: Command = {
  summary: 'Bring the rows of a LevelDB, RocksDB, LMDB or JSON lines into a database.',
  help,
  async run(words, surroundings) {
    const { values, positionals } = parseFlags(words, FLAGS)
    const { stdout, stderr } = surroundings
    if (values.help) {
      stdout.write(help())
      return 0
    }
    const [path, from] = wordsOf('import', positionals, ['path', 'source'])
    const kind = oneOf('from', values.from, KINDS)
    const options = sourceOptions(values, from, kind)
    const { 'into-existing': intoExisting, restart, verify } = values
    const work = async (signal: AbortSignal) => {
      const source = await openSource(from, kind, options)
      const progress = new Progress(stderr, values.quiet ?? false)
      const onProgress = (each: TransferProgress) => showRows(progress, each)
      try {
        const made = await importRows(source, path, {
          intoExisting,
          restart,
          verify,
          signal,
          onProgress,
        })
        progress.end()
        stdout.write(values.json ? jsonText(made) : textOf(made))
        return made.problems.length === 0 ? 0 : 1
      } finally {
        progress.end()
        await source.close()
      }
    }
    return interruptible(surroundings, work, GO_ON)
  },
}

/** One of several words; undefined where the flag is not given. */
export function oneOf<const Word extends string>(
  flag: string,
  text: string | undefined,
  words: readonly Word[],
): Word | undefined {
  if (text === undefined || (words as readonly string[]).includes(text)) return text as Word
  throw new UsageError(`--${flag} must be one of ${words.join(', ')}, not ${quote(text)}`)
}

/** The names in a list with commas. */
export function namesOf(flag: string, text: string | undefined): string[] | undefined {
  if (text === undefined) return undefined
  const names = text.split(',')
  if (!names.includes('')) return names
  throw new UsageError(`--${flag} must be names with commas between them, not ${quote(text)}`)
}

function sourceOptions(values: Values, from: string, kind: SourceKind | undefined): SourceOptions {
  const sublevels = oneOf('sublevels', values.sublevels, ['keys', 'families'])
  const form = oneOf('value', values.value, ['text', 'json'])
  const most = wholeNumber('max-line-mb', values['max-line-mb'], [1, LONGEST_LINE_MB], undefined)
  if (values.verify && from === STDIN) {
    throw new UsageError('--verify reads the source a second time, which standard input cannot')
  }
  if (values.into === '') throw new UsageError('--into must name a column family')
  const only = (flag: keyof Values, kinds: readonly SourceKind[]) => {
    if (kind === undefined || values[flag] === undefined || kinds.includes(kind)) return
    throw new UsageError(`--${flag} is for --from ${kinds.join(' and --from ')}`)
  }
  only('families', ['rocksdb', 'lmdb'])
  only('sublevels', ['level'])
  only('value', ['jsonl'])
  only('compression', ['lmdb'])
  only('max-line-mb', ['jsonl'])
  return {
    families: namesOf('families', values.families),
    into: values.into,
    sublevels: sublevels === 'families',
    jsonValues: form === 'json',
    compression: values.compression,
    maxLineBytes: most === undefined ? undefined : most * 2 ** 20,
  }
}

const SAID = { copy: '', count: 'counting; ', verify: 'comparing: ' } as const

/** Shows how far rows have come. */
export function showRows(
  progress: Progress,
  { phase, rows, bytes, total }: TransferProgress,
): void {
  const { rows: all, bytes: allBytes } = total
  const known = all === undefined ? allBytes && shareOf(bytes, allBytes) : shareOf(rows, all)
  // An estimate is not to say that all is done.
  const share = known === undefined ? undefined : Math.min(known, 0.99)
  progress.show(share, (seconds) => {
    const speed = `${numberText(Math.round(rows / seconds))} rows/s`
    return `${SAID[phase]}${numberText(rows)} rows, ${bytesText(bytes)}, ${speed}`
  })
}

const numberText = (number: number) => number.toLocaleString('en-US')

function textOf(made: ImportReport): string {
  const { source, target, bytes, families, problems, runs, rowsResumed, elapsedMs } = made
  const seconds = (elapsedMs / 1000).toFixed(1)
  const rows = `${numberText(made.rowsRead)} read, ${numberText(made.rowsWritten)} written`
  const before = runs === 1 ? '' : `, ${numberText(rowsResumed)} of them by runs before this one`
  const lines = families.map(
    ({ name, read, found }) => `  ${name}: ${numberText(read)} read, ${numberText(found)} there\n`,
  )
  const replaced =
    made.rowsReplaced === 0
      ? ''
      : `${countText(made.rowsReplaced, 'line')} had a key that came again, or that had been there before\n`
  const compared =
    made.rowsCompared === undefined ? '' : `${numberText(made.rowsCompared)} rows compared\n`
  const wrong = problems.map((problem) => `  ${problem}\n`)
  const verdict =
    problems.length === 0
      ? ''
      : `${countText(problems.length, 'problem')}; --restart removes what was written and begins anew\n`
  return `imported ${source} into ${target}
rows: ${rows}${before}, ${bytesText(bytes)} in ${seconds} s
${lines.join('')}${replaced}${compared}${verdict}${wrong.join('')}`
}

function help(): string {
  return `Usage: rocksdb-live import <path> <source> [flags]

Brings all rows of a source into the database at <path>, which is made where there is none. The source is
a directory of LevelDB, of RocksDB or of LMDB, a file of JSON lines, also one of gzip, or - for JSON lines
from standard input. LevelDB needs the package classic-level, and LMDB the package lmdb, in this folder.

An import that was cut, by Ctrl-C, a failure or the end of the machine, goes on where it was when the same
command is given again. Rows are counted where they are read, where they are written, and in the database
at the end. The exit status is 0 where the numbers agree, 1 where they do not or the import has failed, 2
for a command line that is wrong, and 130 after Ctrl-C.

Flags:
${helpOf(FLAGS)}
`
}
