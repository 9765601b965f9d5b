/** The content of directories. */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A checksum of every file below a directory, by its path there. */
export function checksums(directory: string): Record<string, string> {
  const found = readdirSync(directory, { recursive: true, withFileTypes: true })
  const files = found.filter((entry) => entry.isFile())
  return Object.fromEntries(
    files
      .map(({ parentPath, name }) => join(parentPath, name))
      .sort()
      .map((file) => [
        file.slice(directory.length + 1),
        createHash('sha256').update(readFileSync(file)).digest('hex'),
      ]),
  )
}
