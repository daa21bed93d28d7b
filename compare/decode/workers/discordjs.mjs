// discord.js; guild and channels are in its cache, as in a running bot. The protocol is that of
// src/protocol.rs; `heapUsed` after a collection tells what a list retains (needs --expose-gc).

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

// The script installs into a folder of its own, which an import from here would not find.
const require = createRequire(`${process.env.PEERS}/`);
const { Client, Collection, Invite } = require('discord.js');

const folder = process.argv[process.argv.indexOf('--corpus') + 1];
const client = new Client({ intents: [] });
let guild = null;

/** Places the list's guild in the cache with its channels, as GUILD_CREATE does. */
function remember(invites) {
  const channels = new Map(invites.filter(invite => invite.channel).map(({ channel }) => [channel.id, channel]));
  guild = client.guilds._add({
    ...invites[0].guild,
    roles: [],
    emojis: [],
    members: [],
    channels: [...channels.values()].map((channel, position) => ({ ...channel, position, permission_overwrites: [] })),
  });
}

function forget() {
  client.users.cache.clear();
  guild?.invites.cache.clear();
}

/** `GuildInviteManager.fetch` of discord.js, after the request. */
function invites(document) {
  const data = JSON.parse(document);
  if (!guild) remember(data);
  return data.reduce((all, invite) => all.set(invite.code, guild.invites._add(invite, true)), new Collection());
}

/** The INVITE_CREATE action of discord.js for a cached guild and channel, without emitting. */
function frame(document) {
  const { d: data } = JSON.parse(document);
  return guild.invites._add(Object.assign(data, { channel: guild.channels.cache.first(), guild }), true);
}

/** Everything reachable from a decoded object as text, but for the library's own state. */
function describe(value, seen = []) {
  if (typeof value === 'bigint') return `${value}n`;
  if (value === undefined) return 'undefined';
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? typeof value;
  if (value === client || value === guild) return 'known';
  if (seen.includes(value)) return '…';
  const inner = [...seen, value];
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Map) return `{${[...value].map(([k, v]) => `${k}:${describe(v, inner)}`).sort()}}`;
  if (Array.isArray(value)) return `[${value.map(item => describe(item, inner))}]`;
  const own = Object.getOwnPropertyNames(value).sort();
  return `{${own.filter(key => key !== 'client').map(key => `${key}=${describe(value[key], inner)}`)}}`;
}

/** An invite with the people it names, as a program sees them; and the guild of a stranger. */
function shape(invite) {
  return describe([invite, invite.inviter, invite.targetUser, invite.channel]);
}

function message(text) {
  return Invite.InvitesPattern.test(text) ? 1 : 0;
}

class Task {
  constructor(decode, outline) {
    Object.assign(this, { decode, outline, documents: [], items: 0, bytes: 0, refused: 0, complaint: null });
  }

  accepts(document) {
    forget();
    try {
      this.decode(document);
      return true;
    } catch (error) {
      this.complaint ??= String(error);
      return false;
    }
  }

  sift(documents) {
    for (const document of documents) {
      if (this.accepts(document)) this.documents.push(document);
      else this.refused++;
    }
    this.items = this.documents.length;
    this.bytes = this.documents.reduce((sum, document) => sum + Buffer.byteLength(document), 0);
    return this;
  }

  list(text) {
    const elements = JSON.parse(text);
    if (this.accepts(text)) {
      this.documents = [text];
    } else {
      this.sift(elements.map(element => JSON.stringify([element])));
      this.documents = [`[${this.documents.map(document => document.slice(1, -1))}]`];
    }
    this.items = elements.length - this.refused;
    this.bytes = Buffer.byteLength(this.documents[0]);
    return this;
  }

  time(seconds) {
    const passes = [];
    const start = process.hrtime.bigint();
    while (Number(process.hrtime.bigint() - start) < seconds * 1e9 || passes.length < 5) {
      forget();
      const began = process.hrtime.bigint();
      const used = process.cpuUsage();
      for (const document of this.documents) this.decode(document);
      // Processor time counts the collector's threads too: the smaller of the two is the kinder.
      const { user, system } = process.cpuUsage(used);
      passes.push(Math.min((user + system) * 1000, Number(process.hrtime.bigint() - began)));
    }
    passes.sort((a, b) => a - b);
    return { median_ns: passes[passes.length >> 1], min_ns: passes[0], passes: passes.length };
  }

  retained() {
    forget();
    gc();
    const before = process.memoryUsage().heapUsed;
    let kept = this.documents.map(document => this.decode(document));
    gc();
    const bytes = process.memoryUsage().heapUsed - before;
    kept = null;
    return { bytes, items: this.items };
  }

  shape(document) {
    forget();
    try {
      return { shape: createHash('sha256').update(this.outline(document)).digest('hex') };
    } catch (error) {
      return { error: String(error) };
    }
  }
}

const read = name => readFileSync(`${folder}/${name}`, 'utf8');
const chat = JSON.parse(read('chat.json'));

/** Without a cached guild discord.js keeps what the invite says of it: outline both ways. */
function outlineList(document) {
  const known = [...invites(document).values()].map(shape);
  forget();
  const cached = client.guilds.cache.clone();
  client.guilds.cache.clear();
  try {
    return [known, JSON.parse(document).map(invite => shape(new Invite(client, invite)))].join();
  } finally {
    for (const [id, one] of cached) client.guilds.cache.set(id, one);
  }
}

/** The action finds guild and channel by their ids, which are kept in that way. */
function outlineFrame(document) {
  const { guild_id, channel_id } = JSON.parse(document).d;
  return [shape(frame(document)), guild_id, channel_id].join();
}

const tasks = {
  list: new Task(invites, outlineList).list(read('list.json')),
  frames: new Task(frame, outlineFrame).sift(read('frames.ndjson').trimEnd().split('\n')),
  messages: new Task(message, String).sift(chat),
};

const told = ({ items, bytes, refused, complaint }) => ({ items, bytes, refused, complaint });
const say = answer => process.stdout.write(`${JSON.stringify(answer)}\n`);
say({ ready: true, tasks: Object.fromEntries(Object.entries(tasks).map(([name, task]) => [name, told(task)])) });
for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line);
  const task = tasks[command.task];
  if (command.cmd === 'time') say(task.time(command.seconds));
  else if (command.cmd === 'retained') say(task.retained());
  else if (command.cmd === 'shape') say(task.shape(command.json));
}
process.exit(0);
