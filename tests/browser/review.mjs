// Decisions of two people, and identity cases, in the staff console.
import { strict as assert } from 'node:assert';

// A picture of one colour, in the bank's format.
const PICTURE = Buffer.from('/9j/4AAQSkZJRgABAQEASABIAAD/2wBDAAgGBgcGBQgHBwcJCQgKDBQNDAsLDBkSEw8UHRofHh0aHBwgJC4nICIsIxwcKDcpLDAxNDQ0Hyc5PTgyPC4zNDL/wAALCAABAAEBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAACf/EABQQAQAAAAAAAAAAAAAAAAAAAAD/2gAIAQEAAD8AVN//2Q==', 'base64');

// Answers by the contract of the case routes, so that a screen is tested in each state.
function inventCase(state, claim = {}) {
  const at = '2026-11-20T08:00:00Z';
  return {
    case: { caseId: '900', kind: 'identity', customerId: '800', name: '林若溪', reasons: ['nameCorrected', 'faceUnsure'], state, path: 'video',
      appointmentAt: '2026-11-23T02:00:00Z', openedAt: at, dueAt: '2026-11-21T08:00:00Z', isOverdue: true, needsSecond: true, ...claim },
    customer: {},
    pictures: ['idFront', 'idBack', 'cardPortrait', 'registryPortrait', 'selfie', 'frame1', 'frame2', 'frame3'].map((kind, i) => ({ pictureId: String(700 + i), kind, at, expiresAt: '2027-01-01T00:00:00Z' })),
    read: { name: '林若溪', sex: 'female', nation: '汉', birthDate: '1990-01-01', idNumber: '110101199001011237', validUntil: '2036-01-01' },
    confirmed: { name: '林若曦', sex: 'female', nation: '汉', birthDate: '1990-01-01', idNumber: '110101199001011237', validUntil: '2036-01-01' },
    checks: [{ check: 'faceCard', result: 'unsure', score: 412000, threshold: 450000, band: 'unsure', version: 'm1', at }, { check: 'registry', result: 'passed', version: 'r1', at }],
    history: { devices: [{ name: 'Phone', firstSeenAt: at, lastSeenAt: at, persons: 2 }], attempts: [{ at, kind: 'faceCheck', result: 'unsure' }], phoneChangedAt: at },
    sameFace: [{ customerId: '801', score: 720000 }],
    decisions: state === 'second' ? [{ by: 'reviewer', at, decision: 'approve', reason: 'samePerson', note: 'the faces agree' }] : [],
  };
}

