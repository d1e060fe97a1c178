// Counts attempts by running section.
import { isDeepStrictEqual } from 'node:util';

export const tally = { passed: 0, failed: 0, tried: 0, section: '' };

export function section(name) {
  tally.section = name;
}

export function pass() {
  tally.passed++;
}

const SHOWN_MAX = 400;
export function fail(what, more = '') {
  tally.failed++;
  if (tally.failed <= SHOWN_MAX) console.log(`FAILED ${tally.section}: ${what}${more ? `\n       ${more}` : ''}`);
}

export function ok(is, what, more) {
  if (is) pass(); else fail(what, typeof more === 'string' ? more : more === undefined ? '' : JSON.stringify(more).slice(0, 500));
  return Boolean(is);
}

export function equal(found, wanted, what) {
  return ok(isDeepStrictEqual(found, wanted), what, `found ${JSON.stringify(found)?.slice(0, 300)}, wanted ${JSON.stringify(wanted)?.slice(0, 300)}`);
}

// Runs a part; an exception is one failure, and the next part runs.
export async function part(name, work) {
  section(name);
  const start = Date.now();
  const before = { ...tally };
  try {
    await work();
  } catch (error) {
    fail('stopped', error.stack?.split('\n').slice(0, 6).join('\n       '));
  }
  console.log(`${name}: ${tally.passed - before.passed} passed, ${tally.failed - before.failed} failed, ${((Date.now() - start) / 1000).toFixed(1)} s`);
}
