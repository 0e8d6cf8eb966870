"use strict";

// Everything here is comfort: each page works without it.

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    const search = document.querySelector("[data-search-first]") || document.querySelector("[data-search]");
    if (search) {
      event.preventDefault();
      search.focus();
      search.select();
    }
  }
});

// Counters: characters against a limit, points against what the game has left.
function count(input) {
  const counter = document.getElementById(input.dataset.counter);
  const limit = Number(input.dataset.limit);
  if (!counter || Number.isNaN(limit)) return;
  if (input.type === "number") {
    const left = limit - (Number(input.value) || 0);
    counter.textContent = left < 0 ? `${-left} over the total` : `${left} left of the total`;
    counter.classList.toggle("is-over", left < 0);
  } else {
    const length = Array.from(input.value).length;
    counter.textContent = `${length} of ${limit}`;
    counter.classList.toggle("is-near", length > limit * 0.9 && length <= limit);
    counter.classList.toggle("is-over", length > limit);
  }
}

// What players see follows the form while one types.
function preview() {
  const points = document.getElementById("id_points");
  for (const place of document.querySelectorAll("[data-preview=points]")) {
    if (points) place.textContent = `${Number(points.value) || 0} points`;
  }
  const shown = document.getElementById("id_show_before_earned");
  for (const card of document.querySelectorAll("[data-preview=before]")) {
    if (shown) card.hidden = !shown.checked === (card.dataset.when === "shown");
  }
}

function prepare(root) {
  for (const input of root.querySelectorAll("[data-counter]")) count(input);
  preview();
}

document.addEventListener("input", (event) => {
  if (event.target.matches("[data-counter]")) count(event.target);
  preview();
});
document.addEventListener("DOMContentLoaded", () => {
  prepare(document);
  const rail = document.querySelector("[data-fold]");
  if (rail && window.matchMedia("(max-width: 760px)").matches) rail.removeAttribute("open");
  const toasts = document.querySelectorAll("[data-toasts] .is-good");
  if (toasts.length) setTimeout(() => toasts.forEach((toast) => toast.remove()), 8000);
});
document.addEventListener("htmx:load", (event) => prepare(event.detail.elt));
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.removeAttribute("open");
  }
});

// A request that brings nothing to swap in is said in words; silence would look like success.
function say(sentence, kind) {
  const toasts = document.querySelector("[data-toasts]");
  for (const old of toasts.querySelectorAll("[data-said]")) {
    if (old.textContent === sentence) old.remove();
  }
  const note = document.createElement("div");
  note.className = "note is-bad";
  note.dataset.said = kind;
  note.append(Object.assign(document.createElement("p"), { textContent: sentence }));
  toasts.append(note);
}

document.addEventListener("htmx:sendError", () => {
  say("The dashboard does not answer. What you typed is still here, and sending it again is safe.", "unreachable");
});
document.addEventListener("htmx:responseError", (event) => {
  // Error pages have one sentence for a person.
  const page = new DOMParser().parseFromString(event.detail.xhr.responseText, "text/html");
  const sentence = page.querySelector("main p");
  say(sentence ? sentence.textContent : "Something broke here. Reload the page and look before you try again.", "refused");
});
document.addEventListener("htmx:afterOnLoad", () => {
  for (const old of document.querySelectorAll("[data-said=unreachable]")) old.remove();
});

// A form in which nothing was typed follows what a reading brings; one that somebody began is left alone.
document.addEventListener("input", (event) => {
  if (!event.target.closest("#form")) return;
  for (const part of document.querySelectorAll("[data-once-typed]")) {
    part.setAttribute("hx-select-oob", part.dataset.onceTyped);
  }
});

// Ticked rows: shift takes a range, the bar counts, and what is ticked survives paging and filtering.
let lastTicked = null;

function ticked(form) {
  return new Set(JSON.parse(sessionStorage.getItem(form.dataset.selection) || "[]"));
}

function showTicked() {
  const form = document.querySelector("[data-selection]");
  if (!form) return;
  const chosen = ticked(form);
  const boxes = document.querySelectorAll("[data-tick]");
  const here = new Set();
  for (const box of boxes) {
    box.checked = chosen.has(box.value);
    here.add(box.value);
    box.closest("tr").classList.toggle("is-chosen", box.checked);
  }
  for (const old of form.querySelectorAll("[data-elsewhere]")) old.remove();
  for (const value of chosen) {
    if (here.has(value)) continue;
    const hidden = document.createElement("input");
    Object.assign(hidden, { type: "hidden", name: "row", value });
    hidden.dataset.elsewhere = "";
    form.append(hidden);
  }
  const bar = document.querySelector("[data-bar]");
  bar.classList.toggle("is-up", chosen.size > 0);
  bar.querySelector("[data-count]").textContent = chosen.size
    ? `${chosen.size} ticked` : "Tick achievements to change several at once";
}

document.addEventListener("click", (event) => {
  const form = document.querySelector("[data-selection]");
  if (!form || !event.target.matches("[data-tick], [data-tick-all]")) return;
  const boxes = Array.from(document.querySelectorAll("[data-tick]"));
  const chosen = ticked(form);
  let range = boxes;
  if (event.target.matches("[data-tick]")) {
    const place = boxes.indexOf(event.target);
    const from = event.shiftKey && lastTicked !== null ? lastTicked : place;
    range = boxes.slice(Math.min(from, place), Math.max(from, place) + 1);
    lastTicked = place;
  }
  for (const box of range) chosen[event.target.checked ? "add" : "delete"](box.value);
  sessionStorage.setItem(form.dataset.selection, JSON.stringify([...chosen]));
  showTicked();
});
document.addEventListener("submit", (event) => {
  if (event.target.matches("[data-selection]")) sessionStorage.removeItem(event.target.dataset.selection);
});
document.addEventListener("DOMContentLoaded", showTicked);
document.addEventListener("htmx:load", showTicked);
