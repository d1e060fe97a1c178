// The invented bank behind mock/server.mjs: a few people, their payments and a small chart of
// accounts, made the same way each time. Amounts are whole fen here and decimal strings outside.

const fen = (n) => {
  const sign = n < 0 ? '-' : ''
  const abs = Math.abs(n)
  return `${sign}${Math.floor(abs / 100)}.${String(abs % 100).padStart(2, '0')}`
}
const money = (n) => ({ amount: fen(n), currency: 'CNY' })
const iso = (ms) => new Date(ms).toISOString()
const hex = (seed, length = 64) => {
  let x = (seed * 2654435761) % 4294967296
  let out = ''
  while (out.length < length) {
    x = (x * 1664525 + 1013904223) % 4294967296
    out += x.toString(16).padStart(8, '0')
  }
  return out.slice(0, length)
}

const people = [
  ['张三丰', '+8613800000001', '110101199003070011', 'active'],
  ['李小龙', '+8613800000002', '310104198811020022', 'active'],
  ['王美丽', '+8613800000003', '440305199512120033', 'active'],
  ['赵敏', '+8613800000004', '510107199207070044', 'active'],
  ['欧阳锋', '+8613800000005', '330106198001010055', 'suspended'],
  ['小店杂货', '+8613800000006', '320508197909090066', 'active'],
  [null, '+8613800000007', null, 'onboarding'],
  ['陈晓明', '+8613800000008', '420106199909190088', 'closed'],
]
const glTable = [
  ['1001', '存放中央银行备付金', 'Reserve at the central bank', 'asset', 'debit'],
  ['1011', '应收清算款', 'Clearing receivable', 'asset', 'debit'],
  ['1901', '单元间在途资金', 'In transit between units', 'asset', 'debit'],
  ['2001', '活期存款', 'Demand deposits', 'liability', 'credit'],
  ['2011', '应付清算款', 'Clearing payable', 'liability', 'credit'],
  ['2101', '应付利息', 'Interest payable', 'liability', 'credit'],
  ['2901', '挂账款项', 'Suspense', 'liability', 'credit'],
  ['3001', '实收资本', 'Paid-in capital', 'equity', 'credit'],
  ['4001', '手续费收入', 'Fee income', 'income', 'credit'],
  ['5001', '利息支出', 'Interest expense', 'expense', 'debit'],
]

