/** The metrics of the node: those of its store, and three of its chain, in one registry. */
import { Counter, Gauge, Registry } from 'prom-client'
import { collectMetrics } from 'rocksdb-live/metrics'
import type { DevnetNode } from './node.mjs'

/** Collects the metrics of a node in a registry of its own, until its store closes. */
export function collectNodeMetrics({ store, chain }: DevnetNode): Registry {
  const register = new Registry()
  const registers = [register]
  collectMetrics(store.db, { register })
  new Gauge({
    name: 'devnet_chain_height',
    help: 'Height of the last block.',
    registers,
    collect() {
      this.set(chain.tip.height)
    },
  })
  new Gauge({
    name: 'devnet_chain_work',
    help: 'How many hashes the blocks of the chain took on average.',
    registers,
    collect() {
      this.set(Number(chain.tip.work))
    },
  })
  new Counter({
    name: 'devnet_reorganizations_total',
    help: 'How often the chain went over to another branch, ever.',
    registers,
    collect() {
      this.reset()
      this.inc(chain.tip.reorgCount)
    },
  })
  return register
}
