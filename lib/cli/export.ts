/** `rocksdb-live export`: rows of a database as JSON lines. */

import { existsSync } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { syncDirectory } from '../backup/files'
import { type ExportReport, exportRows, FORMS, type Form, type TransferProgress } from '../transfer'
import { type Command, type Output, UsageError } from './command'
import { helpOf, parseFlags, SHARED, wordsOf } from './flags'
import { namesOf, oneOf, showRows } from './import'
import { interruptible } from './interrupt'
import { Progress } from './progress'
import { bytesText, countText, jsonText } from './render'

const FLAGS = {
  to: {
    type: 'string',
    argument: '<file>',
    help: 'Write a file, which has its name once it is whole (default: standard output).',
  },
  overwrite: { type: 'boolean', help: 'Replace the file where it is there.' },
  families: {
    type: 'string',
    argument: '<a,b>',
    help: 'These column families alone, in this order of the database (default: all).',
  },
  key: {
    type: 'string',
    argument: '<form>',
    help: 'utf8 (default), hex or base64; of one family: users=hex,default=utf8.',
  },
  value: {
    type: 'string',
    argument: '<form>',
    help: 'utf8 (default), json, hex or base64; of one family: users=json,default=utf8. Bytes that have no such form are base64.',
  },
  quiet: { type: 'boolean', short: 'q', help: 'Show no progress, and without --to no report.' },
  json: { type: 'boolean', help: 'Print the report as JSON, to standard error without --to.' },
  help: SHARED.help,
} as const

/** Where lines go, and what ends it. */
interface Sink {
  write(text: string): Promise<void>
  /** Gives the file its name. */
  end(): Promise<void>
  /** Leaves nothing. */
  abandon(): Promise<void>
}

export const exportCommand: Command = {
  summary: 'Print the rows of a database as JSON lines, which import takes.',
  help,
  async run(words, surroundings) {
    const { values, positionals } = parseFlags(words, FLAGS)
    const { stdout, stderr } = surroundings
    if (values.help) {
      stdout.write(help())
      return 0
    }
    const [path] = wordsOf('export', positionals, ['path'])
    const keys = formsOf('key', values.key, ['utf8', 'hex', 'base64'])
    const contents = formsOf('value', values.value, FORMS)
    const families = namesOf('families', values.families)
    const { to, overwrite = false } = values
    return interruptible(surroundings, async (signal) => {
      const sink = to === undefined ? outputSink(stdout) : await fileSink(to, path, overwrite)
      const progress = new Progress(stderr, values.quiet ?? false)
      const onProgress = (each: TransferProgress) => showRows(progress, each)
      const forms = (family: string) => ({ key: keys(family), value: contents(family) })
      try {
        const made = await exportRows(path, sink.write, {
          families,
          formsOf: forms,
          signal,
          onProgress,
        })
        await sink.end()
        progress.end()
        const report = values.json ? jsonText({ ...made, to: to ?? null }) : textOf(made, to)
        const output = to === undefined ? stderr : stdout
        if (to !== undefined || values.json || !values.quiet) output.write(report)
        return 0
      } catch (error) {
        await sink.abandon()
        // Whoever reads has seen enough (`| head`).
        if (error === CLOSED) return 0
        throw error
      } finally {
        progress.end()
      }
    })
  },
}

/** Nobody reads standard output any more. */
const CLOSED = new Error('standard output was closed')

interface Stream extends Output {
  on?(event: string, listener: () => void): unknown
  once(event: string, listener: () => void): unknown
  off(event: string, listener: () => void): unknown
}

/** What ends the wait for a stream to take more. */
const READY = ['drain', 'close', 'error']

function outputSink(stdout: Output): Sink {
  const stream = stdout as Stream
  let closed = false
  const onError = () => {
    closed = true
  }
  stream.on?.('error', onError)
  const end = async () => {
    stream.off?.('error', onError)
  }
  const write = async (text: string): Promise<void> => {
    if (closed) throw CLOSED
    if (text === '' || stream.write(text) !== false || stream.on === undefined) return
    await new Promise<void>((resolve) => {
      const done = () => {
        for (const event of READY) stream.off(event, done)
        resolve()
      }
      for (const event of READY) stream.once(event, done)
    })
    if (closed) throw CLOSED
  }
  return { write, end, abandon: end }
}

async function fileSink(to: string, database: string, overwrite: boolean): Promise<Sink> {
  const file = resolve(to)
  if (dirname(file) === resolve(database)) {
    throw new UsageError('--to must not name a file in the directory of the database')
  }
  if (existsSync(file) && !overwrite) {
    throw new Error(`${file} is there already: --overwrite replaces it`)
  }
  const partial = `${file}.${process.pid}.partial`
  const handle = await open(partial, 'w')
  return {
    async write(text) {
      await handle.writeFile(text, 'utf8')
    },
    async end() {
      await handle.sync()
      await handle.close()
      await rename(partial, file)
      await syncDirectory(dirname(file))
    },
    async abandon() {
      await handle.close().catch(() => {})
      await rm(partial, { force: true })
    },
  }
}

/** The form for a family: `hex`, or `users=hex,default=utf8`. */
function formsOf<const Word extends Form>(
  flag: string,
  text: string | undefined,
  words: readonly Word[],
): (family: string) => Form {
  const own = new Map<string, Form>()
  let all: Form = 'utf8'
  for (const each of namesOf(flag, text) ?? []) {
    const at = each.lastIndexOf('=')
    const form = oneOf(flag, each.slice(at + 1), words) ?? 'utf8'
    if (at < 0) all = form
    else own.set(each.slice(0, at), form)
  }
  return (family) => own.get(family) ?? all
}

function textOf({ source, rows, bytes, families, elapsedMs }: ExportReport, to?: string): string {
  const where = to === undefined ? '' : ` to ${to}`
  const seconds = (elapsedMs / 1000).toFixed(1)
  const lines = families.map((each) => `  ${each.name}: ${countText(each.rows, 'row')}\n`)
  return `exported ${source}${where}
${countText(rows, 'row')}, ${bytesText(bytes)} in ${seconds} s
${lines.join('')}`
}

function help(): string {
  return `Usage: rocksdb-live export <path> [flags]

Prints the rows of a database as JSON lines: {"columnFamily":"users","key":"ada","value":"…"}, of one state,
also while another process writes it. rocksdb-live import makes the same rows of them again, whatever their
bytes are: those that are no text are keyBase64 and valueBase64. The copy of a whole directory is what
rocksdb-live backup makes, and db.checkpoint() in a program.

Flags:
${helpOf(FLAGS)}
`
}
