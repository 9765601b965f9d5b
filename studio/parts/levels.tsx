/** The levels of a family: a box each, as wide as its bytes, as dark as it is full. */
import type { LevelHealth } from '../../lib/studio/protocol'
import { bytes, count, percent } from '../base/words'

export function Levels({ levels }: { levels: readonly LevelHealth[] }) {
  const used = levels.filter(({ files }) => files > 0)
  const all = used.reduce((sum, level) => sum + level.bytes, 0)
  if (used.length === 0) return <span class="dim">no files</span>
  const word = ({ level, files, bytes: size, score }: LevelHealth) =>
    `L${level}: ${bytes(size)} in ${count(files)} files${score === undefined ? '' : `, ${percent(score)} of its target`}`
  return (
    <span class="levels" role="img" aria-label={used.map(word).join('; ')}>
      {used.map((level) => (
        <span
          key={level.level}
          title={word(level)}
          class={(level.score ?? 0) >= 1 ? 'full' : ''}
          style={{ flexGrow: Math.max(0.12, level.bytes / Math.max(1, all)) }}
        >
          L{level.level}
          {level.score !== undefined && <small> {percent(level.score)}</small>}
        </span>
      ))}
    </span>
  )
}
