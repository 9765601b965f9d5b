/**
 * Random operations over several families, compared with ordered maps in memory. If they differ,
 * fast-check prints the seed and the path of the smallest case: MODEL_SEED and MODEL_PATH repeat
 * it. MODEL_OPERATIONS sets the total number of operations.
 */
import fc from 'fast-check'
import { useTempDirectory } from '../support/database'
import { steps } from '../support/model'
import { System } from '../support/system'

const dir = useTempDirectory()

const { MODEL_SEED, MODEL_PATH, MODEL_OPERATIONS = '300000' } = process.env
const OPERATIONS = Number(MODEL_OPERATIONS)
/** The most operations on one database. */
const LENGTH = 8000

it(`a database behaves as ordered maps do in ${OPERATIONS} operations`, async () => {
  let seed = MODEL_SEED === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(MODEL_SEED)
  let operations = 0
  let run = 0
  const property = fc.asyncProperty(steps(LENGTH), async (sequence) => {
    operations += await System.run(sequence, dir(`run ${run++}`))
  })
  do {
    process.stderr.write(`MODEL_SEED=${seed}\n`)
    const replay = MODEL_PATH === undefined ? {} : { path: MODEL_PATH, endOnFailure: true }
    await fc.assert(property, { seed, numRuns: 50, interruptAfterTimeLimit: 240_000, ...replay })
    seed++
    process.stderr.write(`${operations} operations, ${run} runs\n`)
  } while (operations < OPERATIONS && MODEL_PATH === undefined)
}, 600_000)
