"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const chart = document.querySelector(".chart");
  if (!chart) return;
  const tip = document.getElementById("tip");
  const PAGE = 100;
  const LONG = 24, TAIL = 16;  // letters: of longer names the front is cut where there is no room, never the index

  const make = (name, className, text) => {
    const made = document.createElement(name);
    if (className) made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  };

  const place = (time) => {
    const found = data.segments.find((segment) => time <= segment[1]) || data.segments[data.segments.length - 1];
    const inside = (Math.max(time, found[0]) - found[0]) / (found[1] - found[0]);
    return found[2] + found[3] * Math.min(inside, 1);
  };

  const duration = (ms) => {
    const seconds = Math.max(ms, 0) / 1000;
    if (seconds > 0 && seconds < 0.05) return "< 0.1 s";
    if (seconds < 9.95) return seconds.toFixed(1) + " s";
    const whole = Math.round(seconds);
    const two = (value) => String(value).padStart(2, "0");
    if (whole < 60) return whole + " s";
    if (whole < 3600) return Math.floor(whole / 60) + " min " + two(whole % 60) + " s";
    if (whole < 86400) return Math.floor(whole / 3600) + " h " + two(Math.floor((whole % 3600) / 60)) + " min";
    return Math.floor(whole / 86400) + " d " + two(Math.floor((whole % 86400) / 3600)) + " h";
  };

  const size = (bytes) => {
    if (bytes < 1024) return bytes + " B";
    const powerOf = (base) => {
      let power = 0;
      while (power < 5 && Math.round((bytes / base ** power) * 10) / 10 >= base) power += 1;
      return power;
    };
    const binary = powerOf(1024), decimal = powerOf(1000);
    const isDecimal = (bytes * 10) % 1024 ** binary !== 0 && (bytes * 10) % 1000 ** decimal === 0;
    const number = isDecimal ? bytes / 1000 ** decimal : bytes / 1024 ** binary;
    const unit = isDecimal ? " KMGTP"[decimal] + "B" : " KMGTP"[binary] + "iB";
    return number.toFixed(1).replace(/\.0$/, "") + " " + unit;
  };

  // A call is [id, state, start, end, attempts, pauses (from, to) where there are any]; an attempt is
  // [number, state, created, started, ended, exit code, kind, CPU seconds, bytes of memory, host], times in ms.
  const state = (number) => data.states[number];
  const end = (time) => (time === null ? data.now : time);

  const bar = (from, to, className) => {
    const made = make("i", "bar " + className);
    const left = place(from);
    made.style.left = left.toFixed(3) + "%";
    made.style.width = Math.max(place(to) - left, 0).toFixed(3) + "%";
    return made;
  };

  const bars = (call) => {
    const drawn = document.createDocumentFragment();
    if (!call[4].length) {
      drawn.append(bar(call[2], end(call[3]), "workflow " + (state(call[1]) === "failed" ? "failed-fill" : "")));
    }
    for (const [, how, created, started, ended] of call[4]) {
      const from = started === null ? end(ended) : started;
      if (from > created) drawn.append(bar(created, from, "waiting-fill"));
      if (started !== null || ended !== null) {
        drawn.append(bar(from, end(ended), state(how) + "-fill" + (ended === null ? " open" : "")));
      }
    }
    for (const [from, to] of call[5] || []) drawn.append(bar(from, to, "waiting-fill"));
    return drawn;
  };

  const describe = (call) => {
    const lines = [call[0] + "\u2002" + state(call[1]) + ", " + duration(end(call[3]) - call[2])];
    for (const [number, how, created, started, ended, code, kind, cpu, memory, host] of call[4]) {
      const words = [(call[4].length > 1 ? "attempt " + number + ": " : "") + state(how)];
      if (kind) words.push(data.texts[kind]);
      if (code !== null) words.push("exit code " + code);
      if (started !== null && started - created >= 50) words.push("waited " + duration(started - created));
      if (started === null && ended === null) words.push("waiting for " + duration(data.now - created));
      if (started !== null && state(how) !== "cached") words.push("ran " + duration(end(ended) - started));
      if (cpu !== null && cpu >= 0.05) words.push("CPU " + duration(cpu * 1000));
      if (memory !== null) words.push("memory " + size(memory));
      if (host) words.push("on " + data.texts[host]);
      lines.push(words.join(", "));
    }
    const paused = (call[5] || []).reduce((sum, [from, to]) => sum + to - from, 0);
    if (paused >= 50) lines.push("paused for " + duration(paused) + " after " + (call[5].length > 1 ? "failures" : "a failure"));
    return lines;
  };

  const rowOf = (call) => {
    const row = make("div", "row");
    row.tabIndex = -1;
    row.setAttribute("role", "group");
    const label = make("div", "label");
    const name = make("span", "name mono");
    if (call[0].length <= LONG) name.textContent = call[0];
    else name.append(make("span", "front", call[0].slice(0, -TAIL)), make("span", "end", call[0].slice(-TAIL)));
    name.title = call[0];
    label.append(name);
    const track = make("div", "track");
    track.append(bars(call));
    row.append(label, track, make("div", "time", duration(end(call[3]) - call[2])));
    row.setAttribute("aria-label", describe(call).join("; "));
    row.call = call;
    return row;
  };

  const showMore = (box, calls) => {
    const old = box.querySelector(".more-rows");
    if (old) old.remove();
    const shown = box.querySelectorAll(".row").length;
    box.append(...calls.slice(shown, shown + PAGE).map(rowOf));
    const left = calls.length - shown - PAGE;
    const first = box.querySelectorAll(".row")[shown];
    if (left > 0) {
      const line = make("div", "more-rows");
      const button = make("button", "plain", "Show " + Math.min(PAGE, left) + " more");
      button.type = "button";
      button.addEventListener("click", () => { showMore(box, calls).focus(); });
      line.append(button, make("span", "", left.toLocaleString("en") + " not shown"));
      box.append(line);
    }
    return first;
  };

  const orders = {
    "in order of start": (one, other) => one[2] - other[2],
    "longest first": (one, other) => end(other[3]) - other[2] - end(one[3]) + one[2],
    "failures first": (one, other) => rank(one) - rank(other),
  };
  const rank = (call) => (state(call[1]) === "failed" ? 0 : call[4].some((attempt) => state(attempt[1]) === "failed") ? 1 : 2);

  // What stands above the calls of a row when they are many: their order, and a word that their ids contain.
  const tools = (box, calls) => {
    const line = make("div", "tools");
    const order = make("select");
    order.setAttribute("aria-label", "Order of the calls");
    order.append(...Object.keys(orders).map((name) => new Option(name)));
    const word = make("input");
    word.type = "search";
    word.placeholder = "Find a call";
    word.setAttribute("aria-label", "Find a call by its name");
    const update = () => {
      for (const old of box.querySelectorAll(".row, .more-rows")) old.remove();
      showMore(box, calls.filter((call) => call[0].includes(word.value)).sort(orders[order.value]));
    };
    order.addEventListener("change", update);
    word.addEventListener("input", update);
    line.append(order, word);
    box.append(line);
  };

  const toggle = (button, open) => {
    button.setAttribute("aria-expanded", String(open));
    const row = button.closest(".row");
    let box = row.nextElementSibling;
    if (!box || !box.classList.contains("shards")) {
      if (!open) return;
      const calls = data.groups[Number(row.dataset.group)];
      box = make("div", "shards");
      row.after(box);
      if (calls.length > PAGE) tools(box, calls);
      showMore(box, calls);
    }
    box.hidden = !open;
  };

  // The rows that came with the page have bands; a row of one call gets its bars.
  for (const row of chart.querySelectorAll(".row[data-group]")) {
    const calls = data.groups[Number(row.dataset.group)];
    const button = row.querySelector("button");
    if (button) {
      button.addEventListener("click", () => toggle(button, button.getAttribute("aria-expanded") !== "true"));
      if (button.getAttribute("aria-expanded") === "true") toggle(button, true);
    } else if (calls.length === 1) {
      row.call = calls[0];
      row.setAttribute("aria-label", describe(row.call).join("; "));
      row.querySelector(".track").replaceChildren(bars(row.call));
    }
  }

  // Details: of what the pointer is on, or what has the focus.
  const show = (row, x, y) => {
    const lines = row.call ? describe(row.call) : (row.dataset.tip || "").split("\n");
    tip.replaceChildren(make("b", "", lines[0]), ...lines.slice(1).map((line) => make("div", "then", line)));
    tip.hidden = false;
    const width = tip.offsetWidth, height = tip.offsetHeight;
    tip.style.left = Math.max(8, Math.min(x + 14, innerWidth - width - 8)) + "px";
    tip.style.top = (y + 18 + height > innerHeight ? Math.max(8, y - height - 12) : y + 18) + "px";
  };
  const hide = () => { tip.hidden = true; };
  const rowAt = (event) => event.target.closest(".row");
  chart.addEventListener("mousemove", (event) => {
    const row = rowAt(event);
    if (row) show(row, event.clientX, event.clientY); else hide();
  });
  chart.addEventListener("mouseleave", hide);
  chart.addEventListener("focusin", (event) => {
    const row = rowAt(event);
    if (!row || !event.target.matches(":focus-visible")) return;
    const box = row.querySelector(".track").getBoundingClientRect();
    show(row, box.left, box.bottom - 12);
  });
  chart.addEventListener("focusout", hide);
  chart.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { hide(); return; }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    const rows = [...chart.querySelectorAll(".row")].filter((row) => row.offsetParent);
    const next = rows[rows.indexOf(rowAt(event)) + step];
    if (!next) return;
    event.preventDefault();
    (next.querySelector("button") || next).focus();
  });
  document.documentElement.dataset.ready = "true";
})();
