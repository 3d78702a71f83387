"use strict";
// What comes from the guest goes into text nodes only, never into markup.
const $ = (id) => document.getElementById(id);
const behind = JSON.parse($("told").textContent);
const told = behind.told;

// ---------------------------------------------------------------------------------------------------- small things

function make(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value !== null && value !== undefined && value !== false) node.setAttribute(name, value === true ? "" : value);
  }
  for (const child of children.flat()) if (child !== null && child !== undefined && child !== "") node.append(child);
  return node;
}
const number = (n) => n.toLocaleString("en-US");
function bytes(n) {
  if (n < 1000) return n + " B";
  const units = ["kB", "MB", "GB", "TB"];
  let at = -1;
  do { n /= 1000; at++; } while (n >= 1000 && at < units.length - 1);
  return n.toFixed(n < 10 ? 2 : n < 100 ? 1 : 0) + " " + units[at];
}
function span(nanos) {
  if (!nanos) return "0";
  if (nanos < 1e3) return nanos + " ns";
  if (nanos < 1e6) return +(nanos / 1e3).toFixed(2) + " µs";
  if (nanos < 1e9) return +(nanos / 1e6).toFixed(2) + " ms";
  return +(nanos / 1e9).toFixed(3) + " s";
}
const seconds = (nanos) => (nanos / 1e9).toFixed(6);
const badge = (text, kind) => make("span", { class: "badge " + (kind || "") }, text);

// Sections of the prototypes, by colour.
const GROUPS = [
  ["file", "files", ["file", "io", "device"]],
  ["net", "network", ["net"]],
  ["memory", "memory", ["memory"]],
  ["process", "processes", ["process", "identity", "security", "debug", "runtime"]],
  ["signal", "signals, waiting", ["signal", "sync", "ipc", "poll", "executive", "object", "port"]],
  ["other", "other", []],
];
const groupOf = new Map();
GROUPS.forEach(([, , sections], at) => sections.forEach((section) => groupOf.set(section, at)));
const OTHER = GROUPS.length - 1;
const nameGroup = behind.names.map(([, section]) => groupOf.get(section) ?? OTHER);

const FAILED = 1, MISSING = 2, EVENT = 4, SIGNAL = 8, LIFE = 16, NOTE = 32;

// ---------------------------------------------------------------------------------------------------- light and dark

