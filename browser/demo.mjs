// A demo of guestlist on a free port, and a browser that looks at it.

import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const PROGRAM = process.env.GUESTLIST ?? `${ROOT}target/debug/guestlist`;
const BROWSERS = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** Starts a command, and waits for the line in which it tells this of itself. */
async function start(args, env, tells) {
  const child = spawn(PROGRAM, args, {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const lines = createInterface({ input: child.stdout });
  const found = (async () => {
    for await (const line of lines) {
      const told = JSON.parse(line);
      if (told[tells]) return told;
    }
    throw new Error(`guestlist ${args.join(" ")} ended without an address`);
  })();
  const ready = await found;
  // What is not read would stop the program.
  child.stdout.resume();
  const stop = () => new Promise((done) => {
    child.once("exit", done);
    child.kill("SIGTERM");
  });
  return { ready, stop, idle: () => idle(child.pid) };
}

/** Waits until a process does next to nothing: at its start, a dashboard works ahead. */
async function idle(pid) {
  const ticks = () => {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").pop().split(" ");
    return Number(fields[11]) + Number(fields[12]);
  };
  for (let before = ticks(), now; ; before = now) {
    await new Promise((done) => setTimeout(done, 2_000));
    now = ticks();
    if (now - before < 5) return;
  }
}

/** Starts a command that prints where its dashboard is. */
export async function serve(args, env = {}) {
  const { ready, stop, idle } = await start(args, env, "web");
  return { web: ready.web, stop, idle };
}

/** A simulated Discord, and a hand on it. */
export async function sandbox(more = []) {
  const { ready, stop } = await start(["sandbox", ...more], {}, "api");
  const control = async (method, path, body) => {
    const answer = await fetch(ready.control + path, {
      method,
      headers: { "content-type": "application/json" },
      body: body && JSON.stringify(body),
    });
    const told = await answer.json();
    if (!answer.ok) throw new Error(`${method} ${path}: ${JSON.stringify(told)}`);
    return told;
  };
  return { ready, control, stop };
}

/** The demo: members of a seeded world join until it is stopped. */
export const demo = (more = []) =>
  serve(["demo", "--json", "--seed", "7", "--joins", "60", "--per-second", "10", ...more]);

/** A browser without a window. */
export function browser() {
  const executablePath = process.env.CHROMIUM ?? BROWSERS.find(existsSync);
  if (!executablePath) throw new Error("install chromium, or name it in CHROMIUM");
  return chromium.launch({ executablePath, args: ["--no-sandbox"] });
}

/** Waits until the ledger has so many joins. */
export async function joined(web, least) {
  const end = Date.now() + 60_000;
  while (Date.now() < end) {
    const answer = await fetch(`${web}/api/v1/totals`);
    if ((await answer.json()).data[0].joins >= least) return;
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error(`fewer than ${least} joins within a minute`);
}
