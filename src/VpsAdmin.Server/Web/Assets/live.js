// Parts of pages that change by themselves. Pages work without this, too: such parts are then as they were when the page was loaded.

/** Whether one node can become the other: what is told apart by a key or an id stays apart. */
function alike(node, made) {
  return node.nodeName === made.nodeName && node.dataset?.key === made.dataset?.key && node.id === made.id;
}

/**
 * Makes children like those of a part that was made anew, by as few changes as there are differences: where somebody has scrolled to, what
 * has focus, what is being pressed and what a screen reader listens to stay the elements that they were.
 */
function becomeLike(parent, made) {
  let place = parent.firstChild;
  for (const wanted of [...made.childNodes]) {
    let found = place;
    while (found && !alike(found, wanted)) found = found.nextSibling;
    if (!found) {
      parent.insertBefore(wanted, place);
      continue;
    }
    // What is in between is gone: nothing that the server lists changes its order.
    while (place !== found) {
      const gone = place;
      place = place.nextSibling;
      gone.remove();
    }
    become(found, wanted);
    place = found.nextSibling;
  }
  while (place) {
    const gone = place;
    place = place.nextSibling;
    gone.remove();
  }
}

function become(node, made) {
  if (node.nodeType !== Node.ELEMENT_NODE) {
    if (node.data !== made.data) node.data = made.data;
    return;
  }
  for (const { name } of [...node.attributes]) {
    if (!made.hasAttribute(name)) node.removeAttribute(name);
  }
  for (const { name, value } of made.attributes) {
    if (node.getAttribute(name) !== value) node.setAttribute(name, value);
  }
  becomeLike(node, made);
}

/**
 * Follows a part of the page, while somebody can see it: browsers keep six connections to a server for all their tabs together, and tabs that
 * nobody looks at must not hold them. Who comes back gets what has changed.
 */
function follow(part) {
  let source = null;
  let atItsEnd = false;

  function open() {
    source = new EventSource(part.dataset.live);
    source.onmessage = (event) => {
      const made = document.createElement("template");
      made.innerHTML = event.data;
      becomeLike(part, made.content);
    };
    source.addEventListener("end", () => {
      atItsEnd = true;
      close();
    });
  }

  function close() {
    source?.close();
    source = null;
  }

  function look() {
    if (document.visibilityState === "hidden") close();
    else if (!source && !atItsEnd) open();
  }

  document.addEventListener("visibilitychange", look);
  addEventListener("pagehide", close);
  look();
}

document.querySelectorAll("[data-live]").forEach(follow);
// A page that was left and is come back to is as old as it was.
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
