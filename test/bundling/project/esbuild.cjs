// Builds with esbuild's API and the given options (JSON): its command is a script or, if its
// installation script ran, a binary.
require('esbuild').buildSync(JSON.parse(process.argv[2]))
