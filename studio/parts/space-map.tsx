/** The map of the key space, drawn on a canvas: thousands of boxes. */
import { useEffect, useRef, useState } from 'preact/hooks'
import type { SpaceBox, SpaceView } from '../../lib/studio/protocol'
import { COLOURS, type Colour } from '../base/colours'
import { bytes } from '../base/words'

interface Props {
  view: SpaceView
  colour: Colour
  chosen: string | undefined
  onChoose(name: string): void
}

const [LEFT, GAP, LEAST_PX] = [44, 6, 2]

/** Boxes of level 0 lie over each other: each gets a lane in which it has room. */
function lanesOf(boxes: readonly SpaceBox[]): Map<SpaceBox, [number, number]> {
  const lanes = new Map<SpaceBox, [number, number]>()
  for (const level of new Set(boxes.map((box) => box.level))) {
    const ends: number[] = []
    const own = boxes.filter((box) => box.level === level).sort((a, b) => a.x0 - b.x0)
    const at = own.map((box) => {
      const free = ends.findIndex((end) => end <= box.x0 + 1e-9)
      const lane = free === -1 ? ends.length : free
      ends[lane] = box.x1
      return lane
    })
    for (const [index, box] of own.entries()) lanes.set(box, [at[index] ?? 0, ends.length])
  }
  return lanes
}

interface Drawn {
  box: SpaceBox
  x: number
  y: number
  width: number
  height: number
}

/** Where each box is, in pixels; level 0 is at the top. */
function place(
  view: SpaceView,
  lanes: Map<SpaceBox, [number, number]>,
  width: number,
): { drawn: Drawn[]; tops: number[]; height: number } {
  const tops: number[] = []
  let top = GAP
  const heights: number[] = []
  for (let level = 0; level < view.levels; level++) {
    const deep = Math.max(
      1,
      ...view.boxes.filter((box) => box.level === level).map((box) => lanes.get(box)?.[1] ?? 1),
    )
    const isUsed = view.boxes.some((box) => box.level === level)
    heights[level] = isUsed ? Math.min(180, Math.max(40, 16 * deep)) : 18
    tops[level] = top
    top += (heights[level] ?? 0) + GAP
  }
  const room = width - LEFT - GAP
  const drawn = view.boxes.map((box) => {
    const [lane, deep] = lanes.get(box) ?? [0, 1]
    const height = (heights[box.level] ?? 40) / deep
    return {
      box,
      x: LEFT + box.x0 * room,
      y: (tops[box.level] ?? 0) + lane * height,
      width: Math.max(LEAST_PX, (box.x1 - box.x0) * room),
      height,
    }
  })
  return { drawn, tops, height: top }
}

interface Scale {
  least: number
  most: number
}

/** The numbers that the two ends of the colours stand for. */
function scaleOf({ view, colour }: Pick<Props, 'view' | 'colour'>): Scale {
  if (colour === 'tombstones') return { least: 0, most: 1 }
  const numbers = view.boxes
    .map((box) => COLOURS[colour].of(box))
    .filter((value) => value !== undefined)
  const least = colour === 'reads' ? 0 : numbers.reduce((a, b) => Math.min(a, b), Number.MAX_VALUE)
  return {
    least: numbers.length === 0 ? 0 : least,
    most: numbers.reduce((a, b) => Math.max(a, b), 0),
  }
}

/** From 0 to 1: where a number is on the scale; small differences of small numbers count as well. */
function heat(value: number, { least, most }: Scale): number {
  const steps = (number: number) =>
    Math.log1p((100 * (number - least)) / Math.max(1e-9, most - least))
  return most <= least ? 0 : steps(value) / steps(most)
}

