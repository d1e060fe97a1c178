/* Invented people and figures of the stand-in bank. */
export const money = (amount) => ({ amount, currency: 'CNY' })

const digits = (minor) => `${minor / 100n}.${String(minor % 100n).padStart(2, '0')}`
const minorOf = ({ amount }) => BigInt(amount.replace('.', ''))

export const bank = {
  name: { en: 'Sycee Bank', zh: '元宝银行' },
  businessDate: '2026-11-21',
  currency: 'CNY',
  environment: 'sandbox',
  sandboxUrl: 'http://127.0.0.1:8090/',
  version: '0.1.0',
  passCodeLength: 6,
}

const consent = (purpose, required, en, zh, textEn, textZh) => ({
  purpose,
  version: '1',
  required,
  title: { en, zh },
  text: { en: textEn, zh: textZh },
})

export const consentTexts = [
  consent(
    'terms',
    true,
    'Terms of the account',
    '账户服务协议',
    'The bank keeps your account, pays interest every quarter and tells you of changes thirty days before. You keep your pass code to yourself and tell the bank at once when it may be known to others.\n\nEither side may close the account; the balance is paid to your bound card.',
    '本行为您开立并管理账户，按季结息；如有变更，提前三十日通知。您应妥善保管密码，如有泄露应立即告知本行。\n\n任何一方均可销户，余额将转至您的绑定卡。',
  ),
  consent(
    'privacy',
    true,
    'How we use your data',
    '隐私政策',
    'We use your data to run your account and as the law asks, and for nothing else.',
    '我们仅为管理您的账户和履行法定义务而使用您的信息。',
  ),
  consent(
    'identityCheck',
    true,
    'Identity check',
    '身份信息核验授权',
    'We ask the identity registry whether your name and number belong together.',
    '我们将向身份信息库核验您的姓名与证件号码是否一致。',
  ),
  consent(
    'marketing',
    false,
    'News and offers',
    '营销信息',
    'We may write to you about new services. You can withdraw this at any time.',
    '我们可能向您介绍新服务。您可随时撤回。',
  ),
]

export const problems = {
  'sign-in-failed': {
    en: 'Phone number and pass code do not fit together.',
    zh: '手机号或密码不正确。',
  },
  'pass-code-wrong': { en: 'This pass code is wrong.', zh: '密码不正确。' },
  'not-signed-in': { en: 'Please sign in.', zh: '请先登录。' },
  'step-up-required': { en: 'Confirm with your pass code.', zh: '请输入密码确认。' },
  'code-wrong': { en: 'This code is wrong.', zh: '验证码不正确。' },
  'code-expired': { en: 'This code is no longer valid.', zh: '验证码已失效。' },
  'phone-taken': {
    en: 'This number belongs to a customer already. Sign in instead.',
    zh: '该手机号已是客户，请直接登录。',
  },
  'identity-refused': { en: 'The identity check did not pass.', zh: '身份核验未通过。' },
  'pass-code-weak': { en: 'This pass code is too easy to guess.', zh: '密码过于简单。' },
  'face-check-required': {
    en: 'A second card needs a fresh face check.',
    zh: '绑定第二张卡需要重新进行人脸识别。',
  },
  'last-card': {
    en: 'The last card cannot be unbound while the account has money.',
    zh: '账户有余额时不能解绑最后一张卡。',
  },
  'limit-exceeded': {
    en: 'This is above what your account may pay to others today.',
    zh: '超出今日对他人付款限额。',
  },
  'same-account': { en: 'You cannot pay yourself.', zh: '不能向自己付款。' },
  unavailable: { en: 'The bank is busy. Please try again.', zh: '系统繁忙，请重试。' },
  'not-found': { en: 'There is nothing here.', zh: '没有找到。' },
}

