// Pictures of every page, to look at: `npm run pictures -- FOLDER`.

import { mkdirSync } from "node:fs";
import { browser as launch, demo, joined } from "./demo.mjs";

const folder = process.argv[2] ?? "pictures";
const LOOKS = [
  ["light", { colorScheme: "light", viewport: { width: 1280, height: 900 } }],
  ["dark", { colorScheme: "dark", viewport: { width: 1280, height: 900 } }],
  ["narrow", { colorScheme: "light", viewport: { width: 390, height: 844 } }],
  ["phone", { colorScheme: "dark", viewport: { width: 390, height: 844 }, deviceScaleFactor: 2 }],
];
const PAGES = [
  "/", "/joins", "/invites", "/inviters", "/tree", "/retention", "/alerts", "/accuracy", "/tracking",
];

mkdirSync(folder, { recursive: true });
const running = await demo(["--guilds", "2"]);
const browser = await launch();
await joined(running.web, Number(process.env.JOINS ?? 500));
const guilds = await (await fetch(`${running.web}/api/v1/guilds`)).json();
const guild = guilds.data[0].guild_id;
for (const [look, options] of LOOKS) {
  const context = await browser.newContext(options);
  for (const path of PAGES) {
    const page = await context.newPage();
    await page.goto(`${running.web}${path}?guild=${guild}`);
    const name = path === "/" ? "overview" : path.slice(1);
    await page.screenshot({ path: `${folder}/${name}-${look}.png`, fullPage: look !== "phone" });
    await page.close();
  }
  await context.close();
}
await browser.close();
await running.stop();