function paint(theme) {
  document.documentElement.dataset.theme = theme;
}
paint(matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
$("theme").addEventListener("click", () => {
  paint(document.documentElement.dataset.theme === "dark" ? "light" : "dark");
  draw();
});

// ---------------------------------------------------------------------------------------------------- events

// Columns of all events; filled block by block.
const total = behind.events;
const ev = {
  count: 0,
  start: new Float64Array(total), took: new Float64Array(total), task: new Int32Array(total),
  name: new Uint16Array(total), kind: new Uint8Array(total),
  at: new Uint32Array(total + 1), args: new Uint32Array(total),
  text: new Uint8Array(behind.bytes),
};
const utf8 = new TextDecoder();
const argsOf = (row) => utf8.decode(ev.text.subarray(ev.at[row], ev.at[row] + ev.args[row]));
const resultOf = (row) => utf8.decode(ev.text.subarray(ev.at[row] + ev.args[row], ev.at[row + 1]));
const nameOf = (row) => behind.names[ev.name[row]][0];

function lineOf(row) {
  if (ev.kind[row] & EVENT) return nameOf(row) + "  " + argsOf(row);
  return nameOf(row) + "(" + argsOf(row) + ") = " + resultOf(row);
}

async function inflate(letters) {
  const packed = Uint8Array.from(atob(letters), (letter) => letter.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

function unpack(block) {
  let at = 0;
  const next = () => {
    let value = 0, scale = 1, byte;
    do {
      byte = block[at++];
      value += (byte & 127) * scale;
      scale *= 128;
    } while (byte > 127);
    return value;
  };
  // Differences of the times of two tasks may be negative. Doubles hold them up to 2^53 ns, 104 days.
  const signed = () => {
    const value = next();
    return value % 2 ? -(value + 1) / 2 : value / 2;
  };
  const count = next(), first = ev.count, end = first + count;
  for (let row = first; row < end; row++) ev.name[row] = next();
  for (let row = first; row < end; row++) ev.task[row] = signed();
  for (let row = first, time = 0; row < end; row++) ev.start[row] = time += signed();
  for (let row = first; row < end; row++) ev.took[row] = next();
  ev.kind.set(block.subarray(at, at + count), first);
  at += count;
  for (let row = first; row < end; row++) ev.args[row] = next();
  let place = ev.at[first];
  for (let row = first; row < end; row++) ev.at[row + 1] = place += ev.args[row] + next();
  ev.text.set(block.subarray(at), ev.at[first]);
  ev.count = end;
}

async function load() {
  const lines = $("events").textContent.trim().split("\n").filter(Boolean);
  $("events").remove();
  // A few blocks ahead, so that inflating goes on while one is unpacked.
  const ahead = [];
  for (let at = 0; at < lines.length; at++) {
    while (ahead.length < 4 && at + ahead.length < lines.length) ahead.push(inflate(lines[at + ahead.length]));
    unpack(await ahead.shift());
  }
  order();
}

// Rows in the order of their starts; they are stored in that of their ends.
let byTime = new Uint32Array(0);
function order() {
  byTime = Uint32Array.from({ length: ev.count }, (_, row) => row);
  let sorted = true;
  for (let row = 1; row < ev.count && sorted; row++) sorted = ev.start[row - 1] <= ev.start[row];
  if (!sorted) {
    // Equal ones stay as they are: a program's start comes before its first call.
    byTime.sort((a, b) => ev.start[a] - ev.start[b] || a - b);
  }
}

// ---------------------------------------------------------------------------------------------------- tabs

const processes = told.tasks.filter((task) => task.task === task.process);
const TABS = [
  ["overview", "Overview", null],
  ["calls", "Calls", told.counts.length],
  ["files", "Files", told.files.length],
  ["network", "Network", told.sockets.length + told.hosts.length],
  ["processes", "Processes", processes.length],
  ["objects", "Objects", told.objects.length + told.values.length],
  ["failures", "Failures", told.failed.length + told.missing.length],
  ["events-panel", "Events", behind.events],
].filter(([id, , count]) => count !== 0 || !["objects", "network"].includes(id));

function show(id, focus) {
  for (const [other] of TABS) {
    $(other).hidden = other !== id;
    const tab = $("tab-" + other);
    tab.setAttribute("aria-selected", other === id);
    tab.tabIndex = other === id ? 0 : -1;
    if (other === id && focus) tab.focus();
  }
  if (id === "overview") draw();
  if (id === "events-panel") table.paint();
}
TABS.forEach(([id, title, count], at) => {
  $("tabs").append(make("button", {
    type: "button", role: "tab", id: "tab-" + id, "aria-controls": id, onclick: () => show(id),
    onkeydown: (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (step) show(TABS[(at + step + TABS.length) % TABS.length][0], true);
    },
  }, title, count === null ? null : make("span", { class: "count" }, number(count))));
});

// Shows the events that fit.
function look(filter) {
  const call = behind.names.findIndex(([name]) => name === filter.call);
  $("search").value = filter.search ?? "";
  $("task").value = filter.task ?? "";
  $("call").value = call < 0 ? "" : call;
  $("kind").value = filter.kind ?? "";
  show("events-panel");
  table.filter();
}
const link = (text, filter) => make("button", { type: "button", class: "link", onclick: () => look(filter) }, text);

// ---------------------------------------------------------------------------------------------------- tables

// A table that can be sorted and searched. A column: title, what is sorted by, what is shown, and whether it is a number.
function sheet(into, title, rows, columns, more, first) {
  const card = make("div", { class: "card" });
  const body = make("tbody");
  const found = make("span", { "aria-live": "polite" });
  let by = first?.[0] ?? -1, down = first?.[1] ?? true, words = "", limit = 300;
  const keys = rows.map((row) => columns.map(([, key]) => key(row)));
  const texts = keys.map((key) => key.join("\u0000").toLowerCase());
  const fill = () => {
    let list = rows.map((_, at) => at).filter((at) => texts[at].includes(words));
    if (by >= 0) {
      list.sort((a, b) => {
        const [x, y] = [keys[a][by], keys[b][by]];
        const order = typeof x === "number" ? x - y : String(x).localeCompare(String(y));
        return (down ? -order : order) || a - b;
      });
    }
    body.replaceChildren(...list.slice(0, limit).map((at) => make("tr", {}, columns.map(([, , shown, kind]) => {
      const cell = make("td", { class: kind === "n" ? "n" : kind ?? null });
      cell.append(...[shown(rows[at])].flat().filter((part) => part !== null && part !== undefined));
      return cell;
    }))));
    if (list.length > limit) {
      body.append(make("tr", {}, make("td", { colspan: columns.length }, make("button", {
        type: "button", onclick: () => { limit *= 10; fill(); },
      }, "Show more: " + number(list.length - limit) + " are left"))));
    }
    const left = more ? ", and " + number(more) + " that were not kept apart" : "";
    found.textContent = (words ? number(list.length) + " of " : "") + number(rows.length) + left;
  };
  const head = make("tr", {}, columns.map(([name, , , kind], at) => make("th", { class: kind === "n" ? "n" : null, scope: "col" },
    make("button", {
      type: "button", onclick: () => {
        [by, down] = by === at ? [at, !down] : [at, kind === "n"];
        sortedBy();
        fill();
      },
    }, name))));
  const sortedBy = () => [...head.children].forEach((cell, at) => {
    if (at === by) cell.setAttribute("aria-sort", down ? "descending" : "ascending");
    else cell.removeAttribute("aria-sort");
  });
  card.append(make("div", { class: "tools" }, make("h2", {}, title),
    rows.length > 8 ? make("input", {
      type: "search", placeholder: "Search …", "aria-label": "Search in " + title,
      oninput: (event) => { words = event.target.value.toLowerCase(); fill(); },
    }) : null, found));
  if (rows.length) card.append(make("div", { class: "wide" }, make("table", {}, make("thead", {}, head), body)));
  else card.append(make("p", { class: "empty" }, "None."));
  sortedBy();
  fill();
  into.append(card);
}

// ---------------------------------------------------------------------------------------------------- parts

function head() {
  document.title = told.program + " – emu report";
  $("program").textContent = told.program || "no program started";
  const day = new Date(told.epoch / 1e6).toISOString().replace("T", " ").slice(0, 19);
  $("about").textContent = told.profile + ", began at " + day + " UTC of the guest’s time";
}

function tiles() {
  const failed = told.counts.reduce((sum, count) => sum + count.errors, 0);
  const missing = told.missing.reduce((sum, one) => sum + one.count, 0);
  const sum = (list, key) => list.reduce((all, one) => all + one[key], 0);
  const all = [
    [number(told.calls), "calls"],
    [number(failed), "failed"],
    [span(told.time), "guest time"],
    [number(processes.length), processes.length === 1 ? "process" : "processes"],
    [number(told.tasks.length + told.more_tasks), "tasks"],
    [number(told.files.length), "files"],
    [bytes(sum(told.files, "read") + sum(told.sockets, "received")), "read"],
    [bytes(sum(told.files, "written") + sum(told.sockets, "sent")), "written"],
  ];
  if (missing) all.push([number(missing), "not served", "bad"]);
  $("tiles").append(...all.map(([value, name, kind]) => make("div", { class: "tile " + (kind ?? "") }, make("b", {}, value), make("span", {}, name))));
}

function findings() {
  const card = $("findings");
  card.append(make("h2", {}, "Worth a second look"));
  if (!told.findings.length) {
    card.append(make("p", { class: "good" }, "Nothing the program did looks suspicious by itself."));
  }
  told.findings.forEach((finding, at) => {
    const lines = make("pre");
    for (const one of finding.evidence) {
      lines.append(make("i", {}, "task " + one.task + " at " + seconds(one.time) + "  "), one.line, "\n");
    }
    const more = finding.count - finding.evidence.length;
    if (more > 0) lines.append("and " + number(more) + " more");
    card.append(make("details", { class: "finding", open: at < 4 },
      make("summary", {}, finding.what + " ", make("span", {}, finding.count > 1 ? number(finding.count) + " times" : "")), lines));
  });
  if (told.notes.length) {
    $("notes").hidden = false;
    $("notes").append(make("h2", {}, "Notes of the run"), ...told.notes.map((note) => make("p", { class: "good" }, note)));
  }
}

function calls() {
  const time = told.counts.reduce((sum, count) => sum + count.time, 0) || 1;
  const share = (part) => make("span", { class: "share" }, make("i", { style: "--part:" + (100 * part).toFixed(1) + "%" }), (100 * part).toFixed(1) + " %");
  sheet($("calls"), "Calls", told.counts, [
    ["Call", (row) => row.name, (row) => link(row.name, { call: row.name }), "m"],
    ["Calls", (row) => row.calls, (row) => number(row.calls), "n"],
    ["Errors", (row) => row.errors, (row) => row.errors ? number(row.errors) : "", "n"],
    ["Time", (row) => row.time, (row) => span(row.time), "n"],
    ["Each", (row) => row.time / row.calls, (row) => span(Math.round(row.time / row.calls)), "n"],
    ["Share of time", (row) => row.time / time, (row) => share(row.time / time), "n"],
  ], 0, [1, true]);
  $("calls").append(make("p", { class: "hint" }, "Time is the guest’s: from a call’s beginning to its end, with what other tasks did in the meantime."));
}

function files() {
  const did = (file) => [
    file.made ? badge(file.made, file.made.includes("unless") ? "good" : "warn") : null,
    file.renamed ? badge("renamed to " + file.renamed, "warn") : null,
    file.changed ? badge(file.changed + " changed", "warn") : null,
    file.deleted ? badge("deleted", "bad") : null,
    file.writes && !file.writings ? badge("opened to be written") : null,
  ];
  sheet($("files"), "Files", told.files, [
    ["Path", (row) => row.path, (row) => link(row.path, { search: row.path.split("/").pop() }), "m"],
    ["Opened", (row) => row.opened, (row) => number(row.opened), "n"],
    ["Read", (row) => row.read, (row) => row.reads ? bytes(row.read) : "", "n"],
    ["Reads", (row) => row.reads, (row) => row.reads ? number(row.reads) : "", "n"],
    ["Written", (row) => row.written, (row) => row.writings ? bytes(row.written) : "", "n"],
    ["Writes", (row) => row.writings, (row) => row.writings ? number(row.writings) : "", "n"],
    ["What happened", (row) => did(row).filter(Boolean).map((node) => node.textContent).join(" "), did],
  ], told.more_files);
}

function network() {
  if (told.hosts.length) {
    sheet($("network"), "Names asked for", told.hosts, [
      ["Name", (row) => row.name, (row) => link(row.name, { search: row.name }), "m"],
      ["Times", (row) => row.count, (row) => number(row.count), "n"],
      ["First by", (row) => row.task, (row) => String(row.task), "n"],
      ["First at", (row) => row.time, (row) => seconds(row.time), "n"],
    ], 0);
  }
  sheet($("network"), "Sockets", told.sockets, [
    ["Kind", (row) => row.kind, (row) => row.kind],
    ["Role", (row) => row.role, (row) => row.role ? badge(row.role, row.role === "listens" ? "warn" : "good") : null],
    ["Own address", (row) => row.bound ?? "", (row) => row.bound ?? "", "m"],
    ["Others", (row) => row.peers.join(", "), (row) => row.peers.join(", "), "m"],
    ["Sent", (row) => row.sent, (row) => bytes(row.sent), "n"],
    ["Received", (row) => row.received, (row) => bytes(row.received), "n"],
    ["Socket", (row) => row.name, (row) => link(row.name, { search: row.name }), "m"],
  ], told.more_sockets);
}

function tree() {
  const card = make("div", { class: "card" }, make("h2", {}, "Process tree"));
  const children = new Map(), threads = new Map();
  for (const task of told.tasks) {
    const map = task.task === task.process ? children : threads;
    const key = task.task === task.process ? task.parent : task.process;
    if (!map.has(key)) map.set(key, []);
    map.get(key).push(task);
  }
  const known = new Set(processes.map((task) => task.task));
  const roots = processes.filter((task) => task.parent === null || !known.has(task.parent));
  let left = 2000;
  const seen = new Set();
  const item = (task, depth) => {
    seen.add(task);
    left--;
    const own = threads.get(task.process) ?? [];
    const node = make("li", {}, link(String(task.task), { task: String(task.task) }), " ", make("code", {}, task.program || "?"), " ",
      make("span", { class: "empty" }, number(task.calls) + " calls, " + seconds(task.born) + " – " + (task.ended === null ? "…" : seconds(task.ended))), " ",
      badge(task.how || "did not end", task.how === "exited with 0" ? "" : task.how.startsWith("killed") ? "bad" : "warn"));
    if (own.length) {
      node.append(make("details", { open: own.length <= 4 }, make("summary", { class: "empty" }, number(own.length) + (own.length === 1 ? " more thread" : " more threads")),
        make("ul", {}, own.slice(0, 200).map((thread) => make("li", {}, link(String(thread.task), { task: String(thread.task) }), " ",
          make("span", { class: "empty" }, number(thread.calls) + " calls, " + (thread.how || "did not end")))))));
    }
    const below = (children.get(task.task) ?? []).filter((child) => !seen.has(child));
    if (below.length && left > 0 && depth < 200) node.append(make("ul", {}, below.slice(0, left).map((child) => item(child, depth + 1))));
    return node;
  };
  card.append(make("ul", { class: "tree" }, roots.slice(0, left).map((root) => item(root, 0))));
  if (seen.size < processes.length) card.append(make("p", { class: "empty" }, "and " + number(processes.length - seen.size) + " more"));
  $("processes").append(card);
  sheet($("processes"), "Programs started", told.programs, [
    ["At", (row) => row.time, (row) => seconds(row.time), "n"],
    ["Task", (row) => row.task, (row) => link(String(row.task), { task: String(row.task) }), "n"],
    ["Path", (row) => row.path, (row) => row.path, "m"],
    ["Words", (row) => row.argv.join(" "), (row) => row.argv.join(" "), "m"],
  ], told.more_programs);
}

function objects() {
  if (told.objects.length) {
    sheet($("objects"), "Objects", told.objects, [
      ["Kind", (row) => row.kind, (row) => row.kind],
      ["Name", (row) => row.name, (row) => link(row.name, { search: row.name.split("\\").pop() }), "m"],
      ["What happened", (row) => row.did, (row) => badge(row.did, row.did === "made" ? "warn" : "")],
      ["Times", (row) => row.count, (row) => number(row.count), "n"],
    ], 0);
  }
  if (told.values.length) {
    sheet($("objects"), "Registry", told.values, [
      ["Value", (row) => row.name, (row) => row.name, "m"],
      ["What happened", (row) => row.set ? "set" : "deleted", (row) => badge(row.set ? "set" : "deleted", "warn")],
    ], 0);
  }
}

function failures() {
  sheet($("failures"), "Failed calls", told.failed, [
    ["Call", (row) => row.call, (row) => link(row.call, { call: row.call, kind: "failed" }), "m"],
    ["Error", (row) => row.error, (row) => row.error, "m"],
    ["Path", (row) => row.path, (row) => row.path, "m"],
    ["Times", (row) => row.count, (row) => number(row.count), "n"],
    ["First by", (row) => row.task, (row) => String(row.task), "n"],
    ["First at", (row) => row.time, (row) => seconds(row.time), "n"],
  ], told.more_failed, [3, true]);
  sheet($("failures"), "Calls that nobody served", told.missing, [
    ["Call", (row) => row.name, (row) => link(row.name, { call: row.name }), "m"],
    ["Times", (row) => row.count, (row) => number(row.count), "n"],
    ["First by", (row) => row.task, (row) => String(row.task), "n"],
    ["First at", (row) => row.time, (row) => seconds(row.time), "n"],
  ], 0, [1, true]);
  if (told.signals.length) {
    sheet($("failures"), "Signals and exceptions", told.signals, [
      ["Name", (row) => row.name, (row) => link(row.name, { search: row.name }), "m"],
      ["Times", (row) => row.count, (row) => number(row.count), "n"],
      ["First at", (row) => row.time, (row) => seconds(row.time), "n"],
    ], 0, [1, true]);
  }
}

// ---------------------------------------------------------------------------------------------------- table of events

const table = {
  rows: new Uint32Array(0), by: "time", down: false, chosen: -1, lowered: [],
  height: 24, most: 8e6,

  // Letters of a stretch of events, in small letters, a letter a byte: places in it are places in the text.
  letters(block) {
    const size = 16384;
    if (!this.lowered[block]) {
      const from = ev.at[block * size], to = ev.at[Math.min(ev.count, (block + 1) * size)];
      this.lowered[block] = new TextDecoder("latin1").decode(ev.text.subarray(from, to)).toLowerCase();
    }
    return this.lowered[block];
  },

  // Marks the rows in whose texts the words stand.
  search(words) {
    const hit = new Uint8Array(ev.count);
    const names = behind.names.map(([name]) => name.toLowerCase().includes(words));
    for (let row = 0; row < ev.count; row++) if (names[ev.name[row]]) hit[row] = 1;
    const needle = new TextDecoder("latin1").decode(new TextEncoder().encode(words)).toLowerCase();
    for (let block = 0; block * 16384 < ev.count; block++) {
      const text = this.letters(block), base = ev.at[block * 16384];
      let row = block * 16384;
      for (let at = text.indexOf(needle); at >= 0; at = text.indexOf(needle, at)) {
        const place = base + at;
        // The row of a place: they lie close together.
        let low = row, high = Math.min(ev.count, (block + 1) * 16384);
        while (high - low > 1) {
          const middle = (low + high) >> 1;
          if (ev.at[middle] <= place) low = middle; else high = middle;
        }
        row = low;
        if (place + needle.length <= ev.at[row + 1]) {
          hit[row] = 1;
          at = ev.at[row + 1] - base;
        } else at++;
      }
    }
    return hit;
  },

  filter() {
    const words = $("search").value.trim().toLowerCase();
    const task = $("task").value === "" ? null : +$("task").value;
    const call = $("call").value === "" ? null : +$("call").value;
    const hit = words ? this.search(words) : null;
    const kind = {
      failed: (row) => ev.kind[row] & FAILED, missing: (row) => ev.kind[row] & MISSING, signals: (row) => ev.kind[row] & SIGNAL,
      life: (row) => ev.kind[row] & LIFE, slow: (row) => ev.took[row] > 1000,
    }[$("kind").value];
    const rows = new Uint32Array(ev.count);
    let count = 0;
    for (let at = 0; at < ev.count; at++) {
      const row = byTime[at];
      if (hit && !hit[row]) continue;
      if (task !== null && ev.task[row] !== task) continue;
      if (call !== null && ev.name[row] !== call) continue;
      if (kind && !kind(row)) continue;
      rows[count++] = row;
    }
    this.rows = rows.slice(0, count);
    this.sort();
    $("found").textContent = number(count) + (count === ev.count ? "" : " of " + number(ev.count)) + " events"
      + (behind.left_out ? "; " + number(behind.left_out) + " later ones are only counted" : "");
    $("scroller").scrollTop = 0;
    this.paint();
  },

  sort() {
    const sign = this.down ? -1 : 1;
    if (this.by === "time") {
      if (this.down) this.rows.reverse();
      return;
    }
    const key = { took: ev.took, task: ev.task }[this.by];
    if (key) {
      this.rows.sort((a, b) => sign * (key[a] - key[b]) || a - b);
    } else {
      const rank = new Uint32Array(behind.names.length);
      behind.names.map(([name], at) => [name, at]).sort((a, b) => a[0].localeCompare(b[0])).forEach(([, at], place) => { rank[at] = place; });
      this.rows.sort((a, b) => sign * (rank[ev.name[a]] - rank[ev.name[b]]) || a - b);
    }
  },

  // Draws the rows that are seen.
  paint() {
    const box = $("scroller");
    const whole = this.rows.length * this.height, tall = Math.min(whole, this.most);
    $("spacer").style.height = tall + "px";
    const seen = Math.ceil(box.clientHeight / this.height) + 1;
    const room = Math.max(1, tall - box.clientHeight);
    // Where there are more rows than a page can be high, the scroll bar tells the share.
    const offset = whole === tall ? box.scrollTop : (box.scrollTop / room) * (whole - box.clientHeight);
    const first = Math.max(0, Math.min(Math.floor(offset / this.height), this.rows.length - seen + 1));
    const shift = whole === tall ? first * this.height : box.scrollTop - (offset - first * this.height);
    const list = [];
    for (let at = first; at < Math.min(first + seen, this.rows.length); at++) list.push(this.row(this.rows[at], at));
    $("window").style.transform = "translateY(" + Math.max(0, shift) + "px)";
    $("window").replaceChildren(...list);
    this.first = first;
  },

  row(row, at) {
    const kind = ev.kind[row];
    const classes = ["row"];
    if (kind & MISSING) classes.push("miss");
    else if (kind & FAILED) classes.push("bad");
    if (kind & EVENT) classes.push("ev");
    if (row === this.chosen) classes.push("on");
    const what = make("span", { role: "cell" }, make("b", {}, nameOf(row)));
    if (kind & EVENT) what.append("  " + argsOf(row));
    else what.append("(" + argsOf(row) + ")", make("span", { class: "res" }, " = " + resultOf(row) + (kind & MISSING ? " <missing>" : "")));
    return make("div", { class: classes.join(" "), role: "row", "aria-rowindex": at + 2, onclick: () => this.choose(row) },
      make("span", { class: "r", role: "cell" }, seconds(ev.start[row])),
      make("span", { class: "r", role: "cell" }, kind & EVENT ? "" : span(ev.took[row])),
      make("span", { class: "r", role: "cell" }, ev.task[row] ? String(ev.task[row]) : ""), what);
  },

  choose(row) {
    this.chosen = row;
    const detail = $("detail");
    detail.hidden = false;
    const when = "task " + ev.task[row] + " at " + seconds(ev.start[row]) + (ev.kind[row] & EVENT ? "" : ", took " + span(ev.took[row]));
    detail.replaceChildren(make("span", { class: "empty" }, when), "\n", lineOf(row));
    this.paint();
  },

  // Shows a row among all.
  reveal(row) {
    look({});
    const at = this.rows.indexOf(row);
    const whole = this.rows.length * this.height, box = $("scroller");
    const offset = Math.max(0, at * this.height - box.clientHeight / 2);
    const tall = Math.min(whole, this.most);
    box.scrollTop = whole === tall ? offset : (offset / (whole - box.clientHeight)) * (tall - box.clientHeight);
    this.choose(row);
  },
};

function eventsPart() {
  const columns = [["time", "Time"], ["took", "Took"], ["task", "Task"], ["name", "Call"]];
  const mark = () => [...$("grid-head").children].forEach((cell, at) => {
    cell.setAttribute("aria-sort", columns[at][0] === table.by ? (table.down ? "descending" : "ascending") : "none");
  });
  columns.forEach(([by, title]) => $("grid-head").append(make("span", { role: "columnheader", class: by === "name" ? "" : "r" }, make("button", {
    type: "button", onclick: () => {
      [table.by, table.down] = table.by === by ? [by, !table.down] : [by, by === "took"];
      mark();
      table.filter();
    },
  }, title))));
  mark();
  for (const task of told.tasks.slice(0, 2000)) $("task").append(make("option", { value: task.task }, task.task + " " + task.program.split(/[\/\\]/).pop()));
  behind.names.map(([name], at) => [name, at]).sort((a, b) => a[0].localeCompare(b[0])).forEach(([name, at]) => $("call").append(make("option", { value: at }, name)));
  let wait = 0;
  $("search").addEventListener("input", () => { clearTimeout(wait); wait = setTimeout(() => table.filter(), 120); });
  for (const id of ["task", "call", "kind"]) $(id).addEventListener("change", () => table.filter());
  $("filters").addEventListener("submit", (event) => { event.preventDefault(); table.filter(); });
  $("filters").addEventListener("reset", () => setTimeout(() => table.filter()));
  $("scroller").addEventListener("scroll", () => requestAnimationFrame(() => table.paint()));
  $("scroller").addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 20, PageUp: -20 }[event.key];
    if (!step || !table.rows.length) return;
    event.preventDefault();
    const at = Math.max(0, Math.min(table.rows.length - 1, table.rows.indexOf(table.chosen) + step));
    const box = $("scroller"), above = at * table.height;
    if (table.rows.length * table.height <= table.most) {
      if (above < box.scrollTop) box.scrollTop = above;
      else if (above + table.height > box.scrollTop + box.clientHeight) box.scrollTop = above + table.height - box.clientHeight;
    }
    table.choose(table.rows[at]);
  });
  new ResizeObserver(() => { if (!$("events-panel").hidden) table.paint(); }).observe($("scroller"));
}

