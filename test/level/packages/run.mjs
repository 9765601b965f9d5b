// node run.mjs <package> <classic|rocks> <folder>: runs what is written for level over one of the two, and prints what it saw.
import { createRequire } from 'node:module'
import { ClassicLevel } from 'classic-level'

const require = createRequire(import.meta.url)
const { RocksLevel } = require('../../../dist/level/index.js')

const [name, kind, folder] = process.argv.slice(2)
const { default: program } = await import(`./programs/${name}.mjs`)
const saw = await program(kind === 'rocks' ? RocksLevel : ClassicLevel, folder)
console.log(JSON.stringify(saw, null, 1))
