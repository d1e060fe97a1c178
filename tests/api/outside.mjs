// Answers of outside parties: replaced in transit after delivery, about another instruction or amount, wrongly
// signed, contradicting. Only the party's own answer about this very order counts as a refusal, and in the end the
// bank and the clearing house agree.
import { equal, ok } from './count.mjs';
import { wanted } from './client.mjs';
import { balance, inventPerson, moveIn, newKey, pause, signUp, stepUp } from './people.mjs';

const cny = (amount) => ({ amount, currency: 'CNY' });

export function faultsOf(bank) {
  const control = (method, path, body) => fetch(`${bank.sandbox}/control/v1/faults${path}`, {
    method, headers: { 'Content-Type': 'application/json' }, ...(body ? { body: JSON.stringify(body) } : {}) });
  return {
    set: async (party, operation, action, more = {}) => {
      const answer = await control('POST', '', { party, operation, action, ...more });
      equal(answer.status, 201, `sandbox takes the fault ${action}`);
    },
    clear: () => control('DELETE', ''),
  };
}

// Polls until the payment has ended; the bank itself queries no sooner than five seconds after an unknown outcome.
export async function ended(client, person, payment, tries = 60) {
  let now = payment;
  for (let i = 0; i < tries && now.transactionStatus === 'PDNG'; i++) {
    await pause(500);
    now = wanted(await client.post(`/v1/payments/${payment.paymentId}/queries`, {}, { token: person.token }), 200);
  }
  return now;
}

export default async function outside(client, bank, { staff }) {
  const faults = faultsOf(bank);
  const person = await moveIn(client, inventPerson(), '1000.00');
  const money = (amount) => ({ cardId: person.cardId, accountId: person.accountId, instructedAmount: cny(amount) });
  const send = async (path, amount) => wanted(await client.post(path, money(amount), { token: person.token, key: newKey() }), 201);
  const instructions = async () => {
    const { items } = await (await fetch(`${bank.sandbox}/banks/v1/instructions?limit=500`)).json();
    return new Map(items.map((item) => [item.instructionId, item]));
  };
  await stepUp(client, person);
  const start = await balance(client, person);
  equal(start.booked, 100000, 'money to begin with');

  // Delivered and done, then a third party answers in place of the clearing house.
  const spoilt = [['otherAmount', {}], ['between', { status: 404 }], ['wrongSignature', {}]];
  const unknown = [];
  for (const [i, status] of [403, 404, 408, 429].entries()) {
    await faults.set('clearing', 'credit', 'between', { status });
    const payment = await send('/v1/withdrawals', '10.00');
    if (spoilt[i]) await faults.set('clearing', 'query', spoilt[i][0], { ...spoilt[i][1], match: { instructionId: payment.paymentId } });
    equal(payment.transactionStatus, 'PDNG', `a ${status} from in between is no refusal`);
    unknown.push(payment);
  }
  equal((await balance(client, person)).available, start.available - 4000, 'the money stays held');
  for (const [operation, action] of [['credit', 'wrongSignature'], ['credit', 'otherId'], ['credit', 'otherAmount']]) {
    await faults.set('clearing', operation, action);
    const payment = await send('/v1/withdrawals', '10.00');
    equal(payment.transactionStatus, 'PDNG', `${action} settles nothing`);
    unknown.push(payment);
  }
  const shown = await instructions();
  ok(unknown.every((p) => shown.get(p.paymentId)?.status === 'ACSC'), 'the clearing house has paid all of them');
  const last = await Promise.all(unknown.map((p) => ended(client, person, p)));
  ok(last.every((p) => p.transactionStatus === 'ACSC'), 'asked again, every payment ends as it did over there', last.map((p) => p.transactionStatus));
  const after = await balance(client, person);
  equal([after.booked, after.available], [start.booked - 7000, start.available - 7000], 'paid once, held nothing');

  // Answers about another payment raise an alert, once per payment: shown to staff, resolved, closed.
  const alerts = async (state, token = staff.accountant) => wanted(await client.get(`/v1/staff/payment-alerts?state=${state}&limit=100`, { token }), 200).items;
  const named = [unknown[0], unknown[5], unknown[6]].map((p) => p.paymentId);
  const open = (await alerts('open')).filter((a) => named.includes(a.paymentId));
  equal(open.map((a) => [a.paymentId, a.kind]).sort(), named.map((id) => [id, 'answerNamesAnother']).sort(), 'one alert each, of those that named something else');
  const queue = async () => wanted(await client.get('/v1/staff/work', { token: staff.operator }), 200).queues.find((q) => q.queue === 'paymentAlerts');
  const before = await queue();
  ok(before.open >= 3 && before.oldestAt, 'they wait in a queue', before);
  const close = (id, token, note = 'The clearing house has confirmed the payment.') => client.post(`/v1/staff/payment-alerts/${id}/closure`, { note }, { token });
  equal((await close(open[0].alertId, staff.accountant)).status, 403, 'who may only look closes none');
  equal((await close(open[0].alertId, staff.operator, 'short')).status, 400, 'a note says what was done');
  equal((await close(open[0].alertId, staff.operator)).status, 204, 'an alert is closed');
  equal((await close(open[0].alertId, staff.operator)).json.type, '/problems/case-decided', 'once');
  equal((await close('4611686018427387904', staff.operator)).status, 404, 'one that there is not');
  const closed = (await alerts('closed')).find((a) => a.alertId === open[0].alertId);
  equal([closed.note, !!closed.closedAt], ['The clearing house has confirmed the payment.', true], 'what was done stays');
  ok(!(await alerts('open')).some((a) => a.alertId === open[0].alertId), 'it waits no more');
  equal((await queue()).open, before.open - 1, 'the queue is shorter');
  const { items: log } = wanted(await client.get('/v1/staff/audit-log?limit=20', { token: staff.auditor }), 200);
  ok(log.some((entry) => entry.action === 'paymentAlert.close'), 'the audit log has it');

  // The same with incoming money, the opposite result, and a genuine refusal at the end.
  await faults.set('clearing', 'debit', 'between', { status: 403 });
  const topUp = await send('/v1/top-ups', '20.00');
  equal(topUp.transactionStatus, 'PDNG', 'a top-up is not refused from in between');
  equal((await ended(client, person, topUp)).transactionStatus, 'ACSC', 'it ends as it did over there');
  await faults.set('clearing', 'debit', 'reject', { reasonCode: 'AM04' });
  equal((await send('/v1/top-ups', '20.00')).transactionStatus, 'RJCT', 'a refusal that is signed is one');
  equal((await balance(client, person)).booked, after.booked + 2000, 'credited once');

  // Queries without effect: the outcome is unknown, and they may be repeated.
  for (const [action, more] of [['between', { status: 403 }], ['otherId', {}], ['wrongSignature', {}]]) {
    const newcomer = inventPerson();
    await signUp(client, newcomer);
    const identity = (any) => client.put('/v1/me/identity', { name: newcomer.name, idNumber: newcomer.idNumber }, { token: newcomer.token, any });
    await faults.set('registry', 'check', action, more);
    equal((await identity(true)).json.type, '/problems/registry-unavailable', `registry, ${action}: not known`);
    equal((await identity()).status, 200, 'asked again it is known');
  }
  await faults.clear();
  equal(wanted(await client.get('/v1/staff/trial-balance', { token: staff.accountant }), 200).balanced, true, 'the books balance');
}
