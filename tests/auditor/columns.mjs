// Every column of the money tables, from the schema of the database: one value is changed at a time, and the auditor
// must report it. `unseen` lists columns whose change is not detected, each with its reason.
const TABLES = /^(ledger|payment|account|catalogue)_/;

export const unseen = {
  'account_cards.pan': 'sealed: only the bank\'s key opens it, and a run of keys reseal looks',
  'account_card_bindings.pan': 'sealed, as above',
  'account_cards.agreement_number': 'the issuer\'s token: the clearing house refuses another',
  'account_cards.account_class': 'as the clearing house gave it; no second place keeps it',
  'account_cards.bound_at': 'an instant for lists; not before its attempt, which is checked',
  'account_card_bindings.id': 'nothing refers to an attempt',
  'account_card_bindings.created_at': 'an attempt\'s: over, or void in minutes',
  'account_card_bindings.expires_at': 'an attempt\'s, as above',
  'account_card_bindings.tries_left': 'an attempt\'s, as above',
  'account_card_bindings.face_checked': 'an attempt\'s, as above',
  'account_usages.day_date': { rows: /\/[589]$/, why: 'openings are a lock, money on its way has no day, payouts of new devices are of one day' },
  'account_usages.day_minor': { rows: /\/[59]$/, why: 'a lock; payouts of new devices: no payment tells how old its device was' },
  'account_usages.day_count': { rows: /\/[59]$/, why: 'as above' },
  'account_usages.year': { rows: /\/[59]$/, why: 'as above' },
  'account_usages.year_minor': { rows: /\/[59]$/, why: 'as above' },
  'catalogue_parameters.source_en': 'words shown; the figure itself is checked',
  'catalogue_parameters.source_zh': 'words shown',
  'catalogue_products.name_en': 'words shown',
  'catalogue_products.name_zh': 'words shown',
  'ledger_accounts.opened_at': 'of the bank\'s own accounts; a customer\'s is checked',
  'ledger_accounts.prior_id': 'PostgreSQL: read by the transaction alone that wrote it',
  'ledger_holds.expires_at': 'of a hold that has ended or never expires soon; an open one past its deadline is found',
  'ledger_seals.sealed_at': 'the ids that a seal covers carry their own instants',
  'payment_payments.next_query_at': 'when an open payment is asked about next; one that stays open for four weeks is found',
  'payment_settlements.settled_at': 'the instant of the run; its date and amounts are those of the journals',
};
export const mayBeUnseen = (column, row) => {
  const entry = unseen[column];
  return entry !== undefined && (entry.rows === undefined || entry.rows.test(row));
};

// Rows of different kinds are changed one by one: the columns that distinguish the kinds of a table.
const kinds = {
  payment_payments: 'kind, status', payment_events: 'event', ledger_transfers: 'recipe, kind', ledger_holds: 'state', ledger_accounts: 'gl_code',
  account_accounts: 'class', account_usages: 'limit_kind', account_cards: 'state',
};

const isBlob = (type) => /BLOB|bytea/i.test(type);
const isText = (type) => /TEXT|char/i.test(type);
const text = (value) => `'${value.replaceAll("'", "''")}'`;

// Replacement values, the most plausible first.
function otherValues(column, type, value, others) {
  if (isBlob(type)) {
    const bytes = value ? Buffer.from(value, 'hex') : Buffer.alloc(16, 6);
    bytes[bytes.length - 1] ^= 1;
    return [bytes];
  }
  if (isText(type)) {
    const next = /\d$/.test(value ?? '') ? value.replace(/\d$/, (d) => String((Number(d) + 1) % 10)) : `${value ?? ''}x`;
    return column === 'currency' ? [text('USD')] : [text(next), ...others.map(text)];
  }
  const number = BigInt(value || 0);
  return column.endsWith('id') ? [...others, number + 1024n, number + 4096n * 1024n] : number === 1n ? [0n, 2n, ...others] : [number + 1n, number - 1n, ...others];
}

// `bank` has query(sql) -> rows of texts, columns(table) -> [{ name, type, key }], blob(bytes) and hex(column) in the
// engine's syntax. Each change has statements to try in turn, each with the one that reverts it.
export function columnChanges(bank) {
  const found = [];
  for (const table of bank.tables().filter((name) => TABLES.test(name))) {
    const columns = bank.columns(table);
    const keyed = columns.filter((c) => c.key);
    const key = keyed.length > 0 ? keyed : columns;
    const literal = (c, value) => (isBlob(c.type) ? bank.blob(Buffer.from(value, 'hex')) : isText(c.type) ? text(value) : value);
    const shown = (c) => (isBlob(c.type) ? bank.hex(c.name) : `CAST(${c.name} AS TEXT)`);
    const where = (row, name, to) => key.map((c, i) => `${c.name} = ${c.name === name ? to : literal(c, row[i])}`).join(' AND ');
    const names = key.map((c) => c.name).join(', ');
    const rows = bank.query(`SELECT ${key.map(shown).join(', ')} FROM (SELECT *, row_number() OVER (PARTITION BY ${kinds[table] ?? '1'} ORDER BY ${names}) AS place FROM ${table}) r WHERE place = 1`);
    for (const row of rows) {
      for (const column of columns) {
        const [[value, isNull]] = bank.query(`SELECT coalesce(${shown(column)}, ''), CASE WHEN ${column.name} IS NULL THEN 1 ELSE 0 END FROM ${table} WHERE ${where(row)}`);
        const others = isBlob(column.type) || isNull === '1' ? [] : bank.query(`SELECT ${shown(column)} FROM ${table} WHERE ${column.name} <> ${literal(column, value)} ORDER BY 1 LIMIT 1`).map((r) => r[0]);
        const spell = (to) => (Buffer.isBuffer(to) ? bank.blob(to) : String(to));
        const changes = otherValues(column.name, column.type, isNull === '1' ? null : value, others).map(spell);
        const old = isNull === '1' ? 'NULL' : literal(column, value);
        found.push({ column: `${table}.${column.name}`, row: row.join('/'), ways: changes.map((to) => ({
          change: `UPDATE ${table} SET ${column.name} = ${to} WHERE ${where(row)}`,
          back: `UPDATE ${table} SET ${column.name} = ${old} WHERE ${where(row, column.name, to)}` })) });
      }
    }
  }
  return found;
}
