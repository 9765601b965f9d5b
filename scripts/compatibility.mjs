// Makes the matrix of docs/compatibility.md: which RocksDB reads what this package writes, and what this
// package reads of theirs. Other RocksDBs come as Java packages (org.rocksdb:rocksdbjni), so it needs Java
// 17 and Maven; the second build of this package comes from the other carrier of sources.
//
//   npm run compatibility               prints the matrix
//   npm run compatibility -- --write    puts it into docs/compatibility.md

import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { buildNative, builtAddon, thisPlatform } from './build-native.mjs'
import { fetchSources, otherCarriers } from './fetch-sources.mjs'
import { has, root, run, runAsProgram } from './support/project.mjs'

const here = path.join(root, 'scripts/compatibility')
const cache = path.join(root, 'build-cmake/compatibility')
const page = path.join(root, 'docs/compatibility.md')

/** Java packages of RocksDB, the oldest first. */
const VERSIONS = ['7.10.2', '8.11.4', '9.7.4', '10.10.1', '11.8.1']

/** What is written, by what the table calls it. */
const VARIANTS = {
  'preset `default`': {},
  'preset `production`': { preset: 'production' },
  'preset `development`, with its WAL': { preset: 'development', tuning: { walEnabled: true } },
  "`compatibleWith: '7'`": { tuning: { compatibleWith: '7' } },
  "`compatibleWith: '8'`": { tuning: { compatibleWith: '8' } },
  "`compatibleWith: '11'`": { tuning: { compatibleWith: '11' } },
  ...Object.fromEntries(
    ['none', 'snappy', 'lz4', 'lz4hc', 'zlib', 'bzip2', 'zstd'].map((compression) => [
      `\`compression: '${compression}'\``,
      { tuning: { compression } },
    ]),
  ),
  '`zstdDictionaryKb: 16`': { tuning: { zstdDictionaryKb: 16 } },
  "`filterPolicy: 'ribbon'`": { tuning: { filterPolicy: 'ribbon' } },
  '`partitionFilters`': { tuning: { partitionFilters: true } },
  '`dataBlockHashIndex`': { tuning: { dataBlockHashIndex: true } },
  '`prefixLength: 4`': { tuning: { prefixLength: 4 } },
  '`blobFiles`': { tuning: { blobFiles: true } },
  "`walCompression: 'none'`": { tuning: { walCompression: 'none' } },
  "`compatibleWith: '11'`, `separate_key_value_in_data_block`": {
    tuning: { compatibleWith: '11' },
    rocksdb: { table: { separate_key_value_in_data_block: true } },
  },
  "`compatibleWith: '11'`, `uniform_cv_threshold`": {
    tuning: { compatibleWith: '11' },
    rocksdb: { table: { uniform_cv_threshold: 1 } },
  },
  "`compatibleWith: '11'`, `track_and_verify_wals`, `format_version` 6": {
    tuning: { compatibleWith: '11' },
    // In the older format, so that older ones come as far as the WAL.
    rocksdb: { db: { track_and_verify_wals: true }, table: { format_version: 6 } },
  },
}

const families = { columnFamilies: { users: {}, merging: { mergeOperator: 'stringappend' } } }

/** The one line that a program prints; `died` with its signal where it prints none. */
function say(program, args) {
  const { stdout, stderr, signal, status } = spawnSync(program, args, {
    encoding: 'utf8',
    timeout: 120_000,
  })
  const line = stdout.split('\n').find((text) => /^(rows|error) /.test(text))
  return line ?? `died ${signal ?? status} ${stderr.split('\n')[0]}`
}

/** The Java package of a version, downloaded once. */
function jarOf(version) {
  const jar = path.join(cache, `rocksdbjni-${version}.jar`)
  if (existsSync(jar)) return jar
  const artifact = `-Dartifact=org.rocksdb:rocksdbjni:${version}`
  const copy = ['-q', '-B', 'dependency:copy', artifact, `-DoutputDirectory=${cache}`]
  if (run('mvn', copy, { cwd: cache, stdio: ['ignore', 'ignore', 'inherit'] }) === 0) return jar
  console.warn(`SKIPPED: RocksDB ${version}; Maven does not have its Java package here`)
  return undefined
}

/** Programs that read a directory, by what the table calls them. */
async function readers() {
  const found = {}
  for (const version of VERSIONS) {
    const jar = jarOf(version)
    if (jar === undefined) continue
    const classes = path.join(cache, version)
    await mkdir(classes, { recursive: true })
    if (run('javac', ['-cp', jar, '-d', classes, path.join(here, 'Rows.java')]) !== 0)
      throw new Error(`Rows.java does not compile with RocksDB ${version}`)
    const java = (...args) =>
      say('java', ['-cp', [jar, classes].join(path.delimiter), 'Rows', ...args])
    found[version] = { read: (folder) => java('read', folder), write: (f) => java('write', f) }
  }
  return found
}

const ours = (what, folder, options, packageFolder = root) =>
  say(process.execPath, [
    path.join(here, 'rows.cjs'),
    packageFolder,
    what,
    folder,
    JSON.stringify(options),
  ])

