'use strict';
// One script for all pages: language, header, and the lists of each page. HTML is never built from strings:
// text typed by people is inserted as text only.

const say = (zh, en) => (document.documentElement.dataset.lang === 'zh' ? zh : en);
const stored = localStorage.getItem('sandboxLanguage');
setLanguage(stored || (navigator.language.startsWith('zh') ? 'zh' : 'en'));

function setLanguage(language) {
  document.documentElement.dataset.lang = language;
  document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
}

function element(tag, properties, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

async function call(method, path, body) {
  const options = { method };
  if (body) {
    options.body = JSON.stringify(body);
    options.headers = { 'Content-Type': 'application/json' };
  }
  const response = await fetch(path, options);
  const text = await response.text();
  const answer = text ? JSON.parse(text) : {};
  if (!response.ok)
    throw new Error(say(answer.message.zh, answer.message.en) + (answer.field ? ` (${answer.field})` : ''));
  return answer;
}

function header() {
  const links = [
    ['/', '说明', 'About'], ['/sms/', '短信', 'Messages'], ['/banks/', '银行', 'Banks'], ['/people/', '居民', 'People'], ['/control/', '故障', 'Faults'],
  ];
  const nav = element('nav', {});
  for (const [path, zh, en] of links) {
    const link = element('a', { href: path, textContent: say(zh, en) });
    if (location.pathname === path) link.setAttribute('aria-current', 'page');
    nav.append(link);
  }
  const other = element('button', { type: 'button', textContent: say('English', '中文') });
  other.lang = say('en', 'zh-CN');
  other.addEventListener('click', () => {
    const language = say('en', 'zh');
    localStorage.setItem('sandboxLanguage', language);
    setLanguage(language);
    draw();
  });
  const bar = element('header', {}, element('strong', { textContent: say('沙盒', 'Sandbox') }), nav, other);
  const old = document.querySelector('header');
  if (old) old.replaceWith(bar);
  else document.body.prepend(bar);
  const title = document.querySelector('h1 [lang="' + say('zh', 'en') + '"]');
  document.title = title.textContent + ' · ' + say('沙盒', 'Sandbox');
}

const local = (instant) => new Date(instant).toLocaleString(say('zh-CN', 'en-GB'));
const money = (amount) => {
  const [whole, cents] = amount.amount.split('.');
  return whole.replace(/\B(?=(\d{3})+$)/g, ',') + (cents ? '.' + cents : '') + ' ' + amount.currency;
};

function table(into, heads, rows) {
  const head = element('tr', {});
  for (const [zh, en, name] of heads)
    head.append(element('th', { textContent: say(zh, en), className: name || '', scope: 'col' }));
  const body = element('tbody', {});
  for (const cells of rows) {
    const row = element('tr', {});
    cells.forEach((cell, i) => row.append(element('td', { className: heads[i][2] || '' }, cell)));
    body.append(row);
  }
  if (rows.length === 0)
    body.append(element('tr', {}, element('td', { colSpan: heads.length, className: 'dim', textContent: say('暂无', 'nothing yet') })));
  document.getElementById(into).replaceChildren(element('table', {}, element('thead', {}, head), body));
}

// --- the pages ---------------------------------------------------------------------------------

async function drawIndex() {
  const people = (await call('GET', '/registry/v1/people')).items;
  table('people',
    [['姓名', 'Name'], ['身份证号', 'ID number', 'number'], ['手机', 'Phone', 'number'], ['银行卡（类别，余额）', 'Cards (class, balance)']],
    people.map((person) => [
      person.name + ' ' + person.nameLatin, person.idNumber, person.phone,
      element('span', {}, ...person.cards.map((card) => element('div', {},
        element('span', { className: 'number', textContent: card.cardNumber }), ` ${card.accountClass}, ${money(card.balance)}`))),
    ]));
}

let messagesSeen = '';
async function drawMessages(isForced) {
  const filter = document.getElementById('to');
  const digits = filter.value.replace(/[^0-9+]/g, '');
  const isWhole = /^(\+\d{8,15}|\d{11,15})$/.test(digits);
  const path = '/sms/v1/messages?limit=' + (digits && !isWhole ? 500 : 50) + (isWhole ? '&to=' + encodeURIComponent(digits) : '');
  let items = (await call('GET', path)).items;
  if (!isWhole) items = items.filter((item) => item.to.includes(digits));
  const seen = JSON.stringify(items);
  if (!isForced && seen === messagesSeen) return;
  messagesSeen = seen;
  const list = document.getElementById('messages');
  list.replaceChildren(...items.map((item) => {
    const card = element('article', { className: 'card' },
      element('div', { className: 'row' }, element('span', { className: 'number', textContent: item.to }),
        element('time', { className: 'dim', dateTime: item.at, textContent: local(item.at) })));
    if (item.code) card.append(element('div', { className: 'code', textContent: item.code }));
    card.append(element('div', { textContent: item.text }));
    return card;
  }));
  if (items.length === 0)
    list.append(element('p', { className: 'dim', textContent: say('还没有短信。', 'No messages yet.') }));
}

function startMessages() {
  const filter = document.getElementById('to');
  filter.value = new URLSearchParams(location.search).get('to') || '';
  filter.addEventListener('input', () => {
    history.replaceState(null, '', filter.value ? '?to=' + encodeURIComponent(filter.value) : location.pathname);
    draw();
  });
}

const states = { ACSC: ['已结算', 'settled'], RJCT: ['已拒绝', 'refused'], PDNG: ['处理中', 'pending'], VOID: ['已作废', 'voided'] };
const kinds = { debit: ['扣款', 'debit'], credit: ['付款', 'credit'], refund: ['退款', 'refund'], '': ['—', '—'] };
async function drawBanks() {
  const instructions = (await call('GET', '/banks/v1/instructions?limit=100')).items;
  table('instructions',
    [['时间', 'Time'], ['类型', 'Kind'], ['金额', 'Amount', 'amount'], ['状态', 'Status'], ['银行卡', 'Card', 'number'], ['指令编号', 'Instruction']],
    instructions.map((item) => [
      local(item.arrivedAt), say(...kinds[item.kind]), item.amount.amount ? money(item.amount) : '',
      element('span', { className: item.status, textContent: `${say(...states[item.status])} ${item.status} ${item.reasonCode}`.trim() }), item.maskedPan, item.instructionId,
    ]));
  const cards = (await call('GET', '/banks/v1/cards')).items;
  table('cards',
    [['卡号', 'Card number', 'number'], ['发卡行', 'Issuer'], ['类别', 'Class'], ['余额', 'Balance', 'amount'], ['持卡人', 'Holder'], ['预留手机', 'Reserved phone', 'number']],
    cards.map((card) => [
      card.cardNumber, say(card.issuer.name.zh, card.issuer.name.en),
      card.accountClass === 'credit' ? say('信用卡', 'credit') : say(card.accountClass + ' 类', 'Class ' + card.accountClass),
      money(card.balance), (card.name || say('访客', 'visitor')) + (card.isLost ? say('（挂失）', ' (lost)') : ''), card.reservedPhone || '',
    ]));
}

const faceNames = {
  portrait: ['证件照', 'portrait'], selfie: ['自拍', 'selfie'], left: ['左转', 'turned left'], right: ['右转', 'turned right'],
  up: ['抬头', 'looking up'], blink: ['闭眼', 'eyes closed'], mouth: ['张嘴', 'mouth open'],
};
const attackNames = {
  screen: ['翻拍屏幕', 'off a screen'], copy: ['复印件', 'photocopy'], edited: ['涂改', 'edited'], blur: ['模糊', 'blurred'],
  cut: ['缺边', 'cut off'], glare: ['反光', 'glare'],
};
function picture(path, caption, file) {
  const image = element('img', { src: path, alt: caption, loading: 'lazy' });
  const link = element('a', { href: path, download: file }, image);
  return element('figure', {}, link, element('figcaption', { className: 'dim', textContent: caption }));
}
async function drawPeople() {
  const people = (await call('GET', '/people/v1/residents')).items;
  const list = people.map((person) => {
    const base = `/people/${person.row}/`;
    // Another photograph at each visit: a bank accepts the same one only once.
    const take = 1 + Math.floor(Math.random() * 1e6);
    const file = (name) => `${person.nameLatin.replace(/ /g, '-')}-${name}.jpg`.toLowerCase();
    const pictures = element('div', { className: 'pictures' },
      picture(`${base}card-front.jpg?photo=${take}`, say('身份证正面照片', 'photograph of the front'), file('card-front')),
      picture(`${base}card-back.jpg?photo=${take}`, say('身份证背面照片', 'photograph of the back'), file('card-back')),
      ...person.faces.map((name) => picture(`${base}${name}.jpg${name === 'portrait' ? '' : `?take=${take}`}`, say(...faceNames[name]), file(name))));
    const tricks = Object.entries(attackNames).map(([name, text]) =>
      element('a', { href: `${base}card-front.jpg?photo=1&attack=${name}`, textContent: say(...text) }));
    return element('article', { className: 'card' },
      element('h2', { textContent: `${person.row}. ${person.name} ${person.nameLatin}` }),
      element('p', { className: 'number', textContent: `${person.idNumber} · ${person.phone}` }),
      element('p', { className: 'dim', textContent: `${person.address} · ${person.issuer} · ${person.validFrom}-${person.validUntil}` }),
      pictures,
      element('p', { className: 'row tricks' },
        element('a', { href: base + 'card-front.jpg', textContent: say('平面正面', 'flat front') }),
        element('a', { href: base + 'card-back.jpg', textContent: say('平面背面', 'flat back') }), ...tricks));
  });
  document.getElementById('residents').replaceChildren(...list);
}

const places = {
  'clearing debit': ['清算：扣款', 'Clearing: debit'], 'clearing credit': ['清算：付款', 'Clearing: credit'],
  'clearing refund': ['清算：退款', 'Clearing: refund'], 'clearing query': ['清算：查询', 'Clearing: query'],
  'clearing list': ['清算：指令列表', 'Clearing: list'], 'clearing signing': ['清算：签约', 'Clearing: signing'], 'clearing confirmation': ['清算：签约确认', 'Clearing: confirmation'],
  'clearing agreementClose': ['清算：解约', 'Clearing: close an agreement'], 'clearing file': ['清算：对账文件', 'Clearing: daily file'],
  'clearing *': ['清算：全部', 'Clearing: all'], 'sms message': ['短信：发送', 'SMS: message'], 'registry check': ['身份核查', 'Identity check'],
  'registry portrait': ['身份照片', 'Registry portrait'], 'operator check': ['运营商三要素', 'Phone operator: check'],
  'place address': ['网络地址归属', 'Place of an address'], 'place phone': ['手机号归属', 'Place of a phone'],
  'reserve balance': ['备付金余额', 'Reserve balance'], '* *': ['全部', 'Everything'],
};
const actions = {
  late: ['答复迟到', 'answer is late'], lateRequest: ['请求迟到', 'request is late'], lostRequest: ['请求丢失', 'request is lost'],
  lostAnswer: ['答复丢失', 'answer is lost'], pending: ['处理中', 'pending'], reject: ['拒绝', 'refuse'], duplicate: ['重复记录', 'recorded twice'],
  wrongAmount: ['对账金额错误', 'wrong amount in the file'], unavailable: ['不可用', 'unavailable'],
  between: ['中途拦截（已执行）', 'blocked on the way (done)'], otherId: ['答复编号错误', 'answer names another id'],
  otherAmount: ['答复金额错误', 'answer names another amount'], contradict: ['答复相反', 'answer says the opposite'],
  wrongSignature: ['答复签名错误', 'answer signed wrongly'],
};
function fillSelect(name, texts) {
  const select = document.querySelector(`select[name=${name}]`);
  const chosen = select.value;
  select.replaceChildren(...Object.entries(texts).map(([value, text]) => element('option', { value, textContent: say(...text) })));
  if (chosen) select.value = chosen;
}

async function drawFaults(isForced) {
  if (isForced) {
    fillSelect('where', places);
    fillSelect('action', actions);
  }
  const items = (await call('GET', '/control/v1/faults')).items;
  table('faults',
    [['编号', 'Id'], ['何处', 'Where'], ['条件', 'When'], ['故障', 'Fault'], ['剩余', 'Left'], ['', '']],
    items.map((item) => {
      const { faultId, party, operation, match, action, times, timesLeft, ...rest } = item;
      const remove = element('button', { type: 'button', textContent: say('删除', 'Remove') });
      remove.addEventListener('click', () => attempt(() => call('DELETE', '/control/v1/faults/' + faultId)));
      const details = Object.entries(rest).map(([name, value]) => ` ${name} ${value}`).join('');
      const when = Object.entries(match).map(([name, value]) => `${name} = ${value}`).join(', ');
      const place = places[party + ' ' + operation];
      return [faultId, place ? say(...place) : party + ' ' + operation, when || say('任何', 'any'), say(...actions[action]) + details, `${timesLeft} / ${times}`, remove];
    }));
}

async function attempt(work) {
  const problem = document.getElementById('problem');
  problem.textContent = '';
  try {
    await work();
    await drawFaults();
  } catch (error) {
    problem.textContent = error.message;
  }
}

function startFaults() {
  const form = document.getElementById('fault');
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const given = Object.fromEntries(new FormData(form));
    const [party, operation] = given.where.split(' ');
    const body = { party, operation, action: given.action, times: Number(given.times) };
    if (given.amount) body.match = { amount: given.amount };
    if (given.reasonCode) body.reasonCode = given.reasonCode;
    if (given.delayMs) body.delayMs = Number(given.delayMs);
    if (given.settleOnQuery) body.settleOnQuery = Number(given.settleOnQuery);
    attempt(() => call('POST', '/control/v1/faults', body));
  });
  document.getElementById('clear').addEventListener('click', () => attempt(() => call('DELETE', '/control/v1/faults')));
}

const pages = {
  '/': { draw: drawIndex },
  '/sms/': { start: startMessages, draw: drawMessages, everyMs: 1500 },
  '/banks/': { draw: drawBanks, everyMs: 3000 },
  '/people/': { draw: drawPeople },
  '/control/': { start: startFaults, draw: drawFaults, everyMs: 3000 },
};

async function draw() {
  header();
  await refresh(true);
}

async function refresh(isForced) {
  const status = document.getElementById('status');
  try {
    await pages[location.pathname].draw(isForced);
    status.textContent = '';
  } catch {
    status.textContent = say('暂时连接不上沙盒。', 'The sandbox cannot be reached right now.');
  }
}

document.addEventListener('DOMContentLoaded', () => {
  const page = pages[location.pathname];
  if (page.start) page.start();
  draw();
  if (page.everyMs) setInterval(() => { if (!document.hidden) refresh(false); }, page.everyMs);
});
