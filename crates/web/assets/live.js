// Adds joins to the page as they come. The page is complete without it.
"use strict";

for (const place of document.querySelectorAll("[data-live]")) {
  follow(place);
}

function follow(place) {
  const state = document.querySelector("[data-live-state]");
  const source = new EventSource(place.dataset.live);
  source.addEventListener("open", () => say(state, "live"));
  source.addEventListener("error", () => say(state, "reconnecting"));
  source.addEventListener("join", (event) => {
    document.querySelector("[data-live-empty]")?.remove();
    show(place, JSON.parse(event.data));
  });
}

function say(state, text) {
  if (state) {
    state.hidden = false;
    state.textContent = text;
    state.dataset.state = text;
  }
}

// A join that is shown already gets its new answer.
function show(place, join) {
  const body = place.querySelector("tbody") ?? table(place);
  const rows = [...body.rows];
  const old = rows.find((row) => row.dataset.key === join.key ||
    row.querySelector("a")?.getAttribute("href") === join.href);
  const row = old ?? document.createElement("tr");
  fill(place, row, join);
  if (!old) {
    row.classList.add("new");
    const after = rows.find((other) => time(other) <= join.at);
    body.insertBefore(row, after ?? null);
    while (body.rows.length > Number(place.dataset.liveRows)) {
      body.lastElementChild.remove();
    }
  }
}

function time(row) {
  return row.querySelector("time")?.textContent ?? "";
}

function fill(place, row, join) {
  row.dataset.key = join.key;
  const at = element("time", join.at);
  at.dateTime = join.at.replace(" ", "T") + "Z";
  const link = element("a", "");
  link.href = join.href;
  link.append(element("bdi", join.member));
  const pill = element("span", join.certainty);
  pill.className = `pill ${join.tone}`;
  const cells = [["joined (UTC)", at, "whole"]];
  if ("liveServer" in place.dataset) {
    cells.push(["server", element("bdi", join.server ?? "–")]);
  }
  cells.push(
    ["member", link],
    ["origin", element("bdi", join.way ?? "–")],
    ["invited by", element("bdi", join.inviter ?? "–")],
    ["certainty", pill],
    ["left", element("bdi", join.left ?? "–"), "whole"],
  );
  row.replaceChildren(...cells.map(([label, content, name]) => {
    const cell = document.createElement("td");
    cell.dataset.label = label;
    if (name) cell.className = name;
    // What is not known needs no line of its own on a narrow screen.
    if (content.textContent === "–") cell.classList.add("none");
    cell.append(content);
    return cell;
  }));
}

function element(name, text) {
  const made = document.createElement(name);
  made.textContent = text;
  return made;
}

// The page had no join yet, and so no table.
function table(place) {
  const made = document.createElement("table");
  made.className = "rows";
  const names = ["joined (UTC)", "server", "member", "origin", "invited by", "certainty", "left"];
  const head = made.createTHead().insertRow();
  for (const name of names) {
    if (name !== "server" || "liveServer" in place.dataset) {
      const cell = element("th", name);
      cell.scope = "col";
      head.append(cell);
    }
  }
  const body = made.createTBody();
  place.replaceChildren(made);
  return body;
}
