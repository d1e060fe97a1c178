// A company is registered by its representative and reviewed by staff. Runs on the bank that checks pictures, because
// registration needs a verified customer with a fresh face check.
import { picture } from '../../tools/identity.mjs';
import { wanted } from './client.mjs';
import { equal, ok } from './count.mjs';
import { again } from './idempotency.mjs';
import { newKey, stepUp, topUp } from './people.mjs';

const JPEG = { type: 'image/jpeg' };
const SHOP = { uscc: '92320102MA1FL0B02E', name: '玄武区静怡茶叶店', kind: 'soleTrader' }; // of resident 3
const of = (person) => ({ token: person.token, lang: person.lang });
const pointers = (problem) => (problem.errors ?? []).map((e) => e.pointer);

async function checks(client, owner) {
  const look = async (uscc) => wanted(await client.get(`/v1/company-checks?uscc=${uscc}`, of(owner)), 200);
  const found = await look(SHOP.uscc);
  equal([found.isValid, found.state, found.name, found.kind], [true, 'registered', SHOP.name, SHOP.kind], 'the registry knows the shop');
  equal((await look('91510100MA1FL0D04F')).state, 'revoked', 'a registration that was revoked');
  equal((await look('92320102MA1FL0B02F')).isValid, false, 'a code whose check character is wrong');
}

async function refusals(client, owner) {
  const register = (body) => client.post('/v1/companies', { ...SHOP, ...body }, { ...of(owner), key: newKey() });
  equal(pointers(wanted(await register({ name: '另一家店' }), 422, 'company-refused')), ['#/name'], 'another name is to blame');
  equal(pointers(wanted(await register({ kind: 'company' }), 422, 'company-refused')), ['#/kind'], 'another kind is to blame');
  equal(pointers(wanted(await register({ uscc: '91510100MA1FL0D04F', name: '成都旧雨商贸有限公司', kind: 'company' }), 422, 'company-refused')), ['#/uscc'], 'a revoked one is refused');
  wanted(await register({ uscc: '91310000MA1FL0A01J', name: '上海若溪文化传播有限公司', kind: 'company' }), 422, 'not-representative');
  wanted(await register({ uscc: '92320102MA1FL0B02F' }), 400, 'invalid-field');
}

async function register(client, bank, owner, stranger) {
  const made = await again(client, 'a registration', '/v1/companies', SHOP, { ...SHOP, licenceNumber: '7' }, of(owner), 201);
  equal([made.state, made.role], ['draft', 'admin'], 'a draft');
  const path = `/v1/companies/${made.companyId}`;
  const licence = await picture(bank.sandbox, owner.row, 'card-front', '?photo=81234');
  const owners = { owners: [{ name: owner.name, idNumber: owner.idNumber, sharePpm: 1000000 }] };
  for (const answer of [await client.get(path, of(stranger)), await client.get(`${path}/accounts`, of(stranger)), await client.put(`${path}/licence`, licence, { ...of(stranger), ...JPEG }),
    await client.put(`${path}/owners`, owners, of(stranger)), await client.post(`${path}/submission`, undefined, { ...of(stranger), key: newKey() })]) wanted(answer, 404, 'not-found');
  wanted(await client.post(`${path}/submission`, undefined, { ...of(owner), key: newKey() }), 409, 'company-incomplete');
  wanted(await client.put(`${path}/licence`, Buffer.from('no picture'), { ...of(owner), ...JPEG }), 422, 'picture-unreadable');
  wanted(await client.put(`${path}/licence`, licence, { ...of(owner), ...JPEG }), 200);
  equal(pointers(wanted(await client.put(`${path}/owners`, { owners: [] }, of(owner)), 422, 'owners-refused')), ['#/owners'], 'the owner is missing');
  const nobody = { ...owners.owners[0], idNumber: '110101199003070000' };
  equal(pointers(wanted(await client.put(`${path}/owners`, { owners: [nobody] }, of(owner)), 422, 'owners-refused')), ['#/owners/0/idNumber'], 'an ID number that cannot be');
  wanted(await client.put(`${path}/owners`, owners, of(owner)), 200);
  const sent = await again(client, 'a submission', `${path}/submission`, undefined, undefined, of(owner), 200);
  equal(sent.state, 'review', 'a person looks at the licence');
  wanted(await client.put(`${path}/owners`, owners, of(owner)), 409, 'company-state');
  return made.companyId;
}

