// grid.js - dragging sessions, and the move form as a dialog. Without it every move is a link and a form.
(() => {
  const $ = (s, r = document) => r.querySelector(s), $$ = (s, r = document) => [...r.querySelectorAll(s)];
  const say = (t) => { let n = $("#say"); if (!n) { n = Object.assign(document.createElement("div"), { id: "say", className: "sr" }); n.setAttribute("role", "status"); document.body.append(n); } n.textContent = ""; setTimeout(() => { n.textContent = t; }, 60); };
  let held = null;

  // Send a form, and put the grid of the answer in the place of this one. The page keeps its scroll and its focus.
  const send = async (url, body, focus) => {
    const sheets = $("#sheets"); sheets.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(url, { method: "POST", body, headers: { Accept: "text/html" } });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (!$("#sheets", page)) { location.reload(); return; }
      const note = $(".callout", page), old = $("#grid-note");
      if (old) old.remove();
      if (note && !answer.redirected) { note.id = "grid-note"; $(".pagehead").after(note); }
      say(note ? note.textContent.trim() : "");
      $(".pagehead").replaceWith($(".pagehead", page)); sheets.replaceWith($("#sheets", page)); ready();
      const again = focus && $(`[data-session="${focus}"] [data-move]`); if (again) again.focus();
    } catch { say(sheets.dataset.offline); } finally { const s = $("#sheets"); if (s) s.removeAttribute("aria-busy"); }
  };
  const move = (tile, round, room) => {
    const body = new FormData(); const form = $("#mover form");
    $$("input[type=hidden]", form).forEach((f) => body.set(f.name, f.value));
    body.set("form_key", ""); body.set("session", tile.dataset.session); body.set("seen", tile.dataset.seen); body.set("round", round); body.set("room", room);
    return send($("#sheets").dataset.post, body, tile.dataset.session);
  };
  const ready = () => {
    $$("[data-load]").forEach(async (n) => { try { const a = await fetch(n.dataset.load); if (a.ok) n.innerHTML = await a.text(); } catch { /* the link stays */ } });
    $$(".tile").forEach((t) => { t.draggable = true;
      t.addEventListener("dragstart", (e) => { held = t; t.classList.add("dragging"); e.dataTransfer.effectAllowed = "move"; e.dataTransfer.setData("text/plain", t.dataset.session); });
      t.addEventListener("dragend", () => { held = null; t.classList.remove("dragging"); $$(".over").forEach((x) => x.classList.remove("over")); }); });
    $$("[data-slot]").forEach((s) => {
      s.addEventListener("dragover", (e) => { if (held) { e.preventDefault(); s.classList.add("over"); } });
      s.addEventListener("dragleave", () => s.classList.remove("over"));
      s.addEventListener("drop", (e) => { e.preventDefault(); if (held) move(held, s.dataset.round, s.dataset.room); }); });
    $$("[data-move]").forEach((a) => a.addEventListener("click", (e) => { e.preventDefault(); open(a.closest(".tile")); }));
    $$("[data-step]").forEach((f) => f.addEventListener("submit", (e) => { e.preventDefault(); send(f.action, new FormData(f)); }));
  };
  const dialog = $("#mover");
  const open = (tile) => {
    const form = $("form", dialog); form.dataset.session = tile.dataset.session;
    $("[data-what]", dialog).textContent = $(".plate", tile).textContent + " " + $(".t", tile).textContent;
    form.elements.round.value = tile.dataset.round; form.elements.room.value = tile.dataset.room; dialog.showModal();
  };
  $("form", dialog).addEventListener("submit", (e) => { e.preventDefault(); const f = e.target, tile = $(`.tile[data-session="${f.dataset.session}"]`); dialog.close(); if (tile) move(tile, f.elements.round.value, f.elements.room.value); });
  $("[data-close]", dialog).addEventListener("click", () => dialog.close());
  document.addEventListener("keydown", (e) => { const k = e.key.toLowerCase(); if (!(e.ctrlKey || e.metaKey) || e.target.closest("input, textarea, select, dialog")) return;
    const b = $(`[data-key="${k === "y" || (k === "z" && e.shiftKey) ? "y" : k}"]`); if (b && !b.disabled) { e.preventDefault(); b.click(); } });
  ready();
})();
