// preview.js - how a text in Markdown will look, beside the field. The server renders it, as it does when it is saved.
(() => {
  const csrf = document.querySelector("input[name=csrf_token]"),
    words = document.body.dataset;
  if (!csrf) return;
  document.querySelectorAll("textarea[data-markdown]").forEach((area) => {
    const button = Object.assign(document.createElement("button"), {
      type: "button",
      className: "btn btn-s btn-quiet",
      textContent: words.preview
    });
    const panel = Object.assign(document.createElement("div"), {
      className: "preview",
      hidden: true,
      id: area.id + "-preview"
    });
    const label = document.querySelector(`label[for="${area.id}"]`);
    panel.setAttribute("role", "region");
    panel.setAttribute("aria-label", words.preview + (label ? ": " + label.firstChild.textContent.trim() : ""));
    button.setAttribute("aria-expanded", "false");
    button.setAttribute("aria-controls", panel.id);
    area.after(button, panel);
    let timer, turn = 0;
    const show = async () => {
      const mine = ++turn,
        body = new URLSearchParams({
          text: area.value,
          csrf_token: csrf.value
        });
      const html = await parts.text(area.dataset.markdown, {
        method: "POST",
        body
      });
      if (html === null || mine !== turn) return;
      if (html) panel.innerHTML = html;
      else panel.textContent = "–";
    };
    button.addEventListener("click", () => {
      panel.hidden = !panel.hidden;
      button.setAttribute("aria-expanded", String(!panel.hidden));
      if (!panel.hidden) show();
    });
    area.addEventListener("input", () => {
      if (panel.hidden) return;
      clearTimeout(timer);
      timer = setTimeout(show, 300);
    });
  });
})();
