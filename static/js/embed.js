// embed.js - shows a programme on another site, in a frame that is as high as it needs. It sets no cookie.
// <script src="https://…/embed.js" data-programme="name-in-the-address" data-view="grid" data-lang="nl" async></script>
(() => {
  const me = document.currentScript,
    at = new URL(me.src).origin,
    programme = me.dataset.programme,
    view = me.dataset.view;
  if (!programme) return;
  const frame = document.createElement("iframe");
  const page = `${at}/${me.dataset.lang === "en" ? "en" : "nl"}/programmes/${encodeURIComponent(programme)}/embed`;
  frame.src = page + (view ? `?view=${encodeURIComponent(view)}` : "");
  frame.title = me.dataset.title || programme;
  frame.loading = "lazy";
  frame.referrerPolicy = "no-referrer";
  Object.assign(frame.style, {
    width: "100%",
    height: "40rem",
    border: "0"
  });
  addEventListener("message", (e) => {
    const high = e.data && e.data.leerkring;
    if (e.source === frame.contentWindow && e.origin === at && Number.isFinite(high)) frame.style.height = high + 8 + "px";
  });
  me.after(frame);
})();
