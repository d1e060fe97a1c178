// Damages of a bank: [name, check that must report it, SQL or a function that returns SQL].
import { execFileSync } from 'node:child_process';

// BLAKE2b-256 of bytes, as hex: computed by an attacker who knows the layout.
const blake = (bytes) => execFileSync('b2sum', ['-l', '256'], { input: bytes, encoding: 'utf8' }).slice(0, 64);
const words = (...values) => Buffer.concat(values.map((v) => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64LE(BigInt(v));
  return bytes;
}));

const nth = (n) => `(SELECT id FROM ledger_transfers ORDER BY id LIMIT 1 OFFSET ${n})`;
const last = '(SELECT max(id) FROM ledger_transfers)';
const columns = 'debit_id, credit_id, amount_minor, recipe, recipe_version, kind, leg, booking_date, value_days, ref_id, of_id';
const all = `${columns}, debit_prev_id, credit_prev_id, debit_net_minor, credit_net_minor, order_hash`;

// Canonical bytes of a row: eight words, then the order hash.
function sealed(row) {
  const fields = row.split('|');
  const order = Buffer.alloc(16);
  Buffer.from(fields[8], 'hex').copy(order);
  return Buffer.concat([words(...fields.slice(0, 8)), order]);
}

// Changes the last transfer and recomputes the last seal, as an insider could.
function withSeal(change) {
  return (query) => {
    query(`UPDATE ledger_transfers SET ${change} WHERE id = ${last}`);
    const before = query('SELECT hex(hash) FROM ledger_seals ORDER BY seq DESC LIMIT 1 OFFSET 1');
    const from = query('SELECT first_id FROM ledger_seals ORDER BY seq DESC LIMIT 1');
    const rows = query(`SELECT id, debit_id, credit_id, amount_minor, (recipe << 32) + (recipe_version << 16) + (kind << 8) + leg,`
      + ` (booking_date << 32) + value_days, ref_id, of_id, hex(order_hash) FROM ledger_transfers WHERE id >= ${from} ORDER BY id`).split('\n');
    const hash = blake(Buffer.concat([Buffer.from(before, 'hex'), ...rows.map(sealed)]));
    return `UPDATE ledger_seals SET hash = x'${hash}' WHERE seq = (SELECT max(seq) FROM ledger_seals)`;
  };
}

// Increases the credit of the first account of the first chunk, with a matching checksum.
function withChecksum(query) {
  const states = Buffer.from(query('SELECT hex(states) FROM ledger_balance_chunks WHERE chunk = 0'), 'hex');
  states.writeBigInt64LE(states.readBigInt64LE(16) + 100n, 16);
  const asOf = query('SELECT as_of_id FROM ledger_balance_chunks WHERE chunk = 0');
  return `UPDATE ledger_balance_chunks SET states = x'${states.toString('hex')}', checksum = x'${blake(Buffer.concat([words(0, asOf), states]))}' WHERE chunk = 0`;
}

// Edits an entry of the staff's log and recomputes its own hash.
function withEntryHash(query) {
  const [previous, at, staff, action, object] = query('SELECT hex(prev_hash), at, staff_id, action, object FROM staff_audit WHERE sequence = 1').split('|');
  const big = (value, size) => Buffer.from(BigInt(value).toString(16).padStart(2 * size, '0'), 'hex');
  const text = (t) => Buffer.concat([big(Buffer.byteLength(t), 4), Buffer.from(t)]);
  const hash = blake(Buffer.concat([Buffer.from(previous, 'hex'), big(1, 8), big(at, 8), big(staff, 8), text(action), text(object), text('other')]));
  return `UPDATE staff_audit SET detail = 'other', hash = x'${hash}' WHERE sequence = 1`;
}