// ---------------------------------------------------------------------------------------------------- time line

// Tasks that are drawn, each with its events in the order of time.
const MOST_LANES = 48, LANE = 22, HISTOGRAM = 46, LEFT = 150, AXIS = 22;
const view = { from: 0, to: Math.max(1, told.time), lanes: [] };

function lanes() {
  const sizes = new Map();
  for (let row = 0; row < ev.count; row++) sizes.set(ev.task[row], (sizes.get(ev.task[row]) ?? 0) + 1);
  sizes.delete(0);
  const known = new Map(told.tasks.map((task, at) => [task.task, at]));
  const busiest = [...sizes].sort((a, b) => b[1] - a[1]).slice(0, MOST_LANES).map(([task]) => task);
  busiest.sort((a, b) => (known.get(a) ?? 1e9) - (known.get(b) ?? 1e9));
  const filled = new Map(busiest.map((task) => [task, { task, rows: new Uint32Array(sizes.get(task)), count: 0 }]));
  for (const row of byTime) {
    const lane = filled.get(ev.task[row]);
    if (lane) lane.rows[lane.count++] = row;
  }
  view.lanes = busiest.map((task) => ({ ...filled.get(task), told: told.tasks[known.get(task)] }));
  const left = sizes.size - busiest.length;
  $("canvas-hint").textContent = (left > 0 ? "The " + MOST_LANES + " busiest tasks; " + number(left) + " more are in the table. " : "")
    + "Drag to move, wheel or + and − to zoom, click a call to find it in the table. A thin bar is the time that a call waited.";
}

