/** The dictionary in the database: how it is opened, filled and asked. */
import { type AnyFamily, Database, json } from 'rocksdb-live'
import { Progress } from './terminal'
import type { Synset, WordNet } from './wordnet'

const ROWS_PER_BATCH = 1000

/** Opens it: meanings by their number, and the numbers of each word's meanings. */
export function openDictionary(path: string) {
  return Database.open(path, {
    columnFamilies: {
      synsets: { key: 'utf8', value: json<Synset>() },
      words: { key: 'utf8', value: json<string[]>() },
    },
  })
}

/** The open dictionary. */
export type Dictionary = Awaited<ReturnType<typeof openDictionary>>

/**
 * Writes all of WordNet, a thousand rows at a time. Each batch is there whole or not at all, and
 * writing the same rows again changes nothing, so this can be stopped and run again at any time.
 */
export async function loadDictionary(dictionary: Dictionary, wordNet: WordNet): Promise<number> {
  const total = wordNet.synsets.length + wordNet.words.size
  const progress = new Progress(total)
  const batch = dictionary.batch()
  let done = 0
  try {
    for (const [family, key, value] of rows(dictionary, wordNet)) {
      batch.put(family, key, value)
      done++
      if (done % ROWS_PER_BATCH !== 0 && done < total) continue
      await batch.write()
      progress.update(done)
    }
  } finally {
    progress.stop()
  }
  return total
}

/** Writes what is in memory to files, and drops rows that were written again since. */
export async function compactDictionary(dictionary: Dictionary): Promise<void> {
  for (const name of ['synsets', 'words'] as const) await dictionary.compactRange(name)
}

/** The meanings of a word, commonest first. */
export function lookUp(dictionary: Dictionary, word: string): Synset[] {
  const ids = dictionary.columnFamily('words').getSync(word.toLowerCase()) ?? []
  const synsets = dictionary.columnFamily('synsets').getManySync(ids)
  return synsets.filter((synset) => synset !== undefined)
}

/** The first words that begin with these letters, in order. */
export function startingWith(dictionary: Dictionary, prefix: string, limit: number): string[] {
  return [...dictionary.columnFamily('words').keysSync({ prefix: prefix.toLowerCase(), limit })]
}

/** Meanings first, so that no word is there before what it means. */
function* rows(
  dictionary: Dictionary,
  { synsets, words }: WordNet,
): Generator<[AnyFamily, string, Synset | string[]]> {
  for (const [id, synset] of synsets) yield [dictionary.columnFamily('synsets'), id, synset]
  for (const [word, ids] of words) yield [dictionary.columnFamily('words'), word, ids]
}
