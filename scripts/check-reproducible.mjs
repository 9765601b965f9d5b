// Compiles this commit's addon twice, in two folders with names of different lengths, once with ccache
// and once without, and compares the bytes. Takes as long as two builds.
//
//   npm run check:reproducible [-- --target win32-x64]

import { createHash } from 'node:crypto'
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { builtAddon, thisPlatform } from './build-native.mjs'
import { fetchSources } from './fetch-sources.mjs'
import { read, root, run, runAsProgram } from './support/project.mjs'

/** What is compiled, from git's working tree, including uncommitted changes. */
const compiled = ['CMakeLists.txt', 'cmake', 'native', 'scripts', 'package.json']

async function buildIn(folder, platform, env) {
  const files = read('git', ['ls-files', '-z', ...compiled])
    .split('\0')
    .filter(Boolean)
  for (const file of files) await cp(path.join(root, file), path.join(folder, file))
  await cp(path.join(root, 'deps'), path.join(folder, 'deps'), { recursive: true })
  const script = path.join(folder, 'scripts/build-native.mjs')
  const options = ['--platform', platform, '--target', 'rocksdb_live']
  const status = run(process.execPath, [script, ...options], {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  if (status !== 0) throw new Error(`the build in ${folder} ended with ${status}`)
  const built = path.join(folder, path.relative(root, builtAddon({ platform })))
  return createHash('sha256')
    .update(await readFile(built))
    .digest('hex')
}

await runAsProgram(import.meta.url, async (args) => {
  const { values } = parseArgs({ args, options: { target: { type: 'string' } } })
  const platform = values.target ?? thisPlatform
  await fetchSources()
  const base = await mkdtemp(path.join(os.tmpdir(), 'rocksdb-live-twice-'))
  try {
    const first = await buildIn(path.join(base, 'a'), platform, {})
    const second = await buildIn(path.join(base, 'b/with-a-longer-name'), platform, {
      CCACHE_DISABLE: '1',
    })
    console.log(`${platform}: ${first} with ccache\n${platform}: ${second} without`)
    if (first !== second) throw new Error('two builds of the same sources differ')
    return 0
  } finally {
    await rm(base, { recursive: true, force: true })
  }
})
