// Finds x64 instructions in a binary that are not part of x86-64-v2.

import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { read, tool } from './project.mjs'

// By the mnemonics that objdump prints. All instructions with VEX or EVEX prefixes start with v.
// rdrand and rdseed are missing: only libstdc++ uses them, and it checks the processor first.
const BEYOND =
  /\t(v[a-z]\w+|andn|bextr|blsi|blsmsk|blsr|bzhi|mulx|pdep|pext|rorx|sarx|shlx|shrx|adcx|adox|movbe|aes\w+|pclmul\w+|sha1\w+|sha256\w+)\s/
// verr, verw and the virtual machine instructions are older.
const NOT_VEX = /^(verr|verw|vmcall|vmlaunch|vmresume)/

// Functions that check the processor before they use such instructions: zstd's functions for BMI2,
// and RocksDB's checksums (native/crc32c_x64.cc).
const CHOSEN_AT_RUN_TIME = [
  /bmi2/i,
  /^_?HUF_decompress4X\d_usingDTable_internal_fast/,
  /crc32c_pclmul/,
]

/** Functions by address, from the binary's symbols; empty if there are none. */
function functionsOf(file) {
  const symbols = existsSync(`${file}.debug`) ? `${file}.debug` : file
  const result = spawnSync('nm', ['--numeric-sort', '--defined-only', symbols], {
    encoding: 'utf8',
    maxBuffer: 1 << 30,
  })
  if (result.error || result.status !== 0) return []
  return [...result.stdout.matchAll(/^([0-9a-f]+) [tTwWiV] (\S+)$/gm)].map(([, address, name]) => ({
    address: BigInt(`0x${address}`),
    name,
  }))
}

/** The name of the function at an address; `functions` are sorted by address. */
function nameAt(functions, address) {
  let low = 0
  let high = functions.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (functions[middle].address <= address) low = middle + 1
    else high = middle
  }
  return functions[low - 1]?.name
}

/** Every instruction beyond x86-64-v2, as { address, mnemonic, function }. */
export function instructionsBeyond(file) {
  const functions = functionsOf(file)
  const text = read(objdump(), ['--disassemble', '--no-show-raw-insn', file])
  const found = []
  for (const line of text.split('\n')) {
    const mnemonic = BEYOND.exec(line)?.[1]
    if (mnemonic === undefined || NOT_VEX.test(mnemonic)) continue
    const address = BigInt(`0x${line.slice(0, line.indexOf(':')).trim()}`)
    found.push({ address, mnemonic, function: nameAt(functions, address) })
  }
  return found
}

const objdump = () => tool('objdump', 'llvm-objdump')

/**
 * The problems with a binary's instructions. Without symbols, functions cannot be told apart; then
 * only instructions that nothing in it may use (wider registers) are a problem.
 */
export function instructionProblems(file) {
  const wrong = new Map()
  for (const { mnemonic, function: name } of instructionsBeyond(file)) {
    const known = name !== undefined
    if (known && CHOSEN_AT_RUN_TIME.some((pattern) => pattern.test(name))) continue
    if (!known && !mnemonic.startsWith('v')) continue
    wrong.set(name ?? 'a function without a name', mnemonic)
  }
  return [...wrong].map(([name, mnemonic]) => `uses ${mnemonic}, beyond x86-64-v2, in ${name}`)
}
