/** Shared by the tests of metrics. */
import type { Registry } from 'prom-client'

type Labels = Record<string, string | number>

/** A line of the text format. */
export interface Line {
  name: string
  labels: Record<string, string>
  value: number
}

/** Scrapes a registry and reads every line. */
export async function scrape(register: { metrics(): Promise<string> }): Promise<Line[]> {
  const lines = (await register.metrics()).split('\n')
  return lines.filter((line) => line !== '' && !line.startsWith('#')).map(parse)
}

function parse(line: string): Line {
  const [, name, labels, value] = /^([a-zA-Z0-9_:]+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? []
  if (name === undefined) throw new Error(`no line of Prometheus's text form: ${line}`)
  const pairs = [...(labels ?? '').matchAll(/([a-z_]+)="([^"]*)",?/g)]
  return {
    name,
    labels: Object.fromEntries(pairs.map(([, label, text]) => [label, text])),
    value: value === '+Inf' ? Number.POSITIVE_INFINITY : Number(value),
  }
}

/** The lines of a metric with these labels, among others. */
export function linesOf(lines: readonly Line[], name: string, labels: Labels = {}): Line[] {
  const wanted = Object.entries(labels)
  return lines.filter(
    (line) =>
      line.name === name && wanted.every(([label, text]) => line.labels[label] === String(text)),
  )
}

/** The sum of these lines; fails if there is none. */
export function sumOf(lines: readonly Line[], name: string, labels: Labels = {}): number {
  const found = linesOf(lines, name, labels)
  if (found.length === 0) throw new Error(`no series ${name} ${JSON.stringify(labels)}`)
  return found.reduce((sum, { value }) => sum + value, 0)
}

/** The names of the metrics in a registry. */
export function namesIn(register: Registry): string[] {
  return register.getMetricsAsArray().map(({ name }) => name)
}
