declare module 'abstract-level/test' {
  /** Runs the whole suite with a function like tape's. */
  export default function suite(options: { test: unknown; factory: unknown }): void
}
