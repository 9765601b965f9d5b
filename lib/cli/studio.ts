/** `rocksdb-live studio`: shows a database in a browser. */
import { resolve } from 'node:path'
import { RocksDBError } from '../base/errors'
import { Database } from '../database'
import { FormatError } from '../formats/format'
import { formatOf } from '../formats/names'
import { openToRead } from '../inspect/open-to-read'
import { doctorOf } from '../studio/doctor'
import { isLoopback } from '../studio/guard'
import { readServeOptions } from '../studio/options'
import { serve } from '../studio/server'
import { type Opening, openSubject, type Subject } from '../studio/subject'
import { openInBrowser } from './browser'
import { type Command, DONE, type Surroundings, UsageError } from './command'
import { OPEN_FLAGS, type OpenAsked, parseOpening, sourcesOf, TUNING_HELP } from './database'
import { explained, whatIsAt } from './explain'
import { helpOf, wholeNumber, wordsOf } from './flags'
import { follow } from './follow'
import { interruptible } from './interrupt'

const FLAGS = {
  write: {
    type: 'boolean',
    help: 'Take the lock and allow edits and changes of options. Without it nothing is written.',
  },
  port: {
    type: 'string',
    argument: '<port>',
    help: 'The port; 0 takes any free one (default: 0).',
  },
  host: {
    type: 'string',
    argument: '<address>',
    help: 'The address to listen on (default: 127.0.0.1). What is sent is not encrypted: others are for networks that you trust.',
  },
  'no-open': { type: 'boolean', help: 'Print the address, and open no browser.' },
  key: {
    type: 'string',
    argument: '<format>',
    help: 'The format of keys, of families that have none remembered (default: auto).',
  },
  value: { type: 'string', argument: '<format>', help: 'The same of values.' },
  ...OPEN_FLAGS,
} as const

interface Asked extends OpenAsked {
  write?: boolean | undefined
  key?: string | undefined
  value?: string | undefined
}

/** How often a secondary takes over what the other process has written. */
const CATCH_UP_MS = 1000

export const studioCommand: Command = {
  summary: 'Show a database in a browser: health, key space, rows, tuning, live figures.',
  help,
  async run(words, surroundings) {
    const { values, positionals } = parseOpening(words, FLAGS)
    if (values.help) {
      surroundings.stdout.write(help())
      return DONE
    }
    const [path] = wordsOf('studio', positionals, ['path'])
    const port = wholeNumber('port', values.port, [0, 65_535], 0)
    if (values.host === '') throw new UsageError('--host must be an address or a host name')
    checkFormats(values)
    const nothing = whatIsAt(path)
    if (nothing !== undefined) throw new Error(nothing)
    const request = readServeOptions({ port, host: values.host, write: values.write })
    const isQuiet = values['no-open'] === true || surroundings.stdout.isTTY !== true
    return interruptible(surroundings, async (signal) => {
      await using opened = await open(path, values, surroundings)
      await using server = await serve(opened.subject, request)
      if (!isLoopback(request.host)) {
        const warning = 'others can reach this address; whoever has the token sees all rows'
        surroundings.stderr.write(`rocksdb-live: ${warning}\n`)
      }
      surroundings.stdout.write(`${opened.text}\n${server.url}\n`)
      const remove = isQuiet ? () => {} : openInBrowser(server.url)
      await new Promise<void>((end) => {
        if (signal.aborted) end()
        signal.addEventListener('abort', () => end(), { once: true })
      })
      remove()
      return DONE
    })
  },
}

function checkFormats({ key, value }: Asked): void {
  try {
    if (key !== undefined) formatOf(key, 'key')
    if (value !== undefined) formatOf(value, 'value')
  } catch (error) {
    throw error instanceof FormatError ? new UsageError(error.message) : error
  }
}

interface Opened extends AsyncDisposable {
  subject: Subject
  /** What to tell the user. */
  text: string
}

/** Opens the database as far as that is possible: one that is damaged has a page as well. */
async function open(path: string, asked: Asked, surroundings: Surroundings): Promise<Opened> {
  try {
    return asked.write
      ? await toWrite(path, asked, surroundings)
      : await toRead(path, asked, surroundings, undefined)
  } catch (error) {
    if (!(error instanceof RocksDBError) || error.code === 'ERR_INVALID_TUNING') throw error
    const { message } = explained(error, path) as Error
    const findings = () => doctorOf(resolve(path))
    return {
      subject: { path: resolve(path), failure: { code: error.code, message }, findings },
      text: `${message}\nThe page says what the doctor finds:`,
      async [Symbol.asyncDispose]() {},
    }
  }
}

async function toWrite(path: string, asked: Asked, surroundings: Surroundings): Promise<Opened> {
  try {
    const sources = sourcesOf(asked, surroundings)
    const db = await Database.open(path, { ...sources, createIfMissing: false })
    return {
      subject: openSubject(db, { ...openingOf(asked), mode: 'read-write', write: true }),
      text: `${db.path}, opened to write`,
      [Symbol.asyncDispose]: () => db.close(),
    }
  } catch (error) {
    if (!(error instanceof RocksDBError) || error.code !== 'ERR_LOCKED') throw error
    const whyNot = 'another process has it open: only that one can write'
    return toRead(path, asked, surroundings, whyNot)
  }
}

async function toRead(
  path: string,
  asked: Asked,
  surroundings: Surroundings,
  whyNot: string | undefined,
): Promise<Opened> {
  const reader = await openToRead(path, sourcesOf(asked, surroundings))
  const { db, mode, holder } = reader
  const follower = mode === 'secondary' ? followed(db, surroundings) : undefined
  const why = whyNot ?? 'the studio was opened without --write'
  const beside = holder === undefined ? '' : `, beside ${holder}`
  return {
    subject: openSubject(db, { ...openingOf(asked), mode, write: false, whyNot: why, holder }),
    text: `${db.path}, opened to read only${beside}`,
    async [Symbol.asyncDispose]() {
      await follower?.[Symbol.asyncDispose]()
      await reader[Symbol.asyncDispose]()
    },
  }
}

function openingOf({ key, value }: Asked): Pick<Opening, 'formats'> {
  return { formats: { ...(key && { key }), ...(value && { value }) } }
}

/** Says once what goes wrong, until it goes well again. */
function followed(db: Database, { stderr }: Surroundings): AsyncDisposable {
  let told = ''
  return follow(db, {
    everyMs: CATCH_UP_MS,
    onDone: () => {
      told = ''
    },
    onError: ({ message }) => {
      if (message !== told) stderr.write(`rocksdb-live: ${message}\n`)
      told = message
    },
  })
}

function help(): string {
  return `Usage: rocksdb-live studio <path> [flags]

Opens a page in the browser that shows the database: what is wrong with it, where its keys are, its rows, its
tuning, and what it does at the moment. Beside a process that has it open it follows that one. Only this machine can
reach the page, and only who has the address that is printed, which has a token. Ctrl-C ends it.

Flags:
${helpOf(FLAGS)}

${TUNING_HELP}
`
}
