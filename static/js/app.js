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
