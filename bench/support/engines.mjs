// Where engines are: this package, the native limit, and the adapters of bench/peers/adapters.
import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

export const benchFolder = fileURLToPath(new URL('..', import.meta.url))
const root = path.dirname(benchFolder.replace(/[\\/]$/, ''))
const peers = path.join(benchFolder, 'peers')

export const LIMIT = 'limit'
export const OURS = 'rocksdb-live'

const platform = `${process.platform}-${process.arch}`
export const limitProgram = path.join(root, 'build-cmake', platform, 'bench_limit')

/** The ids of the adapters in bench/peers/adapters. */
export function peerIds() {
  const folder = path.join(peers, 'adapters')
  if (!existsSync(folder)) return []
  const files = readdirSync(folder).filter((file) => file.endsWith('.mjs'))
  return files.map((file) => path.basename(file, '.mjs')).sort()
}

/** Why an engine cannot run here, with the command that helps; undefined where it can. */
export function unavailable(id) {
  if (id === LIMIT) {
    if (existsSync(limitProgram)) return undefined
    return 'not built: run `node scripts/build-native.mjs --target bench_limit`'
  }
  if (id === OURS) {
    const built = existsSync(path.join(root, 'dist', 'index.js'))
    return built ? undefined : 'not built: run `npm run build`'
  }
  if (!peerIds().includes(id)) return `no adapter bench/peers/adapters/${id}.mjs`
  if (existsSync(path.join(peers, 'node_modules'))) return undefined
  return 'not installed: run `npm ci --prefix bench/peers`'
}

/** The adapter of an engine other than the limit. */
export async function loadEngine(id) {
  const folder = id === OURS ? '../engines' : '../peers/adapters'
  return (await import(new URL(`${folder}/${id}.mjs`, import.meta.url).href)).default
}