export const onLedger = [
  ['an amount is changed', 'seals', `UPDATE ledger_transfers SET amount_minor = amount_minor + 100 WHERE id = ${nth(1)}`],
  ['an amount is changed: the balance tells', 'balances', `UPDATE ledger_transfers SET amount_minor = amount_minor + 100 WHERE id = ${nth(1)}`],
  ['the debit account is changed', 'seals', `UPDATE ledger_transfers SET debit_id = (SELECT credit_id FROM ledger_transfers WHERE id = ${nth(3)}) WHERE id = ${nth(1)}`],
  ['an account that is not there', 'transfers', `UPDATE ledger_transfers SET debit_id = 77 WHERE id = ${nth(1)}`],
  ['a transfer moves to another day', 'seals', `UPDATE ledger_transfers SET booking_date = booking_date - 1 WHERE id = ${nth(2)}`],
  ['a transfer moves to a day to come', 'books', `UPDATE ledger_transfers SET booking_date = booking_date + 9 WHERE id = ${nth(2)}`],
  ['a row is deleted', 'seals', `DELETE FROM ledger_transfers WHERE id = ${nth(2)}`],
  ['a row is deleted: the links tell', 'balances', `DELETE FROM ledger_transfers WHERE id = ${nth(2)}`],
  ['the last row and the last seal go', 'client-ids', `DELETE FROM ledger_transfers WHERE id = ${last}; DELETE FROM ledger_seals WHERE seq = (SELECT max(seq) FROM ledger_seals)`],
  ['a row with right-looking balances is added', 'seals', `INSERT INTO ledger_transfers (id, ${all}) SELECT id + 4194304, debit_id, credit_id, 100, recipe,
     recipe_version, kind, leg, booking_date, value_days, ref_id, of_id, id, id, debit_net_minor - 100, credit_net_minor + 100, order_hash FROM ledger_transfers WHERE id = ${last}`],
  ['an order hash is changed', 'seals', `UPDATE ledger_transfers SET order_hash = randomblob(16) WHERE id = ${nth(2)}`],
  ['two rows change places', 'seals', `UPDATE ledger_transfers SET id = CASE id WHEN ${nth(1)} THEN -2 ELSE -1 END WHERE id IN (${nth(1)}, ${nth(2)});
     UPDATE ledger_transfers SET id = CASE id WHEN -1 THEN (SELECT first_id FROM ledger_seals WHERE seq = 2) ELSE (SELECT first_id FROM ledger_seals WHERE seq = 3) END WHERE id < 0`],
  ['a seal is changed', 'seals', "UPDATE ledger_seals SET hash = zeroblob(32) WHERE seq = 2"],
  ['the last seal is dropped', 'seals', 'DELETE FROM ledger_seals WHERE seq = (SELECT max(seq) FROM ledger_seals)'],
  ['a seal in the middle is dropped', 'seals', 'DELETE FROM ledger_seals WHERE seq = 2'],
  ['a seal says another count', 'seals', 'UPDATE ledger_seals SET transfer_count = transfer_count + 1 WHERE seq = 3'],
  ['the last amount is changed and sealed anew', 'balances', withSeal('amount_minor = amount_minor + 1')],
  ['more is paid than there is', 'floors', withSeal('amount_minor = 100000000')],
  ['a running balance is changed', 'balances', `UPDATE ledger_transfers SET debit_net_minor = debit_net_minor + 5 WHERE id = ${nth(3)}`],
  ['a link is changed', 'balances', `UPDATE ledger_transfers SET debit_prev_id = 5 WHERE id = ${nth(3)}`],
  ['a leg leaves its journal', 'transfers', 'UPDATE ledger_transfers SET leg = 2 WHERE leg = 1'],
  ['a chunk and its checksum are changed', 'checkpoints', withChecksum],
  ['a checksum is changed', 'checkpoints', 'UPDATE ledger_balance_chunks SET checksum = zeroblob(32)'],
  ['a chunk is deleted', 'checkpoints', 'DELETE FROM ledger_balance_chunks WHERE chunk = 0'],
  ['a hold is opened again', 'holds', 'UPDATE ledger_holds SET state = 1 WHERE state = 2'],
  ['a hold is captured twice', 'holds', `INSERT INTO ledger_transfers (id, ${all}) SELECT ${last} + 4194304, ${all} FROM ledger_transfers WHERE kind = 2 LIMIT 1`],
  ['a hold says it captured less', 'holds', 'UPDATE ledger_holds SET captured_minor = captured_minor - 1 WHERE captured_minor > 0'],
  ['a hold is deleted', 'holds', 'DELETE FROM ledger_holds WHERE state = 3'],
  ['a hold is ended that is open', 'holds', "UPDATE ledger_holds SET state = 3 WHERE state = 1"],
  ['a hold is added', 'holds', 'INSERT INTO ledger_holds SELECT bucket, id + 1024, debit_id, credit_id, amount_minor, 0, 1, 0, 0, recipe FROM ledger_holds WHERE state = 1'],
  ['a hold stands past its deadline', 'holds', 'UPDATE ledger_holds SET expires_at = 1767571200000000 - 7200000000 WHERE state = 1'],
  ['a reversal is forgotten', 'reversals', 'DELETE FROM ledger_reversals'],
  ['a reversal is doubled', 'reversals', `INSERT INTO ledger_transfers (id, ${all}) SELECT ${last} + 4194304, ${all} FROM ledger_transfers WHERE recipe = 9`],
  ['a reversal is of another amount', 'reversals', 'UPDATE ledger_transfers SET amount_minor = amount_minor - 1 WHERE recipe = 9'],
  ['a reversal is of another journal', 'reversals', `UPDATE ledger_reversals SET journal_id = ${nth(2)}`],
  ['a journal gets a second client id', 'client-ids', "INSERT INTO ledger_client_ids SELECT zeroblob(16), transfer_id FROM ledger_client_ids WHERE transfer_id <> 0 LIMIT 1"],
  ['a client id names no journal', 'client-ids', 'UPDATE ledger_client_ids SET transfer_id = transfer_id + 1024 WHERE transfer_id = (SELECT max(transfer_id) FROM ledger_client_ids)'],
  ['a refusal becomes an acceptance', 'client-ids', `UPDATE ledger_client_ids SET transfer_id = ${nth(2)} WHERE transfer_id = 0`],
  ['a refusal is forgotten', 'client-ids', "DELETE FROM ledger_client_answers WHERE slug <> ''"],
  ['an account changes its currency', 'transfers', `UPDATE ledger_accounts SET ccy_number = (SELECT max(ccy_number) FROM ledger_accounts) WHERE id = (SELECT credit_id FROM ledger_transfers WHERE id = ${nth(1)})`],
  ['an account changes its currency: the books tell', 'books', `UPDATE ledger_accounts SET ccy_number = (SELECT max(ccy_number) FROM ledger_accounts) WHERE id = (SELECT credit_id FROM ledger_transfers WHERE id = ${nth(1)})`],
  ['an account is closed with money', 'floors', 'UPDATE ledger_accounts SET closed = 1 WHERE id > 1099511627776 AND slot = 0'],
  ['a floor is taken away', 'accounts', 'UPDATE ledger_accounts SET floor = 0 WHERE floor = 1'],
  ['an account gets another code', 'accounts', 'UPDATE ledger_accounts SET gl_code = 3001 WHERE gl_code = 1001'],
];

