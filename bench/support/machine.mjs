// Where and with what the figures were made.
import { execFileSync } from 'node:child_process'
import { readFileSync, statfsSync } from 'node:fs'
import os from 'node:os'
import { UsageError } from './usage.mjs'

function governor() {
  try {
    return readFileSync('/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor', 'utf8').trim()
  } catch {
    return undefined // virtual machines and other systems have none
  }
}

/** statfs's `f_type`s, from linux/magic.h; others as they are, in hexadecimal. */
const FILE_SYSTEMS = { 1021994: 'tmpfs', ef53: 'ext4', 58465342: 'xfs', '9123683e': 'btrfs' }

function fileSystemOf(directory) {
  try {
    const type = statfsSync(directory).type.toString(16)
    return FILE_SYSTEMS[type] ?? type
  } catch {
    return undefined // it is yet to be made
  }
}

function versionOf(node) {
  try {
    return execFileSync(node, ['--version'], { encoding: 'utf8' }).trim()
  } catch (error) {
    throw new UsageError(`--node ${node} does not run: ${error.message}`)
  }
}

/** The machine, the node that runs the children, and what the databases lie on. */
export function machineOf({ node, directory }) {
  return {
    cpu: os.cpus()[0]?.model.trim(),
    cores: os.availableParallelism(),
    memoryMb: Math.round(os.totalmem() / 1024 / 1024),
    system: `${os.type()} ${os.release()} ${os.arch()}`,
    node: versionOf(node),
    governor: governor(),
    fileSystem: fileSystemOf(directory),
  }
}

/** The load averages, for a run to say how quiet it was. */
export const loadAverage = () => os.loadavg().map((load) => Number(load.toFixed(2)))
