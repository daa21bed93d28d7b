// The page of the sandbox in a real browser: what it shows, and what its buttons do.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { browser as launch, sandbox } from "./demo.mjs";

const AXE = readFileSync(fileURLToPath(import.meta.resolve("axe-core/axe.min.js")), "utf8");

let running, browser;

before(async () => {
  running = await sandbox(["--seed", "7"]);
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await running?.stop();
});

/** Opens the page; whatever the browser complains about fails the test. */
async function open(options = {}) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const complaints = [];
  page.on("console", (said) => said.type() === "error" && complaints.push(said.text()));
  page.on("pageerror", (error) => complaints.push(error.message));
  await page.goto(`${running.ready.control}/ui`);
  await page.waitForSelector("#members tbody tr");
  return { page, complaints, close: () => context.close() };
}

/** A bot that connects from within a page. */
async function connect(page) {
  await page.evaluate(([url, token]) => {
    globalThis.bot = new WebSocket(`${url}/?v=10&encoding=json`);
    const data = { token, intents: 1 | 1 << 1 | 1 << 6, properties: {} };
    bot.onopen = () => bot.send(JSON.stringify({ op: 2, d: data }));
  }, [running.ready.gateway, running.ready.token]);
}

test("the page is accessible and fits, light and dark, wide and narrow", async () => {
  for (const colorScheme of ["light", "dark"]) {
    for (const width of [1280, 375]) {
      const { page, complaints, close } = await open({
        colorScheme,
        viewport: { width, height: 900 },
        // Of the test alone: the page's own policy forbids scripts that are not its own.
        bypassCSP: true,
      });
      await page.evaluate(AXE);
      const { violations } = await page.evaluate(() => globalThis.axe.run());
      const found = violations.map((it) => `${it.id}: ${it.nodes.map((node) => node.html)}`);
      assert.deepEqual(found, [], `${colorScheme}, ${width}`);
      const overflow = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      assert.equal(overflow, 0, `it fits into ${width} pixels`);
      assert.deepEqual(complaints, []);
      await close();
    }
  }
});

test("people join and leave by buttons, and the bot hears of it", async () => {
  const { page, complaints, close } = await open();
  await connect((await open()).page);
  await page.waitForSelector("#sessions >> text=connected");
  const guild = await page.inputValue("#guild");
  const members = async () => (await running.control("GET", `/guilds/${guild}`)).member_count;
  const had = await members();
  await page.click("text=Join through an invite");
  await page.waitForSelector("#told >> text=People, Join through an invite: done");
  assert.equal(await members(), had + 1);
  const frame = page.locator("#frames summary", { hasText: "GUILD_MEMBER_ADD" }).first();
  await frame.click();
  await page.waitForSelector("#frames pre >> text=joined_at");
  await page.locator("#members tbody tr", { has: page.locator("text=Leave") }).first().getByText("Leave").click();
  await page.waitForSelector("#told >> text=Leave: done");
  assert.equal(await members(), had);
  await page.waitForSelector("#frames >> text=GUILD_MEMBER_REMOVE");
  assert.equal(await page.locator("#frames pre").count(), 1, "what was unfolded stays so");
  assert.deepEqual(complaints, []);
  await close();
});

test("faults, time and cut connections are at hand", async () => {
  const { page, close } = await open();
  await page.click("text=Next request: 503");
  await page.waitForSelector("#faults >> text=status: 503");
  const answer = await fetch(`${running.ready.api}/api/v10/users/@me`, {
    headers: { authorization: `Bot ${running.ready.token}` },
  });
  assert.equal(answer.status, 503);
  await page.waitForSelector("#requests >> text=GET /users/@me");
  await page.waitForSelector("#faults >> text=Everything works.");
  await page.click("text=Requests take 1 s");
  await page.click("#faults >> text=Remove");
  await page.waitForSelector("#faults >> text=Everything works.");
  const before = (await running.control("GET", "/clock")).now_ms;
  await page.click("text=1 hour");
  await page.waitForSelector("#told >> text=Time, 1 hour: done");
  assert.ok((await running.control("GET", "/clock")).now_ms - before >= 3_600_000);
  await connect(page);
  await page.waitForSelector("#sessions >> text=connected");
  await page.click("fieldset >> text=Cut");
  await page.waitForSelector("#sessions >> text=cut off");
  await close();
});

test("a server without a vanity link says so", async () => {
  const { page, close } = await open();
  const guilds = await running.control("GET", "/guilds");
  const without = guilds.find((guild) => !guild.vanity_url_code);
  await page.selectOption("#guild", without.id);
  await page.click("text=Join by the vanity link");
  await page.waitForSelector("#told.bad >> text=the guild has no vanity code");
  await close();
});
