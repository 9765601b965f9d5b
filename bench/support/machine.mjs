// Where and with what the figures were made.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import os from 'node:os'

function governor() {
  try {
    return readFileSync('/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor', 'utf8').trim()
  } catch {
    return undefined // virtual machines and other systems have none
  }
}

/** The machine and the node that runs the children. */
export function machineOf(node) {
  return {
    cpu: os.cpus()[0]?.model.trim(),
    cores: os.availableParallelism(),
    memoryMb: Math.round(os.totalmem() / 1024 / 1024),
    system: `${os.type()} ${os.release()} ${os.arch()}`,
    node: execFileSync(node, ['--version'], { encoding: 'utf8' }).trim(),
    governor: governor(),
  }
}

/** The load averages, for a run to say how quiet it was. */
export const loadAverage = () => os.loadavg().map((load) => Number(load.toFixed(2)))
