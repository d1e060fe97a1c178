// The console on an address of its own: what staff use is not found where customers are, and the other way
// round.
import { openBank } from './bank.mjs';
import { equal, ok } from './count.mjs';
import { Client, wanted } from './client.mjs';
import { signInStaff } from './people.mjs';

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
  equal(await bank.close(), 0, 'the bank stops in order');
}
