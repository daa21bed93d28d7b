// The dashboard in a real browser, over a demo whose members keep joining.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { browser as launch, demo, joined, serve } from "./demo.mjs";

const AXE = readFileSync(fileURLToPath(import.meta.resolve("axe-core/axe.min.js")), "utf8");
const PAGES = [
  "/", "/joins", "/invites", "/inviters", "/tree", "/retention", "/alerts", "/accuracy", "/tracking",
];

let running, browser, web, guild;

before(async () => {
  running = await demo();
  web = running.web;
  browser = await launch();
  await joined(web, 60);
  guild = (await (await fetch(`${web}/api/v1/guilds`)).json()).data[0].guild_id;
});

after(async () => {
  await browser?.close();
  await running?.stop();
});

/** Opens a page; whatever the browser complains about fails the test. */
async function open(path, options = {}) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const complaints = [];
  page.on("console", (said) => said.type() === "error" && complaints.push(said.text()));
  page.on("pageerror", (error) => complaints.push(error.message));
  const answer = await page.goto(web + path);
  assert.equal(answer.status(), 200, path);
  return { page, complaints, close: () => context.close() };
}

for (const path of PAGES) {
  test(`${path} is accessible, light and dark, wide and narrow`, async () => {
    for (const colorScheme of ["light", "dark"]) {
      for (const width of [1280, 375]) {
        const viewport = { width, height: 900 };
        const { page, complaints, close } = await open(`${path}?guild=${guild}`, {
          colorScheme,
          viewport,
          // Of the test alone: the page's own policy forbids scripts that are not its own.
          bypassCSP: true,
        });
        await page.evaluate(AXE);
        const { violations } = await page.evaluate(() => globalThis.axe.run());
        const serious = violations.filter((it) => ["serious", "critical"].includes(it.impact));
        const found = serious.map((it) => `${it.id}: ${it.nodes.map((node) => node.html)}`);
        assert.deepEqual(found, [], `${path}, ${colorScheme}, ${width}`);
        const overflow = await page.evaluate(
          () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
        );
        assert.equal(overflow, 0, `${path} fits into ${width} pixels`);
        assert.deepEqual(complaints, []);
        await close();
      }
    }
  });
}

test("every page is complete without scripts", async () => {
  for (const path of PAGES) {
    const { page, close } = await open(`${path}?guild=${guild}`, { javaScriptEnabled: false });
    assert.ok((await page.locator("h1").innerText()).length > 0, path);
    assert.equal(await page.locator("main section, main .tiles").count() > 0, true, path);
    await close();
  }
});

test("a join that happens now appears by itself", async () => {
  const { page, complaints, close } = await open("/");
  await page.locator("[data-live-state=live], [data-state=live]").waitFor();
  await page.locator("[data-live] tr.new").first().waitFor({ timeout: 30_000 });
  assert.equal(await page.locator("[data-live] tbody tr").count(), 12);
  assert.deepEqual(complaints, [], "the policy of the page is kept");
  await close();
});

test("filters are in the address, and a join opens to its evidence", async () => {
  const { page, close } = await open("/joins");
  await page.locator("details.filters summary").click();
  await page.getByLabel("Certainty").selectOption("confirmed");
  await page.locator("details.filters button").click();
  assert.match(page.url(), /certainty=confirmed/);
  const pills = await page.locator("tbody .pill").allInnerTexts();
  assert.ok(pills.length > 0);
  assert.deepEqual([...new Set(pills)], ["confirmed"]);
  await page.locator("tbody tr td a").first().click();
  await page.getByRole("heading", { name: "Evidence" }).waitFor();
  assert.ok((await page.locator(".evidence li").count()) > 0);
  await close();
});

test("pages of joins follow each other", async () => {
  const { page, close } = await open("/joins");
  const last = await page.locator("tbody tr td a").last().getAttribute("href");
  await page.getByRole("link", { name: "Earlier joins" }).click();
  const links = await page.locator("tbody tr td a").evaluateAll((all) => all.map((it) => it.href));
  assert.ok(links.length > 0);
  assert.ok(!links.includes(web + last));
  await close();
});

test("a label is saved, and shown where invites are", async () => {
  const { page, close } = await open(`/invites?guild=${guild}`);
  const code = await page.locator("a.code").first().innerText();
  await page.locator("a.code").first().click();
  await page.locator("#label").fill("<b>May</b>");
  await page.getByRole("button", { name: "Save" }).click();
  assert.equal(await page.locator("#label").inputValue(), "<b>May</b>");
  await page.goto(`${web}/invites?guild=${guild}`);
  const row = page.locator("tr", { has: page.getByRole("link", { name: code, exact: true }) });
  assert.match(await row.innerText(), /<b>May<\/b>/);
  await close();
});

test("the keyboard is enough", async () => {
  const { page, close } = await open("/");
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.className), "skip");
  const reached = new Set();
  for (let step = 0; step < 40; step++) {
    await page.keyboard.press("Tab");
    reached.add(await page.evaluate(() => document.activeElement.textContent.trim()));
  }
  for (const name of ["Joins", "Health", "last 7 days", "The numbers"]) {
    assert.ok(reached.has(name), `${name} is reached`);
  }
  await page.locator("details.numbers summary").focus();
  await page.keyboard.press("Enter");
  assert.ok(await page.locator("details.numbers table").isVisible());
  await close();
});

test("the server is chosen without a script", async () => {
  const { page, close } = await open("/inviters?span=24h", { javaScriptEnabled: false });
  await page.locator("#guild").selectOption({ index: 1 });
  await page.locator(".picker button").click();
  assert.match(page.url(), /guild=\d+/);
  assert.match(page.url(), /span=24h/);
  await close();
});

test("a token is asked for, and opens the page that was wanted", async () => {
  const token = "correct-horse-battery";
  const folder = mkdtempSync(join(tmpdir(), "guestlist-"));
  const ledger = join(folder, "demo.db");
  const written = await demo(["--db", ledger]);
  await joined(written.web, 1);
  const read = await serve(["web", "--json", "--listen", "127.0.0.1:0", "--db", ledger], {
    GUESTLIST_WEB_TOKEN: token,
  });
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`${read.web}/joins?span=7d`);
  await page.getByLabel("Token").fill("wrong-horse-battery");
  await page.getByRole("button", { name: "Log in" }).click();
  await page.getByRole("alert").waitFor();
  await page.getByLabel("Token").fill(token);
  await page.getByRole("button", { name: "Log in" }).click();
  assert.equal(page.url(), `${read.web}/joins?span=7d`);
  await page.getByRole("button", { name: "Log out" }).click();
  await page.goto(`${read.web}/joins`);
  assert.match(page.url(), /\/login/);
  await context.close();
  await read.stop();
  await written.stop();
  rmSync(folder, { recursive: true });
});

test("what the overview weighs", async () => {
  const answer = await fetch(web, { headers: { "accept-encoding": "gzip" } });
  const page = Buffer.from(await answer.arrayBuffer()).length;
  assert.equal(answer.headers.get("content-encoding"), "gzip");
  const { page: opened, close } = await open("/");
  const bytes = await opened.evaluate(() =>
    performance.getEntries().reduce((sum, it) => sum + (it.transferSize ?? 0), 0));
  const paint = await opened.evaluate(() =>
    performance.getEntriesByName("first-contentful-paint")[0]?.startTime);
  console.log(`overview: ${bytes} bytes transferred, ${page} bytes of text, paint ${paint} ms`);
  assert.ok(bytes < 60_000, `${bytes} bytes`);
  await close();
});
