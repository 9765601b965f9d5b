/** The program in docs/replication.md prints what it says, and its table of errors is whole. Needs nats-server. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { blocksOf, brokenLinks, Home, root } from '../support/documents'
import { compileInto, programsOf } from '../support/guide'
import { startCluster } from '../support/nats/cluster'
import { withServers } from '../support/nats/program'

const page = readFileSync(join(root, 'docs/replication.md'), 'utf8')

it('has links that lead somewhere', () => {
  expect(brokenLinks(page, 'docs')).toEqual([])
})

it('names every code of replicas', () => {
  const source = readFileSync(join(root, 'lib/base/errors.ts'), 'utf8')
  const codes = source.match(/ERR_(REPLICA_\w+|STALE|NOT_WRITER)(?=')/g) ?? []
  expect(codes.length).toBeGreaterThan(4)
  expect(codes.filter((code) => !page.includes(`| \`${code}\``))).toEqual([])
})

withServers(
  'has a program that prints what it says',
  async () => {
    const cluster = await startCluster(1)
    const home = new Home()
    try {
      const programs = programsOf(page)
      expect(programs.map(({ name }) => name)).toEqual(['try'])
      compileInto(home, programs)
      const servers = cluster.urls.join(',')
      const said = home.shell(`NATS_SERVERS=${servers} ${process.execPath} try.mjs`)
      expect(said).toBe(blocksOf(page).find(({ language }) => language === 'text')?.text)
    } finally {
      home.remove()
      await cluster.stop()
    }
  },
  180_000,
)