function draw(
  canvas: HTMLCanvasElement,
  { view, colour, chosen }: Props,
  placed: ReturnType<typeof place>,
): void {
  const context = canvas.getContext('2d')
  if (context === null) return
  const style = getComputedStyle(canvas)
  const named = (name: string) => style.getPropertyValue(name).trim()
  const scale = devicePixelRatio
  const width = canvas.clientWidth
  canvas.width = width * scale
  canvas.height = placed.height * scale
  context.scale(scale, scale)
  context.font = `12px ${style.fontFamily}`
  const { of } = COLOURS[colour]
  const ends = scaleOf({ view, colour })
  for (const [level, top] of placed.tops.entries()) {
    context.fillStyle = named('--dim')
    context.fillText(`L${level}`, 12, top + 14)
    context.fillStyle = named('--grid')
    context.fillRect(LEFT, top - GAP / 2, width - LEFT - GAP, 1)
  }
  for (const { box, x, y, width: wide, height } of placed.drawn) {
    const value = of(box)
    const hot = value === undefined ? undefined : heat(value, ends)
    context.fillStyle =
      hot === undefined
        ? named('--dim')
        : `color-mix(in oklab, ${named('--hot')} ${Math.round(hot * 100)}%, ${named('--cold')})`
    context.fillRect(x, y, Math.max(1, wide - 1), height - 1)
    if (box.compacting || box.name === chosen) {
      context.strokeStyle = named(box.name === chosen ? '--text' : '--warn')
      context.lineWidth = 2
      context.strokeRect(x + 1, y + 1, Math.max(1, wide - 3), height - 3)
    }
  }
}

/** The box to go to with an arrow key. */
function neighbour(
  drawn: readonly Drawn[],
  chosen: string | undefined,
  key: string,
): string | undefined {
  const now = drawn.find(({ box }) => box.name === chosen)
  if (now === undefined) return drawn[0]?.box.name
  const middle = (each: Drawn) => [each.x + each.width / 2, each.y + each.height / 2] as const
  const [x, y] = middle(now)
  const isAcross = key === 'ArrowLeft' || key === 'ArrowRight'
  const sign = key === 'ArrowRight' || key === 'ArrowDown' ? 1 : -1
  let best: { name: string; far: number } | undefined
  for (const each of drawn) {
    const [ox, oy] = middle(each)
    const along = sign * (isAcross ? ox - x : oy - y)
    const aside = Math.abs(isAcross ? oy - y : ox - x)
    const isCandidate = each !== now && along > 0.5 && (!isAcross || aside < 1)
    const far = along + 2 * aside
    if (isCandidate && (best === undefined || far < best.far)) best = { name: each.box.name, far }
  }
  return best?.name
}

export function SpaceMap(props: Props) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const [width, setWidth] = useState(800)
  const [, setDark] = useState(false)
  const { view, colour, chosen, onChoose } = props
  const placed = place(view, lanesOf(view.boxes), width)
  useEffect(() => {
    const element = canvas.current
    if (element === null) return undefined
    const observer = new ResizeObserver(() => setWidth(element.clientWidth))
    observer.observe(element)
    const dark = matchMedia('(prefers-color-scheme: dark)')
    const changed = () => setDark(dark.matches)
    dark.addEventListener('change', changed)
    return () => {
      observer.disconnect()
      dark.removeEventListener('change', changed)
    }
  }, [])
  useEffect(() => {
    if (canvas.current !== null) draw(canvas.current, props, placed)
  })
  const pick = (event: MouseEvent) => {
    const { offsetX, offsetY } = event
    const hit = placed.drawn.find(
      ({ x, y, width: wide, height }) =>
        offsetX >= x && offsetX <= x + wide && offsetY >= y && offsetY <= y + height,
    )
    if (hit !== undefined) onChoose(hit.box.name)
  }
  const move = (event: KeyboardEvent) => {
    if (!event.key.startsWith('Arrow')) return
    event.preventDefault()
    const next = neighbour(placed.drawn, chosen, event.key)
    if (next !== undefined) onChoose(next)
  }
  const { label, show } = COLOURS[colour]
  const ends = scaleOf(props)
  return (
    <figure class="space">
      <canvas
        ref={canvas}
        tabIndex={0}
        role="img"
        aria-label={`Map of ${view.boxes.length} boxes, ${bytes(view.bytes)}; the arrow keys go from box to box`}
        style={{ height: `${placed.height}px` }}
        onClick={pick}
        onKeyDown={move}
      />
      <figcaption class="dim small">
        <span>keys, as wide as the data behind them →</span>
        <span class="scale">
          {label}: {show(ends.least)} <i /> {show(ends.most)}
        </span>
      </figcaption>
    </figure>
  )
}