export function customerOf(person) {
  const given = (purpose) =>
    person.consents.filter((one) => one.purpose === purpose).at(-1)?.granted
  const done = {
    phone: true,
    identity: Boolean(person.name),
    consents: consentTexts.filter((one) => one.required).every((one) => given(one.purpose)),
    passCode: Boolean(person.passCode),
    card: person.balance !== undefined,
  }
  const steps = [
    'phone',
    'identity',
    'consents',
    'passCode',
    'idPictures',
    'face',
    'place',
    'card',
  ].map((step) => ({
    step,
    state: step in done ? (done[step] ? 'done' : 'todo') : 'notOpen',
  }))
  return {
    customerId: '100017',
    phone: `+86${person.phone.slice(0, 3)}****${person.phone.slice(-4)}`,
    name: person.name ?? null,
    maskedIdNumber: person.idNumber
      ? `${person.idNumber.slice(0, 2)}**************${person.idNumber.slice(-2)}`
      : null,
    language: person.language,
    state: done.card ? 'active' : 'onboarding',
    createdAt: person.createdAt,
    onboarding: { next: steps.find((one) => one.state === 'todo')?.step ?? 'done', steps },
  }
}

export function account(person) {
  const held = person.payments
    .filter((one) => one.kind === 'withdrawal' && one.transactionStatus === 'PDNG')
    .reduce((sum, one) => sum + minorOf(one.instructedAmount), 0n)
  return {
    accountId: '200017',
    accountNumber: '6230580000100017',
    class: 'II',
    currency: 'CNY',
    state: 'active',
    openedAt: '2026-09-01T02:00:00Z',
    product: {
      name: { en: 'Demand account', zh: '活期账户' },
      interestRate: '0.35%',
      ruleVersion: 'demand/1',
    },
    balances: [
      { balanceType: 'interimBooked', balanceAmount: money(digits(person.balance)) },
      { balanceType: 'interimAvailable', balanceAmount: money(digits(person.balance - held)) },
    ],
    accruedInterest: '1.204315',
  }
}

export function limitsOf(person) {
  const limit = (name, max, used, en, zh) => ({
    limit: name,
    max: money(max),
    used: money(used),
    left: money(digits(minorOf(money(max)) - minorOf(money(used)))),
    ruleVersion: 'class-ii/1',
    source: { en, zh },
  })
  const notice = ['PBC notice 2016/302, Class II accounts', '银发〔2016〕302 号，II 类户']
  const own = ['The bank’s own rule', '本行规定']
  return [
    limit('outflowNonBoundDay', '10000.00', '328.50', ...notice),
    limit('outflowNonBoundYear', '200000.00', '187320.00', ...notice),
    { ...limit('inflowNonBoundYear', '1.00', '1.00', ...notice), max: null, left: null },
    limit('inflowNonBoundDay', '10000.00', '0.00', ...notice),
    limit('balanceMax', '100000.00', digits(person.balance), ...own),
    limit('paymentsSmallDay', '1000.00', '28.50', ...own),
    limit('topUpPayment', '5000.00', '0.00', ...own),
    limit('topUpDay', '20000.00', '1000.00', ...own),
  ]
}

export function paymentOf(person, kind, order, status) {
  const id = String(9_000_001 + person.payments.length)
  const minor = minorOf(order.instructedAmount)
  const own = { name: person.name, account: '6230 **** **** 0017' }
  const card = person.cards[0]
  const other =
    kind === 'transfer'
      ? { name: order.creditorName, account: '6230 **** **** 0021' }
      : { name: person.name, account: card.maskedPan }
  const [debtor, creditor] = kind === 'topUp' ? [other, own] : [own, other]
  const payment = {
    paymentId: id,
    kind,
    transactionStatus: 'PDNG',
    instructedAmount: order.instructedAmount,
    debtorName: debtor.name,
    debtorAccount: debtor.account,
    creditorName: creditor.name,
    creditorAccount: creditor.account,
    card:
      kind === 'transfer'
        ? undefined
        : { cardId: card.cardId, issuer: card.issuer, maskedPan: card.maskedPan },
    remittanceInformationUnstructured: order.remittanceInformationUnstructured,
    createdAt: new Date().toISOString(),
    endToEndIdentification: `SYC20261121${id}`,
    journalIds: [],
    ruleVersion: 'class-ii/1',
    channelQueries: 0,
  }
  Object.defineProperty(payment, 'settle', { value: (end) => settle(person, payment, minor, end) })
  person.payments.push(payment)
  if (status !== 'PDNG') payment.settle(status)
  return payment
}

