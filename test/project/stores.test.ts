/** The programs in docs/stores.md print what it says. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../support/documents'
import { testGuide } from '../support/guide'

const page = readFileSync(join(root, 'docs/stores.md'), 'utf8')

testGuide(page, ['cache', 'app'], ['data'], ['keyv', 'express', 'express-session'])
