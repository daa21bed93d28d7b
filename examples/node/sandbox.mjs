// A sandbox for tests in JavaScript: it starts `guestlist sandbox`, acts as the people on Discord, and waits
// for what the bot does. It needs nothing but Node.js; copy it into your project.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

/** Starts a sandbox that ends with the test `t`. */
export async function startSandbox(t, ...options) {
  const program = process.env.GUESTLIST ?? 'guestlist';
  const child = spawn(program, ['sandbox', '--no-limits', '--guilds', '0', ...options.map(String)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ends = [];
  t.after(async () => {
    // What was started last ends first, and the sandbox after all others.
    for (const end of ends.reverse()) await end();
    child.kill();
  });
  const [line] = await once(createInterface({ input: child.stdout }), 'line');
  return new Sandbox(JSON.parse(line), ends);
}

class Sandbox {
  constructor({ api, gateway, token }, ends) {
    Object.assign(this, { api, gateway, token, ends });
  }

  /** Does this when the test ends, while the sandbox still serves. */
  after(end) {
    this.ends.push(end);
  }

  /** Calls the control API. */
  async control(method, path, body) {
    const answer = await fetch(`${this.api}/sandbox${path}`, { method, body: body && JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${method} ${path}: ${await answer.text()}`);
    return answer.json();
  }

  /** Creates a server. */
  async guild(name, settings = {}) {
    return new Guild(this, await this.control('POST', '/guilds', { name, members: 0, ...settings }));
  }

  /** Creates one more bot, with a `token` of its own. */
  bot(name, settings = {}) {
    return this.control('POST', '/bots', { username: name, ...settings });
  }

  /** Waits for a message with this text, a request such as `['PUT', /roles/]`, or a connection. */
  async expect({ message, request, connection }, seconds = 10) {
    const until = Date.now() + seconds * 1000;
    const requests = async () => (await this.control('GET', '/requests')).requests;
    while (Date.now() < until) {
      const messages = message ? await this.control('GET', '/messages') : [];
      if (messages.some(one => one.content.includes(message))) return;
      const made = request ? await requests() : [];
      if (made.some(one => one.method === request[0] && request[1].test(one.path) && one.status < 300)) return;
      const sessions = connection ? await this.control('GET', '/gateway') : [];
      if (sessions.some(one => one.connected)) return;
      await sleep(20);
    }
    const seen = (await requests()).slice(-20).map(one => `${one.method} ${one.path} (${one.status})`);
    throw new Error(`no ${message ?? request ?? 'connection'} within ${seconds} s, but ${seen.join(', ')}`);
  }
}

class Guild {
  constructor(sandbox, { id }) {
    Object.assign(this, { sandbox, id, people: new Map() });
  }

  act(method, path, body) {
    return this.sandbox.control(method, `/guilds/${this.id}${path}`, body);
  }

  async role(name) {
    return (await this.act('POST', '/roles', { name })).id;
  }

  async invite(limits = {}) {
    return (await this.act('POST', '/invites', limits)).code;
  }

  /** Somebody by their name; the account is created when needed. */
  async member(name) {
    if (!this.people.has(name)) {
      const { id } = await this.sandbox.control('POST', '/users', { username: name });
      this.people.set(name, new Member(this, id));
    }
    return this.people.get(name);
  }
}

class Member {
  constructor(guild, id) {
    Object.assign(this, { guild, id });
  }

  joinsThrough(code) {
    return this.guild.act('POST', '/joins', { code, user_id: this.id });
  }

  leaves() {
    return this.guild.act('DELETE', `/members/${this.id}`);
  }
}
