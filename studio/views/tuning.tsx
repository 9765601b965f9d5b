/** What is in force, who said it, and what can change now? */
import { useState } from 'preact/hooks'
import type { About, Applied, FamilyName, OptionView, TuningView } from '../../lib/studio/protocol'
import { ask, type RequestError } from '../base/api'
import { useAsked } from '../base/asked'
import { go } from '../base/route'
import { layerWord } from '../base/words'
import { Field, Problem } from '../parts/bits'

function Editor({
  option,
  family,
  onDone,
}: {
  option: OptionView
  family: string
  onDone(text: string): void
}) {
  const [value, setValue] = useState(option.value)
  const [error, setError] = useState<RequestError>()
  const [busy, setBusy] = useState(false)
  const apply = async (event: Event) => {
    event.preventDefault()
    setBusy(true)
    setError(undefined)
    try {
      const { changed } = await ask<Applied>('apply', { family, options: { [option.name]: value } })
      const texts = changed.map((each) => `${each.option} is ${each.to}, and was ${each.from}`)
      onDone(texts.join('; ') || `${option.name} was ${option.value} already`)
    } catch (failure) {
      setError(failure as RequestError)
    }
    setBusy(false)
  }
  const label = `New value of ${option.name}`
  return (
    <form class="apply" onSubmit={apply}>
      {option.choices === undefined ? (
        <input
          aria-label={label}
          value={value}
          onInput={(event) => setValue(event.currentTarget.value)}
          spellcheck={false}
        />
      ) : (
        <select
          aria-label={label}
          value={value}
          onChange={(event) => setValue(event.currentTarget.value)}
        >
          {option.choices.map((choice) => (
            <option key={choice} value={choice}>
              {choice}
            </option>
          ))}
        </select>
      )}
      <button type="submit" disabled={busy || value === option.value}>
        Apply
      </button>
      <Problem error={error} />
    </form>
  )
}

function OptionRow(props: {
  option: OptionView
  family: string
  write: boolean
  onDone(text: string): void
}) {
  const { option, write } = props
  const { name, value, unit, layer, source, rocksdb, note, what, help, live } = option
  const [open, setOpen] = useState(false)
  return (
    <>
      <tr class={layer === 'preset' ? '' : 'set'} data-option={name}>
        <th scope="row">
          <button type="button" class="plain" aria-expanded={open} onClick={() => setOpen(!open)}>
            {name}
          </button>
          <div class="dim small">{what}</div>
        </th>
        <td>
          <code class="value">{value}</code> <span class="dim small">{unit}</span>
          {option.family !== undefined && <div class="small dim">of {option.family}</div>}
        </td>
        <td>
          <span class={`badge ${layer}`}>{layerWord(layer)}</span>
          <div class="dim small">{source}</div>
        </td>
        <td>
          <code>{rocksdb.holds ?? '–'}</code>
          <div class="dim small">{rocksdb.option}</div>
        </td>
        <td>
          {live ? (
            <span class="badge good">while open</span>
          ) : (
            <span class="dim small">at the next open</span>
          )}
        </td>
      </tr>
      {(open || note !== undefined) && (
        <tr class="more">
          <td colSpan={5}>
            {note !== undefined && <p class="warn">{note}</p>}
            {open && <p>{help}</p>}
            {open && live && write && <Editor key={value} {...props} />}
          </td>
        </tr>
      )}
    </>
  )
}

const matches = (option: OptionView, filter: string) =>
  `${option.name} ${option.what} ${option.rocksdb.option} ${option.layer}`
    .toLowerCase()
    .includes(filter.toLowerCase())

export function Tuning({
  about,
  words,
}: {
  about: About
  words: Readonly<Record<string, string>>
}) {
  const { filter = '', family = '', only = '' } = words
  const [done, setDone] = useState('')
  const { answer, error, again } = useAsked<TuningView>('tuning', { family })
  const names = useAsked<{ families: FamilyName[] }>('families', {}).answer?.families ?? []
  const set = (changed: Record<string, string>) => go('tuning', { ...words, ...changed })
  const shown = (answer?.options ?? []).filter(
    (option) =>
      matches(option, filter) &&
      (only === '' || (only === 'live' ? option.live : option.layer !== 'preset')),
  )
  const themes = [...new Set(shown.map(({ theme }) => theme))]
  const applied = (text: string) => {
    setDone(text)
    again()
  }
  return (
    <>
      <div class="bar">
        <Field
          label="Filter"
          id="filter"
          value={filter}
          placeholder="name, layer, RocksDB's name"
          onText={(text) => set({ filter: text })}
        />
        <label>
          <span>Of</span>
          <select value={family} onChange={(event) => set({ family: event.currentTarget.value })}>
            <option value="">the database</option>
            {names.map(({ name }) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <label>
          <span>Show</span>
          <select value={only} onChange={(event) => set({ only: event.currentTarget.value })}>
            <option value="">all options</option>
            <option value="set">what somebody set</option>
            <option value="live">what can change while open</option>
          </select>
        </label>
      </div>
      <Problem error={error} />
      {answer !== undefined && (
        <p class="dim">
          Preset <b>{answer.preset}</b> ({answer.presetSource}).{' '}
          {!about.write && `Nothing can be changed here: ${about.whyNot}.`}
        </p>
      )}
      <p class="calm" role="status">
        {done}
      </p>
      <div class="scroll">
        <table class="tuning">
          <thead>
            <tr>
              <th scope="col">Option</th>
              <th scope="col">Value</th>
              <th scope="col">Said by</th>
              <th scope="col">RocksDB holds</th>
              <th scope="col">Changes</th>
            </tr>
          </thead>
          {themes.map((theme) => (
            <tbody key={theme}>
              <tr class="theme">
                <th colSpan={5} scope="rowgroup">
                  {theme}
                </th>
              </tr>
              {shown
                .filter((option) => option.theme === theme)
                .map((option) => (
                  <OptionRow
                    key={option.name}
                    option={option}
                    family={family}
                    write={about.write}
                    onDone={applied}
                  />
                ))}
            </tbody>
          ))}
        </table>
      </div>
      {answer?.forced.map(({ option, text, reason }) => (
        <p key={option} class="dim small">
          <code>
            {option} = {text}
          </code>
          : {reason}
        </p>
      ))}
    </>
  )
}
