'use strict';
const $ = id => document.getElementById(id);
const guild = () => $('guild').value;
const clock = text => text.slice(11, 19);
const day = text => `${text.slice(0, 10)} ${text.slice(11, 16)}`;
const name = user => user.global_name ?? user.username;

function tell(text, failed = false) {
  $('told').textContent = text;
  $('told').className = failed ? 'bad' : '';
}

async function call(method, path, body) {
  const answer = await fetch(`/sandbox${path}`, { method, body: body && JSON.stringify(body) });
  const json = await answer.json();
  if (!answer.ok) throw new Error(json.error);
  return json;
}

/** An element with a class and what is in it. */
function element(kind, look, ...content) {
  const made = document.createElement(kind);
  if (look) made.className = look;
  made.append(...content.map(it => it ?? ''));
  return made;
}

function button(text, act) {
  const made = element('button', '', text);
  made.onclick = () => run(text, act);
  return made;
}

// A table is written again only when something in it has changed, so that it does not lose the focus.
const written = new Map();

/** Fills a table. A column is its head, its class, and what is in a row. */
function fill(id, columns, rows, none) {
  const state = JSON.stringify(rows);
  if (written.get(id) === state) return;
  written.set(id, state);
  const head = element('tr', '', ...columns.map(([title, look]) => element(title ? 'th' : 'td', look, title)));
  const body = rows.map(row => element('tr', '', ...columns.map(([, look, show]) => {
    const shown = [show(row)].flat();
    const cell = element('td', look, ...shown);
    if (look.includes('wide')) cell.title = cell.textContent;
    return cell;
  })));
  if (!rows.length) {
    const cell = element('td', 'none', none);
    cell.colSpan = columns.length;
    body.push(element('tr', '', cell));
  }
  $(id).replaceChildren(element('thead', '', head), element('tbody', '', ...body));
}

const INVITES = [
  ['Code', '', it => element('code', '', it.code)],
  ['Uses', 'number', it => `${it.uses}${it.max_uses ? ` of ${it.max_uses}` : ''}`],
  ['By', 'wide', it => (it.inviter ? name(it.inviter) : 'widget')],
  ['Expires', 'spare', it => (it.expires_at ? day(it.expires_at) : 'never')],
  ['', 'acts', it => [
    button('Join', () => call('POST', `/guilds/${guild()}/joins`, { code: it.code })),
    button('Revoke', () => call('DELETE', `/invites/${it.code}`)),
  ]],
];
const MEMBERS = [
  ['Name', 'wide', it => it.nick ?? name(it.user)],
  ['Joined', '', it => day(it.joined_at)],
  ['Roles', 'number spare', it => String(it.roles.length)],
  ['', 'acts', it => [
    button('Leave', () => call('DELETE', `/guilds/${guild()}/members/${it.user.id}`)),
    button('Ban', () => call('POST', `/guilds/${guild()}/members/${it.user.id}/ban`, {})),
  ]],
];
const REQUESTS = [
  ['Time', 'time', it => clock(it.at)],
  ['Request', 'wide', it => element('code', '', `${it.method} ${it.path}`)],
  ['Status', 'number', it => element('span', it.status < 400 ? 'good' : 'bad', String(it.status))],
];
const SESSIONS = [
  ['Session', '', it => element('code', '', it.session_id.slice(0, 8))],
  ['Bot', 'wide', it => bots.get(it.bot_id) ?? it.bot_id],
  ['Shard', 'spare', it => it.shard.join(' of ')],
  ['Events', 'number', it => String(it.sequence)],
  ['State', '', it => element('span', it.connected ? 'good' : 'bad', it.connected ? 'connected' : 'cut off')],
];
const FAULTS = [
  ['Rule', 'wide', it => element('code', '', rule(it))],
  ['', 'acts', it => button('Remove', () => call('DELETE', `/faults/${it.id}`))],
];

/** A rule in a line: what it is about, and what it does. */
function rule({ id, on, ...rest }) {
  const told = Object.entries(rest).filter(([, value]) => value);
  return [on, ...told.map(([key, value]) => `${key}: ${value}`)].join('  ');
}

