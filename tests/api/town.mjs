// The invented town is filled again at each start, independent of changes by its people.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { townDevice } from '../../tools/identity.mjs';
import { root } from './bank.mjs';
import { wanted } from './client.mjs';
import { equal, ok } from './count.mjs';
import { PASS_CODE, code, inventPerson, stepUp } from './people.mjs';

const MOVED = '+8619900000001', REMOVED = '+8619900000002';

// Id and code of the newest text message.
async function newest(bank) {
  const { items: [sms] } = await (await fetch(`${bank.sandbox}/sms/v1/messages?to=${encodeURIComponent(MOVED)}&limit=1`)).json();
  return `${sms?.messageId} ${sms?.code}`;
}

// The lines of "First steps" of /docs in a shell, unchanged; placeholders <…> come from the previous answer.
async function firstSteps(client, bank) {
  const page = await (await fetch(`${bank.url}/docs`)).text();
  const text = /<pre id="first-steps">([^]*?)<\/pre>/.exec(page)[1].replace(/<[^>]*>/g, '').replaceAll('&lt;', '<').replaceAll('&gt;', '>');
  const set = {};
  const answers = [];
  const before = await newest(bank);
  for (const line of text.replaceAll('\\\n', ' ').split('\n')) {
    const [, name, value, from] = /^([A-Z_]+)=(?:<(\w+) of ([^>]*)>|.*)$/.exec(line) ?? [];
    if (name === 'BANK') set.BANK = bank.url; // the page's script inserts the address there
    else if (name && /text message/.test(from)) {
      for (let i = 0; i < 100 && await newest(bank) === before; i++) await new Promise((done) => setTimeout(done, 100));
      set[name] = (await newest(bank)).split(' ')[1];
    } else if (name) {
      ok(answers.at(-1)?.[value], `first steps: the answer before has ${value}`, JSON.stringify(answers.at(-1)));
      client.secrets.add(set[name] = answers.at(-1)[value]);
    } else {
      const run = spawnSync('bash', ['-c', line], { encoding: 'utf8', env: { ...process.env, ...set } });
      answers.push(JSON.parse(run.stdout || '{}'));
    }
  }
  equal(answers.length, 4, 'first steps: four calls');
  equal(answers.at(-1)?.items?.length, 1, 'first steps: they end with an account of the resident', JSON.stringify(answers));
}

async function signIn(client, phone) {
  const opened = wanted(await client.post('/v1/sessions', { phone, passCode: PASS_CODE, deviceName: 'town', deviceKey: townDevice(phone) }), 201);
  client.secrets.add(opened.token).add(phone).add(phone.slice(3));
  return opened.token;
}

export default async function town(client, bank) {
  client.secrets.add(MOVED).add(MOVED.slice(3));
  bank.database.ask('UPDATE customer_phone_codes SET created_at = created_at - 7200000000');
  await firstSteps(client, bank);
  const token = await signIn(client, MOVED);
  await stepUp(client, { token });
  const { phone } = inventPerson();
  client.secrets.add(phone).add(phone.slice(3));
  const proof = await code(client, phone, 'changePhone');
  wanted(await client.put('/v1/me/phone', { phone, ...proof }, { token }), 200);
  const other = await signIn(client, REMOVED);
  await stepUp(client, { token: other });
  const { items } = wanted(await client.get('/v1/devices', { token: other }), 200);
  wanted(await client.delete(`/v1/devices/${items.find((d) => d.isCurrent).deviceId}`, { token: other }), 204);
  bank.database.ask('UPDATE customer_phone_codes SET created_at = created_at - 7200000000');
  for (const why of ['lives here with another number', 'lives here with a pass code of their own']) {
    const run = spawnSync(process.execPath, [join(root, 'tools/town.mjs'), bank.url, bank.sandbox], { encoding: 'utf8', timeout: 120000 });
    equal(run.status, 0, 'the town is filled again although a resident changed the phone', run.stderr);
    const lines = run.stderr.split('\n').filter((line) => line.includes('is left as it is'));
    equal(lines, [`  ${MOVED} is left as it is: ${why}`], 'and one line names who is left as they are');
    bank.database.ask('UPDATE customer_phone_codes SET created_at = created_at - 7200000000');
  }
  ok(wanted(await client.get('/v1/me', { token }), 200).phone !== MOVED, 'the resident keeps the new number');
}
