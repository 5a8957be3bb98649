/* What a browser can add to pages that are whole without it. Nothing here sends anything, and nothing
   is kept but three choices of the reader, in this browser: elder mode, high contrast, font size. */
(() => {
  "use strict";

  const root = document.documentElement;
  const VIEWS = ["elder", "contrast"];
  const SIZES = ["s", "m", "l"];

  /* A browser may forbid keeping anything; a choice then lasts as long as the page. */
  const kept = {
    get(name) {
      try {
        return localStorage.getItem(name);
      } catch {
        return null;
      }
    },
    set(name, value) {
      try {
        localStorage.setItem(name, value);
      } catch {
        /* forbidden or full */
      }
    },
  };

  /* Views and size: on <html> before the first paint. ------------------------------------------- */
  const wished = { contrast: matchMedia("(prefers-contrast: more)").matches };

  function isOn(view) {
    const choice = kept.get(`view.${view}`);
    return choice === null ? Boolean(wished[view]) : choice === "1";
  }

  function paint(views) {
    root.dataset.view = views.join(" ");
  }

  function sizeNow() {
    return SIZES.includes(root.dataset.size) ? root.dataset.size : "m";
  }

  function applyKept() {
    paint(VIEWS.filter(isOn));
    const size = kept.get("size");
    if (SIZES.includes(size)) root.dataset.size = size;
  }

  applyKept();
  root.dataset.script = "speechSynthesis" in window ? "speech" : "";

  function toggleView(view) {
    const now = root.dataset.view.split(" ").filter(Boolean);
    const on = !now.includes(view);
    paint(on ? [...now, view] : now.filter((each) => each !== view));
    kept.set(`view.${view}`, on ? "1" : "0");
  }

  function pressSizes() {
    for (const button of document.querySelectorAll("button[data-size]")) {
      button.setAttribute("aria-pressed", String(button.dataset.size === sizeNow()));
    }
  }

  function chooseSize(size) {
    root.dataset.size = size;
    kept.set("size", size);
    pressSizes();
  }

  /* Another window of the site changed a choice, or the page comes back from the browser's memory. */
  addEventListener("storage", () => { applyKept(); pressSizes(); });
  addEventListener("pageshow", (event) => { if (event.persisted) { applyKept(); pressSizes(); } });

  /* Reading aloud: paragraph by paragraph, since browsers fall silent in long texts. ------------- */
  const PIECES = "h1, h2, h3, h4, p, li, figcaption, caption, th, td, dt, dd, summary";
  const SILENT = ".tools, .unseen, [aria-hidden=true], script, style";
  let reading = null;

  function textOf(element) {
    const copy = element.cloneNode(true);
    copy.querySelectorAll(SILENT).forEach((each) => each.remove());
    return copy.textContent.replace(/\s+/g, " ").trim();
  }

  function pieces() {
    const marked = document.querySelectorAll("[data-read]");
    const parts = marked.length ? marked : document.querySelectorAll("main h1, main .prose");
    const found = [...parts].flatMap((part) => {
      const within = [...part.querySelectorAll(PIECES)];
      return within.length ? within : [part];
    });
    const shown = found.filter((each) => each.checkVisibility?.() !== false && !each.closest(SILENT));
    return shown.filter((each) => !shown.some((other) => other !== each && each.contains(other)));
  }

  function stopReading() {
    speechSynthesis.cancel();
    reading?.piece?.classList.remove("is-read");
    reading?.button.classList.remove("is-on");
    reading = null;
  }

  function readNext() {
    if (!reading) return;
    reading.piece?.classList.remove("is-read");
    const piece = reading.rest.shift();
    if (!piece) return stopReading();
    const text = textOf(piece);
    if (!text) return readNext();
    const mine = reading;
    const spoken = new SpeechSynthesisUtterance(text);
    const language = piece.closest("[lang]").lang;
    spoken.lang = language.startsWith("zh") ? "zh-CN" : language;
    spoken.onend = spoken.onerror = () => { if (reading === mine) readNext(); };
    reading.piece = piece;
    piece.classList.add("is-read");
    speechSynthesis.speak(spoken);
  }

  function toggleReading(button) {
    const going = reading;
    stopReadingIfAny();
    if (going) return;
    reading = { button, rest: pieces(), piece: null };
    button.classList.add("is-on");
    readNext();
  }

  function stopReadingIfAny() {
    if (reading) stopReading();
  }

  addEventListener("pagehide", stopReadingIfAny);

  /* Sharing -------------------------------------------------------------------------------------- */
  async function copyAddress(button) {
    const told = button.querySelector("[data-done]");
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
    } catch {
      return selectAddress(button);
    }
    told.textContent = told.dataset.done;
    setTimeout(() => { told.textContent = ""; }, 4000);
  }

  /* Without a secure connection scripts may not write to the clipboard: then a person copies. */
  function selectAddress(button) {
    const address = button.parentElement.querySelector(".share__address");
    if (address) getSelection().selectAllChildren(address);
  }

  function closeShares(but) {
    for (const open of document.querySelectorAll("details.share[open]")) {
      if (open !== but) open.open = false;
    }
  }

  /* Wiring: one listener a kind, so that a page may bring any number of these parts. -------------- */
  document.addEventListener("click", (event) => {
    closeShares(event.target.closest("details.share"));
    const button = event.target.closest("button");
    if (!button) return;
    const { toggleView: view, size, copy, print, speak } = button.dataset;
    if (view) toggleView(view);
    if (size) chooseSize(size);
    if (copy) copyAddress(button);
    if (print !== undefined) window.print();
    if (speak !== undefined) toggleReading(button);
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const open = document.querySelector("details.share[open]");
    if (!open) return;
    open.open = false;
    open.querySelector("summary").focus();
  });

  /* Leaving the site: what the prompt's page asks, in a dialog. Other windows get the page. -------- */
  function askToLeave(event, link) {
    const dialog = document.getElementById("leaving");
    const beside = event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;
    if (!dialog?.showModal || beside || event.defaultPrevented) return;
    event.preventDefault();
    const { leaving } = link.dataset;
    document.getElementById("leaving-address").textContent = leaving;
    dialog.returnValue = "";
    dialog.onclose = () => {
      if (dialog.returnValue !== "go") return;
      if (link.target === "_blank") window.open(leaving, "_blank", "noopener");
      else location.assign(leaving);
    };
    dialog.showModal();
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-leaving]");
    if (link) askToLeave(event, link);
  });

  document.addEventListener("DOMContentLoaded", pressSizes);
})();
