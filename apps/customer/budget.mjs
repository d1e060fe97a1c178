/*
 * Checks that the first load (sign-in and home: everything that index.html requests, and one language) stays within
 * its budget, compressed. Runs at the end of a build; exit status 1 if the budget is exceeded.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs'

const BUDGET = 200_000

const asked = [
  ...readFileSync('dist/index.html', 'utf8').matchAll(/(?:src|href)="\/app\/(assets\/[^"]+)"/g),
]
const files = asked.map((match) => match[1])
// The larger language, with the shared texts, which are separate files.
const texts = readdirSync('dist/assets').filter((name) => /^(zh|en)-.*\.js$/.test(name))
const sizeOf = (file) => {
  try {
    return statSync(`dist/${file}.gz`).size
  } catch {
    return statSync(`dist/${file}`).size
  }
}
const total =
  files.reduce((sum, file) => sum + sizeOf(file), 0) +
  texts.map((name) => sizeOf(`assets/${name}`)).sort((a, b) => b - a)[0]

console.log(`first load: ${Math.ceil(total / 1000)} kB of ${BUDGET / 1000} kB, gzip`)
process.exit(total <= BUDGET ? 0 : 1)
