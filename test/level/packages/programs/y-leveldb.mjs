import { createRequire } from 'node:module'
import { join } from 'node:path'

// One yjs, the one that the package has.
const require = createRequire(import.meta.url)
const { LeveldbPersistence } = require('y-leveldb')
const Y = require('yjs')

export default async function run(Level, folder) {
  const saw = []
  const open = () => new LeveldbPersistence(join(folder, 'y'), { Level })
  let store = open()
  const doc = new Y.Doc()
  const updates = []
  doc.on('update', (update) => updates.push(update))
  for (let i = 0; i < 600; i++) doc.getArray('list').push([i])
  doc.getText('text').insert(0, 'Hello')
  for (const update of updates) await store.storeUpdate('first', update)
  const other = new Y.Doc()
  other.getMap('map').set('key', 'value')
  await store.storeUpdate('second', Y.encodeStateAsUpdate(other))
  await store.setMeta('first', 'title', 'A document')
  saw.push(await store.getAllDocNames())
  await store.destroy()
  store = open()
  const stored = await store.getYDoc('first')
  saw.push(stored.getArray('list').length, stored.getText('text').toString())
  saw.push(await store.getMeta('first', 'title'), [...(await store.getMetas('first'))])
  await store.flushDocument('first')
  saw.push((await store.getYDoc('first')).getArray('list').toArray().slice(-3))
  const vector = await store.getStateVector('first')
  saw.push((await store.getDiff('first', vector)).length)
  await store.clearDocument('second')
  saw.push(await store.getAllDocNames())
  await store.clearAll()
  saw.push(await store.getAllDocNames())
  await store.destroy()
  return saw
}
