/** A plot of the last minutes. */
import { useEffect, useRef } from 'preact/hooks'
import uPlot from 'uplot'
import type { LiveSample } from '../../lib/studio/protocol'
import { useLive } from '../base/live'

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
  lines: readonly Line[]
  show(value: number): string
}

const SECONDS = 300

/** The numbers of all lines, oldest first. */
function dataOf(samples: readonly LiveSample[], lines: readonly Line[]): uPlot.AlignedData {
  const since = Date.now() - SECONDS * 1000
  const first = Math.max(0, samples.findIndex(({ atMs }) => atMs >= since))
  const shown = samples.slice(first)
  const before = (at: number) => samples[first + at - 1]
  return [
    shown.map(({ atMs }) => atMs / 1000),
    ...lines.map((line) => shown.map((sample, at) => line.at(sample, before(at)))),
  ] as uPlot.AlignedData
}

function optionsOf({ lines, show }: Props, element: HTMLElement): uPlot.Options {
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
      x: { time: true, range: () => [Date.now() / 1000 - SECONDS, Date.now() / 1000] },
      y: { range: (_, low, high) => [Math.min(0, low ?? 0), (high ?? 0) > 0 ? high * 1.1 : 1] },
    },
    axes: [
      { ...axis, space: 70, size: 24, values: (_, times) => times.map((time) => ago(time)) },
      { ...axis, size: 64, space: 34, values: (_, values) => values.map(show) },
    ],
    series: [
      {},
      ...lines.map(({ label, colour: number }) => ({
        label,
        stroke: colour(`--line-${number}`),
        fill: lines.length === 1 ? colour('--line-fill') : undefined,
        width: 1.5,
        points: { show: false },
      })) as uPlot.Series[],
    ],
  }
}

function ago(time: number): string {
  const seconds = Math.round(Date.now() / 1000 - time)
  if (seconds < 10) return 'now'
  return seconds < 120 ? `−${seconds} s` : `−${Math.round(seconds / 60)} min`
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
