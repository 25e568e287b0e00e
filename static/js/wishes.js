// wishes.js - wishes in another order by dragging or by a button. Without it each line is a list to choose from.
(() => {
  const say = (t) => {
    let n = document.querySelector("#say");
    if (!n) {
      n = Object.assign(document.createElement("div"), {
        id: "say",
        className: "sr"
      });
      n.setAttribute("role", "status");
      document.body.append(n);
    }
    n.textContent = "";
    setTimeout(() => {
      n.textContent = t;
    }, 60);
  };
  document.querySelectorAll("[data-wishes]").forEach((list) => {
    const lines = [...list.children],
      fields = lines.map((line) => line.querySelector("select"));
    let held = null;
    const words = (field) => field.options[field.selectedIndex].textContent;
    const move = (from, to) => {
      if (to < 0 || to >= fields.length || from === to) return;
      const values = fields.map((f) => f.value);
      values.splice(to, 0, ...values.splice(from, 1));
      values.forEach((value, n) => {
        fields[n].value = value;
      });
      say(`${to + 1}: ${words(fields[to])}`);
    };
    lines.forEach((line, n) => {
      const row = document.createElement("div");
      row.className = "row";
      [
        [-1, "↑", list.dataset.up],
        [1, "↓", list.dataset.down]
      ].forEach(([step, sign, name]) => {
        const b = Object.assign(document.createElement("button"), {
          type: "button",
          className: "btn btn-s btn-icon",
          textContent: sign,
          disabled: n + step < 0 || n + step >= lines.length
        });
        b.setAttribute("aria-label", name.replace("#", n + 1));
        b.addEventListener("click", () => {
          move(n, n + step);
          const next = lines[n + step].querySelectorAll("button")[step < 0 ? 0 : 1];
          (next.disabled ? lines[n + step].querySelectorAll("button")[step < 0 ? 1 : 0] : next).focus();
        });
        row.append(b);
      });
      line.append(row);
      line.draggable = true;
      line.addEventListener("dragstart", (e) => {
        held = n;
        line.classList.add("dragging");
        e.dataTransfer.effectAllowed = "move";
        e.dataTransfer.setData("text/plain", String(n));
      });
      line.addEventListener("dragend", () => {
        held = null;
        lines.forEach((l) => l.classList.remove("dragging", "over"));
      });
      line.addEventListener("dragover", (e) => {
        if (held !== null) {
          e.preventDefault();
          line.classList.add("over");
        }
      });
      line.addEventListener("dragleave", () => line.classList.remove("over"));
      line.addEventListener("drop", (e) => {
        e.preventDefault();
        if (held !== null) move(held, n);
      });
    });
  });
})();
