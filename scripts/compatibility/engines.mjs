// The RocksDBs of scripts/compatibility.mjs: Java packages, Debian's ldb, this package and its
// peers. Each describes a directory in one line: `rows N sha256`, `error text`, or `died how`.

import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { cp, mkdir, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { buildNative, builtAddon, thisPlatform } from '../build-native.mjs'
import { fetchSources, otherCarriers } from '../fetch-sources.mjs'
import { has, root, run } from '../support/project.mjs'

const here = path.join(root, 'scripts/compatibility')

/** Downloads, classes and a second build of this package are kept here. */
export const cache = path.join(root, 'build-cmake/compatibility')

/** Java packages of RocksDB, oldest first. */
const JAVA_VERSIONS = ['7.0.4', '7.10.2', '8.0.0', '8.11.4', '9.0.0', '9.7.4', '10.10.1', '11.8.1']

/** npm packages on RocksDB, with the RocksDB that they claim to have. */
const PEERS = [
  { name: '@nxtedition/rocksdb', version: '12.2.12', rocksdb: '9.7.4' },
  { name: 'rocksdb-native', version: '3.18.1', rocksdb: '10.5.1' },
]

const LIMIT_MS = 300_000

function start(program, args) {
  return spawnSync(program, args, {
    encoding: 'utf8',
    timeout: LIMIT_MS,
    maxBuffer: 1 << 30,
    env: { ...process.env, NODE_OPTIONS: '' },
  })
}

const answersIn = (text) => text.split('\n').filter((line) => /^(rows|error) /.test(line))

const died = ({ signal, status, stderr }) => `died ${signal ?? status} ${stderr.split('\n')[0]}`

function skip(what, why) {
  console.warn(`SKIPPED: ${what}; ${why}`)
}

/** The Java package of a version, downloaded once. */
function jarOf(version) {
  const jar = path.join(cache, `rocksdbjni-${version}.jar`)
  if (existsSync(jar)) return jar
  const artifact = `-Dartifact=org.rocksdb:rocksdbjni:${version}`
  const copy = ['-q', '-B', 'dependency:copy', artifact, `-DoutputDirectory=${cache}`]
  if (run('mvn', copy, { cwd: cache, stdio: ['ignore', 'ignore', 'inherit'] }) === 0) return jar
  skip(`RocksDB ${version}`, 'Maven does not have its Java package here')
  return undefined
}

/**
 * A RocksDB in Java. One process reads many directories; if one ends it, that is the answer for
 * this directory.
 */
async function javaEngine(version) {
  const jar = jarOf(version)
  if (jar === undefined) return undefined
  const classes = path.join(cache, version)
  await mkdir(classes, { recursive: true })
  if (run('javac', ['-cp', jar, '-d', classes, path.join(here, 'Rows.java')]) !== 0)
    throw new Error(`Rows.java does not compile with RocksDB ${version}`)
  const classPath = [jar, classes].join(path.delimiter)
  const java = (...args) => start('java', ['-cp', classPath, 'Rows', ...args])
  const one = (...args) => {
    const ended = java(...args)
    return answersIn(ended.stdout)[0] ?? died(ended)
  }
  return {
    title: version,
    write: (folder) => one('write', folder),
    change: (folder) => one('change', folder),
    read(places) {
      const answers = []
      while (answers.length < places.length) {
        const left = places.slice(answers.length)
        const ended = java('read', ...left.flatMap(({ folder, wal = '' }) => [folder, wal]))
        answers.push(...answersIn(ended.stdout).slice(0, left.length))
        if (answers.length < places.length) answers.push(died(ended))
      }
      return answers
    },
  }
}

/** The same digest as in rows.cjs and Rows.java, from the rows that ldb prints. */
function digestOf(families) {
  const hash = createHash('sha256')
  let count = 0
  for (const [name, rows] of families) {
    for (const [key, value] of rows) {
      for (const bytes of [Buffer.from(name), key, value])
        hash.update(Buffer.from([bytes.length & 255])).update(bytes)
      count += 1
    }
  }
  return `rows ${count} ${hash.digest('hex').slice(0, 16)}`
}

/** RocksDB's own tool, as packaged by Debian. */
function ldbEngine() {
  const version = /RocksDB (\d[\d.]*)/i.exec(start('ldb', ['--version']).stdout ?? '')?.[1]
  if (version === undefined) return skip('ldb', 'it comes with apt install rocksdb-tools')
  const ldb = (folder, ...args) => {
    const { status, stdout, stderr } = start('ldb', [`--db=${folder}`, ...args])
    const said = `${stdout}\n${stderr}`.split('\n').find((line) => /fail|error|corrupt/i.test(line))
    if (status !== 0 || said !== undefined) throw new Error(said ?? `ldb ended with ${status}`)
    return stdout
  }
  // ldb reads OPTIONS, in which a newer RocksDB names options that it does not know.
  const lenient = '--ignore_unknown_options'
  const bytesOf = (text) => Buffer.from(text.slice('0x'.length), 'hex')
  const rowsOf = (folder, name) =>
    ldb(folder, lenient, `--column_family=${name}`, 'scan', '--hex')
      .split('\n')
      .filter((line) => line.startsWith('0x'))
      .map((line) => line.split(' : ').map(bytesOf))
  const answer = (work) => {
    try {
      return work()
    } catch (error) {
      return `error ${error.message}`
    }
  }
  const readOne = ({ folder }) =>
    answer(() => {
      const names =
        /\{(.*)\}/.exec(ldb(folder, lenient, 'list_column_families'))?.[1].split(', ') ?? []
      return digestOf(names.sort().map((name) => [name, rowsOf(folder, name)]))
    })
  return {
    title: `${version} (Debian's ldb)`,
    read: (places) =>
      places.map((place) => (place.wal ? 'error ldb has no option for it' : readOne(place))),
    write: (folder) =>
      answer(() => {
        const pairs = Array.from({ length: 2000 }, (_, id) => [`key${id}`, `a value ${id}`])
        ldb(folder, '--create_if_missing', 'batchput', ...pairs.flat())
        ldb(folder, 'create_column_family', 'users')
        ldb(folder, '--column_family=users', 'batchput', ...pairs.slice(0, 100).flat())
        ldb(folder, 'compact')
        ldb(folder, 'put', 'last', 'in the WAL alone')
        return readOne({ folder })
      }),
    change: (folder) =>
      answer(() => {
        ldb(folder, lenient, 'put', 'changed by them', 'again')
        return readOne({ folder })
      }),
  }
}

/** This package in a folder, with a process of its own for each directory. */
export function ourEngine(title, packageFolder = root) {
  const one = (what, folder, options = {}) => {
    const script = path.join(here, 'rows.cjs')
    const ended = start(process.execPath, [
      script,
      packageFolder,
      what,
      folder,
      JSON.stringify(options),
    ])
    return answersIn(ended.stdout)[0] ?? died(ended)
  }
  const reading = (wal) => ({
    mode: 'read-only',
    ...(wal && { rocksdb: { db: { wal_dir: wal } } }),
  })
  return {
    title,
    one,
    write: (folder) => one('write', folder),
    change: (folder) => one('change', folder),
    read: (places) => places.map(({ folder, wal }) => one('read', folder, reading(wal))),
  }
}

/** This package on the other carrier's RocksDB, beside the build in use. */
async function otherEngine() {
  const { carrier } = await fetchSources()
  const [sources] = otherCarriers(carrier)
  if (sources === undefined) return skip('our other build', 'there is one carrier of sources here')
  await buildNative({ sources, target: 'rocksdb_live' })
  const folder = path.join(cache, `ours-${sources}`)
  await rm(folder, { recursive: true, force: true })
  const prebuilt = path.join(folder, 'prebuilds', thisPlatform)
  await mkdir(prebuilt, { recursive: true })
  for (const name of ['dist', 'package.json'])
    await cp(path.join(root, name), path.join(folder, name), { recursive: true })
  await cp(builtAddon({ sources }), path.join(prebuilt, 'rocksdb-live.node'))
  return ourEngine(`ours with ${versionOf(folder)}`, folder)
}

/** npm packages, installed once, with their binaries and without running their scripts. */
async function peerEngines() {
  const folder = path.join(cache, 'peers')
  await mkdir(folder, { recursive: true })
  await writeFile(path.join(folder, 'package.json'), '{ "private": true }\n')
  const wanted = PEERS.map(({ name, version }) => `${name}@${version}`)
  const quiet = ['--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error']
  if (run('npm', ['install', ...quiet, ...wanted], { cwd: folder }) !== 0)
    return skip('npm’s other packages', 'npm does not install them here') ?? []
  return PEERS.map(({ name, version, rocksdb }) => {
    const script = path.join(here, 'peers.cjs')
    const one = (what, place) => {
      const args = [script, path.join(folder, 'node_modules'), name, what, place]
      const ended = start(process.execPath, args)
      return answersIn(ended.stdout)[0] ?? died(ended)
    }
    return {
      title: `${rocksdb} (${name} ${version})`,
      write: (place) => one('write', place),
      change: (place) => one('change', place),
      read: (places) => places.map(({ folder: place }) => one('read', place)),
    }
  })
}

/** The RocksDB version in a build of this package. */
export function versionOf(packageFolder = root) {
  const print = `console.log(require(${JSON.stringify(packageFolder)}).versions.rocksdb)`
  return start(process.execPath, ['-e', print]).stdout.trim()
}

/** Every RocksDB available here, by the names in variants.mjs, oldest first. */
export async function findEngines() {
  await mkdir(cache, { recursive: true })
  const engines = {}
  const add = (name, engine) => {
    if (engine !== undefined) engines[name] = engine
  }
  const java = has('java') && has('javac') && has('mvn')
  if (!java) skip('Java’s RocksDBs', 'they need a JDK from 17 and Maven')
  for (const version of JAVA_VERSIONS) {
    if (java) add(version, await javaEngine(version))
    if (version.startsWith('7.0')) add('ldb', ldbEngine())
  }
  add('other', await otherEngine())
  for (const peer of await peerEngines()) add(peer.title, peer)
  return engines
}
