// node test/project/coming-from/rust.mjs: builds and runs the program in Rust of docs/coming-from.md, and compares what it prints
// with the page. Needs cargo and libclang (apt install libclang1-19), and `npm run build:native` before: the crate is linked with
// the RocksDB of that build, which is its own version, so that it takes a minute rather than half an hour.

import { execFileSync } from 'node:child_process'
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { buildFolder } from '../../../scripts/build-native.mjs'
import { root, runAsProgram } from '../../../scripts/support/project.mjs'

const MANIFEST = `[package]
name = "before"
version = "0.0.0"
edition = "2021"

[workspace]

[dependencies]
rocksdb = { version = "=0.25.0", default-features = false, features = ["bindgen-runtime"] }
`

const FLAGS = [
  '-std=c++20',
  '-fno-char8_t',
  '-fPIC',
  '-O1',
  '-w',
  '-DNDEBUG',
  '-DOS_LINUX',
  '-DROCKSDB_PLATFORM_POSIX',
  '-DROCKSDB_LIB_IO_POSIX',
]

const CODECS = ['snappy', 'zstd', 'lz4', 'bzip2', 'zlib']

/** The program of the page, and what it prints. */
async function fromPage() {
  const page = await readFile(path.join(root, 'docs/coming-from.md'), 'utf8')
  const section = page.split(/^## /m).find((part) => part.startsWith('Rust\n')) ?? ''
  const block = (language) =>
    new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'ms').exec(section)?.[1] ?? ''
  return { program: block('rust'), output: block('text') }
}

/** The folder of the crate with RocksDB's sources. */
function crateFolder(home) {
  const text = execFileSync('cargo', ['metadata', '--format-version', '1'], {
    cwd: home,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const crate = JSON.parse(text).packages.find(({ name }) => name === 'librocksdb-sys')
  return path.dirname(crate.manifest_path)
}

/** Our RocksDB with its interface for C, which the crate uses and we do not. */
async function library(home, sources) {
  const folder = path.join(home, 'lib')
  await mkdir(folder, { recursive: true })
  const archives = (await readdir(buildFolder())).filter((name) => /^lib\w+\.a$/.test(name))
  for (const name of archives) await cp(path.join(buildFolder(), name), path.join(folder, name))
  const object = path.join(home, 'c.o')
  const include = [`-I${sources}/include`, `-I${sources}`]
  const words = [...FLAGS, ...include, '-c', `${sources}/db/c.cc`, '-o', object]
  execFileSync('c++', words, { stdio: 'inherit' })
  execFileSync('ar', ['rs', path.join(folder, 'librocksdb.a'), object], { stdio: 'ignore' })
  return folder
}

await runAsProgram(import.meta.url, async () => {
  const { program, output } = await fromPage()
  const home = path.join(root, 'build-cmake/coming-from-rust')
  await mkdir(path.join(home, 'src'), { recursive: true })
  await writeFile(path.join(home, 'Cargo.toml'), MANIFEST)
  await writeFile(path.join(home, 'src/main.rs'), program)
  await rm(path.join(home, 'old'), { recursive: true, force: true })
  const libraries = await library(home, path.join(crateFolder(home), 'rocksdb'))
  const flags = [`-Lnative=${libraries}`, ...CODECS.map((name) => `-lstatic=${name}`)]
  const said = execFileSync('cargo', ['run', '--quiet'], {
    cwd: home,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...process.env,
      ROCKSDB_LIB_DIR: libraries,
      ROCKSDB_STATIC: '1',
      RUSTFLAGS: flags.join(' '),
    },
  })
  console.log(said.trimEnd())
  if (said === output) return 0
  console.error('docs/coming-from.md says:')
  console.error(output.trimEnd())
  return 1
})
