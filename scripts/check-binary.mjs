// Checks built addons as a release needs them: what leaves them, what they need, how they are linked
// and, on x64, that no instruction is beyond x86-64-v2 but those that are chosen at run time.
//
//   node scripts/check-binary.mjs [--max-glibc 2.28] FILE...
//
// Reads with readelf and objdump (binutils), llvm-readobj (Windows) or nm and otool (macOS). Where the
// symbols lie beside a file, as FILE.debug, instructions are told apart by function.

import { closeSync, existsSync, openSync, readSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { instructionProblems } from './support/instructions.mjs'
import { read, runAsProgram, tool } from './support/project.mjs'

const EXPORTS = ['napi_register_module_v1', 'node_api_module_get_api_version_v1']
const ELF_LIBRARIES =
  /^(lib(c|m|dl|rt|pthread)\.so\.\d|libc\.so$|ld-linux-[\w-]+\.so\.\d|libc\.musl-\w+\.so\.1)$/
const WINDOWS_LIBRARIES =
  /^(kernel32|advapi32|shlwapi|rpcrt4|user32|ws2_32|msvcrt|ucrtbase|api-ms-win-[\w-]+|node)\.(dll|exe)$/i
const MAC_LIBRARIES = /^(\/usr\/lib\/(libSystem|libc\+\+)[\w.]*\.dylib|\/System\/Library\/)/

/** 'elf', 'pe' or 'macho', from the first bytes of a file. */
export function formatOf(file) {
  const start = Buffer.alloc(4)
  const descriptor = openSync(file, 'r')
  readSync(descriptor, start, 0, 4, 0)
  closeSync(descriptor)
  const hex = start.toString('hex')
  if (hex === '7f454c46') return 'elf'
  if (hex.startsWith('4d5a')) return 'pe'
  if (hex === 'cffaedfe' || hex === 'cafebabe') return 'macho'
  throw new Error(`${file} is no binary: it starts with ${hex}`)
}

const matches = (text, pattern) => [...text.matchAll(pattern)].map((match) => match[1])

/** Compares '2.9' and '2.28' by their numbers. */
function newer(a, b) {
  const [left, right] = [a, b].map((text) => text.split('.').map(Number))
  return left[0] !== right[0] ? left[0] > right[0] : left[1] > right[1]
}

function exportProblems(names) {
  const wrong = names.filter((name) => !EXPORTS.includes(name))
  const missing = EXPORTS.filter((name) => !names.includes(name))
  return [
    ...(wrong.length > 0 ? [`exports ${wrong.length} other symbols, such as ${wrong[0]}`] : []),
    ...missing.map((name) => `does not export ${name}`),
  ]
}

const libraryProblems = (names, allowed) =>
  names.filter((name) => !allowed.test(name)).map((name) => `needs the library ${name}`)

function checkElf(file, { maxGlibc }) {
  const dynamic = read('readelf', ['--dynamic', '--wide', file])
  const segments = read('readelf', ['--segments', '--wide', file])
  const sections = read('readelf', ['--sections', '--wide', file])
  const symbols = read('readelf', ['--dyn-syms', '--wide', file])
  const defined = matches(symbols, /(?:GLOBAL|WEAK|UNIQUE)\s+DEFAULT\s+\d+\s+([^\s@]+)/g)
  const versions = matches(symbols, /@GLIBC_(\d+\.\d+)/g)
  const glibc = versions.reduce((most, version) => (newer(version, most) ? version : most), '0.0')
  const problems = [
    ...exportProblems(defined),
    ...libraryProblems(matches(dynamic, /\(NEEDED\).*\[(.*)\]/g), ELF_LIBRARIES),
  ]
  const expect = (right, text) => right || problems.push(text)
  expect(/GNU_RELRO/.test(segments), 'has no RELRO segment')
  expect(/BIND_NOW|FLAGS_1.*NOW/.test(dynamic), 'is not linked with BIND_NOW')
  expect(/NODELETE/.test(dynamic), 'is not linked with NODELETE')
  expect(/GNU_STACK.*\sRW\s/.test(segments), 'has an executable stack')
  expect(!/TEXTREL/.test(dynamic), 'has relocations in its code')
  expect(!/RPATH|RUNPATH/.test(dynamic), 'has a search path of its own for libraries')
  expect(!/\.symtab|\.debug_/.test(sections), 'is not stripped')
  expect(!maxGlibc || !newer(glibc, maxGlibc), `needs glibc ${glibc}, newer than ${maxGlibc}`)
  const x64 = /Advanced Micro Devices X86-64/.test(read('readelf', ['--file-header', file]))
  if (x64) problems.push(...instructionProblems(file))
  const floor = glibc === '0.0' ? 'no glibc' : `glibc ${glibc}`
  return { problems, facts: [x64 ? 'x64' : 'arm64', floor] }
}

function checkWindows(file) {
  const readobj = tool('llvm-readobj')
  const text = read(readobj, ['--file-headers', '--coff-exports', '--coff-imports', file])
  const exported = matches(text.slice(text.indexOf('Export {')), /Export \{[^}]*?Name: (\S+)/g)
  const imported = matches(text, /(?<!Delay)Import \{\s*Name: (\S+)/g)
  const problems = [...exportProblems(exported), ...libraryProblems(imported, WINDOWS_LIBRARIES)]
  for (const flag of ['DYNAMIC_BASE', 'NX_COMPAT', 'HIGH_ENTROPY_VA']) {
    if (!text.includes(flag)) problems.push(`is not linked with ${flag}`)
  }
  if (imported.some((name) => /^node\.exe$/i.test(name))) {
    problems.push('binds node.exe when it is loaded: a renamed one would not work')
  }
  const delayed = /DelayImport \{\s*Name: node\.exe/i.test(text)
  if (!delayed) problems.push('does not bind node.exe when it is first called')
  if (/PointerToSymbolTable: 0x[1-9A-F]/.test(text)) problems.push('is not stripped')
  const x64 = /IMAGE_FILE_MACHINE_AMD64/.test(text)
  if (x64) problems.push(...instructionProblems(file))
  return { problems, facts: [x64 ? 'x64' : 'arm64'] }
}

function checkMac(file) {
  const exported = read('nm', ['-gU', file]).match(/\S+$/gm) ?? []
  const libraries = matches(read('otool', ['-L', file]), /^\t(\S+) \(/gm)
  const names = exported.map((name) => name.replace(/^_/, ''))
  return {
    problems: [...exportProblems(names), ...libraryProblems(libraries, MAC_LIBRARIES)],
    facts: [],
  }
}

/**
 * Returns the problems of a binary, and a description of it.
 *
 * @param options `maxGlibc`: the newest glibc that it may need, such as '2.28'; any by default
 */
export function checkBinary(file, options = {}) {
  if (!existsSync(file)) throw new Error(`there is no ${file}`)
  const format = formatOf(file)
  const check = { elf: checkElf, pe: checkWindows, macho: checkMac }[format]
  const { problems, facts } = check(file, options)
  return { problems, facts: [format, ...facts] }
}

await runAsProgram(import.meta.url, (args) => {
  const options = { 'max-glibc': { type: 'string' } }
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true })
  if (positionals.length === 0) throw new Error('which files?')
  let status = 0
  for (const file of positionals) {
    const { problems, facts } = checkBinary(file, { maxGlibc: values['max-glibc'] })
    console.log(`${file} (${facts.join(', ')}): ${problems.length === 0 ? 'fine' : 'WRONG'}`)
    for (const problem of problems) console.log(`  ${problem}`)
    if (problems.length > 0) status = 1
  }
  return status
})
