// Mines a chain, and says the height of each block once it is stored: node mine.mjs DIR BLOCKS [flags]
import { writeSync } from 'node:fs'
import { DevnetNode } from '../../../dist-examples/devnet-node/node.mjs'

const [dataDir, blocks, ...argv] = process.argv.slice(2)
const node = await DevnetNode.open({ dataDir, argv })
await node.mine(Number(blocks), ({ header }) => writeSync(1, `${header.height}\n`))
await node.close()