const joins = body => call('POST', `/guilds/${guild()}/joins`, body);
const advance = minutes => call('POST', '/clock', { advance_ms: minutes * 60_000 });
const fault = rule => call('POST', '/faults', rule);
const acts = {
  join: async () => {
    const [first] = await call('GET', `/guilds/${guild()}/invites?limit=1`);
    const { code } = first ?? await call('POST', `/guilds/${guild()}/invites`, {});
    return joins({ code });
  },
  vanity: () => joins({ via: 'vanity' }),
  invite: () => call('POST', `/guilds/${guild()}/invites`, { max_age: 0 }),
  traffic: () => call('POST', '/scenario', { joins: 50 }),
  minute: () => advance(1),
  hour: () => advance(60),
  day: () => advance(24 * 60),
  drop: () => call('POST', '/gateway/drop', {}),
  reconnect: () => call('POST', '/gateway/drop', { how: 'reconnect' }),
  invalid: () => call('POST', '/gateway/drop', { how: 'invalid_session', resumable: false }),
  fail: () => fault({ status: 503, times: 1 }),
  limit: () => fault({ status: 429, times: 1, retry_after: 2 }),
  slow: () => fault({ delay_ms: 1000 }),
  lose: () => fault({ on: 'event', event_fault: 'dropped', times: 1 }),
  clear: () => call('DELETE', '/faults'),
};

async function run(what, act) {
  try {
    await act();
    tell(`${what}: done`);
  } catch (error) {
    tell(`${what}: ${error.message}`, true);
  }
  await refresh();
}

const OPCODES = {
  1: 'heartbeat', 2: 'IDENTIFY', 6: 'RESUME', 7: 'reconnect', 8: 'request members', 9: 'invalid session',
  10: 'HELLO', 11: 'heartbeat acknowledged',
};
let last = 0;

/** Puts new frames on top. Those that are there stay as they are, folded or not. */
function addFrames(heard) {
  if (!heard.length && last) return;
  const list = $('frames');
  if (!last) list.replaceChildren();
  for (const frame of heard) {
    last = frame.number;
    let told = null;
    try {
      told = JSON.parse(frame.text);
    } catch {
      // Too long to be kept as a whole, or not JSON.
    }
    const op = told?.op ?? Number(/"op":(\d+)/.exec(frame.text)?.[1]);
    const title = told?.t ?? /"t":"(\w+)"/.exec(frame.text)?.[1] ?? OPCODES[op] ?? `opcode ${op}`;
    const arrow = element('span', frame.from === 'client' ? 'out' : 'good', frame.from === 'client' ? '→' : '←');
    arrow.title = frame.from === 'client' ? 'from the bot' : 'to the bot';
    const details = element('details', '', element('summary', '',
      element('span', 'time', clock(frame.at)), arrow, element('code', '', title),
      element('span', 'time', `socket ${frame.socket}`)));
    details.ontoggle = () => {
      if (details.children.length > 1) return;
      details.append(element('pre', '', told ? JSON.stringify(told, null, 2) : frame.text));
    };
    list.prepend(element('li', '', details));
  }
  while (list.children.length > 200) list.lastChild.remove();
  if (!list.children.length) list.append(element('li', 'none', 'No frames since this page was opened.'));
}

const bots = new Map();

async function refresh() {
  const { now, guilds, requests: total, bots: known } = await call('GET', '');
  known.forEach(bot => bots.set(bot.id, bot.username));
  $('now').textContent = `${now.slice(0, 10)} ${clock(now)}`;
  $('total').textContent = total;
  if (guilds.join() !== [...$('guild').options].map(it => it.value).join()) {
    const all = await call('GET', '/guilds');
    const before = guild();
    $('guild').replaceChildren(...all.map(it => new Option(it.name, it.id)));
    if (guilds.includes(before)) $('guild').value = before;
  }
  const of = path => (guild() ? call('GET', `/guilds/${guild()}${path}`) : []);
  const [requests, sessions, faults, heard, invites, members, own] = await Promise.all([
    call('GET', '/requests?limit=100'), call('GET', '/gateway'), call('GET', '/faults'),
    call('GET', `/frames?after=${last}`), of('/invites'), of('/members'), of(''),
  ]);
  $('count').textContent = own.member_count ?? '–';
  fill('invites', INVITES, invites, 'No invites in this server.');
  fill('members', MEMBERS, members, 'No members in this server.');
  fill('requests', REQUESTS, requests.requests.reverse(), 'No requests so far. Start a bot with the token of this sandbox.');
  fill('sessions', SESSIONS, sessions, 'No bot is connected.');
  fill('faults', FAULTS, faults.rules, 'Everything works.');
  addFrames(heard);
}

document.querySelectorAll('[data-do]').forEach(it => {
  const what = `${it.closest('fieldset').querySelector('legend').textContent}, ${it.textContent}`;
  it.onclick = () => run(what, acts[it.dataset.do]);
});
$('guild').onchange = () => refresh();

(async () => {
  let gone = false;
  for (;;) {
    try {
      await refresh();
      if (gone) tell('');
      gone = false;
    } catch {
      gone = true;
      tell('The sandbox does not answer.', true);
    }
    await new Promise(done => setTimeout(done, 1000));
  }
})();
