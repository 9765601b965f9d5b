// Works with the queue of docs/queues.md, and looks at what is in it.
import { readFileSync, writeSync } from 'node:fs'

const [mode, run = '', seed = '1'] = process.argv.slice(2)
// What process.stdout has not passed on yet would die with this process.
const say = (...words) => writeSync(1, `${words.join(' ')}\n`)
if (mode === 'work') say('opening')
const { db, dead, due, jobs, sums } = await import('./open.mjs')
const { claim, enqueue, MOST_ATTEMPTS } = await import('./queue.mjs')
const { run: runJob } = await import('./work.mjs')

let state = Number(seed)
function random(below) {
  state = (Math.imul(state, 1103515245) + 12345) >>> 0
  return Math.floor((state / 2 ** 32) * below)
}

/** Jobs that wait at most, so that the queue is worked at its head. */
const MOST_WAITING = 60

async function produce(name) {
  for (let n = 0; ; n++) {
    while ((await jobs.count()) > MOST_WAITING)
      await new Promise((resolve) => setTimeout(resolve, 2))
    // What is of one transaction has one name before the `+`.
    const kind = ['ok', 'ok', 'ok', 'flaky', 'never', 'lost'][random(6)]
    const names = Array.from(
      { length: 1 + random(3) },
      (_, at) => `${run}.${name}.${n}+${at} ${kind}`,
    )
    const failed = random(10) === 0
    const put = db.transaction((tx) => {
      for (const what of names) enqueue(tx, what, Date.now() + random(3) * 5)
      if (failed) throw new Error('not enqueued')
    })
    await put.then(
      () => say('enqueued', names.map((what) => what.replace(' ', '/')).join(' ')),
      () => say('refused', names[0].replace(' ', '/')),
    )
  }
}

/** What is done of a job: counted, so that twice is told from once. */
async function handle(tx, job) {
  const kind = job.what.split(' ')[1]
  if (kind === 'never' || (kind === 'flaky' && job.attempt < 3)) throw new Error('not now')
  tx.increment(sums, job.what)
}

async function work(leases) {
  for (;;) {
    const job = await claim(leases[random(leases.length)])
    if (job === undefined) {
      if (mode === 'finish' && (await jobs.count()) === 0) return
      await new Promise((resolve) => setTimeout(resolve, 2))
    } else if (mode === 'finish' || !job.what.endsWith('lost') || random(3) === 0) {
      await runJob(job, handle, random(2) * 3)
      if (mode === 'work') say('worked', job.what.replace(' ', '/'))
    }
  }
}

/** A job whose transaction commits when a later one was claimed already. */
async function commitLate() {
  const late = db.begin()
  enqueue(late, 'late+0 ok', Date.now() - 10)
  await db.transaction((tx) => enqueue(tx, 'early+0 ok'))
  await runJob(await claim(), handle)
  await late.commit()
}

/** What is wrong with the queue. */
async function look(said) {
  const problems = []
  const places = new Map()
  const place = (what, where) => {
    if (places.has(what)) problems.push(`${what} is ${places.get(what)}, and ${where}`)
    places.set(what, where)
  }
  const waiting = new Map()
  for await (const [number, job] of jobs.entries()) {
    place(job.what, 'waiting')
    waiting.set(number, job)
    if (job.attempts > MOST_ATTEMPTS) problems.push(`${job.what} was claimed too often`)
  }
  for await (const [at, number] of due.keys()) {
    const job = waiting.get(number)
    if (job?.at !== at.getTime()) problems.push(`the row ${at.getTime()}, ${number} is of no job`)
    waiting.delete(number)
  }
  for (const { what } of waiting.values()) problems.push(`${what} is never due`)
  for await (const { what, attempts } of dead.values()) {
    place(what, 'dead')
    if (attempts !== MOST_ATTEMPTS) problems.push(`${what} is dead after ${attempts} attempts`)
  }
  for await (const [what, times] of sums.entries()) {
    place(what, 'done')
    if (times !== 1n) problems.push(`${what} was done ${times} times`)
    if (what.endsWith('never')) problems.push(`${what} was done`)
  }
  for (const line of said) {
    const [word, ...names] = line.split(' ')
    for (const name of names) {
      const where = places.get(name.replace('/', ' '))
      if (word === 'enqueued' && where === undefined) problems.push(`${name} is lost`)
      if (word === 'refused' && where !== undefined) problems.push(`${name} was not enqueued`)
    }
  }
  // All of a transaction, or nothing.
  const parts = new Map()
  for (const what of places.keys()) {
    const [name, part] = what.split(/[+ ]/)
    parts.set(name, [...(parts.get(name) ?? []), Number(part)])
  }
  for (const [name, of] of parts) {
    if (Math.max(...of) !== of.length - 1) problems.push(`${name} is there in part: ${of}`)
  }
  const count = (which) => [...places.values()].filter((where) => where === which).length
  return { problems, waiting: count('waiting'), done: count('done'), dead: count('dead') }
}

const workers = (...leases) => [1, 2, 3].map(() => work(leases))
if (mode === 'work') await Promise.all([produce('a'), produce('b'), ...workers(0, 5, 50, 200)])
if (mode === 'finish') {
  await Promise.all(workers(10_000))
  await commitLate()
  // Found within a second; or not at all.
  await Promise.race([
    work([10_000]),
    new Promise((resolve) => setTimeout(resolve, 20_000).unref()),
  ])
}
const found = await look(JSON.parse(readFileSync('said.json', 'utf8')))
if (mode === 'finish' && found.waiting > 0) found.problems.push('not all jobs were worked')
say(JSON.stringify(found))
await db.close()
