/**
 * What actionlint does not check in the workflows, and that the guide to Windows builds matches
 * them.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { brokenLinks } from '../support/documents'

const root = join(__dirname, '../..')
const read = (file: string): string => readFileSync(join(root, file), 'utf8')
const folder = '.github/workflows'
const workflows = readdirSync(join(root, folder)).map((name) => [`${folder}/${name}`] as const)
const action = '.github/actions/prepare/action.yml'

describe.each([...workflows, [action] as const])('%s', (file) => {
  const text = read(file)

  test('pins every action by its whole commit, with the version beside it', () => {
    const used = [...text.matchAll(/uses: (.*)/g)].map(([, name]) => name)
    const loose = used.filter(
      (name) => !/^\.\/|^actions\/[\w-]+@[0-9a-f]{40} # v[\d.]+$/.test(name ?? ''),
    )
    expect(loose).toEqual([])
  })

  test('has no right but to read, unless a job says otherwise', () => {
    if (file !== action) expect(text).toMatch(/^permissions:\n {2}contents: read\n(\n|jobs)/m)
    expect(text).not.toMatch(/write-all|secrets\./)
  })
})

test('CI runs every Node that is supported, on three systems', () => {
  const text = read(`${folder}/ci.yml`)
  expect(text).toContain('node: [20, 22, 24, 26]')
  expect(text).toMatch(/os: \[ubuntu-[\w.]+, macos-\w+, windows-\w+\]/)
})

test('eight binaries are made, and a release wants all of them', () => {
  const targets = [...read(`${folder}/prebuild.yml`).matchAll(/- \{ target: ([\w-]+)/g)]
  expect(targets).toHaveLength(8)
  expect(read(`${folder}/release.yml`)).toContain('-eq 8')
})

// The images have none, and prebuildify starts node-gyp.
test('the containers of the Linux binaries get Python', () => {
  const installs = read('.ci/prebuild-linux').match(/(apk add|dnf install -y cmake)(.*\\\n)*.*/g)
  expect(installs).toHaveLength(2)
  for (const line of installs ?? []) expect(line).toMatch(/ python3/)
})

test('the guide to Windows builds names the LLVM that CI has, and its links lead somewhere', () => {
  const guide = read('docs/perf/windows-build.md')
  const version = /llvm --version=([\d.]+)/.exec(read('.github/actions/prepare/windows.ps1'))?.[1]
  expect(version).toBeDefined()
  expect(guide).toContain(`LLVM.LLVM --version ${version}`)
  expect(brokenLinks(guide, 'docs/perf')).toEqual([])
})
