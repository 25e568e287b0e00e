// live.js - places left, fresh every quarter of a minute while somebody looks. Without it they are as fresh as the page.
(() => {
  const from = document.querySelector("[data-places]"),
    EVERY = 15000;
  if (!from) return;
  const look = async () => {
    if (document.hidden) return;
    const answer = await parts.text(from.dataset.places);
    if (answer === null) return; // later again
    const places = JSON.parse(answer);
    document.querySelectorAll("[data-left]").forEach((n) => {
      const now = places[n.dataset.left];
      if (now !== undefined && n.dataset.was !== now) {
        if (n.dataset.was !== undefined || n.innerHTML.trim() !== now) n.innerHTML = now;
        n.dataset.was = now;
      }
    });
  };
  setInterval(look, EVERY);
  document.addEventListener("visibilitychange", look);
})();
