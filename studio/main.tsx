// The page: a head, five views, and what is said while there is nothing to show.
import { render } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { About } from '../lib/studio/protocol'
import { setToken, takeToken } from './base/api'
import { useAsked } from './base/asked'
import { live, useLive } from './base/live'
import { go, hrefOf, type Route, useRoute, VIEWS, type View } from './base/route'
import { count } from './base/words'
import { Dialog, Problem } from './parts/bits'
import { Health } from './views/health'
import { Live } from './views/live'
import { RowsPage } from './views/rows'
import { Space } from './views/space'
import { Tuning } from './views/tuning'
import 'uplot/dist/uPlot.min.css'
import './studio.css'

const TITLES: Readonly<Record<View, string>> = {
  health: 'Health',
  space: 'Key space',
  rows: 'Rows',
  tuning: 'Tuning',
  live: 'Live',
}

const MODES: Readonly<Record<string, string>> = {
  'read-write': 'open to write',
  'read-only': 'read only',
  secondary: 'follows the writer',
}

function Head({ about, view }: { about: About; view: View }) {
  const name = about.path.split(/[\\/]/).at(-1) ?? about.path
  const edits = about.write ? 'edits are allowed' : about.whyNot
  return (
    <header class="head">
      <button type="button" class="skip" onClick={() => document.getElementById('main')?.focus()}>
        To the view
      </button>
      <div class="name">
        <img src="icon.svg" alt="" width="26" height="26" />
        <h1 title={about.path}>{name}</h1>
        <span class={`badge ${about.write ? 'warn' : ''}`} title={edits}>
          {MODES[about.mode]}
        </span>
        {about.holder !== undefined && <span class="dim small">beside {about.holder}</span>}
      </div>
      <nav aria-label="Views">
        {VIEWS.map((each, at) => (
          <a
            key={each}
            href={hrefOf(each)}
            aria-current={each === view ? 'page' : undefined}
            title={`${TITLES[each]} (${at + 1})`}
          >
            {TITLES[each]}
          </a>
        ))}
      </nav>
    </header>
  )
}

function Foot({ about }: { about: About }) {
  return (
    <footer class="dim small">
      <span>{about.path}</span>
      <span>
        {count(about.families)} {about.families === 1 ? 'family' : 'families'}
      </span>
      <span>
        rocksdb-live {about.versions.package}, RocksDB {about.versions.rocksdb}
      </span>
      <span>
        keys: <kbd>?</kbd>
      </span>
    </footer>
  )
}

/** What is said when the database or the server is gone. */
function Notice() {
  const { link, error } = useLive()
  if (link === 'closed')
    return (
      <p class="notice" role="alert">
        The database was closed. What is below is from before; this page goes on when it is served
        again.
      </p>
    )
  if (link === 'lost' && error?.code === 'ERR_UNREACHABLE')
    return (
      <p class="notice" role="alert">
        The studio does not answer: it was ended, or its process is busy. Trying again.
      </p>
    )
  return null
}

function Keys({ onClose }: { onClose(): void }) {
  const keys = [
    ['1 to 5', 'go to a view'],
    ['/', 'go to the filter of the view'],
    ['↑ ↓ j k', 'go from row to row; Enter opens one'],
    ['← ↑ → ↓', 'on the map: go from file to file'],
    ['Esc', 'close what is open'],
    ['?', 'show this'],
  ] as const
  return (
    <Dialog title="Keys" onClose={onClose}>
      <dl class="keys">
        {keys.map(([key, what]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  )
}

function useKeys(showKeys: () => void): void {
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      const { key, ctrlKey, metaKey, altKey } = event
      const typing = (event.target as HTMLElement).matches('input, textarea, select')
      if (typing || ctrlKey || metaKey || altKey || document.querySelector('dialog[open]')) return
      const view = VIEWS[Number(key) - 1]
      if (view !== undefined) go(view)
      else if (key === '?') showKeys()
      else if (key === 'Escape')
        document.querySelector<HTMLElement>('aside.row header button')?.click()
      else if (key === '/') {
        event.preventDefault()
        document.getElementById('filter')?.focus()
      }
    }
    addEventListener('keydown', pressed)
    return () => removeEventListener('keydown', pressed)
  }, [])
}

function Shown({ about, route: { view, words } }: { about: About; route: Route }) {
  if (about.failure !== undefined) {
    return (
      <>
        <p class="problem" role="alert">
          <b>{about.failure.code}</b> {about.failure.message}
        </p>
        <Health about={about} />
      </>
    )
  }
  if (view === 'space') return <Space words={words} />
  if (view === 'rows') return <RowsPage about={about} words={words} />
  if (view === 'tuning') return <Tuning about={about} words={words} />
  if (view === 'live') return <Live about={about} />
  return <Health about={about} />
}

/** The page was opened without its token, or with that of another run. */
function Locked() {
  const [token, set] = useState('')
  const submit = (event: Event) => {
    event.preventDefault()
    setToken(token.replace(/^.*#token=/, '').trim())
    location.reload()
  }
  return (
    <main class="locked">
      <h1>This studio wants its token</h1>
      <p>Open the address that was printed when it began, or paste it here.</p>
      <form onSubmit={submit}>
        <input
          aria-label="Address or token"
          type="password"
          value={token}
          onInput={(event) => set(event.currentTarget.value)}
        />
        <button type="submit" class="main">
          Open
        </button>
      </form>
    </main>
  )
}

function Page() {
  const route = useRoute()
  const { link } = useLive()
  const { answer: about, error } = useAsked<About>('about', { again: link === 'lost' })
  const [keys, setKeys] = useState(false)
  useKeys(() => setKeys(true))
  const isOpen = about !== undefined && about.failure === undefined
  useEffect(() => {
    if (isOpen) live.begin()
  }, [isOpen])
  useEffect(() => {
    const name = about?.path.split(/[\\/]/).at(-1)
    document.title = name === undefined ? 'Studio' : `${TITLES[route.view]}: ${name}`
  }, [about, route.view])
  if (about === undefined) {
    return error?.code === 'ERR_REFUSED' ? <Locked /> : <Problem error={error} />
  }
  return (
    <>
      <Head about={about} view={route.view} />
      <Notice />
      <main id="main" tabIndex={-1}>
        <Shown about={about} route={route} />
      </main>
      <Foot about={about} />
      {keys && <Keys onClose={() => setKeys(false)} />}
    </>
  )
}

takeToken()
render(<Page />, document.getElementById('page') as HTMLElement)
