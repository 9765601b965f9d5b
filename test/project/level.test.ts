/** The programs in docs/level.md print what it says. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../support/documents'
import { testGuide } from '../support/guide'

const page = readFileSync(join(root, 'docs/level.md'), 'utf8')

testGuide(page, ['notes', 'over'], ['notes'])
