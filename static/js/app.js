// app.js - enhancement only. Without this file every form posts, every link works and every
// filter is a GET request. Each block looks for a data attribute and does nothing without it.
(() => {
  const $ = (s, r = document) => r.querySelector(s),
    $$ = (s, r = document) => [...r.querySelectorAll(s)];
  const say = parts.say;
  $$("[data-nojs]").forEach((n) => {
    n.hidden = true;
  });

  // on a phone the tabs of the desk begin at the page one is on
  $$(".sidenav a[aria-current]").forEach((a) => {
    const row = a.closest("ul");
    row.scrollLeft = a.offsetLeft - row.offsetLeft - 16;
  });

  // light / dark: a choice, remembered on this device; "no choice" follows the system
  const KEY = "scheme",
    root = document.documentElement;
  try {
    const v = localStorage.getItem(KEY);
    if (v) root.dataset.scheme = v;
  } catch {
    // private mode
  }
  $$("[data-scheme-toggle]").forEach((b) => {
    b.hidden = false;
    b.addEventListener("click", () => {
      const dark = root.dataset.scheme ? root.dataset.scheme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
      root.dataset.scheme = dark ? "light" : "dark";
      try {
        localStorage.setItem(KEY, root.dataset.scheme);
      } catch {
        // ok
      }
    });
  });

  // instant filter over a list that the server can filter too
  $$("[data-filter]").forEach((form) => {
    const scope = $(form.dataset.filter);
    const fold = (t) => t.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
    const run = () => {
      const asked = fold((new FormData(form).get("q") || "").toString()).split(/\s+/).filter(Boolean);
      const on = $("input[name=theme]:checked", form),
        th = on && on.value ? on.dataset.glyph : "";
      $$(".round", scope).forEach((r) => {
        let n = 0;
        $$(".session", r).forEach((c) => {
          const ok = (!th || c.dataset.th === th) && asked.every((w) => c.dataset.text.includes(w));
          c.hidden = !ok;
          n += ok;
        });
        const e = $("[data-none]", r);
        if (e) e.hidden = n > 0;
      });
      const left = $$(".session:not([hidden])", scope).length;
      say(left === 1 ? document.body.dataset.one : document.body.dataset.many.replace("#", left));
    };
    if (scope && !/[?&](q|theme)=/.test(location.search)) {
      form.addEventListener("input", run);
      form.addEventListener("submit", (e) => {
        e.preventDefault();
        run();
      });
    }
    $$("[data-view]", form).forEach((a) => a.addEventListener("click", (e) => {
      e.preventDefault();
      history.replaceState(null, "", a.href);
      $$("[data-view]", form).forEach((x) => x.removeAttribute("aria-current"));
      a.setAttribute("aria-current", "true");
      $$(".sessions", scope).forEach((u) => u.classList.toggle("compact", a.dataset.view === "list"));
    }));
  });

  // copy, dialogs
  $$("[data-copy]").forEach((b) => {
    b.hidden = false;
    b.addEventListener("click", async () => {
      const f = $(b.dataset.copy);
      try {
        await navigator.clipboard.writeText(f.value);
        say(document.body.dataset.copied);
        b.lastChild.textContent = document.body.dataset.copied;
      } catch {
        f.select();
      }
    });
  });
  $$("[data-dialog]").forEach((b) => b.addEventListener("click", (e) => {
    e.preventDefault();
    $("#" + b.dataset.dialog).showModal();
  }));

  // tick everything in a table at once
  $$("[data-choose-all]").forEach((b) => {
    b.hidden = false;
    b.addEventListener("change", () => $$("[name=chosen]", b.closest("table")).forEach((c) => {
      c.checked = b.checked;
    }));
  });

  // a form that is on its way is not sent twice; back on the page, or after half a minute, it can be sent again
  const busy = (b, on) => ["aria-busy", "aria-disabled"].forEach((name) => {
    if (on) b.setAttribute(name, "true");
    else b.removeAttribute(name);
  });
  const free = (form) => {
    delete form.dataset.sent;
    [...form.elements].filter((b) => b.type === "submit").forEach((b) => busy(b, false));
  };
  document.addEventListener("submit", (e) => {
    const form = e.target,
      button = e.submitter;
    if (e.defaultPrevented || form.method !== "post" || form.target === "_blank") return;
    if (form.dataset.sent) {
      e.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
    setTimeout(free, 30000, form);
    if (button) busy(button, true);
  });
  addEventListener("pageshow", () => $$("form[data-sent]").forEach(free));

  // print, where a browser can
  $$("[data-print]").forEach((b) => {
    b.hidden = false;
    b.addEventListener("click", () => window.print());
  });

  // error summary takes focus after a failed submit
  const es = $(".errorsum[tabindex]");
  if (es) es.focus();
})();