/** This package on the other carrier's RocksDB, laid out beside the build in use. */
async function otherBuild() {
  const [sources] = otherCarriers((await fetchSources()).carrier)
  if (sources === undefined) return undefined
  await buildNative({ sources, target: 'rocksdb_live' })
  const folder = path.join(cache, `ours-${sources}`)
  await rm(folder, { recursive: true, force: true })
  const prebuilt = path.join(folder, 'prebuilds', thisPlatform)
  await mkdir(prebuilt, { recursive: true })
  for (const name of ['dist', 'package.json'])
    await cp(path.join(root, name), path.join(folder, name), { recursive: true })
  await cp(builtAddon({ sources }), path.join(prebuilt, 'rocksdb-live.node'))
  return folder
}

/** A cell: what came, against what was written. */
function cell(line, wanted) {
  if (line === wanted) return 'reads'
  if (line.startsWith('rows ')) return '**wrong rows**'
  if (line.startsWith('died ')) return `**${line.split(' ').slice(0, 2).join(' ')}**`
  return `refuses: ${line
    .replace(/^error /, '')
    .replaceAll('|', '/')
    .slice(0, 70)}`
}

async function copyOf(folder, top) {
  const copy = await mkdtemp(path.join(top, 'copy-'))
  await cp(folder, copy, { recursive: true })
  return copy
}

const row = (cells) => `| ${cells.join(' | ')} |`
const table = (head, rows) => [row(head), `|${'---|'.repeat(head.length)}`, ...rows.map(row)]

/** Our files, read by every RocksDB. */
async function ourFiles(others, other, top) {
  const rows = []
  for (const [name, options] of Object.entries(VARIANTS)) {
    const folder = await mkdtemp(path.join(top, 'ours-'))
    const wanted = ours('write', folder, { ...families, ...options })
    if (!wanted.startsWith('rows ')) {
      rows.push([
        name,
        cell(wanted, ''),
        ...Object.keys(others).map(() => ''),
        ...(other ? [''] : []),
      ])
      continue
    }
    const cells = []
    for (const { read } of Object.values(others))
      cells.push(cell(read(await copyOf(folder, top)), wanted))
    if (other) cells.push(cell(ours('read', await copyOf(folder, top), {}, other), wanted))
    rows.push([name, wanted.split(' ')[1], ...cells])
  }
  const head = ['written by us', 'rows', ...Object.keys(others)]
  return table([...head, ...(other ? ['ours on the other carrier'] : [])], rows)
}

/** Their files: read by us, written by us, and read by them again. */
async function theirFiles(others, other, top) {
  const rows = []
  const writers = Object.entries(others)
  for (const [version, { read, write }] of writers) {
    const folder = await mkdtemp(path.join(top, 'theirs-'))
    const wanted = write(folder)
    const readOnly = cell(ours('read', await copyOf(folder, top), { mode: 'read-only' }), wanted)
    const changed = await copyOf(folder, top)
    const now = ours('change', changed, {})
    const back = cell(read(changed), now)
    rows.push([version, readOnly, now.startsWith('rows ') ? 'writes' : cell(now, ''), back])
  }
  if (other) {
    const folder = await mkdtemp(path.join(top, 'theirs-'))
    const wanted = ours('write', folder, families, other)
    const changed = await copyOf(folder, top)
    const readOnly = cell(ours('read', await copyOf(folder, top), { mode: 'read-only' }), wanted)
    const now = ours('change', changed, {})
    const back = cell(ours('read', changed, { mode: 'read-only' }, other), now)
    rows.push([
      'ours on the other carrier',
      readOnly,
      now.startsWith('rows ') ? 'writes' : cell(now, ''),
      back,
    ])
  }
  return table(
    ['written by', 'we read it', 'we open it read-write', 'and its writer reads it again'],
    rows,
  )
}

async function fill(tables) {
  let text = await readFile(page, 'utf8')
  for (const [name, lines] of Object.entries(tables)) {
    const begin = `<!-- generated by scripts/compatibility.mjs: ${name} -->\n`
    const end = `\n<!-- end of ${name} -->`
    const [from, to] = [text.indexOf(begin) + begin.length, text.indexOf(end)]
    if (to < from) throw new Error(`${page} has no place for ${name}`)
    text = text.slice(0, from) + lines.join('\n') + text.slice(to)
  }
  await writeFile(page, text)
}

await runAsProgram(import.meta.url, async (args) => {
  const { values } = parseArgs({ args, options: { write: { type: 'boolean' } } })
  if (!has('java') || !has('mvn')) {
    console.warn('SKIPPED: the matrix needs Java 17 and Maven (apt install default-jdk maven)')
    return 0
  }
  await mkdir(cache, { recursive: true })
  const top = await mkdtemp(path.join(os.tmpdir(), 'rocksdb-live-compatibility-'))
  try {
    const others = await readers()
    const other = await otherBuild()
    const tables = {
      'our files': await ourFiles(others, other, top),
      'their files': await theirFiles(others, other, top),
    }
    for (const lines of Object.values(tables)) console.log(`${lines.join('\n')}\n`)
    if (values.write) await fill(tables)
    return 0
  } finally {
    await rm(top, { recursive: true, force: true })
  }
})
