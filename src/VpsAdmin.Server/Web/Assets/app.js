// What pages do by themselves. All of them work without this, too: parts that change are then as they were when the page was loaded.

/** Follows a part of the page that the server makes anew whenever it has changed. */
function follow(part) {
  const source = new EventSource(part.dataset.live);
  source.onmessage = (event) => {
    const focused = part.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
    part.innerHTML = event.data;
    if (focused) part.querySelector(`[href="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
  };
  source.addEventListener("end", () => source.close());
  addEventListener("pagehide", () => source.close(), { once: true });
}

/** Copies a command, and says so where screen readers hear it. */
async function copy(button) {
  const label = button.textContent;
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
    button.textContent = "✓";
  } catch {
    button.textContent = "✗";
  }
  button.setAttribute("aria-live", "polite");
  setTimeout(() => (button.textContent = label), 1500);
}

document.querySelectorAll("[data-live]").forEach(follow);
document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-copy]");
  if (button) copy(button);
});
// A page that was left and is come back to is as old as it was.
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
