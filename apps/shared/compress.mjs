// Writes a .gz file beside every text file of a build, so that the server never compresses while it answers. Usage:
// node compress.mjs <directory>. A file that does not shrink gets none.
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { constants, gzipSync } from 'node:zlib'

const textual = new Set(['.html', '.js', '.css', '.svg', '.json', '.webmanifest', '.txt'])

function compress(directory) {
  for (const name of readdirSync(directory)) {
    const path = join(directory, name)
    if (statSync(path).isDirectory()) compress(path)
    else if (textual.has(extname(name))) {
      const plain = readFileSync(path)
      // level 9 and a zero time stamp: the same sources give the same bytes
      const packed = gzipSync(plain, { level: constants.Z_BEST_COMPRESSION })
      if (packed.length < plain.length) writeFileSync(`${path}.gz`, packed)
    }
  }
}

const target = process.argv[2]
if (!target) {
  console.error('usage: compress.mjs DIRECTORY')
  process.exit(64)
}
compress(target)