function firstFrom(rows, time) {
  let low = 0, high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ev.start[rows[middle]] < time) low = middle + 1; else high = middle;
  }
  return low;
}

function colours() {
  const style = getComputedStyle(document.documentElement);
  const of = (name) => style.getPropertyValue("--" + name).trim();
  return { groups: GROUPS.map(([name]) => of(name)), wait: of("wait"), text: of("text"), soft: of("soft"), line: of("line"), faint: of("faint"), bad: of("bad") };
}

function draw() {
  const canvas = $("canvas");
  const width = canvas.parentElement.clientWidth - 36;
  if (width <= 0 || $("overview").hidden) return;
  const height = HISTOGRAM + AXIS + view.lanes.length * LANE + 4;
  const ratio = devicePixelRatio || 1;
  canvas.width = width * ratio;
  canvas.height = height * ratio;
  canvas.style.height = height + "px";
  const g = canvas.getContext("2d");
  g.scale(ratio, ratio);
  const c = colours();
  const plot = width - LEFT, each = (view.to - view.from) / plot;
  const x = (time) => LEFT + (time - view.from) / each;
  g.font = "12px system-ui, 'DejaVu Sans', sans-serif";
  g.textBaseline = "middle";

  // How many calls there were at a time, all tasks together.
  const bars = Math.max(1, Math.floor(plot / 3)), groups = GROUPS.length;
  const counts = new Uint32Array(bars * groups);
  for (let at = firstFrom(byTime, view.from); at < byTime.length; at++) {
    const row = byTime[at];
    if (ev.start[row] > view.to) break;
    if (ev.kind[row] & EVENT) continue;
    const bar = Math.min(bars - 1, Math.floor((ev.start[row] - view.from) / (view.to - view.from) * bars));
    counts[bar * groups + nameGroup[ev.name[row]]]++;
  }
  let most = 1;
  for (let bar = 0; bar < bars; bar++) {
    let sum = 0;
    for (let group = 0; group < groups; group++) sum += counts[bar * groups + group];
    most = Math.max(most, sum);
  }
  for (let bar = 0; bar < bars; bar++) {
    let base = HISTOGRAM;
    for (let group = 0; group < groups; group++) {
      const size = counts[bar * groups + group] / most * (HISTOGRAM - 6);
      if (!size) continue;
      g.fillStyle = c.groups[group];
      g.fillRect(LEFT + bar * plot / bars, base - size, plot / bars - .5, size);
      base -= size;
    }
  }
  g.fillStyle = c.soft;
  g.textAlign = "left";
  g.fillText("all calls", 0, HISTOGRAM / 2);

  // The axis, in round steps.
  const rough = (view.to - view.from) / Math.max(2, plot / 110);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((n) => n * power).find((n) => n >= rough);
  g.textAlign = "center";
  for (let time = Math.ceil(view.from / step) * step; time <= view.to; time += step) {
    g.strokeStyle = c.line;
    g.beginPath();
    g.moveTo(Math.round(x(time)) + .5, HISTOGRAM);
    g.lineTo(Math.round(x(time)) + .5, height);
    g.stroke();
    g.fillStyle = c.soft;
    if (x(time) < width - 24) g.fillText(span(Math.round(time)), Math.max(LEFT + 10, x(time)), HISTOGRAM + AXIS / 2);
  }

  g.textAlign = "left";
  view.lanes.forEach((lane, at) => {
    const top = HISTOGRAM + AXIS + at * LANE;
    g.fillStyle = c.text;
    const thread = lane.told && lane.told.task !== lane.told.process;
    const label = (thread ? "  ↳ " : "") + lane.task + " " + (lane.told ? lane.told.program.split(/[\/\\]/).pop() : "");
    g.save();
    g.beginPath();
    g.rect(0, top, LEFT - 8, LANE);
    g.clip();
    g.fillText(label, 0, top + LANE / 2);
    g.restore();
    const born = lane.told ? lane.told.born : 0, ended = lane.told?.ended ?? told.time;
    g.fillStyle = c.faint;
    const begin = Math.max(LEFT, x(born)), end = Math.min(width, x(ended));
    if (end > begin) g.fillRect(begin, top + 3, Math.max(1, end - begin), LANE - 6);
    lane.pixels = stripes(lane, each, plot);
    for (let pixel = 0; pixel < plot; pixel++) {
      const stripe = lane.pixels[pixel];
      if (!stripe) continue;
      if (stripe.wait > 0) {
        g.fillStyle = c.groups[stripe.waiting];
        g.globalAlpha = .45;
        g.fillRect(LEFT + pixel, top + LANE / 2 - 2, 1.2, 4);
        g.globalAlpha = 1;
      }
      if (stripe.count) {
        g.fillStyle = stripe.bad ? c.bad : c.groups[stripe.group];
        g.fillRect(LEFT + pixel, top + 3, 1.2, LANE - 6);
      }
    }
  });
}

