// Saves, removes and follows with the programs of docs/indexes.md, and compares the indexes with the users.
import { readFileSync, writeSync } from 'node:fs'

const [mode, run = '0', seed = '1'] = process.argv.slice(2)
// What process.stdout has not passed on yet would die with this process.
const say = (...words) => writeSync(1, `${words.join(' ')}\n`)
if (mode === 'work') say('opening')
const { byCity, byEmail, byJoined, db, marks, users, words, wordsOf } = await import('./open.mjs')
const { remove, save, Taken } = await import('./users.mjs')
const { follow } = await import('./words.mjs')

let state = Number(seed)
function random(below) {
  state = (Math.imul(state, 1103515245) + 12345) >>> 0
  return Math.floor((state / 2 ** 32) * below)
}

const CITIES = ['', 'Oslo', 'Oslo/', 'Os', 'São Paulo', 'a\0b', '\u{1f600}', 'Z'.repeat(300)]
const NAMES = ['ada', 'Ada Lovelace', 'ben  ada', 'Émilie \u{1f600}', 'cid']

/** Any user of those with this name, many of whom want the same addresses. */
async function edit(name, version) {
  const id = `${name}-${random(15)}`
  if (random(4) === 0) {
    say('will', id, '-')
    await remove(id)
    return say('done', id, '-')
  }
  const user = {
    name: `${NAMES[random(NAMES.length)]} v${version}`,
    email: `${random(70)}@example`,
    city: CITIES[random(CITIES.length)],
    joined: random(5) * 86_400_000 - 86_400_000,
  }
  say('will', id, version)
  try {
    await save(id, user)
    say('done', id, version)
  } catch (error) {
    if (!(error instanceof Taken)) throw error
    say('taken', id)
  }
}

async function write(name) {
  for (let n = 1; ; n++) {
    await edit(name, `${run}.${n}`)
    // Else the process would be killed before the index has begun to follow.
    if (n % 2 === 0) await new Promise((resolve) => setTimeout(resolve, 2))
  }
}

const shown = (key) => JSON.stringify(key)

async function compare(problems, name, index, expected) {
  for await (const [key, value] of index.entries()) {
    const text = shown(index === byEmail || index === wordsOf ? [key, value] : key)
    if (!expected.delete(text)) problems.push(`${name} has ${text}, of no user`)
  }
  for (const text of expected) problems.push(`${name} lacks ${text}`)
}

/** What is wrong with the indexes. */
async function look(said) {
  const problems = []
  const token = await marks.get('words')
  const feed = token && db.changes({ after: token, heartbeatMs: 1 })
  const first = await feed?.next().catch(({ code }) => code)
  await feed?.return()
  await follow(() => true)
  const expected = { byEmail: new Set(), byCity: new Set(), byJoined: new Set() }
  Object.assign(expected, { words: new Set(), wordsOf: new Set() })
  const versions = new Map()
  for await (const [id, user] of users.entries()) {
    const email = shown([user.email, id])
    if ([...expected.byEmail].some((row) => JSON.parse(row)[0] === user.email)) {
      problems.push(`${user.email} is of two users`)
    }
    expected.byEmail.add(email)
    expected.byCity.add(shown([user.city, id]))
    expected.byJoined.add(shown([new Date(user.joined), id]))
    const of = [...new Set(user.name.toLowerCase().split(/\s+/))]
    for (const word of of) expected.words.add(shown([word, id]))
    expected.wordsOf.add(shown([id, of]))
    versions.set(id, user.name.split(' v')[1])
  }
  for (const [name, index] of Object.entries({ byEmail, byCity, byJoined, words, wordsOf })) {
    await compare(problems, name, index, expected[name])
  }
  compareVersions(problems, said, versions)
  return { problems, users: versions.size, words: await words.count(), feed: first?.done ?? first }
}

/** Each user is as it was said to be, or as it was about to be when its writer was killed. */
function compareVersions(problems, said, versions) {
  const possible = new Map()
  for (const line of said) {
    const [word, id, version] = line.split(' ')
    if (word === 'will') possible.set(id, [...(possible.get(id) ?? ['-']), version])
    if (word === 'done') possible.set(id, [version])
    if (word === 'taken') possible.get(id).pop()
  }
  for (const [id, all] of possible) {
    const there = versions.get(id) ?? '-'
    if (!all.includes(there)) problems.push(`${id} is ${there}, and was said to be ${all}`)
  }
}

if (mode === 'work') await Promise.all([...['a', 'b', 'c', 'd'].map(write), follow(() => false)])
if (mode === 'unseen') {
  for (let n = 0; n < 20; n++) await edit('e', `unseen.${seed}.${n}`)
  await db.flush()
} else {
  say(JSON.stringify(await look(JSON.parse(readFileSync('said.json', 'utf8')))))
}
await db.close()