const firstTransfer = '(SELECT min(id) FROM payment_payments WHERE kind = 1)';
const payment = (changes) => `INSERT INTO payment_payments SELECT bucket, id + 4194304, kind, status, debtor_customer_id, creditor_customer_id, debtor_account_id,
  creditor_account_id, debtor_name, creditor_name, debtor_masked, creditor_masked, card_id, amount_minor, currency, remittance, reason_code, rule_version,
  end_to_end_id, ${changes}, hold_id, created_at, settled_at, attempt_count, query_count, asked_at, answered, counted_small, next_query_at, version, order_source, order_source_id, proof_factors, order_salt
  FROM payment_payments WHERE id = ${firstTransfer}`;

export const onTown = [
  ['a limit is used less', 'limits', 'UPDATE account_usages SET day_minor = day_minor - 1 WHERE limit_kind = 1 AND day_minor > 0'],
  ['a year is used less', 'limits', 'UPDATE account_usages SET year_minor = 0 WHERE limit_kind = 2'],
  ['a limit is forgotten', 'limits', 'DELETE FROM account_usages WHERE limit_kind = 4'],
  ['a small payment is not counted', 'limits', `UPDATE payment_payments SET counted_small = 1 - counted_small WHERE id = ${firstTransfer}`],
  ['a payment moves to another day', 'limits', `UPDATE payment_payments SET created_at = created_at - 86400000000 WHERE id = ${firstTransfer}`],
  ['a payment is deleted', 'payments', `DELETE FROM payment_payments WHERE id = ${firstTransfer}`],
  ['a payment is of another amount', 'payments', `UPDATE payment_payments SET amount_minor = amount_minor + 1 WHERE id = ${firstTransfer}`],
  ['a payment went to another account', 'payments', `UPDATE payment_payments SET creditor_account_id = debtor_account_id WHERE id = ${firstTransfer}`],
  ['a payment is added without a journal', 'payments', payment('0')],
  ['two payments share a journal', 'payments', payment('journal_id')],
  ['a rejected payment is settled', 'payments', 'UPDATE payment_payments SET status = 3 WHERE status = 4 AND kind = 2'],
  ['a settled payment is rejected', 'payments', 'UPDATE payment_payments SET status = 4, journal_id = 0 WHERE status = 3 AND kind = 2'],
  ['a pending withdrawal loses its hold', 'payments', 'UPDATE ledger_holds SET state = 3 WHERE state = 1'],
  ['a pending withdrawal loses its hold: the holds tell', 'holds', 'UPDATE ledger_holds SET state = 3 WHERE state = 1'],
  ['interest is added', 'interest', 'UPDATE account_interest SET accrued_micro = accrued_micro + 2 WHERE account_id = (SELECT min(account_id) FROM account_interest)'],
  ['interest is added, and to the total', 'interest', `UPDATE account_interest_totals SET accrued_micro = accrued_micro + 2 WHERE bucket = (SELECT min(account_id) & 1023 FROM account_interest);
     UPDATE account_interest SET accrued_micro = accrued_micro + 2 WHERE account_id = (SELECT min(account_id) FROM account_interest)`],
  ['a day of interest is taken back', 'interest', 'UPDATE account_interest SET last_accrued_date = last_accrued_date - 1 WHERE account_id = (SELECT min(account_id) FROM account_interest)'],
  ['the total of interest is changed', 'interest', 'UPDATE account_interest_totals SET accrued_micro = accrued_micro + 5'],
  ['what the books show of interest is changed', 'interest', 'UPDATE account_interest_totals SET posted_minor = posted_minor + 1'],
  ['a row of interest is deleted', 'interest', 'DELETE FROM account_interest WHERE account_id = (SELECT min(account_id) FROM account_interest)'],
  ['the interest rate is changed', 'interest', "UPDATE catalogue_parameters SET value = 2 * value WHERE name = 'demand.ratePpb'"],
  ['an entry of the log is edited', 'staff-audit', "UPDATE staff_audit SET detail = 'other' WHERE sequence = 1"],
  ['an entry of the log is edited with its hash', 'staff-audit', withEntryHash],
  ['the newest entry of the log is deleted', 'staff-audit', 'DELETE FROM staff_audit WHERE sequence = (SELECT max(sequence) FROM staff_audit)'],
  ['a kept sum of a day is added', 'books', 'INSERT INTO report_gl_days SELECT bucket, business_date + 1000, 2001, 1, 1, 1 FROM engine_business_date'],
  ['days are said to be summed that are not', 'books', `UPDATE report_gl_progress SET through_id = ${last}`],
  ['a settlement is changed', 'settlement', 'UPDATE payment_settlements SET in_minor = in_minor + 1 WHERE bucket = (SELECT min(bucket) FROM payment_settlements)'],
  ['a customer account is deleted', 'accounts', 'DELETE FROM account_accounts WHERE id = (SELECT min(id) FROM account_accounts)'],
  ['a customer account is closed', 'accounts', 'UPDATE account_accounts SET state = 3 WHERE id = (SELECT min(id) FROM account_accounts)'],
  ['a customer account is of another currency', 'accounts', "UPDATE account_accounts SET currency = 'USD' WHERE id = (SELECT min(id) FROM account_accounts)"],
  ['a ledger account is deleted', 'accounts', 'DELETE FROM ledger_accounts WHERE id = (SELECT min(id) FROM account_accounts)'],
  // the order stored in the journal
  ['a payee\'s name is changed', 'payments', `UPDATE payment_payments SET creditor_name = '王五' WHERE id = ${firstTransfer}`],
  ['a payer\'s name is changed', 'payments', `UPDATE payment_payments SET debtor_name = '王五' WHERE id = ${firstTransfer}`],
  ['names are blanked as if erased', 'payments', `UPDATE payment_payments SET debtor_name = '', debtor_masked = '' WHERE id = ${firstTransfer}`],
  ['a masked number is changed', 'payments', `UPDATE payment_payments SET creditor_masked = '**** 0000' WHERE id = ${firstTransfer}`],
  ['a remittance text is changed', 'payments', `UPDATE payment_payments SET remittance = 'rent' WHERE id = ${firstTransfer}`],
  ['an end-to-end id is changed', 'payments', `UPDATE payment_payments SET end_to_end_id = 'X1' WHERE id = ${firstTransfer}`],
  ['the instant of an order is changed', 'payments', `UPDATE payment_payments SET created_at = created_at - 1000000 WHERE id = ${firstTransfer}`],
  ['the instant of a settlement is changed', 'payments', `UPDATE payment_payments SET settled_at = settled_at + 1000000 WHERE id = ${firstTransfer}`],
  ['a rule version is changed', 'payments', `UPDATE payment_payments SET rule_version = rule_version + 1 WHERE id = ${firstTransfer}`],
  ['the card of a top-up is changed', 'payments', "UPDATE payment_payments SET creditor_masked = 'x', debtor_masked = 'y' WHERE id = (SELECT min(id) FROM payment_payments WHERE kind = 2 AND status = 3)"],
  ['the words of a pending withdrawal are changed', 'payments', "UPDATE payment_payments SET creditor_masked = 'x' WHERE kind = 3 AND status IN (1, 2)"],
  ['a payment is pending for a month', 'payments', 'UPDATE payment_payments SET created_at = created_at - 2678400000000 WHERE kind = 2 AND status IN (1, 2)'],
  ['a rejection loses its instant', 'payments', 'UPDATE payment_payments SET settled_at = 0 WHERE status = 4 AND kind = 2'],
  // terminal states and their events
  ['the events of a payment are deleted', 'payments', 'DELETE FROM payment_events WHERE payment_id = (SELECT min(id) FROM payment_payments WHERE kind = 2 AND status = 3)'],
  ['the last event of a rejection is deleted', 'payments', "DELETE FROM payment_events WHERE event IN ('rejected', 'notSent', 'void')"],
  ['an event is doubled', 'payments', "INSERT INTO payment_events (bucket, payment_id, id, at, event, detail, hash) SELECT bucket, payment_id, id + 1024, at, event, detail, hash FROM payment_events WHERE event = 'accepted'"],
  ['an event of no payment', 'payments', "INSERT INTO payment_events (bucket, payment_id, id, at, event, detail, hash) SELECT bucket, payment_id + 1024, id, at, event, detail, hash FROM payment_events WHERE event = 'begun'"],
  // authorisation of an order
  ['the session of a payment is deleted', 'payments', `DELETE FROM customer_sessions WHERE id = (SELECT order_source_id FROM payment_payments WHERE id = ${firstTransfer})`],
  ['the session of a payment is another person\'s', 'payments', `UPDATE customer_sessions SET customer_id = (SELECT max(id) FROM customer_customers) WHERE id = (SELECT order_source_id FROM payment_payments WHERE id = ${firstTransfer})`],
  ['the session of a payment had ended', 'payments', `UPDATE customer_sessions SET ended_at = created_at WHERE id = (SELECT order_source_id FROM payment_payments WHERE id = ${firstTransfer})`],
  ['the session of a payment never gave its pass code', 'payments', 'UPDATE customer_sessions SET step_up_until = 0 WHERE id = (SELECT min(order_source_id) FROM payment_payments WHERE (proof_factors & 4) <> 0)'],
  ['a payment claims a factor', 'payments', `UPDATE payment_payments SET proof_factors = 63 - proof_factors WHERE id = ${firstTransfer}`],
  ['a payment rests on a company\'s order that is not there', 'payments', `UPDATE payment_payments SET order_source = 2 WHERE id = ${firstTransfer}`],
  ['the words of a rejected top-up are changed', 'payments', "UPDATE payment_payments SET debtor_name = 'Somebody' WHERE kind = 2 AND status = 4"],
  ['the reason of a rejected top-up is changed', 'payments', "UPDATE payment_payments SET reason_code = 'AM14' WHERE kind = 2 AND status = 4"],
  ['a rejected withdrawal ended at another instant', 'payments', 'UPDATE payment_payments SET settled_at = settled_at + 1 WHERE kind = 3 AND status = 4'],
  ['the detail of an event is changed', 'payments', "UPDATE payment_events SET detail = 'x' WHERE event = 'accepted'"],
  // owners, names, closures
  ['the owner of an account is changed', 'accounts', 'UPDATE account_accounts SET customer_id = customer_id + 1024 WHERE id = (SELECT min(id) FROM account_accounts)'],
  ['an account goes to another customer', 'accounts', 'UPDATE account_accounts SET customer_id = (SELECT max(id) FROM customer_customers) WHERE id = (SELECT min(debtor_account_id) FROM payment_payments WHERE kind = 1)'],
  ['the class of an account is raised', 'accounts', 'UPDATE account_accounts SET class = 1 WHERE class = 2'],
  ['the class of an account and its product are raised together', 'accounts', 'UPDATE account_accounts SET class = 1, product = 1 WHERE class = 2'],
  ['the class of an account is raised with a change that nobody approved', 'accounts', 'INSERT INTO account_changes SELECT bucket, id, version + 1, 1, 1, 1, state FROM account_accounts WHERE class = 2; UPDATE account_accounts SET class = 1, product = 1, version = version + 1 WHERE class = 2'],
  ['an account is closing and nobody closes it', 'accounts', 'UPDATE account_accounts SET state = 4 WHERE id = (SELECT min(id) FROM account_accounts)'],
  ['an account is frozen without an order', 'accounts', 'UPDATE account_accounts SET state = 2 WHERE id = (SELECT min(id) FROM account_accounts)'],
  ['a closure that did not close', 'accounts', 'INSERT INTO payment_closures (bucket, id, account_id, customer_id, state, payment_id, payout_count, reason_code, begun_at, ended_at) SELECT bucket, id, id, customer_id, 2, 0, 0, \'\', 1, 2 FROM account_accounts WHERE id = (SELECT min(id) FROM account_accounts)'],
  ['the directory leads elsewhere', 'customers', 'UPDATE db_directory SET owner_id = (SELECT max(id) FROM customer_customers) WHERE kind = 1 AND owner_id = (SELECT min(id) FROM customer_customers)'],
  ['a phone number leaves the directory', 'customers', 'DELETE FROM db_directory WHERE kind = 1 AND owner_id = (SELECT min(id) FROM customer_customers)'],
  ['the phone hash of a customer is changed', 'customers', 'UPDATE customer_customers SET phone_hash = zeroblob(32) WHERE id = (SELECT min(id) FROM customer_customers)',
    "UPDATE customer_customers SET phone_hash = decode(repeat('00', 32), 'hex') WHERE id = (SELECT min(id) FROM customer_customers)"],
  ['an account number leaves the directory', 'customers', 'DELETE FROM db_directory WHERE kind = 6 AND owner_id = (SELECT min(id) FROM account_accounts)'],
  // messages and answers
  ['a message names another amount', 'customers', `UPDATE customer_messages SET params = '{"amount":"9.99","name":"x"}' WHERE payment_id = ${firstTransfer}`],
  ['the messages of a payment are deleted', 'customers', `DELETE FROM customer_messages WHERE payment_id = ${firstTransfer}`],
  ['a message goes to somebody else', 'customers', `UPDATE customer_messages SET payment_id = (SELECT max(id) FROM payment_payments WHERE kind = 2) WHERE payment_id = ${firstTransfer}`],
  ['a message cannot be read', 'texts', "UPDATE customer_messages SET params = '{\"amount\":' WHERE id = (SELECT min(id) FROM customer_messages)"],
  ['news cannot be read', 'texts', "INSERT INTO db_outbox (bucket, id, topic, ref_id, created_at, next_at, attempts, state, body) VALUES (0, 1, 'payment.booked', 1, 1, 1, 0, 0, '{\"a\":')"],
  ['a text is no UTF-8', 'texts', `UPDATE payment_payments SET remittance = CAST(x'ff41' AS TEXT) WHERE id = ${firstTransfer}`, ''],
  ['an answer kept with a key leads to no payment', 'texts', "UPDATE db_idempotency SET result_id = 77824 WHERE route = 'makeTopUp'"],
  ['an answer kept with a key leads to a payment of others', 'texts', "UPDATE db_idempotency SET result_id = (SELECT max(id) FROM payment_payments WHERE kind = 1) WHERE route = 'makeTopUp' AND principal_id NOT IN (SELECT debtor_customer_id FROM payment_payments WHERE id = (SELECT max(id) FROM payment_payments WHERE kind = 1)) AND principal_id NOT IN (SELECT creditor_customer_id FROM payment_payments WHERE id = (SELECT max(id) FROM payment_payments WHERE kind = 1))"],
  // staff, and changes that need two of them
  ['an admin role is given', 'staff-audit', "UPDATE staff_users SET roles = 16 WHERE login = 'teller'"],
  ['a person is disabled or enabled by hand', 'staff-audit', "UPDATE staff_users SET roles = roles + 64 WHERE login = 'operator'"],
  ['a person is added', 'staff-audit', "CREATE TEMP TABLE mallory AS SELECT * FROM staff_users WHERE login = 'admin'; UPDATE mallory SET id = id + 1, login = 'mallory'; INSERT INTO staff_users SELECT * FROM mallory"],
  ['the log is emptied and its head reset', 'staff-audit', 'DELETE FROM staff_audit; UPDATE staff_audit_head SET sequence = 0, hash = zeroblob(32)',
    "DELETE FROM staff_audit; UPDATE staff_audit_head SET sequence = 0, hash = decode(repeat('00', 32), 'hex')"],
  ['a change is approved that nobody proposed', 'staff-audit', `INSERT INTO staff_changes (bucket, id, kind, object, before_json, after_json, reason, maker_id, state, checker_id, decision_reason, created_at, expires_at, decided_at, version)
     SELECT 0, 5, 'parameter', 'quickPay.dayMax', '{}', '{}', '', min(id), 2, max(id), '', 1, 2, 2, 2 FROM staff_users`],
  ['a limit of the rules is raised', 'staff-audit', "UPDATE catalogue_parameters SET value = value * 10 WHERE name = 'smallPayment.dayMax'"],
  ['a figure is added in somebody\'s name', 'staff-audit', "INSERT INTO catalogue_parameters (bucket, name, effective_date, value, version, source_en, source_zh, staff_id, created_at) SELECT 0, 'classII.outflowNonBoundDayMax', 20000, -1, 9, 'x', 'x', max(id), 1 FROM staff_users"],
  ['a figure is deleted', 'staff-audit', "DELETE FROM catalogue_parameters WHERE name = 'cards.countMax'"],
  ['the limits of a card are raised', 'staff-audit', 'UPDATE account_cards SET day_max_minor = day_max_minor * 10'],
  // business days
  ['a step of a day has not ended', 'days', 'UPDATE frame_eod_steps SET ended_at = 0 WHERE business_date = (SELECT min(business_date) FROM frame_eod_steps)'],
  ['a business day was never closed', 'days', 'DELETE FROM frame_eod_dates WHERE business_date = (SELECT min(business_date) + 3 FROM frame_eod_dates)'],
  ['the business date jumps ahead', 'days', 'UPDATE engine_business_date SET business_date = business_date + 2'],
];

