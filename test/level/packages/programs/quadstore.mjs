import { join } from 'node:path'
import { Quadstore } from 'quadstore'
import { DataFactory } from 'rdf-data-factory'

const factory = new DataFactory()
const { namedNode, literal } = {
  namedNode: (x) => factory.namedNode(x),
  literal: (...x) => factory.literal(...x),
}
const text = ({ subject, predicate, object }) =>
  [subject, predicate, object].map(({ value }) => value).join(' ')

export default async function run(Level, folder) {
  const saw = []
  const open = async () => {
    const store = new Quadstore({ backend: new Level(join(folder, 'quads')), dataFactory: factory })
    await store.open()
    return store
  }
  const quad = (s, p, o) => factory.quad(namedNode(`ex:${s}`), namedNode(`ex:${p}`), o)
  let store = await open()
  await store.put(quad('ada', 'knows', namedNode('ex:bob')))
  const ages = Array.from({ length: 50 }, (_, i) =>
    quad(`p${i}`, 'age', literal(String(i), namedNode('http://www.w3.org/2001/XMLSchema#integer'))),
  )
  await store.multiPut(ages)
  await store.patch(quad('p0', 'age', ages[0].object), quad('ada', 'name', literal('Ada', 'en')))
  await store.close()
  store = await open()
  saw.push((await store.get({ subject: namedNode('ex:ada') })).items.map(text))
  const { items } = await store.get({
    predicate: namedNode('ex:age'),
    object: {
      termType: 'Range',
      gte: literal('40', namedNode('http://www.w3.org/2001/XMLSchema#integer')),
    },
  })
  saw.push(items.map(text).sort())
  const { iterator } = await store.getStream({ predicate: namedNode('ex:knows') })
  saw.push(await iterator.toArray().then((all) => all.map(text)))
  await store.multiDel(ages.slice(1, 40))
  saw.push(
    (await store.get({})).items.length,
    typeof (await store.getApproximateSize({})).approximateSize,
  )
  await store.clear()
  saw.push((await store.get({})).items.length)
  await store.close()
  return saw
}
