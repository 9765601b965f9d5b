// What several adapters need: versions, sums over rows, RocksDB's file of options.
import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { rowSum } from '../support/data.mjs'

/** Loads packages of bench/peers/node_modules; throws where one is not installed. */
export const require = createRequire(import.meta.url)

const folder = new URL('node_modules/', import.meta.url)

/** The installed version of a package: "1.2.3". */
export function versionOf(name) {
  return JSON.parse(readFileSync(new URL(`${name}/package.json`, folder), 'utf8')).version
}

/** What an adapter throws when it is imported where its package cannot run; the message says why. */
export class CannotRun extends Error {}

const NO_TRANSACTIONS = 'has no transactions'

/** Of an adapter's `absent`, what needs transactions that read before they write. */
export const noTransactions = {
  transfer: NO_TRANSACTIONS,
  transferSync: NO_TRANSACTIONS,
  compareAndWrite: NO_TRANSACTIONS,
  compareAndWriteSync: NO_TRANSACTIONS,
  holdTransaction: NO_TRANSACTIONS,
}

/** MiB in bytes. */
export const bytesOf = (mebibytes) => mebibytes * 1024 * 1024

/** Adds up the rows of a scan; strings count as their characters, all of them ASCII here. */
export class Tally {
  rows = 0
  checksum = 0

  add(key, value) {
    this.rows++
    this.checksum += rowSum(key, value)
  }

  /** Adds the rows of an array in which keys and values take turns. */
  addFlat(entries) {
    for (let i = 0; i < entries.length; i += 2) {
      this.checksum += rowSum(entries[i], entries[i + 1])
    }
    this.rows += entries.length / 2
  }

  /** Adds the rows of an array of pairs. */
  addPairs(entries) {
    for (let i = 0; i < entries.length; i++) {
      const entry = entries[i]
      this.checksum += rowSum(entry[0], entry[1])
    }
    this.rows += entries.length
  }
}

/** A promise of what a function gives to its last argument, a callback of Node's kind. */
export function promised(start) {
  return new Promise((resolve, reject) => {
    start((error, value) => (error ? reject(error) : resolve(value)))
  })
}

const SECTIONS = {
  DBOptions: 'db',
  'CFOptions "default"': 'columnFamily',
  'TableOptions/BlockBasedTable "default"': 'table',
}

/** RocksDB's options in force in a directory, from the newest OPTIONS file it wrote there. */
export function optionsIn(directory) {
  const files = readdirSync(directory).filter((name) => /^OPTIONS-\d+$/.test(name))
  const options = { db: {}, columnFamily: {}, table: {} }
  let section
  for (const line of readFileSync(path.join(directory, files.sort().at(-1)), 'utf8').split('\n')) {
    const header = /^\s*\[(.*)\]\s*$/.exec(line)
    if (header !== null) section = SECTIONS[header[1]]
    const at = line.indexOf('=')
    if (header !== null || section === undefined || at < 0) continue
    options[section][line.slice(0, at).trim()] = line.slice(at + 1)
  }
  return options
}
