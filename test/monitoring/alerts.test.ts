/** The alert rules: they parse, fire when they must, and use series that exist. */
import { join } from 'node:path'
import { monitoring, promtool, read, SERIES, seriesIn, withPrometheus } from './support'

const rules = read('alerts.yml')
const tests = read('alerts.test.yml')
const page = read('README.md')
const names = [...rules.matchAll(/^ {6}- alert: (\w+)$/gm)].map(([, name = '']) => name)

withPrometheus('promtool finds no fault in them', () => {
  const said = promtool('check', 'rules', join(monitoring, 'alerts.yml'))
  expect(said).toContain(`SUCCESS: ${names.length} rules found`)
  expect(names.length).toBeGreaterThanOrEqual(6)
})

withPrometheus('their unit tests pass', () => {
  expect(promtool('test', 'rules', join(monitoring, 'alerts.test.yml'))).toContain('SUCCESS')
})

it.each(names)('%s is tested firing and not, and is explained', (name) => {
  const silent = new RegExp(`alertname: ${name}, eval_time: \\w+, exp_alerts: \\[\\]`)
  const firing = new RegExp(
    `alertname: ${name}\\n +eval_time: \\w+\\n +exp_alerts:\\n +- exp_labels`,
  )
  expect(tests).toMatch(silent)
  expect(tests).toMatch(firing)
  const [rule = ''] = rules.slice(rules.indexOf(`alert: ${name}\n`)).split('      - alert:', 1)
  for (const part of ['severity:', 'summary:', 'description:']) expect(rule).toContain(part)
  expect(rule).toContain(
    `runbook_url: https://runbooks.example.com/rocksdb-live/monitoring#${name.toLowerCase()}\n`,
  )
  expect(page).toContain(`\n### ${name}\n`)
})

it.each([
  ['the rules', rules],
  ['their tests', tests],
])('%s name series that there are', (_, text) => {
  const asked = seriesIn(text.replace(/^\s*#.*$/gm, ''))
  expect(asked.length).toBeGreaterThanOrEqual(9)
  expect(asked.filter((name) => !SERIES.has(name))).toEqual([])
})

it('the page explains no alert that there is not', () => {
  const [section = ''] = page.slice(page.indexOf('\n## Alerts\n')).split('\n## Every metric', 1)
  expect([...section.matchAll(/^### (\w+)$/gm)].map(([, name]) => name)).toEqual(names)
})
