// When the overview of a ledger is painted first, and what it weighs: `npm run paint -- LEDGER`.
// Exits with 1 if the median is above 200 ms, or more than 60 kB are transferred.

import { browser as launch, serve } from "./demo.mjs";

const ROUNDS = 15;
const ledger = process.argv[2];
if (!ledger) throw new Error("name a ledger: npm run paint -- FILE");
const running = await serve(["web", "--json", "--listen", "127.0.0.1:0", "--db", ledger]);
await running.idle();
const browser = await launch();
const guilds = (await (await fetch(`${running.web}/api/v1/guilds`)).json()).data;

/** Opens the overview in a browser that has nothing of it yet. */
async function open(guild) {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`${running.web}/?guild=${guild}`);
  const seen = await page.evaluate(async () => {
    while (!performance.getEntriesByName("first-contentful-paint").length) {
      await new Promise(requestAnimationFrame);
    }
    return {
      paint: performance.getEntriesByName("first-contentful-paint")[0].startTime,
      bytes: performance.getEntries().reduce((sum, it) => sum + (it.transferSize ?? 0), 0),
    };
  });
  await context.close();
  return seen;
}

// The browser itself starts, too.
await open(guilds[0].guild_id);
const seen = [];
for (let round = 0; round < ROUNDS; round++) {
  seen.push(await open(guilds[(round * 7 + 1) % guilds.length].guild_id));
}
const paints = seen.map((it) => it.paint).sort((a, b) => a - b);
const bytes = Math.max(...seen.map((it) => it.bytes));
const median = paints[Math.floor(ROUNDS / 2)];
console.log(`first paint: ${median.toFixed(0)} ms in the median, ${paints.at(-1).toFixed(0)} ms at most; ${bytes} bytes`);
await browser.close();
await running.stop();
process.exitCode = median <= 200 && bytes <= 60_000 ? 0 : 1;
