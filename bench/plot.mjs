// Draws docs/performance.svg from the figures in docs/performance.md, so that the two say the same.
//
//   node bench/plot.mjs [--check]      --check fails where the figure is not what the page makes
import { readFileSync, writeFileSync } from 'node:fs'
import { figuresOf } from './support/page.mjs'
import { plotOf } from './support/svg.mjs'

const docs = new URL('../docs/', import.meta.url)
const figure = new URL('performance.svg', docs)
const { summary, engines } = figuresOf(readFileSync(new URL('performance.md', docs), 'utf8'))
const plot = plotOf(summary, engines)

if (!process.argv.includes('--check')) {
  writeFileSync(figure, plot)
} else if (readFileSync(figure, 'utf8') !== plot) {
  console.error(
    'docs/performance.svg is not what docs/performance.md makes: run node bench/plot.mjs',
  )
  process.exitCode = 1
}
