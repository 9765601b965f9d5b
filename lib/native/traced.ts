/**
 * The call that tracers look for. @vercel/nft (of Next, Vercel and others) and ncc search for
 * exactly this call, evaluate it while they build, and include the binary that it finds. Written in
 * any other way, for example with a variable for the folder, the binary is left out: test/bundling
 * shows it.
 */
import path = require('node:path')

/**
 * Loads the binary in the package's folder through node-gyp-build. Not for bundles, where that is
 * another folder.
 */
export const loadTraced = (): unknown => require('node-gyp-build')(path.join(__dirname, '../..'))
