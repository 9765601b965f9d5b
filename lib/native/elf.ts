/** Checks a binary's file before the system's loader maps it. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'

/** e_machine of the ELF header, by Node's name of the processor. */
const MACHINES: Record<number, string> = {
  3: 'ia32',
  40: 'arm',
  62: 'x64',
  183: 'arm64',
  243: 'riscv64',
}

/** First bytes of files that may be in a binary's place, in hexadecimal. */
const FORMATS: readonly [start: string, name: string][] = [
  ['4d5a', 'a Windows binary'],
  ['cffaedfe', 'a macOS binary'],
  ['cafebabe', 'a macOS binary'],
  ['23212f', 'a script'],
  ['1f8b', 'a gzip archive'],
]

const HEADER_BYTES = 64

/**
 * Says why a file cannot be loaded on Linux, or undefined where nothing is seen. glibc maps a binary
 * whose end is missing without a complaint, and the process dies of SIGBUS when it touches that part:
 * so the file's length is compared with where its own header says that its last table ends.
 *
 * @param file path of the binary
 * @param arch the processor's name, as `process.arch`
 */
export function elfProblem(file: string, arch: string): string | undefined {
  const { header, size } = readHeader(file)
  if (header.length < HEADER_BYTES) return `it is cut short: ${size} bytes`
  if (header.toString('latin1', 0, 4) !== '\x7fELF') {
    const start = header.toString('hex', 0, 4)
    const format = FORMATS.find(([bytes]) => start.startsWith(bytes))?.[1] ?? 'no binary'
    return `it is ${format}, not one for Linux`
  }
  const machine = MACHINES[header.readUInt16LE(18)] ?? `machine ${header.readUInt16LE(18)}`
  if (machine !== arch) return `it is for ${machine}, and this is ${arch}`
  // e_shoff + e_shentsize * e_shnum: linkers and strip put the section table last.
  const end = Number(header.readBigUInt64LE(40)) + header.readUInt16LE(58) * header.readUInt16LE(60)
  return end > size ? `it is cut short: ${size} of at least ${end} bytes` : undefined
}

function readHeader(file: string): { header: Buffer; size: number } {
  const descriptor = openSync(file, 'r')
  try {
    const header = Buffer.alloc(HEADER_BYTES)
    const length = readSync(descriptor, header, 0, HEADER_BYTES, 0)
    return { header: header.subarray(0, length), size: fstatSync(descriptor).size }
  } finally {
    closeSync(descriptor)
  }
}
