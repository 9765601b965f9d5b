/**
 * The call that tracers read. @vercel/nft (of Next, Vercel and others) and ncc look for exactly this one, evaluate it
 * while they build, and take the binary along that it finds. Said in another way, with a variable for the folder,
 * the binary stays behind: test/bundling shows it.
 */
import path = require('node:path')

/** Loads the binary of the package's folder through node-gyp-build. Not for bundles, where that is another folder. */
export const loadTraced = (): unknown => require('node-gyp-build')(path.join(__dirname, '../..'))
