// brand.js - a colour picker beside each colour, and the sample while one chooses. Without it a button shows the sample.
(() => {
  const form = document.querySelector("[data-look]");
  if (!form) return;
  const hex = (t) => {
    const m = /^#?([0-9a-f]{3}|[0-9a-f]{6})$/i.exec(t.trim());
    return m && "#" + (m[1].length === 3 ? [...m[1]].map((c) => c + c).join("") : m[1]).toLowerCase();
  };
  const SHOWN = ["name", "plate", "brand_colour", "accent_colour"];
  let later;
  const show = () => {
    clearTimeout(later);
    later = setTimeout(async () => {
      const asked = new URLSearchParams([...new FormData(form)].filter(([k]) => SHOWN.includes(k)));
      const answer = await parts.ask(form.dataset.look + "?" + asked);
      if (answer) parts.put(await parts.page(answer), "#look");
    }, 300);
  };
  document.querySelectorAll("[data-colour]").forEach((field) => {
    const picker = Object.assign(document.createElement("input"), {
      type: "color",
      value: hex(field.value) || "#000000",
      className: "picker"
    });
    picker.setAttribute("aria-label", document.querySelector(`label[for="${field.id}"]`).textContent.trim());
    picker.addEventListener("input", () => {
      field.value = picker.value;
      show();
    });
    field.addEventListener("input", () => {
      const h = hex(field.value);
      if (h) {
        picker.value = h;
        show();
      }
    });
    field.after(picker);
  });
  form.addEventListener("input", (e) => {
    if (["name", "plate"].includes(e.target.name)) show();
  });
})();
