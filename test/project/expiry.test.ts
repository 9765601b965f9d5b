/** The program in docs/expiry.md prints what it says. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../support/documents'
import { testGuide } from '../support/guide'

const page = readFileSync(join(root, 'docs/expiry.md'), 'utf8')

testGuide(page, ['sessions'], [])