// What stands in each column of pixels of a lane: how many calls, of which group most, and what waits there.
function stripes(lane, each, plot) {
  const pixels = new Array(plot);
  // The call before the first one seen may still wait; calls of one task do not overlap.
  const start = Math.max(0, firstFrom(lane.rows, view.from) - 1);
  for (let at = start; at < lane.rows.length; at++) {
    const row = lane.rows[at];
    if (ev.start[row] > view.to) break;
    if (ev.kind[row] & EVENT && !(ev.kind[row] & SIGNAL)) continue;
    const signal = ev.kind[row] & SIGNAL;
    const group = signal ? 4 : nameGroup[ev.name[row]];
    const first = Math.floor((ev.start[row] - view.from) / each);
    // A call's own share is one microsecond; the rest is waiting.
    const own = Math.floor((ev.start[row] + Math.min(ev.took[row], 1000) - view.from) / each);
    const last = Math.floor((ev.start[row] + ev.took[row] - view.from) / each);
    for (let pixel = Math.max(0, first); pixel <= Math.min(plot - 1, last); pixel++) {
      const stripe = pixels[pixel] ??= { count: 0, group, wait: 0, waiting: group, row, bad: false };
      if (pixel <= Math.max(first, own)) {
        // The last one that fits is shown; one of many is as good as another.
        stripe.count++;
        stripe.group = group;
        stripe.row = row;
        if (signal) stripe.bad = true;
      } else {
        stripe.wait++;
        stripe.waiting = group;
        if (!stripe.count) stripe.row = row;
      }
    }
  }
  return pixels;
}

