// Cases decided by staff and changes decided by two people, on a bank under the early rule set: a customer who
// requests the counter gets a case without a picture. Races and repetitions of both.
import { equal, ok } from './count.mjs';
import { wanted } from './client.mjs';
import { decide, propose } from './four-eyes.mjs';
import { inventPerson, newKey, signUp } from './people.mjs';

const slugs = (answers) => answers.map((x) => x.json?.type?.replace('/problems/', '') ?? x.status);

// A new customer with an open case.
export async function openCase(client) {
  const person = await signUp(client, inventPerson());
  const of = { token: person.token, lang: person.lang };
  const { review } = wanted(await client.post('/v1/me/verification/path', { path: 'counter' }, of), 200);
  equal([review?.state, review?.path], ['open', 'counter'], 'who asks to be seen gets a case');
  return { person, of, caseId: review.caseId };
}

// An open case and a proposed change.
export async function reviewWork(client, staff) {
  const open = await openCase(client);
  const change = await propose(client, staff.accountant, 'parameter', 'kyc.documentReminderDays', { value: 26, effectiveDate: '2036-02-01' });
  return { open, change };
}

const refusal = { decision: 'refuse', reason: 'notReached', note: 'nobody came to the counter' };

// A whole case that ends in a refusal; and locations, which need consent.
export async function review(client, staff) {
  const as = (role) => ({ token: staff[role] });
  const { of, caseId } = await openCase(client);
  const path = `/v1/staff/cases/${caseId}`;
  wanted(await client.post('/v1/me/verification/path', { path: 'video' }, of), 400, 'invalid-field');
  wanted(await client.post('/v1/me/verification/path', { path: 'counter', appointmentAt: '2036-01-01T01:00:00Z' }, of), 400, 'invalid-field');
  const slots = wanted(await client.get('/v1/video-slots', of), 200).items;
  const at = slots[0].startsAt;
  equal(wanted(await client.post('/v1/me/verification/path', { path: 'video', appointmentAt: at }, of), 200).review.appointmentAt, at, 'a video call is booked');
  ok(wanted(await client.get('/v1/staff/cases?state=open', as('auditor')), 200).items.some((c) => c.caseId === caseId), 'it waits in the queue');
  equal(wanted(await client.get('/v1/staff/cases?mine=true', as('reviewer')), 200).items, [], 'the case is unclaimed');
  wanted(await client.post(`${path}/decisions`, refusal, { ...as('reviewer'), key: newKey() }), 403, 'claim-needed');
  equal(wanted(await client.post(`${path}/claims`, undefined, as('reviewer')), 200).state, 'claimed', 'one claims it');
  equal(wanted(await client.get('/v1/staff/cases?mine=true', as('reviewer')), 200).items.map((c) => c.caseId), [caseId], 'it is theirs');
  wanted(await client.post(`${path}/claims`, undefined, as('reviewer2')), 409, 'case-claimed');
  wanted(await client.delete(`${path}/claims/current`, as('reviewer2')), 403, 'claim-needed');
  wanted(await client.delete(`${path}/claims/current`, as('reviewer')), 204);
  wanted(await client.post(`${path}/claims`, undefined, as('reviewer2')), 200);
  equal(wanted(await client.get(path, as('reviewer2')), 200).pictures, [], 'a case without a picture');
  equal(wanted(await client.post(`${path}/decisions`, refusal, { ...as('reviewer2'), key: newKey() }), 200).state, 'refused', 'a person refuses');
  wanted(await client.post(`${path}/claims`, undefined, as('reviewer')), 409, 'case-decided');
  const seen = wanted(await client.get('/v1/me/verification', of), 200);
  equal([seen.review.state, seen.review.caseId], ['refused', caseId], 'the customer sees it', seen);
  wanted(await client.put('/v1/me/place', { latitude: '31.23', longitude: '121.47', accuracyMeters: 20 }, of), 403, 'consent-needed');
  for (const [latitude, longitude] of [['90.5', '0'], ['0', '-180.5']]) wanted(await client.put('/v1/me/place', { latitude, longitude, accuracyMeters: 20 }, of), 400, 'invalid-field');
  equal(wanted(await client.post('/v1/me/place/declined', undefined, of), 200).state, 'unsure', 'who does not say where they are is looked at by a person');
}

// Eight at once: one of two people has the case, and it is decided once; so is a change.
export async function reviewRaces(client, staff) {
  const { caseId } = await openCase(client);
  const path = `/v1/staff/cases/${caseId}`;
  const claims = await Promise.all(Array.from({ length: 8 }, (_, i) => client.post(`${path}/claims`, undefined, { token: staff[i % 2 ? 'reviewer' : 'reviewer2'] })));
  const holders = new Set(claims.filter((x) => x.status === 200).map((x) => x.json.claimedBy));
  equal(holders.size, 1, 'one of two has the case', slugs(claims));
  ok(claims.every((x) => x.status === 200 || x.json?.type === '/problems/case-claimed'), 'the other is refused as case-claimed', slugs(claims));
  const [holder] = holders;
  const decisions = await Promise.all(Array.from({ length: 8 }, (_, i) => client.post(`${path}/decisions`, { ...refusal, decision: i % 2 ? 'approve' : 'refuse' }, { token: staff[holder], key: newKey() })));
  equal(decisions.filter((x) => x.status === 200).length, 1, 'a case is decided once', slugs(decisions));
  ok(decisions.every((x) => x.status === 200 || ['/problems/case-decided', '/problems/claim-needed'].includes(x.json?.type)), 'the others are refused as decided or unclaimed', slugs(decisions));
  equal(wanted(await client.get(path, { token: staff.auditor }), 200).decisions.length, 1, 'one decision is kept');

  const change = await propose(client, staff.accountant, 'parameter', 'kyc.unverifiedGraceDays', { value: 32, effectiveDate: '2036-01-02' });
  const approvals = await Promise.all(Array.from({ length: 8 }, (_, i) => client.post(`/v1/staff/changes/${change.changeId}/decisions`, { decision: i % 2 ? 'approve' : 'refuse', reason: 'at once' }, { token: staff.accountant2, key: newKey() })));
  equal(approvals.filter((x) => x.status === 200).length, 1, 'a change is decided once', slugs(approvals));
  ok(approvals.every((x) => x.status === 200 || x.json?.type === '/problems/change-decided'), 'the others are refused as change-decided', slugs(approvals));
}

// Decisions that are sent again with their key.
export async function reviewAgain(client, staff, again) {
  const { open, change } = await reviewWork(client, staff);
  const path = `/v1/staff/cases/${open.caseId}`;
  wanted(await client.post(`${path}/claims`, undefined, { token: staff.reviewer }), 200);
  await again(client, 'a decision of a case', `${path}/decisions`, refusal, { ...refusal, decision: 'approve' }, { token: staff.reviewer }, 200);
  const wish = { kind: 'parameter', object: 'kyc.unverifiedGraceDays', after: { value: 33, effectiveDate: '2036-01-03' }, reason: 'the same twice' };
  const first = await again(client, 'a proposal', '/v1/staff/changes', wish, { ...wish, reason: 'another reason' }, { token: staff.accountant }, 201);
  await decide(client, staff.accountant, first, 'withdraw');
  await again(client, 'a decision of a change', `/v1/staff/changes/${change.changeId}/decisions`, { decision: 'refuse', reason: 'not now' }, { decision: 'approve', reason: 'not now' }, { token: staff.accountant2 }, 200);
}
