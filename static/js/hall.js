"use strict";
/*
 * The hall: each press is a form's post, answered with the view as it is now; forms are never swapped, and follow what
 * the view says. Without this file they work as plain forms.
 */
(() => {
  const page = document.querySelector("[data-hall-page]");
  const view = document.getElementById("hall");
  const notice = document.getElementById("notice");
  const running = page.querySelector("[data-when-running]");
  const paused = page.querySelector("[data-when-paused]");
  const menus = Array.from(page.querySelectorAll(".menus details"));
  const sending = new Set(); // the addresses of presses that are on their way
  const SAID_FOR = 8000; // ms for which the page says what has been done; a refusal stays
  let fading = 0;

  /* One of the two is there, and keeps the focus that the other had. */
  function follow() {
    const isPaused = view.querySelector("[data-hall]").dataset.paused !== "";
    const [shown, hidden] = isPaused ? [paused, running] : [running, paused];
    const focused = hidden.contains(document.activeElement);
    shown.hidden = false;
    hidden.hidden = true;
    if (focused) shown.querySelector("button").focus();
  }
  document.addEventListener("live:view", follow);

  /* Presses. The same one again while it is on its way is the same press. */
  page.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!form.matches("[data-press]")) return;
    event.preventDefault();
    const address = event.submitter?.getAttribute("formaction") || form.getAttribute("action");
    if (sending.has(address)) return;
    sending.add(address);
    const pressed = event.submitter?.id;
    try {
      const values = event.submitter?.name ? { [event.submitter.name]: event.submitter.value } : {};
      await htmx.ajax("POST", address, { source: form, target: "#hall", swap: "innerHTML", values });
    } finally {
      sending.delete(address);
    }
    settle(form, pressed);
  });

  function settle(form, pressed) {
    const refused = notice.querySelector(".refused");
    clearTimeout(fading);
    if (!refused) fading = setTimeout(() => notice.replaceChildren(), SAID_FOR);
    const menu = form.closest("details");
    if (!refused && form.matches("[data-clears]")) form.reset();
    if (!refused && menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
    // What was pressed is gone with what it was about: what has been done is said here.
    if (pressed && !document.getElementById(pressed)) notice.focus();
  }

  const unanswered = page.querySelector("[data-unanswered]");
  for (const failure of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) {
    page.addEventListener(failure, ({ detail: { xhr } }) => {
      // The session has ended, or the page is too old: the server's own page says so.
      if (xhr.status >= 400 && xhr.status < 500) location.reload();
      notice.replaceChildren(unanswered.content.cloneNode(true));
    });
  }
  page.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.isError || event.detail.serverResponse.includes("data-answered-at")) return;
    event.detail.shouldSwap = false;
    location.reload();
  });

  /* Menus: one at a time, closed by Esc or a press elsewhere. What a desk serves is as it is now when one opens. */
  function close(except) {
    for (const menu of menus) if (menu !== except) menu.open = false;
  }

  function showServices(form) {
    const row = view.querySelector(`[data-desk-row="${CSS.escape(form.dataset.servesOf)}"]`);
    const serves = row ? row.dataset.serves.split(" ") : [];
    for (const box of form.querySelectorAll("[name=service]")) box.checked = serves.includes(box.value);
  }

  for (const menu of menus) {
    menu.addEventListener("toggle", () => {
      if (!menu.open) return;
      close(menu);
      for (const form of menu.querySelectorAll("[data-serves-of]")) showServices(form);
    });
  }
  document.addEventListener("keydown", (event) => {
    const open = menus.find((menu) => menu.open);
    if (event.key !== "Escape" || !open) return;
    open.open = false;
    open.querySelector("summary").focus();
  });
  document.addEventListener("pointerdown", (event) => {
    if (!event.target.closest(".menus")) close(null);
  });

  /* "Send on" beside a stuck ticket: the form for it, with its number. */
  view.addEventListener("click", (event) => {
    const link = event.target.closest("[data-fill]");
    if (!link) return;
    event.preventDefault();
    const menu = document.getElementById("menu-ticket");
    menu.open = true;
    for (const field of menu.querySelectorAll("[name=number]")) field.value = link.dataset.fill;
    document.getElementById("send-to").focus();
  });

  follow();
})();
