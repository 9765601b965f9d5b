// Mines a chain up to a height, with a snapshot every INTERVAL blocks, and prints the height of
// each block once it is stored: node mine.mjs DIR HEIGHT INTERVAL [flags]
import { writeSync } from 'node:fs'
import { DevnetNode } from '../../../dist-examples/devnet-node/node.mjs'

const [dataDir, height, interval, ...argv] = process.argv.slice(2)
const node = await DevnetNode.open({ dataDir, argv, snapshotInterval: Number(interval) })
const missing = Number(height) - node.chain.tip.height
await node.mine(missing, ({ header }) => writeSync(1, `${header.height}\n`))
await node.close()
