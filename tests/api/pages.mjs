// Lists page by page: together equal to one piece, with the filters kept in the links.
import { equal, ok } from './count.mjs';
import { wanted } from './client.mjs';

const keyOf = (item) => item.caseId ?? item.changeId ?? item.companyId ?? item.transactionId ?? item.messageId ?? item.paymentId ?? item.journalId ?? item.sealId ?? item.sequence ?? item.staffId ?? item.customerId;

async function walk(client, path, query, limit, token) {
  const items = [];
  let next = `${path}?${query}${query ? '&' : ''}limit=${limit}`;
  let pages = 0;
  while (next) {
    const answer = await client.get(next, { token });
    const page = wanted(answer, 200).items ?? [];
    ok(page.length <= limit, `${path}: a page holds no more than ${limit}`, page.length);
    items.push(...page);
    const link = answer.headers.link;
    ok(!link || /^<[^>]+>; rel="next"$/.test(link), `${path}: the Link is one`, link);
    const to = link && /^<([^>]+)>/.exec(link)[1];
    if (to) {
      const params = new URL(to, 'http://x').searchParams;
      for (const [name, value] of new URLSearchParams(query)) equal(params.get(name), value, `${path}: the Link keeps ${name}`);
      equal(params.get('limit'), String(limit), `${path}: the Link keeps the limit`);
    }
    next = to;
    if (++pages > 400) return ok(false, `${path}: the pages end`);
  }
  return { items, pages };
}

async function same(client, path, query, token, least = 3) {
  const whole = await walk(client, path, query, 100, token);
  ok(whole.items.length >= least, `${path}?${query}: there is something to page through`, whole.items.length);
  for (const limit of [1, 2, 7]) {
    if (whole.items.length > 150 && limit === 1) continue;
    const parts = await walk(client, path, query, limit, token);
    equal(parts.items.map(keyOf), whole.items.map(keyOf), `${path}?${query} by ${limit}: the pages are the whole`);
  }
  equal(new Set(whole.items.map(keyOf)).size, whole.items.length, `${path}?${query}: nothing twice`);
  return whole.items;
}

export default async function pages(client, bank, { a, b, staff }) {
  const own = `/v1/accounts/${a.accountId}/transactions`;
  const all = await same(client, own, '', a.token);
  const out = await same(client, own, 'direction=out', a.token, 1);
  const into = await same(client, own, 'direction=in', a.token, 1);
  equal(out.length + into.length, all.length, 'in and out are all');
  ok(out.every((t) => t.direction === 'out') && into.every((t) => t.direction === 'in'), 'each its direction');
  await same(client, own, 'kind=topUp&minAmount=10&maxAmount=1000&from=2026-01-01', a.token, 1);
  await same(client, own, `q=${encodeURIComponent('谢谢 thanks')}&to=2099-12-31`, a.token, 1);
  // SQL wildcards have no special meaning in a search.
  for (const q of ['%', '_', '%%%', '谢谢_thanks', '\\', "'", '"', '?', '[a-z]', '谢谢%', "' OR 1=1 --", ';DROP TABLE x', '$1']) {
    equal(wanted(await client.get(`${own}?q=${encodeURIComponent(q)}`, { token: a.token }), 200).items, [], `a search for ${q} finds nothing`);
    for (const [path, role] of [['customers', 'teller'], ['payments', 'operator'], ['audit-log', 'auditor']]) {
      const answer = await client.get(`/v1/staff/${path}?q=${encodeURIComponent(q)}`, { token: staff[role] });
      ok(answer.status === 400 || (answer.status === 200 && (answer.json.items.length === 0 || path === 'audit-log')), `staff ${path}: a search for ${q} finds nothing`, `${answer.status} ${answer.text.slice(0, 200)}`);
    }
  }
  await same(client, '/v1/messages', '', b.token);
  const as = staff;
  await same(client, '/v1/staff/customers', 'q=%E6%96%B0%E4%BA%BA', as.teller);
  await same(client, '/v1/staff/payments', '', as.operator);
  await same(client, '/v1/staff/payments', 'kind=topUp&status=ACSC&from=2026-01-01', as.operator);
  await same(client, '/v1/staff/journals', '', as.accountant);
  await same(client, '/v1/staff/journals', 'kind=transfer&from=2026-01-01&to=2099-12-31', as.accountant);
  await same(client, '/v1/staff/journals', `account=${a.accountId}`, as.accountant, 1);
  await same(client, '/v1/staff/seals', '', as.accountant, 0);
  await same(client, '/v1/staff/users', '', as.admin);
  await same(client, '/v1/staff/audit-log', 'q=customer.view', as.auditor, 1);
  await same(client, '/v1/staff/cases', '', as.auditor, 1);
  await same(client, '/v1/staff/cases', 'state=decided', as.auditor);
  await same(client, '/v1/staff/cases', 'state=open&mine=false', as.auditor, 1);
  await same(client, '/v1/staff/changes', '', as.auditor);
  await same(client, '/v1/staff/changes', 'state=approved', as.auditor);
  await same(client, `/v1/staff/accounts/${a.accountId}/transactions`, 'direction=in', as.teller, 1);
  // A cursor of a deleted row still marks a position and is never an error of the bank.
  for (const cursor of ['1', '9223372036854775807', '4096']) {
    for (const [path, token] of [[own, a.token], ['/v1/messages', a.token], ['/v1/staff/payments', as.operator], ['/v1/staff/journals', as.accountant], ['/v1/staff/audit-log', as.auditor], ['/v1/staff/users', as.admin], ['/v1/staff/customers', as.teller], ['/v1/staff/seals', as.accountant], ['/v1/staff/outbox', as.operator], ['/v1/staff/cases', as.auditor], ['/v1/staff/changes', as.auditor]]) {
      wanted(await client.get(`${path}?cursor=${cursor}`, { token }), 200);
    }
  }
  // ETags: unchanged while nothing changes, different afterwards.
  const me = await client.get('/v1/me', { token: a.token });
  equal((await client.get('/v1/me', { token: a.token })).headers.etag, me.headers.etag, 'an ETag stays while nothing changes');
  const changed = await client.patch('/v1/me', { language: 'zh' }, { token: a.token, headers: { 'If-Match': me.headers.etag } });
  wanted(changed, 200);
  ok(changed.headers.etag && changed.headers.etag !== me.headers.etag, 'a change makes another', [changed.headers.etag, me.headers.etag]);
  wanted(await client.patch('/v1/me', { language: 'en' }, { token: a.token, headers: { 'If-Match': me.headers.etag } }), 412, 'version-changed');
  wanted(await client.patch('/v1/me', { language: 'en' }, { token: a.token, headers: { 'If-Match': '*' } }), 200);
}
