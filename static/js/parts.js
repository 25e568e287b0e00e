// parts.js - parts of pages: asked for, put in place, said aloud. Every script of ours does it this way.
window.parts = (() => {
  // The answer of the server, or null when there is no connection.
  const ask = async (url, options) => {
    try {
      return await fetch(url, options);
    } catch {
      return null;
    }
  };
  // The answer when it is good, read as text; else null.
  const text = async (url, options) => {
    const answer = await ask(url, options);
    return answer && answer.ok ? answer.text() : null;
  };
  // An answer as a page, whatever its status.
  const page = async (answer) => new DOMParser().parseFromString(await answer.text(), "text/html");
  // Put these parts of another page in the place of those here; only when that page has them all.
  const put = (from, ...places) => {
    const found = places.map((place) => from.querySelector(place));
    if (found.some((part) => !part)) return false;
    found.forEach((part, n) => document.querySelector(places[n]).replaceWith(part));
    return true;
  };
  // What a screen reader says of it, in the one region of the page for that.
  const say = (words) => {
    let region = document.querySelector("#say");
    if (!region) {
      region = Object.assign(document.createElement("div"), {
        id: "say",
        className: "sr"
      });
      region.setAttribute("role", "status");
      document.body.append(region);
    }
    region.textContent = "";
    setTimeout(() => {
      region.textContent = words;
    }, 60);
  };
  return {
    ask,
    text,
    page,
    put,
    say
  };
})();
