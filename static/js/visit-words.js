"use strict";
/*
 * What a clerk types about a visitor belongs to the visit for which it was begun. It stays in its form, for that visit,
 * until it is kept or thrown away; every press of the desk takes it along to the server, which keeps it first, and once
 * kept it doesn't go again. A reload of the page brings it back, to the same person on the same day.
 */
globalThis.VisitWords = class VisitWords {
  static #SENDS_FOR = 3000; // ms; nobody is kept from leaving for longer
  #form;
  #memory;
  #number;
  #isOver = false; // the visit has ended, or isn't the desk's any more
  #sent = "";
  #kept = ""; // what the server has, as it was sent

  constructor(form) {
    this.#form = form;
    const today = `words ${form.dataset.day} `;
    for (const key of Object.keys(sessionStorage)) {
      if (key.startsWith("words ") && !key.startsWith(today)) sessionStorage.removeItem(key);
    }
    this.#memory = `${today}${form.dataset.whose} ${form.getAttribute("action")}`;
    this.#number = form.querySelector("[data-visit-number]");
    this.#bringBack();
    form.addEventListener("input", () => this.#remember());
    form.querySelector("[data-throw-away]").addEventListener("click", () => this.clear());
  }

  /* The visit that the words are about, "" while none is. */
  get visit() {
    return this.#form.elements.visit.value;
  }

  get isEmpty() {
    return this.#said().length === 0;
  }

  /* The page is about this visit now: `visit` "" for none. Words about another one stay, and are offered. */
  follow({ visit, number, service, isOver }) {
    const isOthers = visit !== this.visit;
    if (!isOthers) this.#isOver = isOver;
    else if (this.isEmpty) this.#begin(visit, number, service, isOver);
    else this.#isOver = true;
    this.#show(isOthers && this.visit !== visit);
  }

  /* What goes along with a press. */
  takeAlong(parameters) {
    this.#sent = "";
    if (this.isEmpty || this.#asText() === this.#kept) return;
    this.#sent = this.#asText();
    for (const [name, value] of this.#entries()) parameters.append(name, value);
  }

  /* A press that took them along was carried out. */
  kept(now) {
    this.#kept = this.#sent || this.#kept;
    this.#sent = "";
    if (this.#kept === this.#asText() && now.visit !== this.visit) this.clear();
    this.follow(now);
  }

  clear() {
    this.#form.reset();
    sessionStorage.removeItem(this.#memory);
    this.#begin("", "", "0", false);
    document.dispatchEvent(new CustomEvent("words:cleared"));
  }

  /* Keep them now, before the page is left. What the server doesn't keep is still here when the page is opened again. */
  async send() {
    try {
      const answer = await fetch(this.#form.getAttribute("action"), {
        method: "POST",
        body: new FormData(this.#form),
        headers: { "HX-Request": "true" },
        signal: AbortSignal.timeout(VisitWords.#SENDS_FOR),
      });
      const panel = new DOMParser().parseFromString(await answer.text(), "text/html");
      const isRefused = panel.querySelector("[data-answered-at]") === null || panel.querySelector(".refused") !== null;
      if (answer.ok && !isRefused) sessionStorage.removeItem(this.#memory);
    } catch {
      // Nobody there, or nobody who answers in time.
    }
  }

  #begin(visit, number, service, isOver) {
    this.#form.elements.visit.value = visit;
    this.#number.textContent = number;
    this.#isOver = isOver;
    for (const one of this.#form.querySelectorAll("[data-outcome-service]")) {
      one.hidden = one.dataset.outcomeService !== service;
    }
  }

  #show(areOthers) {
    this.#form.hidden = this.visit === "";
    this.#form.querySelector("[data-after-done]").hidden = !this.#isOver;
    this.#form.querySelector("[data-throw-away]").hidden = !areOthers;
  }

  #entries() {
    return Array.from(new FormData(this.#form)).filter(([name]) => name !== "csrfmiddlewaretoken");
  }

  #said() {
    const isSaid = ([name, value]) => name !== "visit" && !name.startsWith("quantity-") && value.trim() !== "";
    return this.#entries().filter(isSaid);
  }

  #asText() {
    return JSON.stringify(this.#entries());
  }

  #remember() {
    const service = this.#form.querySelector("[data-outcome-service]:not([hidden])")?.dataset.outcomeService ?? "0";
    const kept = { entries: this.#entries(), number: this.#number.textContent, service };
    if (this.isEmpty) sessionStorage.removeItem(this.#memory);
    else sessionStorage.setItem(this.#memory, JSON.stringify(kept));
  }

  #bringBack() {
    const kept = JSON.parse(sessionStorage.getItem(this.#memory) ?? "null");
    if (kept === null) return;
    const values = new Map(kept.entries);
    this.#begin(values.get("visit"), kept.number, kept.service, true);
    for (const [name, value] of kept.entries) {
      for (const field of this.#form.querySelectorAll(`[name="${CSS.escape(name)}"]`)) {
        if (field.type !== "checkbox") field.value = value;
        else if (field.value === value) field.checked = true;
      }
    }
  }
};
