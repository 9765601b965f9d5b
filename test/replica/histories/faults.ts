/** What happens to the nodes and servers of a history. */
import { setTimeout as sleep } from 'node:timers/promises'
import { Kvm } from '@nats-io/kv'
import type { TestCluster, TestServer } from '../../support/nats/cluster'
import type { Random } from '../../support/random'
import type { Member } from './member'

export interface Field {
  cluster: TestCluster
  members: Member[]
  random: Random
  leaseMs: number
  stream: string
}

type Fault = (field: Field) => Promise<void>

function pick<T>(random: Random, all: readonly T[]): T {
  return all[random.below(all.length)] as T
}

function writerOf({ members, random }: Field): Member {
  return members.find(({ role, runs }) => runs && role === 'writer') ?? pick(random, members)
}

function followerOf(field: Field): Member {
  const writer = writerOf(field)
  return pick(
    field.random,
    field.members.filter((each) => each !== writer),
  )
}

async function serverOf({ cluster, random, stream }: Field): Promise<TestServer> {
  if (random.below(2) === 0) return pick(random, cluster.servers)
  return cluster.leaderOf(stream).catch(() => pick(random, cluster.servers))
}

async function killed(member: Member, restMs: number): Promise<void> {
  await member.kill()
  await sleep(restMs)
  member.start()
}

async function suspended(member: Member, restMs: number): Promise<void> {
  member.suspend()
  await sleep(restMs)
  member.resume()
}

async function cut(member: Member, mode: 'cut' | 'silent', restMs: number): Promise<void> {
  member.cut = true
  member.options.way.set(mode)
  await sleep(restMs)
  member.options.way.set('open')
  member.cut = false
}

/** By their names; each ends with everything as it was. */
export const FAULTS: Readonly<Record<string, Fault>> = {
  'the writer is killed': (field) => killed(writerOf(field), field.leaseMs * 1.5),
  'the writer is killed, and is back at once': (field) => killed(writerOf(field), 0),
  'the writer is suspended past its lease': (field) =>
    suspended(writerOf(field), field.leaseMs * 2.5),
  'the writer is suspended for a moment': (field) => suspended(writerOf(field), field.leaseMs / 3),
  'the writer is cut off': (field) => cut(writerOf(field), 'cut', field.leaseMs * 2),
  'the writer is cut off, and does not see it': (field) =>
    cut(writerOf(field), 'silent', field.leaseMs * 2),
  'the writer is slow': async (field) => {
    const { way } = writerOf(field).options
    way.delay(field.leaseMs / 10)
    await sleep(field.leaseMs)
    way.delay(0)
  },
  'a follower is killed': (field) => killed(followerOf(field), field.leaseMs / 2),
  'a follower is suspended': (field) => suspended(followerOf(field), field.leaseMs),
  'a follower is cut off': (field) => cut(followerOf(field), 'cut', field.leaseMs),
  'the writer steps down': async (field) => {
    await writerOf(field)
      .ask('stepDown')
      .catch(() => {})
  },
  'the lease is given away': async ({ cluster, stream }) => {
    await cluster.administer(async (connection) => {
      const keys = await new Kvm(connection).open(`${stream}-lease`)
      await keys.put('writer', '')
    })
  },
  'a server is killed': async (field) => {
    const server = await serverOf(field)
    await server.kill()
    await sleep(field.leaseMs)
    server.start()
  },
  'a server is suspended': async (field) => {
    const server = await serverOf(field)
    server.suspend()
    await sleep(field.leaseMs * 2)
    server.resume()
  },
  'a server is cut off from the others': async (field) => {
    const server = await serverOf(field)
    field.cluster.between(server, 'silent')
    await sleep(field.leaseMs * 2)
    field.cluster.between(server, 'open')
  },
  'all servers are killed': async ({ cluster, leaseMs }) => {
    await Promise.all(cluster.servers.map((server) => server.kill()))
    await sleep(leaseMs)
    for (const server of cluster.servers) server.start()
  },
  'the writer and a server are killed': async (field) => {
    const server = await serverOf(field)
    const writer = writerOf(field)
    await Promise.all([writer.kill(), server.kill()])
    await sleep(field.leaseMs * 1.5)
    server.start()
    writer.start()
  },
}
