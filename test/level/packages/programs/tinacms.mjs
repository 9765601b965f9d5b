import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { FilesystemBridge, resolve } from '@tinacms/datalayer'
import { buildSchema, createDatabaseInternal } from '@tinacms/graphql'

const CONFIG = {
  schema: {
    collections: [
      {
        name: 'post',
        label: 'Posts',
        path: 'posts',
        format: 'md',
        fields: [
          { type: 'string', name: 'title', label: 'Title', isTitle: true, required: true },
          { type: 'number', name: 'rank', label: 'Rank' },
          { type: 'string', name: 'body', label: 'Body', isBody: true },
        ],
      },
    ],
  },
}
const LIST = `query { postConnection(sort: "rank", first: 3, filter: { rank: { gt: 4 } }) {
  totalCount edges { node { title rank } } } }`
const ONE = `query { post(relativePath: "p3.md") { title rank body } }`
const UPDATE = `mutation { updatePost(relativePath: "p3.md", params: { title: "Changed", rank: 99 }) { title rank } }`

export default async function run(Level, folder) {
  const saw = []
  const site = join(folder, 'site')
  mkdirSync(join(site, 'posts'), { recursive: true })
  mkdirSync(join(site, 'tina'), { recursive: true })
  for (let i = 0; i < 30; i++) {
    writeFileSync(
      join(site, 'posts', `p${i}.md`),
      `---\ntitle: Post ${i}\nrank: ${i}\n---\nText ${i}\n`,
    )
  }
  const open = async () => {
    const level = new Level(join(folder, 'tina'), { valueEncoding: 'json' })
    const database = createDatabaseInternal({
      bridge: new FilesystemBridge(site),
      level,
      tinaDirectory: 'tina',
    })
    return { level, database }
  }
  const built = await buildSchema(CONFIG)
  let { level, database } = await open()
  await database.indexContent(built)
  const ask = async (query) => (await resolve({ database, query, variables: {}, config: {} })).data
  saw.push(await ask(LIST), await ask(ONE))
  saw.push(await ask(UPDATE))
  await level.close()
  ;({ level, database } = await open())
  saw.push(await ask(ONE))
  await level.close()
  return saw
}
