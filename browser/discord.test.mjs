// The log-in with Discord, personal links and changes, in a real browser over a sandbox.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { browser as launch, sandbox, serve } from "./demo.mjs";

const AXE = readFileSync(fileURLToPath(import.meta.resolve("axe-core/axe.min.js")), "utf8");
const TOKEN = "correct-horse-battery";
/** Leaves its place in HTML, in an attribute, and in a spreadsheet. */
const HOSTILE = `=<b title="x">'>&amp;`;

let discord, tracking, browser, web, folder, guild;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "guestlist-"));
  discord = await sandbox(["--seed", "7", "--guilds", "2", "--no-limits"]);
  guild = discord.ready.guilds[0];
  tracking = await serve(
    ["track", "--json", "--api", discord.ready.api, "--web", "127.0.0.1:0",
      "--db", join(folder, "ledger.db"), "--web-client-id", discord.ready.client_id],
    {
      DISCORD_TOKEN: discord.ready.token,
      GUESTLIST_WEB_CLIENT_SECRET: discord.ready.client_secret,
      GUESTLIST_WEB_TOKEN: TOKEN,
    },
  );
  web = tracking.web;
  browser = await launch();
  await discord.control("POST", "/scenario", { joins: 60, seed: 7, per_second: 60 });
  const totals = () => fetch(`${web}/api/v1/totals`, {
    headers: { authorization: `Bearer ${TOKEN}` },
  });
  for (let left = 300; left > 0; left--) {
    if ((await (await totals()).json()).data[0].confirmed >= 20) return;
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error("joins did not come");
});

after(async () => {
  await browser?.close();
  await tracking?.stop();
  await discord?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** A new browser; whatever it complains about is kept. */
async function open(options = {}) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const complaints = [];
  page.on("console", (said) => said.type() === "error" && complaints.push(said.text()));
  page.on("pageerror", (error) => complaints.push(error.message));
  return { page, complaints, close: () => context.close() };
}

/** Goes through Discord's page as the owner of the first server. */
async function logIn(page, wanted = "/joins?span=7d") {
  await page.goto(web + wanted);
  await page.getByRole("link", { name: "Log in with Discord" }).click();
  assert.ok(page.url().startsWith(`${discord.ready.api}/oauth2/authorize`));
  await page.locator("li", { hasText: "manages" }).first().getByRole("link").click();
  await page.waitForURL(web + wanted);
}

async function accessible(page, what) {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => globalThis.axe.run());
  const serious = violations.filter((it) => ["serious", "critical"].includes(it.impact));
  assert.deepEqual(serious.map((it) => `${it.id}: ${it.nodes.map((node) => node.html)}`), [], what);
  const overflow = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  assert.equal(overflow, 0, `${what} fits`);
}

for (const javaScriptEnabled of [true, false]) {
  test(`somebody logs in with Discord, scripts ${javaScriptEnabled}`, async () => {
    const { page, complaints, close } = await open({ javaScriptEnabled });
    await logIn(page);
    assert.ok((await page.locator("tbody tr").count()) > 0);
    assert.equal(await page.locator("#guild").count(), 0, "one server, so no choice");
    const other = await page.goto(`${web}/joins?guild=${discord.ready.guilds[1]}`);
    assert.equal(other.status(), 404);
    await page.goto(web);
    await page.getByRole("button", { name: "Log out" }).click();
    await page.goto(`${web}/joins`);
    assert.match(page.url(), /\/login/);
    assert.deepEqual(complaints.filter((it) => !it.includes("404")), []);
    await close();
  });
}

test("the log-in is accessible, and refusing leads back to it", async () => {
  for (const viewport of [{ width: 1280, height: 900 }, { width: 375, height: 800 }]) {
    for (const colorScheme of ["light", "dark"]) {
      const { page, close } = await open({ viewport, colorScheme, bypassCSP: true });
      await page.goto(`${web}/login`);
      await accessible(page, "the log-in");
      await close();
    }
  }
  const { page, close } = await open();
  await page.goto(`${web}/joins`);
  await page.getByRole("link", { name: "Log in with Discord" }).click();
  await page.getByRole("link", { name: "Cancel" }).click();
  assert.match(await page.locator("main").innerText(), /You were not logged in/);
  await page.locator("main").getByRole("link", { name: "Log in" }).click();
  await page.getByLabel("Token").fill(TOKEN);
  await page.getByRole("button", { name: "Log in" }).click();
  await page.getByLabel("Server").waitFor();
  assert.equal(await page.locator("#guild option").count(), 3, "the token shows all");
  await close();
});

test("a member who manages nothing is told so", async () => {
  const { page, close } = await open();
  await page.goto(`${web}/login`);
  await page.getByRole("link", { name: "Log in with Discord" }).click();
  await page.locator("li", { hasText: "a member" }).first().getByRole("link").click();
  assert.match(await page.locator("main").innerText(), /You do not manage a server/);
  await close();
});

