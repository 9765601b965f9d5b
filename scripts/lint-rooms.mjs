// Holds every file to scripts/support/rooms.mjs: a room includes and imports only what it may, and every folder is
// a room that says what it is for. Rings between single files are Biome's to find (noImportCycles).

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { root, runAsProgram } from './support/project.mjs'
import { binding, engine, lib, studio } from './support/rooms.mjs'

/** The layers: their folders, their rooms, and how a file names another one. */
const layers = [
  { folder: 'native/engine', rooms: engine, uses: includes, skip: ['tests'] },
  { folder: 'native/binding', rooms: binding, uses: includes, skip: [] },
  { folder: 'lib', rooms: lib, uses: imports, skip: [] },
  { folder: 'studio', rooms: studio, uses: importsOfPage, skip: [] },
]

function* includes(file) {
  for (const [, target] of readFileSync(file, 'utf8').matchAll(
    /^#include "((?:engine|binding)\/.*)"/gm,
  ))
    yield path.join(root, 'native', target)
}

function* imports(file) {
  const text = readFileSync(file, 'utf8')
  for (const [, target] of text.matchAll(/(?:from |import\(|require\()'(\.[^']*)'/g)) {
    if (target.endsWith('.json')) continue
    const plain = path.join(path.dirname(file), target)
    yield existsSync(`${plain}.ts`) ? `${plain}.ts` : path.join(plain, 'index.ts')
  }
}

/** What the page and its server say to each other, which are types alone. */
const protocol = path.join(root, 'lib', 'studio', 'protocol.ts')

function* importsOfPage(file) {
  const text = readFileSync(file, 'utf8')
  for (const [, target] of text.matchAll(/(?:from |import )'(\.[^']*)'/g)) {
    if (target.endsWith('.css')) continue
    const plain = path.join(path.dirname(file), target)
    const found = ['.ts', '.tsx'].map((ending) => `${plain}${ending}`).find(existsSync)
    if (found !== protocol) yield found ?? plain
  }
}

/**
 * The room of a file: its path below native/ or lib/, without the layer's name within the same
 * layer.
 */
function roomOf(file, layer) {
  const below = path.relative(path.join(root, layer.folder), path.dirname(file)).split(path.sep)
  if (below[0] !== '..') return below[0] === '' ? 'root' : below[0]
  return path
    .relative(path.join(root, 'native'), path.dirname(file))
    .split(path.sep)
    .slice(0, 2)
    .join('/')
}

function* filesOf(folder) {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile() && /\.(cc|h|tsx?)$/.test(entry.name))
      yield path.join(entry.parentPath, entry.name)
  }
}

/** Problems of the table itself. */
function* faultsOfTable({ folder, rooms, skip }) {
  const names = Object.keys(rooms)
  for (const entry of readdirSync(path.join(root, folder), { withFileTypes: true })) {
    if (entry.isDirectory() && !skip.includes(entry.name) && !names.includes(entry.name))
      yield `${folder}/${entry.name} is no room`
  }
  for (const [index, name] of names.entries()) {
    const { first, may } = rooms[name]
    const file = path.join(root, folder, name === 'root' ? '' : name, first)
    if (!existsSync(file)) yield `${folder}/${name} has no ${first}`
    else if (!/^(#!.*\n)?(\/\/|\/\*\*)[\s*]*\w/.test(readFileSync(file, 'utf8')))
      yield `${folder}/${name}/${first} does not begin with what the room is for`
    for (const other of may) {
      if (names.includes(other) && names.indexOf(other) >= index)
        yield `${folder}/${name} may not name ${other}, which stands behind it`
    }
  }
}

/** Files that use a room which theirs may not use. */
function* faultsOfFiles(layer) {
  for (const file of filesOf(path.join(root, layer.folder))) {
    const room = roomOf(file, layer)
    if (layer.skip.includes(room)) continue
    const { may = [] } = layer.rooms[room] ?? {}
    for (const target of layer.uses(file)) {
      const other = roomOf(target, layer)
      if (other !== room && !may.includes(other))
        yield `${path.relative(root, file)}: ${room} may not use ${other} (${path.relative(root, target)})`
    }
  }
}

await runAsProgram(import.meta.url, () => {
  const faults = layers.flatMap((layer) => [...faultsOfTable(layer), ...faultsOfFiles(layer)])
  for (const fault of faults) console.error(fault)
  return faults.length > 0 ? 1 : 0
})
