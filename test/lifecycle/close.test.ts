/** Closing: with work in flight, with cursors, twice, while opening, and calls afterwards. */
import { runWell, type Said, useDirectory } from './children'

const path = useDirectory()

/** The first arguments of each word. */
function outcomes(said: readonly Said[]): Record<string, unknown> {
  return Object.fromEntries(said.map(([word, outcome]) => [word, outcome]))
}

describe('close', () => {
  it('lets everything that was asked for before it end, in the same tick', async () => {
    const said = await runWell('closing', [path(), 'before'])
    const failed = said.filter(
      ([, outcome, closed]) => outcome !== 'ok' || (closed ?? 'ok') !== 'ok',
    )
    // Closing ends long scans early, with an error; they return only rows that were already read.
    const early = ['ERR_ABORTED', 'ERR_CLOSED']
    const mayEnd = ['count', 'clear of 5', 'compactRange', 'entries', 'keys', 'values', 'pages']
    mayEnd.push('writable')
    for (const [word, outcome, closed] of failed) {
      expect({ word, closed }).toEqual({
        word: expect.stringMatching(mayEnd.join('|')),
        closed: 'ok',
      })
      expect(early).toContain(outcome)
    }
    expect(said.length).toBeGreaterThan(50)
  })

  it('refuses everything that comes after it, in the same tick', async () => {
    const { closed, ...rest } = outcomes(await runWell('closing', [path(), 'after']))
    expect(closed).toBe(true)
    const wrong = Object.entries(rest).filter(([, outcome]) => outcome !== 'ERR_CLOSED')
    expect(wrong).toEqual([])
    expect(Object.keys(rest).length).toBeGreaterThan(50)
  })

  it('ends ten thousand open cursors in under 2 s', async () => {
    const said = await runWell('closing', [path(), 'cursors'])
    const [, cursors, milliseconds] = said[0] as Said
    expect(cursors).toBe(10_000)
    expect(milliseconds).toBeLessThan(2000)
    expect(outcomes(said)).toMatchObject({ next: 'ERR_CLOSED', reopened: 'ok' })
  })

  it('may be called twice, in both forms, and is done once', async () => {
    expect(await runWell('closing', [path(), 'twice'])).toEqual([
      ['at once', 'ok', true],
      ['later', 'ok'],
      ['on this thread', 'ok'],
      ['both', 'ok'],
    ])
  })

  it('may be called while others open the directory, in one tick', async () => {
    expect(await runWell('closing', [path(), 'opening'])).toEqual([
      ['shared', 'v'],
      ['reopened', 'v'],
    ])
  })
})
