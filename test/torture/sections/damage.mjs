/** Damaged files: bits turned, files cut, swapped, emptied, removed. Then they are opened, read and repaired. */
import {
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { extname, join } from 'node:path'
import { Child } from '../child.mjs'

/** What is done to a file. `other` is another one of its kind, or itself. */
const DAMAGES = {
  'turn bits of'(file, _, random) {
    const bytes = readFileSync(file)
    if (bytes.length === 0) return
    for (let n = 1 + random(8); n > 0; n--) bytes[random(bytes.length)] ^= 1 << random(8)
    writeFileSync(file, bytes)
  },
  cut(file, _, random) {
    truncateSync(file, random(readFileSync(file).length + 1))
  },
  swap(file, other) {
    const [one, two] = [readFileSync(file), readFileSync(other)]
    writeFileSync(file, two)
    writeFileSync(other, one)
  },
  'zero a part of'(file, _, random) {
    const bytes = readFileSync(file)
    const from = random(bytes.length + 1)
    writeFileSync(file, bytes.fill(0, from, Math.min(bytes.length, from + 1 + random(4096))))
  },
  'fill a part with noise of'(file, _, random) {
    const bytes = readFileSync(file)
    const from = random(bytes.length + 1)
    for (let at = from; at < Math.min(bytes.length, from + 512); at++) bytes[at] = random(256)
    writeFileSync(file, bytes)
  },
  lengthen(file, _, random) {
    const noise = Buffer.from(Array.from({ length: 1 + random(3000) }, () => random(256)))
    writeFileSync(file, Buffer.concat([readFileSync(file), noise]))
  },
  remove(file) {
    rmSync(file)
  },
}

/** Files whose loss or change nobody needs to notice: they hold no rows. */
const SPARE = /^(LOG|LOCK|IDENTITY|OPTIONS|rocksdb-live)/

export async function torture(run) {
  const child = new Child('damaged', [run.scratch])
  mkdirSync(join(run.scratch, 'base'))
  const whole = {}
  for (const kind of ['closed', 'crashed']) {
    await child.ask({ task: 'makeBase', kind })
    place(run, kind)
    whole[kind] = (await child.ask({ task: 'read' })).rows
  }
  let done = 0
  while (run.goesOn(done)) {
    await damageOne(run, child, whole, done)
    done++
  }
  child.stop()
}

function place(run, kind) {
  rmSync(join(run.scratch, 'case'), { recursive: true, force: true })
  cpSync(join(run.scratch, 'base', kind), join(run.scratch, 'case', 'db'), { recursive: true })
}

async function damageOne(run, child, whole, number) {
  const { random } = run
  const kind = ['closed', 'crashed'][random(2)]
  place(run, kind)
  const folder = join(run.scratch, 'case', 'db')
  const names = readdirSync(folder).filter((name) => !/^(LOG|LOCK)/.test(name))
  const name = names[random(names.length)]
  const alike = names.filter((other) => extname(other) === extname(name))
  const damage = Object.keys(DAMAGES)[random(Object.keys(DAMAGES).length)]
  DAMAGES[damage](join(folder, name), join(folder, alike[random(alike.length)]), random)
  const where = `case ${number}: ${damage} ${name} of one that was ${kind}`
  const answer = await child.ask({ task: 'read' })
  run.count('damaged')
  judge(run, where, answer, child)
  if (answer.refused !== undefined) run.count('refused')
  else if (isLoss(answer, whole[kind]) && !isLikeACrash(kind, name)) {
    if (!SPARE.test(name))
      run.fail(where, `${answer.rows} rows of ${whole[kind]}, and nobody says so`)
  }
  if (number % 3 !== 0) return
  place(run, kind)
  DAMAGES[damage](join(folder, name), join(folder, alike[random(alike.length)]), random)
  run.count('repairs')
  judge(run, `${where}, repaired`, await child.ask({ task: 'repair' }), child)
}

function judge(run, where, { wrong, ...rest }, child) {
  if (wrong?.length === 0) return
  child.stop()
  run.fail(where, wrong?.join('; ') ?? JSON.stringify(rest))
}

const isLoss = ({ rows, failures, droppedBytes }, whole) =>
  rows < whole && failures.length === 0 && droppedBytes === 0

/** The end of the newest WAL of a killed process is what a crash leaves: docs/durability.md. */
const isLikeACrash = (kind, name) => kind === 'crashed' && name.endsWith('.log')
