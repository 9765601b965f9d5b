/** The command line of the node. */
import { Command, InvalidArgumentError, type Option } from 'commander'
import { addTuningOptions } from 'rocksdb-live'
import { FAMILY_NAMES } from './families.mjs'

/** Where to listen. */
export interface Address {
  host: string
  port: number
}

/** What was asked for. */
export interface Flags {
  devnet: boolean
  mine: boolean
  targetBlocks?: number
  dataDir: string
  listen: Address
  seed: number
  sync: boolean
  snapshotInterval: number
  snapshotKeep: number
  listSnapshots: boolean
  restore?: string
  verify: boolean
  config?: string
}

/** The flags with their help. Those of tuning are taken, and read by `Database.open`. */
export function makeProgram(): Command {
  const program = new Command('devnet')
    .description('A blockchain node of one, whose chain lives in RocksDB.')
    .option('--devnet', 'run on the devnet, the only network there is: it is to be said', false)
    .option('--mine', 'mine blocks: one a second, or with --target-blocks as fast as it goes')
    .option('--no-mine', 'serve the chain as it is (default)')
    .option('--target-blocks <n>', 'mine until the chain has this height, and end', count(0))
    .option('--data-dir <dir>', 'where the chain and its snapshots are', 'data/devnet')
    .option('--listen <host:port>', 'serve HTTP there', address, {
      host: '127.0.0.1',
      port: 9090,
    })
    .option('--seed <n>', 'what the mined blocks follow from', count(0), 1)
    .option('--sync', 'wait at each block until it is on the disk', false)
    .option(
      '--snapshot-interval <n>',
      'make a snapshot every so many blocks (0: none)',
      count(0),
      0,
    )
    .option('--snapshot-keep <n>', 'keep so many snapshots, the newest', count(1), 3)
    .option('--list-snapshots', 'print the snapshots, and end', false)
    .option('--restore <manifest>', 'restore a snapshot into the empty data directory, and end')
    .option('--verify', 'check the whole chain, and end', false)
    .option('--config <file>', 'read [storage.db_tuning] of a TOML file')
    .allowExcessArguments(false)
    .addHelpText('after', '\nTuning flags may also be written --db.write-buffer-mb=128.')
  const usesMine = program.options.find(({ long }) => long === '--mine')
  usesMine?.default(false)
  addTuningOptions<Option, Command>(program, { columnFamilies: FAMILY_NAMES })
  return program
}

/** Reads the words behind the program's name; commander says what is wrong, and ends the process. */
export function readFlags(words: readonly string[]): Flags {
  const program = makeProgram().parse(words, { from: 'user' })
  const flags = program.opts<Flags>()
  const ends = flags.listSnapshots || flags.restore !== undefined || flags.verify
  if (!flags.devnet && !ends) program.error('error: say --devnet: there is no other network')
  if (flags.targetBlocks !== undefined && !flags.mine) {
    program.error('error: --target-blocks is for --mine')
  }
  return flags
}

function count(min: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= min) return value
    throw new InvalidArgumentError(`It must be a whole number from ${min} on.`)
  }
}

/** `127.0.0.1:9090`, `[::1]:9090`, `localhost:0`. */
function address(text: string): Address {
  const match = /^(?:\[([0-9a-fA-F:]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text)
  const port = Number(match?.[3])
  if (match === null || port > 65_535) {
    throw new InvalidArgumentError('It must be a host and a port: 127.0.0.1:9090 or [::1]:9090.')
  }
  return { host: match[1] ?? match[2] ?? '', port }
}
