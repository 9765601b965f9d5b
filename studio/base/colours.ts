/** What the colours of the key space say. */
import type { SpaceBox } from '../../lib/studio/protocol'
import { brief, percent, span } from './words'

/** What the colour says: a number of a box, larger is hotter. */
export const COLOURS = {
  age: {
    label: 'age',
    of: (box: SpaceBox) =>
      box.createdAtMs === undefined ? undefined : Math.max(0, Date.now() - box.createdAtMs) / 1000,
    show: span,
  },
  tombstones: {
    label: 'deletions',
    of: (box: SpaceBox) => (box.entries === 0 ? 0 : box.deletions / box.entries),
    show: percent,
  },
  reads: { label: 'reads', of: (box: SpaceBox) => box.reads, show: brief },
} as const

export type Colour = keyof typeof COLOURS
