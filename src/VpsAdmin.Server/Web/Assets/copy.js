// Buttons that copy a text which is beside them. Without this they are not there.

const shown = 1500;
const timers = new WeakMap();

async function put(text, source) {
  // Browsers have no clipboard for pages that came by plain http from another machine.
  if (navigator.clipboard) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      // They may refuse it, too.
    }
  }
  getSelection().selectAllChildren(source);
  return document.execCommand("copy");
}

/** Copies, or selects for whoever has a keyboard to copy, and says which where screen readers hear it. */
async function copy(button) {
  button.dataset.label ??= button.textContent;
  const words = button.nextElementSibling;
  const copied = await put(button.dataset.copy, button.previousElementSibling);
  button.textContent = copied ? "✓" : button.dataset.label;
  words.textContent = copied ? words.dataset.copied : words.dataset.selected;
  words.classList.toggle("unseen", copied);
  clearTimeout(timers.get(button));
  timers.set(button, setTimeout(() => {
    button.textContent = button.dataset.label;
    words.textContent = "";
  }, copied ? shown : 4 * shown));
}

for (const button of document.querySelectorAll("button[data-copy]")) button.hidden = false;
document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-copy]");
  if (button) copy(button);
});
