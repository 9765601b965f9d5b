/** A plot of the last minutes. */
import { useEffect, useRef } from 'preact/hooks'
import uPlot from 'uplot'
import type { LiveSample } from '../../lib/studio/protocol'
import { live, useLive } from '../base/live'

/** One line: what it has at a moment, given the moment before. */
export interface Line {
  label: string
  /** Of `--line-1` to `--line-4`. */
  colour: 1 | 2 | 3 | 4
  at(now: LiveSample, before: LiveSample | undefined): number | null
}

interface Props {
  title: string
  /** What is under the title. */
  note?: string
  /** Whether what is plotted are bytes, whose axis has powers of two. */
  binary?: boolean
  lines: readonly Line[]
  show(value: number): string
}

const [LEAST_SECONDS, MOST_SECONDS] = [60, 300]
const BINARY = Array.from({ length: 50 }, (_, power) => 2 ** power)

/** How much of the past is shown: as much as is known, within bounds. */
function secondsOf(samples: readonly LiveSample[]): number {
  const known = (Date.now() - (samples[0]?.atMs ?? Date.now())) / 1000
  return Math.min(MOST_SECONDS, Math.max(LEAST_SECONDS, known))
}

/** The numbers of all lines, oldest first. */
function dataOf(samples: readonly LiveSample[], lines: readonly Line[]): uPlot.AlignedData {
  const since = Date.now() - MOST_SECONDS * 1000
  const first = Math.max(
    0,
    samples.findIndex(({ atMs }) => atMs >= since),
  )
  const shown = samples.slice(first)
  const before = (at: number) => samples[first + at - 1]
  return [
    shown.map(({ atMs }) => atMs / 1000),
    ...lines.map((line) => shown.map((sample, at) => line.at(sample, before(at)))),
  ] as uPlot.AlignedData
}

function optionsOf({ lines, show, binary }: Props, element: HTMLElement): uPlot.Options {
  const style = getComputedStyle(element)
  const colour = (name: string) => style.getPropertyValue(name).trim()
  const grid = { stroke: colour('--grid'), width: 1 }
  const font = `11px ${style.fontFamily}`
  const axis = { stroke: colour('--dim'), grid, ticks: { show: false }, font }
  return {
    width: element.clientWidth,
    height: 150,
    legend: { show: false },
    cursor: { show: false },
    scales: {
      x: {
        time: true,
        range: () => [Date.now() / 1000 - secondsOf(live.samples), Date.now() / 1000],
      },
      y: { range: (_, low, high) => [Math.min(0, low ?? 0), (high ?? 0) > 0 ? high * 1.1 : 1] },
    },
    axes: [
      {
        ...axis,
        size: 24,
        splits: () => moments(secondsOf(live.samples)),
        values: (_, times) => times.map(ago),
      },
      {
        ...axis,
        size: 72,
        space: 34,
        ...(binary && { incrs: BINARY }),
        values: (_, values) => values.map(show),
      },
    ],
    series: [
      {},
      ...(lines.map(({ label, colour: number }) => ({
        label,
        stroke: colour(`--line-${number}`),
        fill: lines.length === 1 ? colour('--line-fill') : undefined,
        width: 1.5,
        points: { show: false },
      })) as uPlot.Series[]),
    ],
  }
}

/** Whole minutes, or parts of one, before now. */
function moments(seconds: number): number[] {
  const every = seconds <= 75 ? 15 : seconds <= 150 ? 30 : 60
  const now = Date.now() / 1000
  const back = Array.from({ length: Math.floor(seconds / every) + 1 }, (_, at) => now - at * every)
  return back.reverse()
}

function ago(time: number): string {
  const seconds = Math.round(Date.now() / 1000 - time)
  if (seconds < 5) return 'now'
  return seconds % 60 === 0 ? `−${seconds / 60} min` : `−${seconds} s`
}

/** The newest number of a line that has one. */
function latest(values: readonly (number | null | undefined)[]): number | undefined {
  for (let at = values.length - 1; at >= 0; at--) {
    const value = values[at]
    if (value !== null && value !== undefined) return value
  }
  return undefined
}

export function Plot(props: Props) {
  const place = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot | undefined>(undefined)
  const { samples } = useLive()
  const data = dataOf(samples, props.lines)
  useEffect(() => {
    const element = place.current
    if (element === null) return undefined
    const make = () => {
      plot.current?.destroy()
      plot.current = new uPlot(optionsOf(props, element), data, element)
    }
    make()
    const dark = matchMedia('(prefers-color-scheme: dark)')
    dark.addEventListener('change', make)
    const observer = new ResizeObserver(() => {
      plot.current?.setSize({ width: element.clientWidth, height: 150 })
    })
    observer.observe(element)
    return () => {
      dark.removeEventListener('change', make)
      observer.disconnect()
      plot.current?.destroy()
      plot.current = undefined
    }
  }, [])
  useEffect(() => plot.current?.setData(data))
  return (
    <figure class="plot">
      <figcaption>
        <b>{props.title}</b>
        <span class="legend">
          {props.lines.map(({ label, colour }, at) => {
            const value = latest(data[at + 1] as (number | null)[])
            return (
              <span key={label} class={`line-${colour}`}>
                <i /> {label} <output>{value === undefined ? '–' : props.show(value)}</output>
              </span>
            )
          })}
        </span>
      </figcaption>
      <div ref={place} class="canvas" />
      {props.note && <p class="dim small">{props.note}</p>}
    </figure>
  )
}
