// grid.js - dragging sessions, pulling rounds, and their forms as dialogs. Without it every change is a link and a form.
(() => {
  const $ = (s, r = document) => r.querySelector(s),
    $$ = (s, r = document) => [...r.querySelectorAll(s)];
  const say = parts.say;
  const STEP = 5,
    PIXELS = 8,
    EVERY = 5000; // minutes and pixels of a step; milliseconds between two looks
  let held = null;

  // Put the grid of another page in the place of this one. The page keeps its scroll and its focus.
  const show = (page, focus) => {
    const here = document.activeElement,
      again = focus || (here && here.closest("[data-session], [data-stretch]"));
    const place = (d) => d.session ? `[data-session="${d.session}"] ` + (here.matches("[data-move]") ? "[data-move]" : "a") :
      `[data-stretch="${d.stretch}"]`;
    const find = again && (typeof again === "string" ? again : place(again.dataset));
    parts.put(page, ".pagehead", "#sheets");
    ready();
    const next = find && $$(find).find((n) => n.offsetParent);
    if (next) next.focus({
      preventScroll: true
    });
  };
  const note = (n) => {
    const old = $("#grid-note");
    if (old) old.remove();
    if (n) {
      n.id = "grid-note";
      $(".pagehead").after(n);
    }
  };

  // Send a form and show the answer.
  const send = async (url, body, focus) => {
    $("#sheets").setAttribute("aria-busy", "true");
    body.set("form_key", ""); // each step is one of its own, also when it is the same as one before
    const answer = await parts.ask(url, {
      method: "POST",
      body,
      headers: {
        Accept: "text/html"
      }
    });
    try {
      if (answer) await answered(answer, focus);
      else say($("#sheets").dataset.offline);
    } finally {
      $("#sheets").removeAttribute("aria-busy");
    }
  };
  const answered = async (answer, focus) => {
    const page = await parts.page(answer);
    if (!$("#sheets", page)) {
      location.reload();
      return;
    }
    const words = $(".callout", page);
    say(words ? words.textContent.trim() : "");
    note(words && !answer.redirected ? words : null);
    show(page, focus);
  };
  const move = (tile, round, room) => {
    const body = new FormData();
    const form = $("#mover form");
    $$("input[type=hidden]", form).forEach((f) => body.set(f.name, f.value));
    body.set("session", tile.dataset.session);
    body.set("seen", tile.dataset.seen);
    body.set("round", round);
    body.set("room", room);
    return send($("#sheets").dataset.post, body, `[data-session="${tile.dataset.session}"] [data-move]`);
  };
  const stretch = (round, seen, start, end) => {
    const form = $("#stretcher form"),
      body = new FormData(form);
    body.set("round", round);
    body.set("seen", seen);
    body.set("start", start);
    body.set("end", end);
    return send(form.action, body, `[data-stretch="${round}"]`);
  };

  // What somebody else does is shown within seconds, unless one is busy moving something.
  const look = async () => {
    const sheets = $("#sheets");
    if (document.hidden || held || $("dialog[open]") || sheets.getAttribute("aria-busy")) return;
    const since = await parts.ask(sheets.dataset.since);
    if (!since || since.status !== 200) return;
    const news = $("#since", await parts.page(since)),
      whole = news && (await parts.ask(location.pathname));
    if (!whole) return;
    const page = await parts.page(whole);
    if (!$("#sheets", page) || held || $("dialog[open]") || $("#sheets") !== sheets || sheets.getAttribute("aria-busy")) return;
    show(page);
    note(news);
    say(news.textContent.trim());
  };

  const minutes = (t) => Number(t.slice(0, 2)) * 60 + Number(t.slice(3)),
    clock = (m) => String(Math.floor(m / 60)).padStart(2, "0") + ":" + String(m % 60).padStart(2, "0");
  const pull = (handle) => {
    const times = $("[data-stretch]", handle.parentElement),
      start = times.dataset.start,
      end = times.dataset.end;
    if (!start || !end) return;
    handle.hidden = false;
    handle.addEventListener("pointerdown", (e) => {
      e.preventDefault();
      handle.setPointerCapture(e.pointerId);
      held = handle;
      const from = e.clientX,
        words = times.firstChild;
      let to = end;
      const go = (m) => {
        const most = 23 * 60 + 55,
          at = minutes(end) + Math.round((m.clientX - from) / PIXELS) * STEP;
        to = clock(Math.min(most, Math.max(minutes(start) + STEP, at)));
        words.data = `${start} – ${to}`;
      };
      const done = (m) => {
        handle.removeEventListener("pointermove", go);
        held = null;
        if (m.type === "pointerup" && to !== end) stretch(handle.dataset.pull, `${start}-${end}`, start, to);
        else words.data = `${start} – ${end}`;
      };
      handle.addEventListener("pointermove", go);
      handle.addEventListener("pointerup", done, {
        once: true
      });
      handle.addEventListener("pointercancel", done, {
        once: true
      });
    });
  };
  const ready = () => {
    $$("[data-load]").forEach(async (n) => {
      const html = await parts.text(n.dataset.load);
      if (html !== null) n.innerHTML = html; // else the link stays
    });
    $$(".tile").forEach((t) => {
      t.draggable = true;
      t.addEventListener("dragstart", (e) => {
        held = t;
        t.classList.add("dragging");
        e.dataTransfer.effectAllowed = "move";
        e.dataTransfer.setData("text/plain", t.dataset.session);
      });
      t.addEventListener("dragend", () => {
        held = null;
        t.classList.remove("dragging");
        $$(".over").forEach((x) => x.classList.remove("over"));
      });
    });
    $$("[data-slot]").forEach((s) => {
      s.addEventListener("dragover", (e) => {
        if (held) {
          e.preventDefault();
          s.classList.add("over");
        }
      });
      s.addEventListener("dragleave", () => s.classList.remove("over"));
      s.addEventListener("drop", (e) => {
        e.preventDefault();
        if (held) move(held, s.dataset.round, s.dataset.room);
      });
    });
    $$("[data-move]").forEach((a) => a.addEventListener("click", (e) => {
      e.preventDefault();
      open(a.closest(".tile"));
    }));
    $$("[data-stretch]").forEach((a) => a.addEventListener("click", (e) => {
      e.preventDefault();
      openTimes(a);
    }));
    $$("[data-pull]").forEach(pull);
    $$("[data-step]").forEach((f) => f.addEventListener("submit", (e) => {
      e.preventDefault();
      send(f.action, new FormData(f));
    }));
  };
  const dialog = $("#mover"),
    times = $("#stretcher");
  const open = (tile) => {
    const form = $("form", dialog);
    form.dataset.session = tile.dataset.session;
    $("[data-what]", dialog).textContent = $(".plate", tile).textContent + " " + $(".t", tile).textContent;
    form.elements.round.value = tile.dataset.round;
    form.elements.room.value = tile.dataset.room;
    dialog.showModal();
  };
  const openTimes = (a) => {
    const f = $("form", times).elements,
      start = a.dataset.start,
      end = a.dataset.end;
    $("[data-what]", times).textContent = a.previousElementSibling.textContent;
    f.round.value = a.dataset.stretch;
    f.seen.value = `${start}-${end}`;
    f.start.value = start;
    f.end.value = end;
    times.showModal();
  };
  $("form", dialog).addEventListener("submit", (e) => {
    e.preventDefault();
    const f = e.target,
      tile = $(`.tile[data-session="${f.dataset.session}"]`);
    dialog.close();
    if (tile) move(tile, f.elements.round.value, f.elements.room.value);
  });
  $("form", times).addEventListener("submit", (e) => {
    e.preventDefault();
    const f = e.target.elements;
    times.close();
    stretch(f.round.value, f.seen.value, f.start.value, f.end.value);
  });
  $$("dialog [data-close]").forEach((b) => b.addEventListener("click", () => b.closest("dialog").close()));
  document.addEventListener("keydown", (e) => {
    const k = e.key.toLowerCase();
    if (!(e.ctrlKey || e.metaKey) || e.target.closest("input, textarea, select, dialog")) return;
    const b = $(`[data-key="${k === "y" || (k === "z" && e.shiftKey) ? "y" : k}"]`);
    if (b && !b.disabled) {
      e.preventDefault();
      b.click();
    }
  });
  ready();
  setInterval(look, EVERY);
})();
