// Kills the bank with SIGKILL while accounts are closed with a payout, restarts it, and checks the tables: an account
// is open, closing with its money held for one payment, or closed and empty. In the end every account is closed, and
// the bank's payments, the issuers' books and the customers' answers agree to the fen: paid out once.
//   node tests/fault/kill_closing.mjs sqlite|postgresql [KILLS]
import { pause, people, run } from './bank.mjs';

const [ACTIVE, CLOSED, CLOSING] = [1, 3, 4];
let bank;
let isStopping = false;
const EACH = 4; // accounts of a person at a time: a fifth is allowed
const journeys = []; // { person, key, cents, step, accountId, payment }

// Repeats until there is an answer: after a kill again, with the same key. `null`: the bank is dying.
async function ask(method, path, options) {
  for (let i = 0; !isStopping; i++) {
    let answer;
    try {
      answer = await bank.call(method, path, options);
    } catch { /* killed */ }
    if (answer && answer.status < 500 && answer.json.type !== '/problems/idempotency-key-in-use') return answer;
    if (i > 100) throw new Error(`${method} ${path}: no answer, ${answer?.status} ${answer?.json.type}`);
    await pause(20);
  }
  return null;
}
const fail = (journey, what, { status, json }) => { throw new Error(`${what} of ${journey.accountId}: ${status} ${json.type ?? ''} ${json.detail ?? ''}`); };

// One account from opening to closing; each step can be repeated and uses one key.
const steps = {
  async open(j) {
    const answer = await ask('POST', '/v1/accounts', { token: j.person.token, key: `${j.key}-open`, body: { class: 'III' } });
    if (!answer) return;
    if (answer.status !== 201) fail(j, 'opening', answer);
    j.accountId = answer.json.accountId;
    j.step = 'fill';
  },
  async fill(j) {
    const answer = await ask('POST', '/v1/top-ups', { token: j.person.token, key: `${j.key}-fill`,
      body: { cardId: j.person.cardId, accountId: j.accountId, instructedAmount: { amount: `0.${j.cents}`, currency: 'CNY' } } });
    if (!answer) return;
    if (answer.status !== 201) fail(j, 'top-up', answer);
    j.topUp = answer.json.paymentId;
    j.step = 'filled';
  },
  async filled(j) {
    const answer = await ask('GET', `/v1/payments/${j.topUp}`, { token: j.person.token });
    if (!answer) return;
    if (answer.json.transactionStatus === 'ACSC') j.step = 'close';
    else if (answer.json.transactionStatus !== 'PDNG') fail(j, 'top-up', answer);
    else await pause(100);
  },
  async close(j) {
    const answer = await ask('POST', `/v1/accounts/${j.accountId}/closure`, { token: j.person.token, key: `${j.key}-close`, body: { cardId: j.person.cardId } });
    if (!answer) return;
    if (answer.status !== 200) fail(j, 'closure', answer);
    j.payment = answer.json.payment.paymentId;
    j.step = 'closing';
  },
  async closing(j) {
    const answer = await ask('GET', `/v1/accounts/${j.accountId}`, { token: j.person.token });
    if (!answer) return;
    if (answer.json.state === 'closed') j.step = 'done';
    else if (answer.json.state !== 'closing') fail(j, 'closing', { status: answer.json.state, json: {} });
    else await pause(100);
  },
};
// Continues an account up to the named step.
async function walk(j, to) {
  while (!isStopping && j.step !== to) await steps[j.step](j);
}
async function all(journeysOf, to) {
  isStopping = false;
  await Promise.race([Promise.all(journeysOf.map((j) => walk(j, to))), pause(180_000).then(() => {
    throw new Error(`not all came to ${to}: ${JSON.stringify(journeysOf.map((j) => [j.accountId, j.step]))}`);
  })]);
}