const pgNth = (n) => `(SELECT id FROM ledger_transfers ORDER BY id LIMIT 1 OFFSET ${n})`;
export const onPostgresql = [
  ['an amount is changed', 'seals', `UPDATE ledger_transfers SET amount_minor = amount_minor + 100 WHERE id = ${pgNth(1)}`],
  ['a transfer is deleted', 'seals', `DELETE FROM ledger_transfers WHERE id = ${pgNth(2)}`],
  ['an order hash is changed', 'seals', `UPDATE ledger_transfers SET order_hash = decode(repeat('01', 16), 'hex') WHERE id = ${pgNth(2)}`],
  ['a transfer waits for no seal', 'seals', `UPDATE ledger_seals SET members = substr(members, 9), transfer_count = transfer_count - 1 WHERE bucket = (SELECT min(bucket) FROM ledger_seals)`],
  ['a seal is changed', 'seals', "UPDATE ledger_seals SET hash = decode(repeat('00', 32), 'hex') WHERE seq = 1"],
  ['the seals of a bucket are dropped', 'seals', 'DELETE FROM ledger_seals WHERE bucket = (SELECT min(bucket) FROM ledger_seals)'],
  ['a balance is changed', 'balances', 'UPDATE ledger_accounts SET credits_posted = credits_posted + 100 WHERE gl_code = 2001'],
  ['a posting line is deleted', 'balances', `DELETE FROM ledger_postings WHERE transfer_id = ${pgNth(1)} AND side = 1`],
  ['a posting line is of another side', 'balances', `UPDATE ledger_postings SET side = 3 - side WHERE transfer_id = ${pgNth(1)}`],
  ['a line says another balance', 'balances', `UPDATE ledger_postings SET net_minor = net_minor + 1 WHERE transfer_id = ${pgNth(1)} AND side = 1`],
  ['a hold is opened again', 'holds', 'UPDATE ledger_holds SET state = 1 WHERE state = 2'],
  ['a reversal is forgotten', 'reversals', 'DELETE FROM ledger_reversals'],
  ['a client id names no journal', 'client-ids', 'UPDATE ledger_client_ids SET transfer_id = transfer_id + 1024 WHERE transfer_id = (SELECT max(transfer_id) FROM ledger_client_ids)'],
  ['an account is closed with money', 'floors', 'UPDATE ledger_accounts SET closed = 1 WHERE gl_code = 2001'],
];