function settle(person, payment, minor, end) {
  payment.transactionStatus = end
  payment.settledAt = new Date().toISOString()
  if (end === 'RJCT') {
    payment.reasonCode = 'AM04'
    payment.statusReason = {
      en: 'The card’s account has not enough money.',
      zh: '银行卡账户余额不足。',
    }
    return
  }
  const direction = payment.kind === 'topUp' ? 'in' : 'out'
  person.balance += direction === 'in' ? minor : -minor
  payment.journalIds = [`7${payment.paymentId}`]
  const counterparty = direction === 'in' ? payment.debtorName : payment.creditorName
  person.transactions.unshift(transaction(payment, direction, counterparty, person.balance))
  person.messages.unshift(message(payment, direction))
}

function transaction(payment, direction, counterpartyName, balance) {
  return {
    transactionId: payment.journalIds[0],
    bookingDate: '2026-11-21',
    valueDate: '2026-11-21',
    bookedAt: payment.settledAt,
    kind: payment.kind,
    direction,
    transactionAmount: payment.instructedAmount,
    balanceAfter: money(digits(balance)),
    counterpartyName,
    remittanceInformationUnstructured: payment.remittanceInformationUnstructured,
    paymentId: payment.paymentId,
    transactionStatus: 'ACSC',
  }
}

function message(payment, direction) {
  return {
    messageId: `m${payment.paymentId}`,
    kind: 'payment',
    title:
      direction === 'in'
        ? { en: 'Money arrived', zh: '资金到账' }
        : { en: 'Payment made', zh: '付款完成' },
    text: {
      en: `¥${payment.instructedAmount.amount}, payment ${payment.paymentId}.`,
      zh: `金额 ¥${payment.instructedAmount.amount}，付款编号 ${payment.paymentId}。`,
    },
    createdAt: payment.settledAt,
    readAt: null,
    paymentId: payment.paymentId,
  }
}

/** A customer with a card, a balance and two months of activity. */
export function ready() {
  const person = {
    phone: '13800000001',
    passCode: '274916',
    name: '李明',
    idNumber: '11010519491231002X',
    language: 'zh',
    createdAt: '2026-09-01T02:00:00Z',
    consents: consentTexts
      .filter((one) => one.required)
      .map((one) => ({
        purpose: one.purpose,
        textVersion: '1',
        granted: true,
        at: '2026-09-01T02:00:00Z',
      })),
    cards: [
      {
        cardId: '11',
        issuer: { code: '0103', name: { en: 'Agrarian Bank', zh: '农耕银行' } },
        maskedPan: '622848*********1234',
        cardKind: 'debit',
        accountClass: 'I',
        state: 'bound',
        boundAt: '2026-09-01T02:10:00Z',
        perPaymentLimit: money('5000.00'),
        perDayLimit: money('20000.00'),
      },
    ],
    payments: [],
    transactions: [],
    messages: [
      {
        messageId: 'm1',
        kind: 'signIn',
        title: { en: 'New sign-in', zh: '新设备登录' },
        text: { en: 'You signed in on Chrome · Linux.', zh: '您在 Chrome · Linux 上登录。' },
        createdAt: '2026-11-21T01:00:00Z',
        readAt: null,
      },
    ],
    balance: 1234567n,
  }
  const kinds = [
    ['transfer', 'out', '张小雨', '28.50', '午餐'],
    ['topUp', 'in', '李明', '1000.00', undefined],
    ['interest', 'in', '', '1.28', undefined],
    ['transfer', 'in', '街角面包店', '88.00', '退款'],
    ['withdrawal', 'out', '李明', '500.00', undefined],
    ['transfer', 'out', '街角面包店', '36.80', '面包'],
  ]
  for (let at = 0; at < 60; at++) {
    const [kind, direction, counterpartyName, amount, memo] = kinds[at % kinds.length]
    const day = new Date(Date.UTC(2026, 10, 21, 3) - at * 22 * 3_600_000)
    person.transactions.push({
      transactionId: String(700_000 + at),
      bookingDate: day.toISOString().slice(0, 10),
      valueDate: day.toISOString().slice(0, 10),
      bookedAt: day.toISOString(),
      kind,
      direction,
      transactionAmount: money(amount),
      balanceAfter: money('12345.67'),
      counterpartyName,
      remittanceInformationUnstructured: memo,
      transactionStatus: 'ACSC',
    })
  }
  return person
}

export function pdf() {
  return Buffer.from('%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n')
}
