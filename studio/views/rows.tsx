/** What is in it? A page of rows at a time. */
import { useEffect, useState } from 'preact/hooks'
import type { About, Cell, Edit, FamilyName, RowsView, RowView } from '../../lib/studio/protocol'
import { useAsked } from '../base/asked'
import { familyOf, go } from '../base/route'
import { bytes, count } from '../base/words'
import { Batch } from '../parts/batch'
import { Dialog, Field, Problem } from '../parts/bits'
import { RowDetail, type RowPlace } from '../parts/row-detail'

const SHOWN = 300

function CellText({ cell }: { cell: Cell | undefined }) {
  if (cell === undefined) return <span class="dim">not read: the page was full</span>
  const { text, problem, hex, cut } = cell
  const shown = text ?? `0x${hex}`
  return (
    <>
      <span class={text === undefined ? 'bytes' : 'text'} title={problem}>
        {text === '' ? <span class="dim">(empty)</span> : shown.slice(0, SHOWN)}
        {(cut || shown.length > SHOWN) && '…'}
      </span>
      {text !== undefined && (
        <code class="beside">
          {hex.slice(0, 48)}
          {(cut || hex.length > 48) && '…'}
        </code>
      )}
    </>
  )
}

/** Arrow keys, j and k go from row to row. */
function step(event: KeyboardEvent): void {
  const by = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 }[event.key]
  if (by === undefined) return
  event.preventDefault()
  const buttons = [...document.querySelectorAll<HTMLButtonElement>('.rows button.key')]
  const at = buttons.indexOf(document.activeElement as HTMLButtonElement)
  buttons[Math.max(0, Math.min(buttons.length - 1, at + by))]?.focus()
}

