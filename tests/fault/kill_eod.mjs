// Kills the bank with SIGKILL during its ends of day, up to and on a quarter's settlement date, and restarts it:
// every date is closed once, completely and in order, and every account gets its interest once. Before that the wall
// clock is ten years ahead for a while: it closes no date.
//   node tests/fault/kill_eod.mjs sqlite|postgresql [KILLS]
import { pause, run } from './bank.mjs';

const DAY = 86400000;
const SETTLED = [2, 5, 8, 11]; // March, June, September, December, the 20th

// The settlement date at least ten days ahead, as days since 1970.
function settlementAfter(today) {
  for (let days = today + 10; ; days++) {
    const date = new Date(days * DAY);
    if (date.getUTCDate() === 20 && SETTLED.includes(date.getUTCMonth())) return days;
  }
}

async function until(what, holds) {
  for (let i = 0; i < 600; i++) {
    if (holds()) return;
    await pause(200);
  }
  throw new Error(`${what}: not within two minutes`);
}

await run({ early: true, town: true }, async (bank, kills) => {
  const one = (sql) => Number(bank.ask(sql)[0]?.[0] ?? 0);
  const businessDate = () => one('SELECT business_date FROM engine_business_date');
  const owed = () => one('SELECT count(*) FROM frame_eod_dates WHERE ended_at = 0');
  const first = businessDate();
  const settled = settlementAfter(first);

  // A wrong wall clock closes no date; ids and time continue from today.
  bank.closes = true;
  await bank.rest();
  await bank.serve();
  bank.pass(3650, 0);
  await pause(3000);
  if ((await bank.call('GET', '/readyz')).json.status !== 'attention') throw new Error('a clock ten years ahead is not shown');
  if (businessDate() !== first || owed() !== 0) throw new Error('a wrong clock closed a day');
  await bank.rest();
  await bank.serve(); // the machine has not restarted: the same
  await pause(1500);
  if (businessDate() !== first) throw new Error('a wrong clock closed a day after a restart');
  bank.pass(0);
  await pause(1500);
  if ((await bank.call('GET', '/readyz')).json.status !== 'ok') throw new Error('a clock that came back is still in doubt');

  // Days pass; the bank is killed while it closes them.
  bank.pass(settled + 1 - first);
  let middle = 0;
  for (let i = 0; i < kills; i++) {
    // Kills when a date has advanced and its steps are unfinished. The last kills are on the settlement date.
    const wanted = i < kills / 2 ? businessDate() + 1 : settled + 1;
    for (let looks = 0; businessDate() < wanted && looks < 2000; looks++) await pause(5);
    await bank.kill(i % 2 === 1);
    middle += owed() > 0 ? 1 : 0;
    await bank.serve();
  }
  if (middle === 0) throw new Error('no kill was in the middle of an end of day');
  await until('all dates closed', () => businessDate() === settled + 1 && owed() === 0);
  await bank.rest();

  const dates = bank.ask(`SELECT business_date FROM frame_eod_dates ORDER BY business_date`).map(([date]) => Number(date));
  if (dates.length !== settled + 1 - first || dates.some((date, i) => date !== first + i)) throw new Error(`closed: ${dates}`);
  const late = one(`SELECT count(*) FROM account_interest i JOIN account_accounts a ON a.bucket = i.bucket AND a.id = i.account_id WHERE a.state <> 3 AND i.last_accrued_date <> ${settled}`);
  const unpaid = one('SELECT count(*) FROM account_interest WHERE accrued_micro >= 500000');
  const paid = one(`SELECT count(*) FROM account_interest WHERE last_credited_date = ${settled}`);
  const journals = one('SELECT count(*) FROM ledger_transfers WHERE recipe = 7');
  const twice = one('SELECT count(*) FROM (SELECT credit_id FROM ledger_transfers WHERE recipe = 7 GROUP BY credit_id HAVING count(*) > 1) d');
  if (late || unpaid || twice || paid === 0 || journals !== paid) throw new Error(`interest: ${late} not accrued, ${unpaid} unpaid, ${paid} credited by ${journals} journals, ${twice} twice`);
  bank.audit();
  return `at ends of day, ${middle} of them in the middle of one: ${dates.length} dates closed in order, ${paid} accounts credited once`;
});
