/** What is looked at stands in the address, behind `#`: it can be copied, and has no data but names. */
import { useEffect, useState } from 'preact/hooks'

export const VIEWS = ['health', 'space', 'rows', 'tuning', 'live'] as const
export type View = (typeof VIEWS)[number]

export interface Route {
  view: View
  words: Readonly<Record<string, string>>
}

function read(): Route {
  const [path = '', query = ''] = location.hash.replace(/^#\/?/, '').split('?')
  const view = VIEWS.find((name) => name === path) ?? 'health'
  return { view, words: Object.fromEntries(new URLSearchParams(query)) }
}

/** The address of a view. */
export function hrefOf(view: View, words: Readonly<Record<string, string>> = {}): string {
  const query = new URLSearchParams(
    Object.entries(words).filter(([, word]) => word !== ''),
  ).toString()
  return `#/${view}${query === '' ? '' : `?${query}`}`
}

/** Goes to a view, or changes what it shows. */
export function go(view: View, words: Readonly<Record<string, string>> = {}): void {
  location.hash = hrefOf(view, words)
}

/** The view of the address, as it changes. */
export function useRoute(): Route {
  const [route, setRoute] = useState(read)
  useEffect(() => {
    const changed = () => setRoute(read())
    addEventListener('hashchange', changed)
    return () => removeEventListener('hashchange', changed)
  }, [])
  return route
}

let last: string | undefined

/** The family that is looked at: of the address, or as last, or the first that has a name of its own. */
export function familyOf(
  { family }: Readonly<Record<string, string>>,
  known: readonly { name: string }[] | undefined,
): string | undefined {
  if (family !== undefined) last = family
  const isKnown = known?.some(({ name }) => name === last)
  if (family === undefined && known !== undefined && !isKnown) {
    last = known.find(({ name }) => name !== 'default')?.name ?? 'default'
  }
  return family ?? (known === undefined ? undefined : last)
}
