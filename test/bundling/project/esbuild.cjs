// Builds with esbuild, by its options as JSON: its command is a script or, where its installation script ran, a program.
require('esbuild').buildSync(JSON.parse(process.argv[2]))
