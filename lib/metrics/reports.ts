/** What `/doctor` answers: the doctor's reports of databases. */
import type { Database } from '../database'
import { runningReplica } from '../replica/running'
import type { DoctorReport } from '../types/doctor'
import type { Watched } from './subject'

/** A report has so long: then it fails, and the answer is 500. */
const DEADLINE_MS = 30_000

/** Makes reports, one of all databases at a time: whoever asks meanwhile gets the same. */
export function doctorOf(databases: () => readonly Watched[]): () => Promise<DoctorReport[]> {
  let running: Promise<DoctorReport[]> | undefined
  const look = async () => {
    const reports: DoctorReport[] = []
    for (const watched of databases()) {
      const db = runningReplica(watched)?.replica.db ?? (watched as Database)
      if (!db.closed) reports.push(await db.doctor({ deadlineMs: DEADLINE_MS }))
    }
    return reports
  }
  return () => {
    running ??= look().finally(() => {
      running = undefined
    })
    return running
  }
}
