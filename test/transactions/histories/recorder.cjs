// What a client records, by a clock that all threads share: it counts, and knows no time.

const CLOCK = 0
const STARTED = 1
const IDS = 2

/** Numbers that all threads of a run share. */
class Shared {
  constructor(memory = new SharedArrayBuffer(12)) {
    this.memory = memory
    this.numbers = new Int32Array(memory)
  }

  /** Now; each moment is asked for once. */
  now() {
    return Atomics.add(this.numbers, CLOCK, 1)
  }

  /** Counts one more transaction, and gives how many were before it. */
  start() {
    return Atomics.add(this.numbers, STARTED, 1)
  }

  get started() {
    return Atomics.load(this.numbers, STARTED)
  }

  /** A number that nobody else gets. */
  id() {
    return Atomics.add(this.numbers, IDS, 1)
  }
}

/** The attempts of one thread, in the shape that check.d.cts has. */
class Recorder {
  transactions = []

  /** With `post`, everything is told at once, for who may be terminated at any moment. */
  constructor(shared, post) {
    this.shared = shared
    this.post = post
  }

  /** A new attempt, which has begun now, or at a moment that was noted before. */
  begin(began = this.shared.now()) {
    return { id: this.shared.id(), status: 'unknown', began, ended: began, ops: [] }
  }

  /** From now on it may be committed. */
  commits(attempt) {
    this.post?.(attempt)
  }

  end(attempt, status) {
    const ended = { ...attempt, status, ended: this.shared.now() }
    if (this.post === undefined) this.transactions.push(ended)
    else this.post(ended)
  }

  /** What was written in a part that was undone: nobody may ever see it. */
  undone(attempt, ops) {
    this.end({ ...this.begin(attempt.began), ops }, 'aborted')
  }
}

module.exports = { Recorder, Shared }
