/**
 * An English dictionary in RocksDB: loads WordNet, closes, opens again and looks a word up.
 *
 *     npm start
 *     npm start -- lexicon
 */
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import {
  compactDictionary,
  type Dictionary,
  loadDictionary,
  lookUp,
  openDictionary,
  startingWith,
} from './dictionary'
import { megabytes, number, step } from './terminal'
import { readWordNet } from './wordnet'

const DIRECTORY = join('data', 'quickstart')
const PREFIX_LENGTH = 4
const MANY = 10_000

async function main(word: string): Promise<void> {
  await load()
  const dictionary = await step(
    'reopen',
    () => openDictionary(DIRECTORY),
    ({ recovery }) => `${recovery.droppedBytes} bytes of the write-ahead log were lost`,
  )
  try {
    await ask(dictionary, word)
    inspect(dictionary)
  } finally {
    await step(
      'close',
      () => dictionary.close(),
      () => DIRECTORY,
    )
  }
  tellHowToLook(word)
}

/** Where the package is installed, `npx rocksdb-live` is the same command. */
function tellHowToLook(word: string): void {
  const command = `node ${join('dist', 'cli', 'main.js')}`
  const prefix = word.slice(0, PREFIX_LENGTH)
  console.log(`
Look at what is in it (in a project of yours: npx rocksdb-live instead of ${command}):
  ${command} scan ${DIRECTORY} --family words --prefix ${JSON.stringify(prefix)} --limit 10
  ${command} get ${DIRECTORY} ${JSON.stringify(word)} --family words
  ${command} files ${DIRECTORY}`)
}

async function load(): Promise<void> {
  const wordNet = await step('read', readWordNet, ({ synsets, words }) => {
    return `WordNet 3.1: ${number(synsets.length)} meanings of ${number(words.size)} words`
  })
  const dictionary = await step(
    'open',
    () => openDictionary(DIRECTORY),
    ({ path }) => path,
  )
  try {
    await step(
      'load',
      () => loadDictionary(dictionary, wordNet),
      (rows, seconds) => `${number(rows)} rows, ${number(rows / seconds)} a second`,
    )
    await step(
      'compact',
      () => compactDictionary(dictionary),
      () => 'one version of every row, in files',
    )
  } finally {
    await step(
      'close',
      () => dictionary.close(),
      () => DIRECTORY,
    )
  }
}

async function ask(dictionary: Dictionary, word: string): Promise<void> {
  const synsets = await step(
    'look up',
    () => lookUp(dictionary, word),
    (found) => `"${word}" has ${found.length} ${found.length === 1 ? 'meaning' : 'meanings'}`,
  )
  for (const { pos, words, definition, examples } of synsets) {
    console.log(`  (${pos}) ${words.join(', ')}: ${definition}`)
    for (const example of examples) console.log(`      "${example}"`)
  }
  const prefix = word.slice(0, PREFIX_LENGTH)
  const words = await step(
    'prefix',
    () => startingWith(dictionary, prefix, 10),
    (found) => `the first ${found.length} words with "${prefix}"`,
  )
  console.log(`  ${words.join(', ')}`)
  await step(
    'look up',
    () => startingWith(dictionary, '', MANY).map((one) => lookUp(dictionary, one)),
    (found, seconds) => `${number(found.length)} words, ${number(found.length / seconds)} a second`,
  )
}

function inspect(dictionary: Dictionary): void {
  for (const name of ['synsets', 'words'] as const) {
    const keys = dictionary.intProperty('rocksdb.estimate-num-keys', name) ?? 0
    const files = dictionary.intProperty('rocksdb.live-sst-files-size', name) ?? 0
    console.log(`${name.padEnd(10)} about ${number(keys)} rows in ${megabytes(files)} of files`)
  }
  const cached = dictionary.intProperty('rocksdb.block-cache-usage') ?? 0
  console.log(`cache      ${megabytes(cached)} in use; health: ${dictionary.health}`)
  console.log(`on disk    ${megabytes(sizeOf(DIRECTORY))} in ${DIRECTORY}`)
}

function sizeOf(directory: string): number {
  const files = readdirSync(directory).map((name) => statSync(join(directory, name)))
  return files.reduce((sum, { size }) => sum + size, 0)
}

main(process.argv[2] ?? 'database').catch((error: unknown) => {
  console.error(error)
  process.exitCode = 1
})
