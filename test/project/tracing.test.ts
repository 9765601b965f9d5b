/** The programs in docs/tracing.md print what it says. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../support/documents'
import { testGuide } from '../support/guide'

const page = readFileSync(join(root, 'docs/tracing.md'), 'utf8')

testGuide(page, ['spans', 'listen'], ['data'], ['@opentelemetry'])