async function review(client, companyId, staff) {
  const as = (role) => ({ token: staff[role] });
  const path = `/v1/staff/companies/${companyId}`;
  const { items } = wanted(await client.get(`/v1/staff/companies?q=${SHOP.uscc}`, as('teller')), 200);
  equal(items.map((c) => c.companyId), [companyId], 'staff find it by its code');
  equal(wanted(await client.get(path, as('teller')), 200).case?.state, 'open', 'its case is open');
  wanted(await client.get(`${path}/licence`, as('reviewer')), 403, 'claim-needed');
  const approval = { decision: 'approve', note: 'the licence shows the shop' };
  wanted(await client.post(`${path}/decisions`, approval, { ...as('reviewer'), key: newKey() }), 403, 'claim-needed');
  const claims = await Promise.all(['reviewer', 'reviewer2'].map((role) => client.post(`${path}/claims`, undefined, as(role))));
  equal(claims.map((x) => x.status).sort(), [200, 409], 'one of two has the case');
  const holder = claims[0].status === 200 ? 'reviewer' : 'reviewer2';
  const shown = await client.get(`${path}/licence`, as(holder));
  ok(shown.status === 200 && shown.raw.subarray(0, 2).toString('hex') === 'ffd8', 'the licence is a JPEG', shown.status);
  const decided = await again(client, 'a decision of a company', `${path}/decisions`, approval, { ...approval, decision: 'refuse' }, as(holder), 200);
  equal([decided.company.state, decided.case.state], ['active', 'approved'], 'the company is a customer');
}

// Two people act for the company: one orders, the other approves; the maker cannot approve.
async function orders(client, path, account, owner, other) {
  const cny = (amount) => ({ amount, currency: 'CNY' });
  const user = { phone: other.phone, roles: ['maker', 'checker'], limit: cny('500.00') };
  await stepUp(client, owner);
  await stepUp(client, other);
  wanted(await client.post(`${path}/users`, user, of(other)), 404, 'not-found');
  wanted(await client.post(`${path}/users`, { ...user, limit: { amount: '5', currency: 'JPY' } }, of(owner)), 422, 'currency-mismatch');
  const added = wanted(await client.post(`${path}/users`, user, of(owner)), 201);
  equal([added.state, added.before.roles, added.after.roles], ['applied', [], ['maker', 'checker']], 'who is alone gives rights at once', added);
  equal(wanted(await client.get(`${path}/users`, of(other)), 200).items.map((u) => u.isMe), [false, true], 'two people act for it');
  wanted(await client.post(`${path}/users`, { ...user, phone: owner.phone }, of(other)), 403, 'company-role');
  const body = (amount) => ({ debtorAccountId: account.accountId, creditorPhone: owner.phone, creditorName: owner.name, instructedAmount: cny(amount) });
  wanted(await client.post(`${path}/payment-orders`, body('500.01'), { ...of(other), key: newKey() }), 422, 'order-limit');
  const make = () => client.post(`${path}/payment-orders`, body('2.00'), { ...of(other), key: newKey() });
  const first = await again(client, 'an order', `${path}/payment-orders`, body('2.00'), body('3.00'), of(other), 201);
  equal([first.state, first.neededApprovals], ['awaitingApproval', 1], 'an order waits for the other');
  const decide = (order, decision, person) => client.post(`${path}/payment-orders/${order.orderId}/decisions`, { decision, reason: 'as agreed' }, { ...of(person), key: newKey() });
  wanted(await decide(first, 'approve', other), 403, 'four-eyes');
  const words = await Promise.all(Array.from({ length: 6 }, () => decide(first, 'refuse', owner)));
  equal(words.filter((x) => x.status === 200).length, 1, 'an order is decided once', words.map((x) => x.text));
  equal(wanted(await decide(wanted(await make(), 201), 'withdraw', other), 200).state, 'withdrawn', 'the maker takes an order back');
  const poor = wanted(await decide(wanted(await make(), 201), 'approve', owner), 200);
  equal([poor.state, poor.failure?.zh?.length > 0], ['failed', true], 'without money an approved order fails, with its reason');
  await funded(client, path, account, owner, { make, decide, other });
  equal(wanted(await client.get(`${path}/payment-orders?limit=2`, of(owner)), 200).items.length, 2, 'orders come in pages');
  await peopleByTwo(client, path, owner, other, { ...user, limit: cny('900.00') });
  const gone = wanted(await client.delete(`${path}/users/${added.userId}`, of(owner)), 200);
  equal([gone.state, gone.after.roles], ['applied', []], 'the legal representative takes rights away alone');
  wanted(await client.get(`${path}/users`, of(other)), 404, 'not-found');
}