function Rows({
  rows,
  open,
  onOpen,
}: {
  rows: readonly RowView[]
  open: string | undefined
  onOpen(hex: string): void
}) {
  return (
    <table class="rows" onKeyDown={step}>
      <thead>
        <tr>
          <th scope="col">Key</th>
          <th scope="col">Value</th>
          <th scope="col" class="number">
            Size
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ key, value }) => (
          <tr key={key.hex} class={open === key.hex ? 'open' : ''}>
            <th scope="row">
              <button
                type="button"
                class="plain key"
                disabled={key.cut}
                onClick={() => onOpen(key.hex)}
              >
                <CellText cell={key} />
              </button>
            </th>
            <td>
              <CellText cell={value} />
            </td>
            <td class="number">{bytes(value?.bytes)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function NewRow(props: {
  place: Omit<RowPlace, 'key'>
  onEdit(edit: Edit): void
  onClose(): void
}) {
  const [key, setKey] = useState('')
  const [value, setValue] = useState('')
  const submit = (event: Event) => {
    event.preventDefault()
    props.onEdit({ ...props.place, type: 'put', key, value, before: null })
    props.onClose()
  }
  return (
    <Dialog title={`A new row in ${props.place.family}`} onClose={props.onClose}>
      <form onSubmit={submit}>
        <label>
          <span>Key ({props.place.keyFormat})</span>
          <input
            value={key}
            spellcheck={false}
            onInput={(event) => setKey(event.currentTarget.value)}
          />
        </label>
        <label>
          <span>Value ({props.place.valueFormat})</span>
          <textarea
            rows={8}
            value={value}
            spellcheck={false}
            onInput={(event) => setValue(event.currentTarget.value)}
          />
        </label>
        <p class="dim small">
          Bytes are written as 0x and hexadecimal. It is written only where there is no such row.
        </p>
        <p class="buttons">
          <button type="submit" class="main">
            Add to the batch
          </button>
        </p>
      </form>
    </Dialog>
  )
}

interface Names {
  families: FamilyName[]
  formats: string[]
}

function Bar({
  words,
  place,
  names,
  onNew,
}: {
  words: Readonly<Record<string, string>>
  place: Omit<RowPlace, 'key'>
  names: Names | undefined
  onNew: (() => void) | undefined
}) {
  const set = (changed: Record<string, string>) =>
    go('rows', { ...words, family: place.family, ...changed })
  return (
    <div class="bar">
      <label>
        <span>Family</span>
        <select
          id="family"
          value={place.family}
          onChange={(event) => go('rows', { family: event.currentTarget.value })}
        >
          {names?.families.map(({ name }) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <Field
        label="Prefix"
        id="filter"
        value={words['prefix'] ?? ''}
        placeholder="keys that begin with"
        onText={(prefix) => set({ prefix })}
      />
      <Field
        label="From"
        value={words['seek'] ?? ''}
        placeholder="a key"
        onText={(seek) => set({ seek })}
      />
      <label class="tick">
        <input
          type="checkbox"
          checked={words['reverse'] === '1'}
          onChange={(event) => set({ reverse: event.currentTarget.checked ? '1' : '' })}
        />
        <span>backwards</span>
      </label>
      <Field
        label="Keys as"
        value={place.keyFormat}
        list="formats"
        onText={(key) => set({ key })}
      />
      <Field
        label="Values as"
        value={place.valueFormat}
        list="formats"
        onText={(value) => set({ value })}
      />
      <datalist id="formats">
        {names?.formats.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      {onNew !== undefined && (
        <button type="button" onClick={onNew}>
          New row
        </button>
      )}
    </div>
  )
}

/** The pages that were turned, of this question. */
function usePages(question: string) {
  const [state, setState] = useState<{ question: string; froms: string[] }>({ question, froms: [] })
  const froms = state.question === question ? state.froms : []
  return { froms, turn: (next: string[]) => setState({ question, froms: next }) }
}

function Pager({
  answer,
  froms,
  turn,
}: {
  answer: RowsView
  froms: string[]
  turn(froms: string[]): void
}) {
  const { rows, next } = answer
  return (
    <p class="pager">
      <button type="button" disabled={froms.length === 0} onClick={() => turn(froms.slice(0, -1))}>
        Page before
      </button>
      <span role="status">
        page {count(froms.length + 1)}, {count(rows.length)} rows
      </span>
      <button
        type="button"
        disabled={next === undefined}
        onClick={() => next !== undefined && turn([...froms, next])}
      >
        Next page
      </button>
    </p>
  )
}

export function RowsPage({
  about,
  words,
}: {
  about: About
  words: Readonly<Record<string, string>>
}) {
  const names = useAsked<Names>('families', {}).answer
  const found = familyOf(words, names?.families)
  const family = found ?? 'default'
  const first = names?.families.find(({ name }) => name === family)
  const place = {
    family,
    keyFormat: words['key'] || first?.key || 'auto',
    valueFormat: words['value'] || first?.value || 'auto',
  }
  const { prefix = '', seek = '', reverse = '' } = words
  const asked = { ...place, prefix, seek, reverse: reverse === '1' }
  const { froms, turn } = usePages(JSON.stringify(asked))
  const { answer, error, again } = useAsked<RowsView>(names && 'rows', {
    ...asked,
    from: froms.at(-1),
  })
  const [open, setOpen] = useState<string>()
  const [edits, setEdits] = useState<Edit[]>([])
  const [isNew, setNew] = useState(false)
  useEffect(() => setOpen(undefined), [family])
  const add = (edit: Edit) => {
    setEdits([
      ...edits.filter(({ family: of, key }) => of !== edit.family || key !== edit.key),
      edit,
    ])
    setOpen(undefined)
  }
  return (
    <>
      <Bar
        words={words}
        place={place}
        names={names}
        onNew={about.write ? () => setNew(true) : undefined}
      />
      <Problem error={error} />
      {about.write && <Batch edits={edits} onChange={setEdits} onWritten={again} />}
      <div class={open === undefined ? 'split' : 'split two'}>
        <div>
          {answer?.rows.length === 0 && <p class="calm">There are no such rows.</p>}
          {answer !== undefined && answer.rows.length > 0 && (
            <div class="scroll">
              <Rows rows={answer.rows} open={open} onOpen={setOpen} />
            </div>
          )}
          {answer !== undefined && <Pager answer={answer} froms={froms} turn={turn} />}
        </div>
        {open !== undefined && (
          <RowDetail
            key={open}
            place={{ ...place, key: open }}
            write={about.write}
            onEdit={add}
            onClose={() => setOpen(undefined)}
          />
        )}
      </div>
      {isNew && <NewRow place={place} onEdit={add} onClose={() => setNew(false)} />}
    </>
  )
}
