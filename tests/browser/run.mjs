// The two apps in Chromium against a separate bank and sandbox. Prints "N passed, N failed" last.
//   node tests/browser/run.mjs [customer|identity|console]
// SYCEE_BROWSER_SHOTS=folder keeps pictures of the screens.
import { openBank } from './bank.mjs';
import { customerTests } from './customer.mjs';
import { consoleTests } from './console.mjs';
import { identityTests } from './identity.mjs';
import { enter, openBrowser } from './people.mjs';

const wanted = process.argv[2];
const shots = process.env.SYCEE_BROWSER_SHOTS;
let passed = 0;
let failed = 0;
let bank;
let browser;

/** One named test on one person's page; errors of the page fail it too. */
async function test(name, person, run) {
  const start = Date.now();
  let problem;
  try {
    await run(person);
  } catch (error) {
    problem = `${error.message.split('\n').slice(0, 6).join('\n    ')}\n    ${/\/browser\/\w+\.mjs:\d+/.exec(error.stack) ?? ''}`;
    if (shots) await person.page.screenshot({ path: `${shots}/failed-${name.replace(/\W+/g, '-')}.png` }).catch(() => {});
  }
  const faults = person.faults.splice(0);
  person.forget();
  if (problem) faults.unshift(problem);
  if (faults.length === 0) passed++;
  else failed++;
  console.log(`${faults.length === 0 ? 'ok    ' : 'FAILED'} ${name} (${Date.now() - start} ms)`);
  for (const fault of faults) console.log(`    ${fault}`);
}

process.on('SIGINT', () => void end().then(() => process.exit(130)));
process.on('SIGTERM', () => void end().then(() => process.exit(143)));

async function end() {
  await browser?.close().catch(() => {});
  await bank?.close();
}

try {
  browser = await openBrowser();
  // few residents have a face: identity tests need a bank without them
  const suites = [[{ town: true }, [['customer', customerTests], ['console', consoleTests]]], [{ town: false }, [['identity', identityTests]]]];
  for (const [how, all] of suites) {
    const asked = all.filter(([name]) => wanted === undefined || wanted === name);
    if (asked.length === 0) continue;
    bank = await openBank(how);
    for (const [, tests] of asked) await tests({ bank, test, enter: (who) => enter(browser, who) });
    await bank.close();
  }
} catch (error) {
  failed++;
  console.log(`FAILED ${error.stack}`);
} finally {
  await end();
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
