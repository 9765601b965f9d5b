/** The progress of a command: a bar on a terminal, few plain lines elsewhere. */
import { withActivity } from '../../lib/cli/activity'
import { Progress } from '../../lib/cli/progress'
import { reflowed } from '../../lib/cli/reflow'
import { bytesText } from '../../lib/cli/render'

const HALF = { files: 4, filesDone: 2, bytes: 2_000_000, bytesDone: 1_000_000 }

function output(isTTY: boolean, columns?: number) {
  const said: string[] = []
  const write = (text: string) => said.push(text)
  return { said, write, isTTY, ...(columns === undefined ? {} : { columns }) }
}

it('is a bar on a terminal, no wider than it, and is taken away', () => {
  for (const [columns, width] of [
    [undefined, 80],
    [0, 80], // some terminals do not know
    [40, 40],
  ]) {
    const terminal = output(true, columns)
    const progress = new Progress(terminal, false)
    progress.update(HALF)
    progress.end()
    progress.end()
    expect(terminal.said).toHaveLength(2)
    const [bar = '', cleared] = terminal.said
    expect(bar.startsWith('\r\x1b[K[############            ] 50 %: ')).toBe(true)
    expect(bar.length - '\r\x1b[K'.length).toBeLessThanOrEqual(width as number)
    expect(cleared).toBe('\r\x1b[K')
  }
})

it('is nothing at first where there is no terminal, and with --quiet', () => {
  for (const [isTTY, quiet] of [
    [false, false],
    [true, true],
    [false, true],
  ] as const) {
    const elsewhere = output(isTTY)
    const progress = new Progress(elsewhere, quiet)
    progress.update(HALF)
    progress.end()
    expect(elsewhere.said).toEqual([])
  }
})

it('has a text alone where the whole is not known', () => {
  const terminal = output(true)
  const progress = new Progress(terminal, false)
  progress.show(undefined, (seconds) => `${seconds > 0} rows`)
  progress.show(0.5, () => 'half')
  expect(terminal.said).toEqual([
    '\r\x1b[Ktrue rows',
    '\r\x1b[K[############            ] 50 %: half',
  ])
})

it('is whole for a copy of nothing', () => {
  const terminal = output(true)
  new Progress(terminal, false).update({ files: 0, filesDone: 0, bytes: 0, bytesDone: 0 })
  expect(terminal.said.join('')).toContain('100 %: 0 bytes of 0 bytes, 0 of 0 files')
})

it.each([
  [0, '0 bytes'],
  [999, '999 bytes'],
  [1000, '1.0 kB'],
  [999_949, '999.9 kB'],
  [999_950, '1.0 MB'],
  [1.5e12, '1.5 TB'],
  [2e18, '2000.0 PB'],
])('%d is %s', (bytes, text) => {
  expect(bytesText(bytes)).toBe(text)
})

function deferred<T>() {
  let [resolve, reject]: [(value: T) => void, (error: Error) => void] = [() => {}, () => {}]
  const promise = new Promise<T>((yes, no) => {
    ;[resolve, reject] = [yes, no]
  })
  return { promise, resolve, reject }
}

describe('an activity', () => {
  const terminal = (isTTY: boolean) => {
    const texts: string[] = []
    return {
      texts,
      isTTY,
      columns: 40,
      write: (text: string | Uint8Array) => texts.push(String(text)),
    }
  }

  beforeEach(() => void jest.useFakeTimers())
  afterEach(() => void jest.useRealTimers())

  it('is shown from the first second on, and taken away', async () => {
    const output = terminal(true)
    const { promise, resolve } = deferred<number>()
    const done = withActivity(
      output,
      false,
      () => 'counting users',
      () => promise,
    )
    jest.advanceTimersByTime(900)
    expect(output.texts).toEqual([])
    jest.advanceTimersByTime(1500)
    expect(output.texts.at(-1)).toBe('\r\x1b[Kcounting users, 2 s')
    resolve(5)
    expect(await done).toBe(5)
    expect(output.texts.at(-1)).toBe('\r\x1b[K')
  })

  it.each([
    [true, true],
    [false, false],
  ])('is not shown: terminal %s, quiet %s', async (isTTY, quiet) => {
    const output = terminal(isTTY)
    const { promise, reject } = deferred<number>()
    const done = withActivity(
      output,
      quiet,
      () => 'counting',
      () => promise,
    )
    jest.advanceTimersByTime(5000)
    reject(new Error('ended'))
    await expect(done).rejects.toThrow('ended')
    expect(output.texts).toEqual([])
  })
})

describe('the help in a narrow terminal', () => {
  it('breaks between words, below where it began', () => {
    const text = `Usage: a

One line of words that is longer
than the terminal is.

  --flag <n>        What it does, in more
                    than one line.
  --other           Short.
`
    expect(reflowed(text, 32)).toBe(`Usage: a

One line of words that is longer
than the terminal is.

  --flag <n>        What it
                    does, in
                    more than
                    one line.
  --other           Short.
`)
    expect(reflowed(text, 80)).toBe(text)
  })
})