export async function reviewTests({ bank, test, sit, open }) {
  const resident = bank.residents.find((one) => one.phone.endsWith('0005'));
  const teller = await sit('teller');
  await test('console: a customer is suspended by two people', teller, async () => {
    await teller.signIn();
    await open(teller, `/customers?q=${encodeURIComponent(resident.phone)}`);
    await teller.on('row-customers').first().click();
    await teller.on('customer-state').click();
    assert.ok(await teller.on('propose-send').isDisabled(), 'a proposal needs a reason');
    await teller.on('propose-reason').fill('browser test of four eyes');
    await teller.look('console-propose');
    await teller.on('propose-send').click();
    await teller.on('change').waitFor();
    await teller.on('change-withdraw').waitFor();
    assert.equal(await teller.on('change-approve').count(), 0, 'nobody approves their own proposal');
    assert.equal(await teller.on('difference').locator('[data-changed=true]').count(), 1);
    await teller.look('console-change-own');
  });
  const change = new URL(teller.page.url()).pathname.replace('/console', '');
  const second = await sit('teller2', { language: 'zh', dark: true });
  await test('console: the other person sees before and after, and approves (Chinese, dark)', second, async () => {
    await second.signIn();
    await open(second, '/work');
    await second.on('queue-changes').waitFor();
    await second.look('console-work');
    await open(second, '/changes?state=proposed');
    await second.on('row-changes').first().waitFor();
    await second.look('console-changes');
    await open(second, change);
    await second.on('decision-reason').fill('已核对');
    await second.look('console-change');
    await second.on('change-approve').click();
    await second.page.locator('h1 [data-state=approved]').waitFor();
  });
  await test('console: and is resumed the same way', second, async () => {
    await second.page.locator('[data-testid=change] a[href*="/customers/"]').click();
    await second.page.locator('h1 [data-state=suspended]').waitFor();
    await second.on('customer-state').click();
    await second.on('propose-reason').fill('浏览器测试，恢复该客户');
    await second.on('propose-send').click();
    await second.on('change-withdraw').waitFor();
    await open(teller, new URL(second.page.url()).pathname.replace('/console', ''));
    await teller.on('decision-reason').fill('looked at it');
    await teller.on('change-approve').click();
    await teller.page.locator('h1 [data-state=approved]').waitFor();
  });
  await test('console: a freeze by a court needs its order', teller, async () => {
    await open(teller, `/customers?q=${encodeURIComponent(resident.phone)}`);
    await teller.on('row-customers').first().click();
    await teller.on('account-link').first().click();
    await teller.on('account-freeze').click();
    await teller.on('propose-reason').fill('browser test of a freeze');
    await teller.on('freeze-reason').click();
    await teller.page.locator('.ant-select-item-option', { hasText: 'Court' }).click();
    assert.ok(await teller.on('propose-send').isDisabled());
    await teller.on('freeze-ground').fill('(2026) No. 1');
    await teller.look('console-freeze');
    assert.ok(await teller.on('propose-send').isEnabled());
  });
  await teller.leave();
  await second.leave();

  const accountant = await sit('accountant2');
  await test('console: a parameter is proposed with its date, and withdrawn', accountant, async () => {
    await accountant.signIn();
    await open(accountant, '/parameters?q=kyc');
    await accountant.on('row-parameters').first().waitFor();
    await accountant.look('console-parameters');
    await accountant.on('row-parameters').filter({ hasText: 'kyc.documentGraceDays' }).getByTestId('parameter-propose').click();
    await accountant.on('parameter-value').fill('9999');
    await accountant.on('propose-reason').fill('browser test of a parameter');
    assert.ok(await accountant.on('propose-send').isDisabled(), 'outside of the range');
    await accountant.on('parameter-value').fill('60');
    await accountant.look('console-parameter-propose');
    await accountant.on('propose-send').click();
    await accountant.on('change').waitFor();
    await accountant.on('decision-reason').fill('only a test');
    await accountant.on('change-withdraw').click();
    await accountant.page.locator('h1 [data-state=withdrawn]').waitFor();
  });
  await accountant.leave();

  const reviewer = await sit('reviewer2');
  const json = (body) => ({ status: 200, contentType: 'application/json', body: JSON.stringify(body) });
  await test('console: a case is claimed, its pictures stand at one scale, differences are marked', reviewer, async () => {
    let claimed = {};
    await reviewer.page.route(/\/v1\/staff\/cases(\?|$)/, (route) => route.fulfill(json({ items: [inventCase('open').case] })));
    await reviewer.page.route(/\/v1\/staff\/cases\/900$/, (route) => route.fulfill(json(inventCase(claimed.claimedBy ? 'claimed' : 'open', claimed))));
    await reviewer.page.route(/\/v1\/staff\/cases\/900\/claims$/, (route) => {
      claimed = { claimedBy: 'reviewer2', claimUntil: new Date(Date.now() + 15 * 60_000).toISOString() };
      return route.fulfill(json(inventCase('claimed', claimed).case));
    });
    await reviewer.page.route(/\/v1\/staff\/pictures\//, (route) => route.fulfill({ status: 200, contentType: 'image/jpeg', body: PICTURE }));
    await reviewer.signIn();
    await open(reviewer, '/cases');
    await reviewer.page.locator('[data-overdue=true]').waitFor();
    await reviewer.look('console-cases');
    await reviewer.on('row-cases').first().click();
    await reviewer.on('claim-first').waitFor();
    assert.equal(await reviewer.on('pictures').count(), 0, 'no picture without a claim');
    await reviewer.look('console-case');
    await reviewer.on('case-claim').click();
    await reviewer.on('picture-selfie').waitFor();
    assert.match(await reviewer.on('claim-left').innerText(), /1[45]:\d\d/);
    const box = async (kind) => {
      const { width, height } = await reviewer.on(`picture-${kind}`).locator('.picture-box').boundingBox();
      return [width, height];
    };
    assert.deepEqual(await box('selfie'), await box('registryPortrait'));
    assert.deepEqual(await box('selfie'), await box('cardPortrait'));
    assert.equal(await reviewer.on('fields').locator('[data-changed=true]').count(), 1);
    await reviewer.on('same-face').waitFor();
    await reviewer.look('console-case-claimed');
    assert.ok(await reviewer.on('case-decide').isDisabled(), 'a decision needs a reason and a note');
  });
  await test('console: a case for a second person says so', reviewer, async () => {
    await reviewer.page.route(/\/v1\/staff\/cases\/900$/, (route) => route.fulfill(json(inventCase('second'))));
    await open(reviewer, '/cases/900');
    await reviewer.on('second-person').waitFor();
    await reviewer.on('decisions').getByText('the faces agree').waitFor();
    await reviewer.look('console-case-second');
  });
  await reviewer.leave();
}
