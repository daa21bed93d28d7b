// What all puppets in JavaScript have in common: lines of JSON on standard input say what to do,
// lines on standard output what came of it and what the client hears.

import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

export const require = createRequire(`${process.env.PEERS}/`);
export const { API, GATEWAY, TOKEN } = process.env;

/** The client does not do this. */
export class Lacks extends Error {}

export const say = line => process.stdout.write(`${JSON.stringify(line)}\n`);
export const heard = (name, what) => say({ event: 'heard', name, ...what });

/** Does what it is told until standard input ends. */
export async function act(actions) {
  for await (const line of createInterface({ input: process.stdin })) {
    const { do: what, ...given } = JSON.parse(line);
    try {
      if (!actions[what]) throw new Lacks('no method for it');
      say({ event: 'done', do: what, result: (await actions[what](given)) ?? null });
    } catch (error) {
      if (error instanceof Lacks) say({ event: 'done', do: what, lacks: error.message });
      else {
        console.error(error);
        say({ event: 'done', do: what, error: String(error) });
      }
    }
  }
}

process.on('unhandledRejection', error => console.error('unhandled rejection', error));
process.on('SIGTERM', () => process.exit(0));