// If another person could decide, nobody grants roles alone.
async function peopleByTwo(client, path, owner, other, more) {
  const decide = (change, decision, person) => client.post(`${path}/user-changes/${change.changeId}/decisions`, { decision }, { ...of(person), key: newKey() });
  const rise = wanted(await client.post(`${path}/users`, more, of(owner)), 201);
  equal([rise.state, rise.before.limit.amount, rise.after.limit.amount], ['awaitingApproval', '500.00', '900.00'], 'a higher limit waits', rise);
  equal(wanted(await client.get(`${path}/user-changes`, of(other)), 200).items.map((c) => [c.changeId, c.isMine]), [[rise.changeId, false]], 'for a second person');
  wanted(await decide(rise, 'approve', owner), 403, 'four-eyes');
  wanted(await decide(rise, 'withdraw', other), 403, 'company-role');
  equal(wanted(await decide(rise, 'approve', other), 200).state, 'applied', 'another user approves the rise');
  wanted(await decide(rise, 'refuse', owner), 409, 'change-decided');
  const back = wanted(await client.post(`${path}/users`, { ...more, limit: { amount: '500.00', currency: 'CNY' } }, of(owner)), 201);
  equal(back.state, 'applied', 'the legal representative lowers a limit alone');
  const again = wanted(await client.post(`${path}/users`, more, of(owner)), 201);
  equal(wanted(await decide(again, 'withdraw', owner), 200).state, 'withdrawn', 'a proposal is taken back');
}

// With money on the account the last approval pays once, even if given several times at once.
async function funded(client, path, account, owner, { make, decide, other }) {
  equal((await topUp(client, owner, '50.00')).transactionStatus, 'ACSC', 'the owner has money');
  const gift = { debtorAccountId: owner.accountId, creditorAccountNumber: account.accountNumber, creditorName: SHOP.name, instructedAmount: { amount: '20.00', currency: 'CNY' } };
  equal(wanted(await client.post('/v1/transfers', gift, { ...of(owner), key: newKey() }), 201).transactionStatus, 'ACSC', 'money goes to the company by its account number');
  const order = wanted(await make(), 201);
  const words = await Promise.all(Array.from({ length: 6 }, () => decide(order, 'approve', owner)));
  equal(words.filter((x) => x.status === 200).length, 1, 'an order is paid once', words.map((x) => x.text));
  const paid = words.find((x) => x.status === 200)?.json;
  equal([paid?.state, paid?.payment?.transactionStatus], ['executed', 'ACSC'], 'the last approval pays');
  wanted(await decide(order, 'withdraw', other), 409, 'order-decided');
  const { items } = wanted(await client.get(`${path}/accounts/${account.accountId}/transactions`, of(owner)), 200);
  equal(items.map((t) => [t.direction, t.transactionAmount.amount]), [['out', '2.00'], ['in', '20.00']], 'the account shows both');
}

export async function companies(client, bank, { first, second }, staff) {
  await checks(client, second);
  await refusals(client, second);
  const companyId = await register(client, bank, second, first);
  await review(client, companyId, staff);
  const path = `/v1/companies/${companyId}`;
  const company = wanted(await client.get(path, of(second)), 200);
  equal([company.state, company.accounts.length], ['active', 1], 'an account is open');
  equal(wanted(await client.get('/v1/companies', of(second)), 200).items.map((c) => c.companyId), [companyId], 'it is theirs');
  equal(wanted(await client.get('/v1/companies', of(first)), 200).items, [], 'and nobody else\'s');
  const [account] = wanted(await client.get(`${path}/accounts`, of(second)), 200).items;
  equal(wanted(await client.get(`${path}/accounts/${account.accountId}/transactions`, of(second)), 200).items, [], 'nothing moved yet');
  wanted(await client.get(`${path}/accounts/${second.accountId}/transactions`, of(second)), 404, 'not-found');
  wanted(await client.post('/v1/companies', SHOP, { ...of(second), key: newKey() }), 409, 'company-taken');
  await orders(client, path, account, second, first);
}
