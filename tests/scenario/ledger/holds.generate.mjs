#!/usr/bin/env node
// The table of holds: every pair and every triple of the steps below over an open hold, with the
// answer that these rules give. They are written here a second time, in plain words, on purpose.
//
//   A hold of 100.00 is open until it is captured wholly, captured "last", released or expired;
//   then it has ended, for ever, and every further step is refused: hold-ended.
//   part      captures 30.00;  all  captures all that is left
//   last      captures 20.00 and gives the rest back
//   much      asks for 200.00: hold-amount, as any capture of more than is left
//   release   gives the rest back, also past the deadline
//   expire    gives the rest back, but only past the deadline
//   deadline  the clock passes it: no capture any more, though the hold stays open
//   repeat    the step before with the same id: the same answer, nothing moves
//   other     the id of the step before with another body: id-reused
//   refund    reverses the latest capture, once: already-reversed
// After each row the hold and the payer's account are looked up. Rows of two steps are played a
// second time with a restart before the second step.

const steps = ['part', 'all', 'last', 'much', 'release', 'expire', 'deadline', 'repeat', 'other', 'refund']
const lines = []
const put = (line) => lines.push(JSON.stringify(line))
const money = (cents) => `${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, '0')}`
const payer = { balance: 1000000_00, pending: 0 }
let ids = 0

put({ op: 'openAccount', account: 'payer', expect: { ok: true } })
put({ op: 'transfer', debit: 'gl:1001', credit: 'payer', amount: money(payer.balance), expect: { ok: true } })

// The body of a step: its operation without id and expectation, and one that differs.
const bodies = {
  part: [{ op: 'capture', hold: 'h', amount: '30.00', as: 'c' }, { op: 'capture', hold: 'h', amount: '31.00' }],
  all: [{ op: 'capture', hold: 'h', as: 'c' }, { op: 'capture', hold: 'h', amount: '1.00' }],
  last: [{ op: 'capture', hold: 'h', amount: '20.00', last: true, as: 'c' }, { op: 'capture', hold: 'h', amount: '20.00' }],
  much: [{ op: 'capture', hold: 'h', amount: '200.00' }, { op: 'capture', hold: 'h', amount: '199.00' }],
  release: [{ op: 'release', hold: 'h' }, { op: 'expire', hold: 'h' }],
  expire: [{ op: 'expire', hold: 'h' }, { op: 'release', hold: 'h' }],
  refund: [{ op: 'reverse', journal: 'c' }, { op: 'release', hold: 'h' }],
}

// What a step gives: the refusal, or '' where it goes well; changes the state.
function decide(state, step) {
  const ended = state.state !== 'open'
  const end = (name) => { payer.pending -= state.left; state.left = 0; state.state = name; return '' }
  const capture = (asked, last) => {
    if (ended || state.past) return 'hold-ended'
    const amount = asked ?? state.left
    if (amount > state.left) return 'hold-amount'
    state.left -= amount
    state.captured += amount
    payer.pending -= amount
    payer.balance -= amount
    state.newest = { amount, reversed: false }
    return last || state.left === 0 ? end('captured') : ''
  }
  switch (step) {
    case 'part': return capture(3000, false)
    case 'all': return capture(undefined, false)
    case 'last': return capture(2000, true)
    case 'much': return capture(20000, false)
    case 'release': return ended ? 'hold-ended' : end('released')
    case 'expire': return ended || !state.past ? 'hold-ended' : end('expired')
    case 'refund':
      if (state.newest.reversed) return 'already-reversed'
      state.newest.reversed = true
      payer.balance += state.newest.amount
      return ''
  }
}

// A refund needs a capture before it; decided on a copy of the state.
function isPossible(row) {
  const before = { ...payer }
  const state = { state: 'open', left: 10000, captured: 0, past: false }
  let possible = true
  for (const step of row) {
    if (step === 'deadline') state.past = true
    else if (step === 'refund' && !state.newest) possible = false
    else if (bodies[step]) decide(state, step)
  }
  Object.assign(payer, before)
  return possible
}

function play(row, restart) {
  const state = { state: 'open', left: 10000, captured: 0, past: false }
  let previous = { body: { op: 'hold', debit: 'payer', credit: 'gl:2011', amount: '100.00', expiresInSeconds: 60, as: 'h' },
    other: { op: 'hold', debit: 'payer', credit: 'gl:2011', amount: '99.00', expiresInSeconds: 60 },
    id: `i${++ids}`, refusal: '' }
  payer.pending += 10000
  put(`# ${row.join(', ')}${restart ? ' (restart before the last)' : ''}`)
  put({ ...previous.body, id: previous.id, expect: { ok: true, replayed: false } })
  row.forEach((step, place) => {
    if (restart && place === row.length - 1) put({ op: 'restart', expect: { ok: true } })
    if (step === 'deadline') {
      state.past = true
      put({ op: 'clock', advanceSeconds: 120 })
    } else if (step === 'repeat') {
      // A hold asked for again later has a later deadline: another body.
      const moved = previous.body.op === 'hold' && state.past
      const refusal = moved ? 'id-reused' : previous.refusal
      put({ ...previous.body, id: previous.id, expect: refusal ? { error: refusal } : { ok: true, replayed: true } })
    } else if (step === 'other') {
      put({ ...previous.other, id: previous.id, expect: { error: 'id-reused' } })
    } else {
      const refusal = decide(state, step)
      previous = { body: bodies[step][0], other: bodies[step][1], id: `i${++ids}`, refusal }
      put({ ...previous.body, id: previous.id, expect: refusal ? { error: refusal } : { ok: true, replayed: false } })
    }
  })
  put({ op: 'lookUp', hold: 'h', expect: { state: state.state, captured: money(state.captured) } })
  put({ op: 'lookUp', account: 'payer', expect: {
    balance: money(payer.balance), pendingDebits: money(payer.pending), available: money(payer.balance - payer.pending) } })
}

for (const first of steps) {
  for (const second of steps) {
    if (isPossible([first, second])) {
      play([first, second], false)
      play([first, second], true)
    }
    for (const third of steps) {
      if (isPossible([first, second, third])) play([first, second, third], false)
    }
  }
}
put({ op: 'check', expect: { ok: true } })
console.log(lines.map((line) => (line.startsWith('"#') ? JSON.parse(line) : line)).join('\n'))
