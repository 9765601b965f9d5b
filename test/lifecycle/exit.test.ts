/** Processes that end in the middle of their work, in every possible way. */
import { type Ended, last, randomOf, run, seedOfRun, useDirectory } from './children'

const TIMES = 50
const path = useDirectory()

interface Kind {
  kind: 'exit' | 'throw' | 'sigterm' | 'natural'
  code: number | null
  signal: string | null
}

const KINDS: Kind[] = [
  { kind: 'exit', code: 7, signal: null },
  { kind: 'throw', code: 1, signal: null },
  { kind: 'sigterm', code: null, signal: 'SIGTERM' },
  { kind: 'natural', code: 0, signal: null },
]

/** Ends a process `times` times; each run checks what the earlier ones had acknowledged. */
async function endMany(kind: Kind, times: number, seed: number, tuning = {}): Promise<number> {
  const random = randomOf(seed)
  let acknowledged = 0
  for (let i = 0; i < times; i++) {
    const after = i % 10 === 9 ? -1 : random(20)
    const ended = await run('exits', [path(kind.kind), kind.kind, acknowledged, after, tuning])
    const context = { kind: kind.kind, seed, run: i, after }
    expect({ ...context, ...endOf(ended) }).toEqual({
      ...context,
      code: kind.code,
      signal: kind.signal,
      lost: [],
      thrown: kind.kind === 'throw',
    })
    if (after >= 0) expect(last(ended.said, 'checked')).toBe(acknowledged)
    acknowledged = Math.max(acknowledged, (last(ended.said, 'acknowledged') as number) ?? 0)
  }
  // One more run checks the last one.
  const ended = await run('exits', [path(kind.kind), 'natural', acknowledged, 0, tuning])
  expect(endOf(ended)).toEqual({ code: 0, signal: null, lost: [], thrown: false })
  return acknowledged
}

function endOf({ code, signal, said, stderr }: Ended) {
  const thrown = stderr.includes('Error: on purpose')
  if (!thrown && stderr !== '') throw new Error(stderr)
  return { code, signal, lost: said.filter(([word]) => word === 'lost'), thrown }
}

describe('a process that ends with work in flight', () => {
  it(`ends as it should ${TIMES} times of each kind, and loses nothing`, async () => {
    const counts = await Promise.all(KINDS.map((kind) => endMany(kind, TIMES, seedOfRun())))
    for (const count of counts) expect(count).toBeGreaterThan(TIMES)
  }, 120_000)
})

describe('a process without a WAL', () => {
  const kinds = KINDS.filter(({ kind }) => kind !== 'sigterm')
  it.each(kinds)('keeps everything, for it closes at its exit: $kind', async (kind) => {
    expect(await endMany(kind, 3, seedOfRun(), { walEnabled: false })).toBeGreaterThan(3)
  })
})