export function makeBank() {
  const now = Date.now()
  const today = iso(now + 8 * 3600e3).slice(0, 10)
  const eod = { state: 'open', startedAt: 0 }
  const customers = people.map(([name, phone, idNumber, state], i) => ({
    customerId: String(7318349394477056n + BigInt(i * 1024 + i)),
    name,
    phone,
    idNumber,
    state,
    createdAt: iso(now - (40 - i * 3) * 86400e3),
  }))
  const accounts = customers
    .filter((c) => c.name)
    .map((c, i) => ({
      accountId: String(7318349394478080n + BigInt(i * 1024 + i)),
      accountNumber: `6230580000${String(100000 + i * 7919).padStart(6, '0')}`,
      owner: c,
      booked: 0,
      state: c.state === 'suspended' ? 'frozen' : c.state === 'closed' ? 'closed' : 'active',
      openedAt: c.createdAt,
    }))
  const glName = (code) => {
    const g = glTable.find((x) => x[0] === code)
    return { zh: g[1], en: g[2] }
  }
  const glBalance = Object.fromEntries(glTable.map((g) => [g[0], { debit: 0, credit: 0, openDebit: 0, openCredit: 0 }]))
  const journals = []
  const payments = []
  const transactions = []

  function journal(kind, at, legs, reference, reversalOf) {
    const id = String(7318349394500000n + BigInt(journals.length * 1024))
    const postings = legs.map(([gl, side, amount, account]) => {
      glBalance[gl][side] += amount
      if (iso(at + 8 * 3600e3).slice(0, 10) !== today) {
        glBalance[gl][side === 'debit' ? 'openDebit' : 'openCredit'] += amount
      }
      if (account) account.booked += side === 'credit' ? amount : -amount
      const after = account ? account.booked : Math.abs(glBalance[gl].debit - glBalance[gl].credit)
      return {
        accountId: account?.accountId ?? `90000000000000${gl}`,
        glCode: gl,
        glName: glName(gl),
        side,
        amount: money(amount),
        balanceAfter: money(after),
      }
    })
    const made = {
      journalId: id,
      kind,
      recipeVersion: '1',
      bookingDate: iso(at + 8 * 3600e3).slice(0, 10),
      valueDate: iso(at + 8 * 3600e3).slice(0, 10),
      createdAt: iso(at),
      reference,
      reversalOf,
      postings,
    }
    journals.push(made)
    return made
  }

  journal(
    'capitalPaidIn',
    now - 60 * 86400e3,
    [
      ['1001', 'debit', 500000000],
      ['3001', 'credit', 500000000],
    ],
    'capital',
  )
  const active = accounts.filter((a) => a.state !== 'closed')
  for (let i = 0; i < 160; i++) {
    const at = now - (160 - i) * 1000 * 60 * 47 + (i % 7) * 61e3
    const kind = i < 12 || i % 5 === 0 ? 'topUp' : i % 11 === 7 ? 'withdrawal' : 'transfer'
    const from = active[(i * 3 + 1) % active.length]
    const to = active[(i * 5 + 2 + (i % 2)) % active.length]
    const amount = kind === 'topUp' ? 50000 + ((i * 7919) % 450000) : 100 + ((i * 104729) % 18000)
    let status = i % 29 === 17 ? 'RJCT' : i > 150 && i % 4 === 3 ? 'PDNG' : 'ACSC'
    if (kind === 'transfer' && (from === to || from.booked < amount)) continue
    if (kind === 'withdrawal' && from.booked < amount) continue
    if (kind === 'transfer' && status === 'PDNG') status = 'ACSC'
    const payment = {
      paymentId: String(7318349394900000n + BigInt(i * 1024)),
      kind,
      transactionStatus: status,
      instructedAmount: money(amount),
      amount,
      debtorName: kind === 'topUp' ? to.owner.name : from.owner.name,
      debtorAccount: kind === 'topUp' ? '622848********1234' : `6230**********${from.accountNumber.slice(-2)}`,
      creditorName: kind === 'withdrawal' ? from.owner.name : to.owner.name,
      creditorAccount: kind === 'withdrawal' ? '622848********1234' : `6230**********${to.accountNumber.slice(-2)}`,
      remittanceInformationUnstructured: kind === 'transfer' ? ['午饭', '房租', 'coffee', '生日快乐', ''][i % 5] : '',
      createdAt: iso(at),
      settledAt: status === 'ACSC' ? iso(at + 800) : undefined,
      reasonCode: status === 'RJCT' ? 'AM04' : undefined,
      statusReason: status === 'RJCT' ? { zh: '余额不足', en: 'Not enough money in the account.' } : undefined,
      endToEndIdentification: `E2E${hex(i + 3, 20)}`,
      journalIds: [],
      ruleVersion: 'limits-2026-01',
      channelQueries: status === 'PDNG' ? 2 : 0,
      debtorCustomerId: kind === 'topUp' ? undefined : from.owner.customerId,
      creditorCustomerId: kind === 'withdrawal' ? undefined : to.owner.customerId,
      card:
        kind === 'transfer'
          ? undefined
          : {
              cardId: '73183493944000',
              issuer: { code: 'ABC1', name: { zh: '北方农业银行', en: 'North Farm Bank' } },
              maskedPan: '622848********1234',
            },
      at,
      from,
      to,
    }
    if (status === 'ACSC') settle(payment)
    payments.push(payment)
  }
  journal(
    'reversal',
    now - 3600e3,
    [
      ['4001', 'debit', 200],
      ['2001', 'credit', 200, active[0]],
    ],
    'fee returned',
    journals[3].journalId,
  )

  function settle(p) {
    const legs = {
      topUp: [
        ['1001', 'debit', p.amount],
        ['2001', 'credit', p.amount, p.to],
      ],
      withdrawal: [
        ['2001', 'debit', p.amount, p.from],
        ['1001', 'credit', p.amount],
      ],
      transfer: [
        ['2001', 'debit', p.amount, p.from],
        ['2001', 'credit', p.amount, p.to],
      ],
    }[p.kind]
    const made = journal(p.kind, p.at, legs, p.paymentId)
    p.journalIds.push(made.journalId)
    p.transactionStatus = 'ACSC'
    for (const [account, direction] of [
      [p.kind === 'topUp' ? null : p.from, 'out'],
      [p.kind === 'withdrawal' ? null : p.to, 'in'],
    ]) {
      if (!account) continue
      transactions.push({
        accountId: account.accountId,
        transactionId: made.journalId,
        bookingDate: made.bookingDate,
        valueDate: made.valueDate,
        bookedAt: made.createdAt,
        kind: p.kind,
        direction,
        transactionAmount: money(p.amount),
        balanceAfter: money(account.booked),
        amount: p.amount,
        counterpartyName: direction === 'in' ? p.debtorName : p.creditorName,
        counterpartyAccount: direction === 'in' ? p.debtorAccount : p.creditorAccount,
        remittanceInformationUnstructured: p.remittanceInformationUnstructured,
        paymentId: p.paymentId,
        transactionStatus: 'ACSC',
        recipe: made.kind,
      })
    }
  }

  const mask = (text, head, tail) => text.slice(0, head) + '*'.repeat(text.length - head - tail) + text.slice(-tail)
  const maskedPhone = (c) => mask(c.phone, 6, 4)
  const maskedId = (c) => (c.idNumber ? mask(c.idNumber, 2, 2) : null)
  const row = (c) => ({
    customerId: c.customerId,
    name: c.name,
    maskedPhone: maskedPhone(c),
    maskedIdNumber: maskedId(c),
    state: c.state,
    createdAt: c.createdAt,
  })
  const accountView = (a) => ({
    accountId: a.accountId,
    accountNumber: a.accountNumber,
    class: 'II',
    currency: 'CNY',
    state: a.state,
    openedAt: a.openedAt,
    product: {
      name: { zh: '活期账户（Ⅱ类）', en: 'Demand account (Class II)' },
      interestRate: '0.35%',
      ruleVersion: 'demand-2026-01',
    },
    balances: [
      { balanceType: 'interimBooked', balanceAmount: money(a.booked) },
      { balanceType: 'interimAvailable', balanceAmount: money(Math.max(0, a.booked - 1000)) },
    ],
    accruedInterest: '0.012345',
  })
  const payView = ({ from, to, at, amount, ...p }) => p
  const permissions = {
    teller: ['dashboard', 'customers', 'reveal', 'customerChange', 'payments', 'paymentQuery'],
    accountant: ['dashboard', 'payments', 'ledger', 'jobs'],
    operator: ['dashboard', 'payments', 'paymentQuery', 'jobs', 'jobsRun'],
    auditor: ['dashboard', 'customers', 'payments', 'ledger', 'jobs', 'audit', 'users'],
    admin: ['dashboard', 'jobs', 'audit', 'users', 'usersChange'],
  }
  const users = ['everyone', 'admin', 'teller', 'accountant', 'operator', 'auditor'].map((login, i) => ({
    staffId: String(100 + i),
    login,
    password: `sandbox-${login}`,
    roles: login === 'everyone' ? Object.keys(permissions) : [login],
    state: 'active',
    name: ['全能 许', '管理员 何', '柜员 周', '会计 吴', '运维 郑', '审计 孙'][i],
    createdAt: iso(now - 80 * 86400e3),
  }))
  const staffView = (u) => ({
    staffId: u.staffId,
    login: u.login,
    name: u.name,
    roles: u.roles,
    permissions: [...new Set(u.roles.flatMap((role) => permissions[role]))],
  })
  const outboxItems = [
    {
      messageId: '8801',
      topic: 'payment.query',
      attempts: 2,
      nextAt: iso(now + 40e3),
      lastError: 'time-out after 3000 ms',
      state: 'due',
    },
    { messageId: '8802', topic: 'sms.notice', attempts: 0, nextAt: iso(now + 5e3), state: 'due' },
    {
      messageId: '8790',
      topic: 'sms.notice',
      attempts: 12,
      nextAt: iso(now - 86400e3),
      lastError: 'gateway answered 503',
      state: 'dead',
    },
  ]
  const audit = []
  const log = (staff, action, object, detail) =>
    audit.unshift({
      sequence: String(audit.length + 1),
      at: iso(Date.now() - (audit.length < 60 ? (60 - audit.length) * 613e3 : 0)),
      staffId: staff.staffId,
      login: staff.login,
      action,
      object,
      detail,
      hash: hex(audit.length + 77),
    })
  for (let i = 0; i < 55; i++) {
    log(
      users[1 + (i % 5)],
      ['sign-in', 'customer.view', 'customer.reveal', 'payment.query', 'outbox.retry'][i % 5],
      i % 5 === 0 ? 'session' : `customer/${customers[i % 6].customerId}`,
      i % 5 === 2 ? 'idNumber: 客户来电核实身份' : '',
    )
  }
  const seals = Array.from({ length: 45 }, (_, i) => ({
    sealId: String(900 - i),
    at: iso(now - i * 60e3),
    firstTransferId: String(40000 - i * 37),
    lastTransferId: String(40036 - i * 37),
    count: 37,
    hash: hex(i + 500),
  }))
  const stepNames = ['advance', 'accrueInterest', 'capitaliseInterest', 'settleClearing', 'closeTotals']

  return {
    users,
    staffView,
    seals,
    bank: {
      name: { en: 'Sycee Bank', zh: '元宝银行' },
      businessDate: today,
      currency: 'CNY',
      environment: 'sandbox',
      sandboxUrl: 'http://127.0.0.1:8090/',
      version: '0.1.0',
      passCodeLength: 6,
    },
    dashboard() {
      const todays = payments.filter((p) => iso(p.at + 8 * 3600e3).slice(0, 10) === today)
      const by = (s) => payments.filter((p) => p.transactionStatus === s).length
      const funds = accounts.reduce((sum, a) => sum + a.booked, 0)
      return {
        businessDate: today,
        customers: { total: customers.length, active: 5, newToday: 1 },
        accounts: { total: accounts.length },
        customerFunds: money(funds),
        inClearing: money(0),
        reserve: money(glBalance['1001'].debit - glBalance['1001'].credit - 500000000 + 200),
        payments: {
          today: { count: todays.length, amount: money(todays.reduce((s, p) => s + p.amount, 0)) },
          byStatus: { ACSC: by('ACSC'), PDNG: by('PDNG'), RJCT: by('RJCT') },
        },
        outbox: {
          due: outboxItems.filter((o) => o.state === 'due').length,
          dead: outboxItems.filter((o) => o.state === 'dead').length,
        },
        hourly: Array.from({ length: 24 }, (_, i) => {
          const hour = Math.floor(now / 3600e3) * 3600e3 - (23 - i) * 3600e3
          const inHour = payments.filter((p) => p.at >= hour && p.at < hour + 3600e3)
          return {
            hour: iso(hour).replace('.000', ''),
            count: inHour.length + ((i * 7) % 5),
            amount: money(inHour.reduce((s, p) => s + p.amount, 0) + ((i * 7) % 5) * 3210),
          }
        }),
      }
    },
    findCustomers(q) {
      if (!q) return customers.map(row)
      return customers
        .filter(
          (c) =>
            c.customerId === q ||
            c.name?.includes(q) ||
            c.phone.endsWith(q.replace(/^\+86/, '')) ||
            accounts.some((a) => a.owner === c && a.accountNumber === q),
        )
        .map(row)
    },
    customer360(id) {
      const c = customers.find((x) => x.customerId === id)
      if (!c) return null
      const checks = c.name ? ['format', 'region', 'birthDate', 'checkDigit', 'age', 'registry'] : []
      return {
        customer: {
          customerId: c.customerId,
          phone: maskedPhone(c),
          name: c.name,
          maskedIdNumber: maskedId(c),
          idNumber: maskedId(c),
          language: 'zh',
          state: c.state,
          createdAt: c.createdAt,
          onboarding: {
            next: c.name ? 'done' : 'identity',
            steps: ['phone', 'identity', 'consents', 'passCode', 'idPictures', 'face', 'place', 'card'].map(
              (step, i) => ({
                step,
                state:
                  step === 'idPictures' || step === 'face' || step === 'place'
                    ? 'notOpen'
                    : c.name || i === 0
                      ? 'done'
                      : 'todo',
                at: c.createdAt,
              }),
            ),
          },
        },
        accounts: accounts.filter((a) => a.owner === c).map(accountView),
        cards: c.name
          ? [
              {
                cardId: `7318349394${c.customerId.slice(-4)}`,
                issuer: { code: 'ABC1', name: { zh: '北方农业银行', en: 'North Farm Bank' } },
                maskedPan: '622848********1234',
                cardKind: 'debit',
                accountClass: 'I',
                state: 'bound',
                boundAt: c.createdAt,
                perPaymentLimit: money(1000000),
                perDayLimit: money(2000000),
              },
            ]
          : [],
        consents: ['terms', 'privacy', 'identityCheck', 'marketing'].map((purpose) => ({
          purpose,
          textVersion: '1',
          granted: purpose !== 'marketing',
          at: c.createdAt,
        })),
        checks: checks.map((check, i) => ({
          check,
          result: 'passed',
          score: check === 'registry' ? '0.98' : undefined,
          version: '1',
          at: c.createdAt,
          evidenceHash: hex(i + 9),
        })),
        sessions: [
          {
            sessionId: hex(4, 16),
            deviceName: 'Pixel 9 · Chrome',
            createdAt: iso(now - 7200e3),
            lastSeenAt: iso(now - 60e3),
            current: false,
            stepUpUntil: null,
          },
        ],
      }
    },
    reveal(staff, id, field, reason) {
      const c = customers.find((x) => x.customerId === id)
      log(staff, 'customer.reveal', `customer/${id}`, `${field}: ${reason}`)
      return c?.[field]
    },
    account(id) {
      const a = accounts.find((x) => x.accountId === id)
      return a && { ...accountView(a), owner: row(a.owner) }
    },
    balances(id, at) {
      const a = accounts.find((x) => x.accountId === id)
      if (!a) return null
      const last = transactions.filter((t) => t.accountId === id && (!at || t.bookedAt <= at)).at(-1)
      const amount = last?.balanceAfter ?? money(0)
      return {
        asOf: at || iso(Date.now()),
        balances: ['interimBooked', 'interimAvailable'].map((balanceType) => ({ balanceType, balanceAmount: amount })),
      }
    },
    limits(id) {
      if (!accounts.some((x) => x.accountId === id)) return null
      const source = { zh: '银发〔2016〕302号', en: 'PBoC 2016 No. 302' }
      return {
        items: [
          ['outflowNonBoundDay', 1000000, 127500],
          ['outflowNonBoundYear', 20000000, 1820000],
          ['inflowNonBoundDay', 1000000, 900000],
          ['inflowNonBoundYear', 20000000, 3510000],
          ['paymentsSmallDay', 100000, 20000],
        ].map(([limit, max, used]) => ({
          limit,
          max: money(max),
          used: money(used),
          left: money(max - used),
          ruleVersion: 'limits-2026-01',
          source,
        })),
      }
    },
    transactions(id, s) {
      const value = (t) => Number(t.transactionAmount.amount)
      return transactions
        .filter(
          (t) =>
            t.accountId === id &&
            (!s.get('direction') || t.direction === s.get('direction')) &&
            (!s.get('kind') || t.kind === s.get('kind')) &&
            (!s.get('from') || t.bookingDate >= s.get('from')) &&
            (!s.get('to') || t.bookingDate <= s.get('to')) &&
            (!s.get('minAmount') || value(t) >= Number(s.get('minAmount'))) &&
            (!s.get('maxAmount') || value(t) <= Number(s.get('maxAmount'))) &&
            (!s.get('q') || `${t.counterpartyName} ${t.remittanceInformationUnstructured}`.includes(s.get('q'))),
        )
        .reverse()
    },
    findPayments(s) {
      return payments
        .filter(
          (p) =>
            (!s.get('status') || p.transactionStatus === s.get('status')) &&
            (!s.get('kind') || p.kind === s.get('kind')) &&
            (!s.get('from') || p.createdAt.slice(0, 10) >= s.get('from')) &&
            (!s.get('to') || p.createdAt.slice(0, 10) <= s.get('to')) &&
            (!s.get('q') ||
              `${p.paymentId} ${p.debtorName} ${p.creditorName} ${p.remittanceInformationUnstructured} ${p.endToEndIdentification}`.includes(
                s.get('q'),
              )),
        )
        .reverse()
        .map(payView)
    },
    payment(id) {
      const p = payments.find((x) => x.paymentId === id)
      if (!p) return null
      const trail = [{ at: p.createdAt, event: 'begun', detail: '' }]
      if (p.kind === 'transfer') trail.length = 0
      else if (p.transactionStatus === 'ACSC')
        trail.push({ at: iso(p.at + 300), event: 'accepted', detail: p.endToEndIdentification })
      if (p.transactionStatus === 'PDNG')
        trail.push({ at: iso(p.at + 3300), event: 'unknown', detail: 'time-out after 3000 ms' })
      if (p.transactionStatus === 'RJCT' && p.kind !== 'transfer')
        trail.push({ at: iso(p.at + 700), event: 'rejected', detail: 'AM04' })
      return { ...payView(p), trail, journals: journals.filter((j) => p.journalIds.includes(j.journalId)) }
    },
    queryPayment(id) {
      const p = payments.find((x) => x.paymentId === id)
      if (p?.transactionStatus === 'PDNG') {
        p.channelQueries++
        settle(p)
        p.settledAt = iso(Date.now())
      }
      return p && this.payment(id)
    },
    glAccounts: () =>
      glTable.map(([code, zh, en, cls, normalSide]) => {
        const net = glBalance[code].debit - glBalance[code].credit
        return {
          code,
          name: { zh, en },
          class: cls,
          normalSide,
          currency: 'CNY',
          balance: money(Math.abs(net)),
          side: net > 0 ? 'debit' : net < 0 ? 'credit' : normalSide,
          accountCount: code === '2001' ? accounts.length : 1024,
        }
      }),
    trialBalance(date) {
      const totals = {}
      const rows = glTable.map(([code, zh, en, cls]) => {
        const b = glBalance[code]
        const open = b.openDebit - b.openCredit
        const close = b.debit - b.credit
        const r = {
          openingDebit: Math.max(0, open),
          openingCredit: Math.max(0, -open),
          debitTurnover: b.debit - b.openDebit,
          creditTurnover: b.credit - b.openCredit,
          closingDebit: Math.max(0, close),
          closingCredit: Math.max(0, -close),
        }
        for (const k of Object.keys(r)) totals[k] = (totals[k] ?? 0) + r[k]
        return {
          code,
          name: { zh, en },
          class: cls,
          ...Object.fromEntries(Object.entries(r).map(([k, v]) => [k, fen(v)])),
        }
      })
      return {
        date: date || today,
        currency: 'CNY',
        rows,
        totals: Object.fromEntries(Object.entries(totals).map(([k, v]) => [k, fen(v)])),
        balanced: true,
      }
    },
    findJournals: (s) =>
      journals
        .filter(
          (j) =>
            (!s.get('kind') || j.kind === s.get('kind')) &&
            (!s.get('account') ||
              j.postings.some((p) => p.glCode === s.get('account') || p.accountId === s.get('account'))) &&
            (!s.get('from') || j.bookingDate >= s.get('from')) &&
            (!s.get('to') || j.bookingDate <= s.get('to')),
        )
        .reverse(),
    journal: (id) => journals.find((j) => j.journalId === id),
    jobs: () => [
      {
        job: 'deliverOutbox',
        schedule: 'every 0.2 s',
        lastRunAt: iso(Date.now() - 200),
        lastResult: 'ok',
        nextRunAt: iso(Date.now()),
      },
      {
        job: 'queryPayments',
        schedule: 'every second',
        lastRunAt: iso(Date.now() - 900),
        lastResult: 'ok',
        nextRunAt: iso(Date.now() + 100),
      },
      {
        job: 'expireHolds',
        schedule: 'every 5 s',
        lastRunAt: iso(Date.now() - 3000),
        lastResult: 'ok',
        nextRunAt: iso(Date.now() + 2000),
        progress: { done: 310, total: 1024 },
      },
      {
        job: 'endOfDay',
        schedule: 'when the day has ended',
        lastRunAt: iso(now - 19 * 3600e3),
        lastResult: 'db-retry',
        nextRunAt: iso(now + 5 * 3600e3),
      },
    ],
    businessDate() {
      const age = eod.state === 'open' ? -1 : (Date.now() - eod.startedAt) / 1000
      const steps = stepNames.map((step, i) => {
        const part = Math.min(1, Math.max(0, (age - i * 1.5) / 1.5))
        const state = age < 0 ? 'open' : part >= 1 ? 'done' : part > 0 ? 'running' : 'open'
        return {
          step,
          state,
          done: Math.floor(part * 1024),
          total: 1024,
          startedAt: part > 0 ? iso(eod.startedAt + i * 1500) : null,
          endedAt: part >= 1 ? iso(eod.startedAt + (i + 1) * 1500) : null,
        }
      })
      const state = age < 0 ? 'open' : steps.at(-1).state === 'done' ? 'done' : 'running'
      return { businessDate: today, endOfDay: { state, steps } }
    },
    runEndOfDay(body) {
      eod.state = 'running'
      eod.startedAt = Date.now()
      return { businessDate: body.businessDate, dryRun: body.dryRun }
    },
    outbox: (state) => outboxItems.filter((o) => !state || o.state === state).map(({ state: _, ...o }) => o),
    retry(id) {
      const o = outboxItems.find((x) => x.messageId === id)
      if (o) {
        o.state = 'due'
        o.nextAt = iso(Date.now() + 1000)
      }
    },
    auditLog: (s) =>
      audit.filter(
        (a) =>
          (!s.get('q') || `${a.login} ${a.action} ${a.object} ${a.detail}`.includes(s.get('q'))) &&
          (!s.get('from') || a.at.slice(0, 10) >= s.get('from')) &&
          (!s.get('to') || a.at.slice(0, 10) <= s.get('to')),
      ),
    verifyAudit: () => ({ intact: true, entries: audit.length, head: audit[0].hash }),
    userView: ({ password, ...u }) => u,
    addUser(body) {
      const u = { staffId: String(100 + users.length), state: 'active', createdAt: iso(Date.now()), ...body }
      users.push(u)
      const { password, ...view } = u
      return {
        ...view,
        totpUri: `otpauth://totp/Sycee:${u.login}?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Sycee&algorithm=SHA1&digits=6&period=30`,
      }
    },
    changeUser(id, body) {
      const u = users.find((x) => x.staffId === id)
      if (u) Object.assign(u, body)
      return u && this.userView(u)
    },
  }
}