for (const javaScriptEnabled of [true, false]) {
  test(`links are made for names, scripts ${javaScriptEnabled}`, async () => {
    const { page, complaints, close } = await open({ javaScriptEnabled, bypassCSP: true });
    await logIn(page, "/invites");
    await page.goto(`${web}/guilds/${guild}/personal`);
    const names = [HOSTILE, `Ada ${javaScriptEnabled}`, `Grace ${javaScriptEnabled}`];
    await page.getByLabel(/Names/).fill(names.join("\n"));
    await page.getByLabel(/Yes, create them/).check();
    await page.getByRole("button", { name: "Create the links" }).click();
    await page.locator("p.done").waitFor({ timeout: 15_000 });
    const cells = await page.locator("td[data-label='created for']").allInnerTexts();
    for (const name of names) assert.ok(cells.some((it) => it.trim() === name), name);
    if (javaScriptEnabled) {
      await accessible(page, "personal links");
      const csv = page.waitForEvent("download");
      await page.getByRole("link", { name: "Download as CSV" }).click();
      const text = readFileSync(await (await csv).path(), "utf8");
      assert.match(text, /^made_for,link,state,joins\n/);
      assert.ok(text.includes(`"'=<b title=""x"">'>&amp;",https://discord.gg/`), text);
    }
    assert.deepEqual(complaints, []);
    await close();
  });
}

test("a join by a link is shown with the name that it was made for", async () => {
  const { page, close } = await open();
  await logIn(page, "/invites");
  await page.goto(`${web}/guilds/${guild}/personal`);
  const row = page.locator("tr", { hasText: "Ada true" });
  const code = (await row.locator(".code").innerText()).replace("https://discord.gg/", "");
  await discord.control("POST", `/guilds/${guild}/joins`, { code });
  const shown = page.getByText("link created for Ada true");
  for (let left = 150; left > 0 && (await shown.count()) === 0; left--) {
    await page.waitForTimeout(100);
    await page.goto(`${web}/joins`);
  }
  assert.equal(await shown.count(), 1);
  await page.locator("tbody tr", { has: shown }).locator("td[data-label=member] a").click();
  assert.match(await page.locator("dl.facts").innerText(), /Link created for\s+Ada true/);
  await close();
});

test("an invite is made and revoked with the keyboard alone, on a narrow screen", async () => {
  const { page, complaints, close } = await open({
    viewport: { width: 375, height: 800 }, bypassCSP: true,
  });
  await logIn(page, "/invites");
  await page.goto(`${web}/guilds/${guild}/invites`);
  await accessible(page, "the form for an invite");
  await page.getByLabel("Channel").focus();
  for (const typed of [null, "3", "2", "for the test"]) {
    await page.keyboard.press("Tab");
    if (typed) {
      await page.keyboard.press("ControlOrMeta+a");
      await page.keyboard.type(typed);
    } else {
      await page.keyboard.press("Shift+Tab");
    }
  }
  await page.keyboard.press("Tab");
  await page.keyboard.press("Space");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.locator("p.done").waitFor();
  const link = await page.locator("main .code").innerText();
  const code = link.replace("https://discord.gg/", "");
  for (let left = 100; left > 0; left--) {
    const answer = await page.goto(`${web}/invites/${guild}/${code}`);
    if (answer.status() === 200) break;
    await page.waitForTimeout(100);
  }
  await page.getByText("Revoke this invite").focus();
  await page.keyboard.press("Enter");
  await accessible(page, "an invite");
  await page.keyboard.press("Tab");
  await page.keyboard.type("no longer needed");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Space");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.waitForLoadState();
  const state = page.locator("td[data-label=state]", { hasText: "revoked" });
  for (let left = 100; left > 0 && (await state.count()) === 0; left--) {
    await page.waitForTimeout(100);
    await page.reload();
  }
  assert.equal(await state.count(), 1, "the invite is revoked at Discord");
  assert.deepEqual(complaints.filter((it) => !it.includes("404")), []);
  await close();
});

test("one click pauses the invites, and the end is shown until it is over", async () => {
  const { page, complaints, close } = await open({ bypassCSP: true });
  await logIn(page, "/invites");
  const alerts = `${web}/alerts?guild=${guild}`;
  await page.goto(alerts);
  await accessible(page, "alerts with a button");
  await page.getByRole("button", { name: "Pause all invites for 2 hours" }).click();
  const said = page.getByRole("status");
  assert.match(await said.innerText(), /are paused until \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC/);
  await page.goto(alerts);
  assert.match(await said.innerText(), /are paused until/, "also for those who come later");
  await accessible(page, "alerts during a pause");
  await page.getByRole("button", { name: "End the pause" }).click();
  assert.match(await said.innerText(), /work again/);
  await page.goto(alerts);
  assert.equal(await said.count(), 0);
  assert.deepEqual(complaints, []);
  await close();
});