function under(event) {
  const box = $("canvas").getBoundingClientRect();
  const pixel = Math.floor(event.clientX - box.left - LEFT);
  const lane = view.lanes[Math.floor((event.clientY - box.top - HISTOGRAM - AXIS) / LANE)];
  for (const near of [0, 1, -1, 2, -2]) if (lane?.pixels?.[pixel + near]) return { lane, stripe: lane.pixels[pixel + near] };
  return null;
}

function zoom(factor, centre) {
  const end = Math.max(1, told.time), size = Math.min(end, Math.max(200, (view.to - view.from) * factor));
  const share = (centre - view.from) / (view.to - view.from);
  view.from = Math.max(0, Math.min(end - size, centre - share * size));
  view.to = view.from + size;
  draw();
}

function timeline() {
  $("legend").append(...GROUPS.map(([name, title]) => make("span", {}, make("i", { style: "background:var(--" + name + ")" }), title)));
  const canvas = $("canvas"), tip = $("tip");
  const at = (event) => view.from + (event.clientX - canvas.getBoundingClientRect().left - LEFT) * (view.to - view.from) / (canvas.clientWidth - LEFT);
  const middle = () => (view.from + view.to) / 2;
  const move = (by) => {
    const size = view.to - view.from;
    view.from = Math.max(0, Math.min(Math.max(1, told.time) - size, view.from + by));
    view.to = view.from + size;
    draw();
  };
  $("zoom-in").addEventListener("click", () => zoom(.5, middle()));
  $("zoom-out").addEventListener("click", () => zoom(2, middle()));
  $("zoom-all").addEventListener("click", () => zoom(Infinity, 0));
  canvas.addEventListener("wheel", (event) => {
    event.preventDefault();
    zoom(event.deltaY > 0 ? 1.25 : .8, at(event));
  }, { passive: false });
  canvas.addEventListener("keydown", (event) => {
    const size = view.to - view.from;
    const action = {
      ArrowLeft: () => move(-size / 8), ArrowRight: () => move(size / 8), "+": () => zoom(.5, middle()), "-": () => zoom(2, middle()), 0: () => zoom(Infinity, 0),
    }[event.key];
    if (action) { event.preventDefault(); action(); }
  });
  let drag = null;
  canvas.addEventListener("pointerdown", (event) => { drag = { x: event.clientX, moved: false }; canvas.setPointerCapture(event.pointerId); });
  canvas.addEventListener("pointerup", (event) => {
    const found = drag && !drag.moved && under(event);
    drag = null;
    if (found) { tip.hidden = true; table.reveal(found.stripe.row); }
  });
  canvas.addEventListener("pointermove", (event) => {
    if (drag && event.buttons) {
      const by = event.clientX - drag.x;
      if (Math.abs(by) > 2 || drag.moved) {
        move(-by * (view.to - view.from) / (canvas.clientWidth - LEFT));
        drag = { x: event.clientX, moved: true };
      }
      tip.hidden = true;
      return;
    }
    const found = under(event);
    tip.hidden = !found;
    if (!found) return;
    const { stripe, lane } = found;
    const line = lineOf(stripe.row);
    const more = stripe.count > 1 ? ", and " + number(stripe.count - 1) + " more here" : "";
    tip.replaceChildren(line.length > 400 ? line.slice(0, 400) + "…" : line,
      make("small", {}, "task " + lane.task + " at " + seconds(ev.start[stripe.row]) + ", " + span(ev.took[stripe.row]) + more));
    const box = canvas.parentElement.getBoundingClientRect();
    tip.style.left = Math.max(8, Math.min(event.clientX - box.left + 14, box.width - tip.offsetWidth - 8)) + "px";
    tip.style.top = event.clientY - box.top + 16 + "px";
  });
  canvas.addEventListener("pointerleave", () => { tip.hidden = true; });
  new ResizeObserver(() => draw()).observe(canvas.parentElement);
}

// ---------------------------------------------------------------------------------------------------- all of it

const part = (make) => make();
[head, tiles, findings, calls, files, network, tree, objects, failures, eventsPart, timeline].forEach((part) => part());
show("overview");
load().then(() => {
  lanes();
  draw();
  table.filter();
  document.documentElement.dataset.ready = Math.round(performance.now());
});