// State of every Class III account in the tables, while the bank is dead.
function wholeness() {
  const rows = bank.ask(`SELECT a.id, a.state,
      (SELECT count(*) FROM payment_closures c WHERE c.account_id = a.id AND c.state = 1),
      (SELECT count(*) FROM payment_closures c WHERE c.account_id = a.id AND c.state = 2),
      (SELECT count(*) FROM payment_closures c JOIN payment_payments p ON p.id = c.payment_id
        WHERE c.account_id = a.id AND c.state = 1 AND p.status IN (1, 2) AND p.hold_id <> 0),
      (SELECT count(*) FROM payment_payments p WHERE p.debtor_account_id = a.id AND p.status IN (1, 2)),
      (SELECT count(*) FROM payment_payments p WHERE p.debtor_account_id = a.id)
    FROM account_accounts a WHERE a.class = 3`);
  const seen = { [ACTIVE]: 0, [CLOSED]: 0, [CLOSING]: 0 };
  for (const [id, ...numbers] of rows) {
    const [state, open, done, held, pending, all] = numbers.map(Number);
    const isWhole = {
      [ACTIVE]: open === 0 && done === 0 && all === 0,
      [CLOSING]: open === 1 && done === 0 && held === 1 && pending === 1,
      [CLOSED]: open === 0 && done === 1 && pending === 0 && all === 1,
    }[state];
    if (!isWhole) throw new Error(`account ${id} is half done: ${JSON.stringify({ state, open, done, held, pending, all })}`);
    seen[state]++;
  }
  return seen;
}

// The issuers' balances of the town's people: all money that went in must have come back, once.
async function issuers() {
  const { items } = await (await fetch(`${bank.outside}/banks/v1/cards`)).json();
  if (items.length === 0) throw new Error('the issuers show no cards');
  return JSON.stringify(items.map((card) => [card.cardNumber, card.balance]));
}

await run({ early: true, town: true }, async (opened, kills) => {
  bank = opened;
  const town = await people(bank);
  for (const p of town) {
    p.cardId = (await bank.call('GET', '/v1/cards', { token: p.token })).json.items[0].cardId;
  }
  const before = await issuers();
  let onTheirWay = 0;
  for (let round = 0; round < kills; round++) {
    if (round % EACH === 0) {
      await all(journeys, 'done');
      for (const person of town) {
        for (let n = 0; n < Math.min(EACH, kills - round); n++) {
          journeys.push({ person, key: `closing-${journeys.length}`, cents: 11 + (journeys.length % 80), step: 'open' });
        }
      }
      await all(journeys.filter((j) => j.step !== 'done'), 'close');
    }
    await Promise.all(town.map((p) => ask('POST', '/v1/step-ups', { token: p.token, body: { passCode: '135246' } })));
    const now = town.map((p) => journeys.find((j) => j.person === p && j.step === 'close'));
    const walks = now.map((j) => walk(j, 'done'));
    await pause(Math.random() * 60);
    const killed = bank.kill(round % 2 === 0);
    isStopping = true;
    await Promise.all([killed, ...walks]);
    onTheirWay += wholeness()[CLOSING];
    isStopping = false;
    await bank.serve();
  }
  await all(journeys, 'done');
  const after = await issuers();
  await bank.rest();
  const seen = wholeness();
  if (seen[ACTIVE] + seen[CLOSING] > 0 || seen[CLOSED] !== journeys.length) throw new Error(`${JSON.stringify(seen)} of ${journeys.length} accounts`);
  for (const j of journeys) {
    const [[count, fen, id]] = bank.ask(`SELECT count(*), sum(amount_minor), max(id) FROM payment_payments WHERE debtor_account_id = ${j.accountId} AND status = 3`);
    if (Number(count) !== 1 || Number(fen) !== j.cents || id !== j.payment) throw new Error(`account ${j.accountId}: ${count} payments of ${fen}, wanted one of ${j.cents}`);
  }
  if (after !== before) throw new Error(`the issuers' books: ${before} became ${after}`);
  bank.audit();
  return `while closing, ${journeys.length} accounts, ${onTheirWay} of them on their way at a kill, each paid out once, auditor content`;
});
