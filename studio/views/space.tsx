/** Where in the key space? x is the key range, y the level, a box a file. */
import { useState } from 'preact/hooks'
import type { FamilyName, SpaceBox, SpaceView } from '../../lib/studio/protocol'
import { useAsked } from '../base/asked'
import { COLOURS, type Colour } from '../base/colours'
import { familyOf, go, hrefOf } from '../base/route'
import { brief, bytes, count, percent, span } from '../base/words'
import { Problem } from '../parts/bits'
import { SpaceMap } from '../parts/space-map'

function Detail({ box, family }: { box: SpaceBox | undefined; family: string }) {
  if (box === undefined)
    return <p class="calm">Choose a box: with the mouse, or with the arrow keys on the map.</p>
  const {
    level,
    name,
    files,
    entries,
    deletions,
    reads,
    createdAtMs,
    smallest,
    largest,
    compacting,
  } = box
  const facts = [
    ['Level', `L${level}`],
    ['Bytes', bytes(box.bytes)],
    ['Entries', count(entries)],
    ['Deletions', `${count(deletions)} (${percent(entries === 0 ? 0 : deletions / entries)})`],
    ['Reads', `${brief(reads)}, estimated`],
    [
      'Written',
      createdAtMs === undefined ? 'not known' : `${span((Date.now() - createdAtMs) / 1000)} ago`,
    ],
    ['First key', smallest],
    ['Last key', largest],
  ] as const
  return (
    <div class="detail" role="status">
      <h3>
        {files === 1 ? name : `${count(files)} files from ${name}`}{' '}
        {compacting && <span class="badge warn">is compacted</span>}
      </h3>
      <dl>
        {facts.map(([fact, text]) => (
          <div key={fact}>
            <dt>{fact}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
      <a
        href={hrefOf('rows', {
          family,
          seek: smallest.endsWith('…') ? smallest.slice(0, -1) : smallest,
        })}
      >
        Rows from its first key
      </a>
    </div>
  )
}

export function Space({ words }: { words: Readonly<Record<string, string>> }) {
  const names = useAsked<{ families: FamilyName[] }>('families', {}).answer?.families
  const family = familyOf(words, names) ?? 'default'
  const colour: Colour =
    words['colour'] === 'tombstones' || words['colour'] === 'reads' ? words['colour'] : 'age'
  const keyFormat = names?.find(({ name }) => name === family)?.key ?? 'auto'
  const { answer, error, busy, again } = useAsked<SpaceView>(
    names && 'space',
    { family, keyFormat },
    10_000,
  )
  const [chosen, setChosen] = useState<string>()
  const set = (changed: Record<string, string>) => go('space', { ...words, family, ...changed })
  const box = answer?.boxes.find(({ name }) => name === chosen)
  return (
    <>
      <div class="bar">
        <label>
          <span>Family</span>
          <select
            id="filter"
            value={family}
            onChange={(event) => set({ family: event.currentTarget.value })}
          >
            {names?.map(({ name }) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <fieldset class="choice">
          <legend>Colour</legend>
          {(Object.keys(COLOURS) as Colour[]).map((name) => (
            <label key={name}>
              <input
                type="radio"
                name="colour"
                checked={colour === name}
                onChange={() => set({ colour: name })}
              />
              {COLOURS[name].label}
            </label>
          ))}
        </fieldset>
        <button type="button" onClick={again} disabled={busy}>
          Look again
        </button>
      </div>
      <Problem error={error} />
      {answer !== undefined && (
        <>
          <p class="dim">
            {count(answer.files)} tables on{' '}
            {count(new Set(answer.boxes.map(({ level }) => level)).size)} levels,{' '}
            {bytes(answer.bytes)}
            {answer.blobs.files > 0 &&
              `; ${count(answer.blobs.files)} blob files, ${bytes(answer.blobs.bytes)}, of which ${bytes(answer.blobs.garbageBytes)} are garbage`}
          </p>
          {answer.boxes.length === 0 ? (
            <p class="calm">
              No table has rows of this family yet: they are in memory, or there are none.
            </p>
          ) : (
            <SpaceMap view={answer} colour={colour} chosen={chosen} onChoose={setChosen} />
          )}
          <Detail box={box} family={family} />
        </>
      )}
    </>
  )
}
