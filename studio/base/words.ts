/** Numbers for people. */

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']
const grouped = new Intl.NumberFormat('en', { maximumFractionDigits: 0 })
const short = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 })

/** `12.3 MiB`. */
export function bytes(value: number | undefined): string {
  if (value === undefined) return '–'
  let [size, unit] = [value, 0]
  while (Math.abs(size) >= 1023.95 && unit < UNITS.length - 1) {
    size /= 1024
    unit++
  }
  return `${unit === 0 || size >= 100 ? Math.round(size) : size.toFixed(1)} ${UNITS[unit]}`
}

/** `1,234,567`. */
export const count = (value: number | undefined) =>
  value === undefined ? '–' : grouped.format(value)

/** `1.2M`. */
export const brief = (value: number | undefined) =>
  value === undefined ? '–' : short.format(value)

/** `3.4`. */
export const ratio = (value: number | undefined) => (value === undefined ? '–' : value.toFixed(1))

/** `57%`. */
export const percent = (part: number | undefined) =>
  part === undefined || !Number.isFinite(part)
    ? '–'
    : `${(100 * part).toFixed(part < 0.1 ? 1 : 0)}%`

/** `12 min`, of seconds. */
export function span(seconds: number): string {
  if (seconds < 1e-3) return `${(seconds * 1e6).toFixed(0)} µs`
  if (seconds < 1) return `${(seconds * 1e3).toFixed(seconds < 0.01 ? 1 : 0)} ms`
  if (seconds < 120) return `${Math.round(seconds)} s`
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`
  if (seconds < 172_800) return `${Math.round(seconds / 3600)} h`
  return `${Math.round(seconds / 86_400)} days`
}

/** Time of day. */
export const clock = (atMs: number) => new Date(atMs).toLocaleTimeString('en-GB')

/** `compactionReadaheadKb` as it is said. */
export const layerWord = (layer: string) =>
  ({ commandLine: 'command line', live: 'changed live' })[layer] ?? layer
