// The console on a separate address: staff routes are not found on the customers' listener, and vice versa.
import { openBank } from './bank.mjs';
import { equal, ok } from './count.mjs';
import { Client, wanted } from './client.mjs';
import { inventPerson, signInStaff, signUp } from './people.mjs';

const CUSTOMERS = ['/v1/me', '/v1/accounts', '/app/', '/v1/consent-texts', '/v1/staffing'];
const STAFF = ['/v1/staff/me', '/v1/staff/sessions', '/console/', '/console'];

export default async function listener(engine, document) {
  const bank = await openBank(engine, ['server.rate_limits=false', 'server.console_port=0'], false, false);
  const port = Number(/"serving_console".*?"port":(\d+)/.exec(bank.logText())?.[1]);
  ok(port > 0 && port !== bank.port, 'the console has a port of its own', port);
  const status = async (at, path) => (await fetch(`http://127.0.0.1:${at}${path}`, { redirect: 'manual' })).status;
  for (const path of STAFF) {
    equal(await status(bank.port, path), 404, `${path} is not found where customers are`);
    ok((await status(port, path)) !== 404, `${path} is at the console's`);
  }
  for (const path of CUSTOMERS) equal(await status(port, path), 404, `${path} is not found at the console's`);
  for (const path of ['/v1/bank', '/healthz']) equal([await status(bank.port, path), await status(port, path)], [200, 200], `${path} is at both`);
  const console = new Client({ ...bank, port, staffSteps: bank.staffSteps }, document);
  const token = await signInStaff(console, 'teller');
  wanted(await console.get('/v1/staff/me', { token }), 200);
  wanted(await new Client(bank, document).get('/v1/staff/me', { token }), 404, 'not-found');
  await crossed(console, new Client(bank, document), bank, token);
  equal(await bank.close(), 0, 'the bank stops in order');
}

// A session is valid only on its own listener, in its own form, and from a page of that listener.
async function crossed(console, app, bank, staff) {
  const { token: customer } = await signUp(app, inventPerson());
  const own = (client) => ({ Origin: `http://127.0.0.1:${client.bank.port}`, 'Sec-Fetch-Site': 'same-origin' });
  const refused = async (client, what, headers, status, slug) => {
    const isStaffs = client === console;
    const answer = isStaffs ? await client.send('DELETE', '/v1/staff/sessions/current', { headers }) : await client.send('DELETE', '/v1/sessions/current', { headers });
    wanted(answer, status, slug);
    ok(true, what);
  };
  for (const [what, headers] of [['a bearer header', { Authorization: `Bearer ${staff}` }], ['a bearer header beside the cookie', { Authorization: `Bearer ${staff}`, Cookie: `__Host-staff=${staff}` }],
    ["the customer's cookie", { Cookie: `__Host-session=${customer}` }], ["the customer's session as staff's", { Cookie: `__Host-staff=${customer}` }], ["staff's session as the customer's", { Cookie: `__Host-session=${staff}` }],
    ['two sessions', { Cookie: `__Host-staff=${staff}; __Host-staff=${customer}` }], ['none', {}]]) {
    await refused(console, what, { ...own(console), ...headers }, 401, 'not-signed-in');
  }
  for (const [what, headers] of [["staff's session as a token", { Authorization: `Bearer ${staff}` }], ["staff's cookie", { Cookie: `__Host-staff=${staff}` }], ["staff's session as the customer's", { Cookie: `__Host-session=${staff}` }], ['none', {}]]) {
    await refused(app, what, { ...own(app), ...headers }, 401, 'not-signed-in');
  }
  // A request with a cookie must come from a page of the same listener.
  for (const [client, cookie, other] of [[console, `__Host-staff=${staff}`, app], [app, `__Host-session=${customer}`, console]]) {
    for (const headers of [{}, { Origin: `http://127.0.0.1:${other.bank.port}` }, own(other), { Origin: 'https://evil.example' }, { 'Sec-Fetch-Site': 'same-site' }, { 'Sec-Fetch-Site': 'cross-site' }, { 'Sec-Fetch-Site': 'none' }, { Origin: 'null' }]) {
      await refused(client, 'by cookie from elsewhere', { Cookie: cookie, ...headers }, 403, 'cross-origin');
    }
    wanted(await client.get(client === console ? '/v1/staff/me' : '/v1/me', { headers: { Cookie: cookie } }), 200);
  }
  const out = async (client, path, cookie) => wanted(await client.send('DELETE', path, { headers: { Cookie: cookie, ...own(client) } }), 204);
  await out(console, '/v1/staff/sessions/current', `__Host-staff=${staff}`);
  await out(app, '/v1/sessions/current', `__Host-session=${customer}`);
}
