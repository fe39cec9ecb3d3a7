/** How the talks' logs scroll: which of them follow the newest line, and which are read upward, a little more at a time. */

import { columns, earlierThan, firstShown } from "./desk-select.js";

const AT_END_PX = 60;
const FAR = 3; // heights of the log
const AHEAD = 1.5; // earlier lines are there before one comes to them: so many heights of the log above

export function isAtEnd({ scrollHeight, scrollTop, clientHeight }) {
  return scrollHeight - scrollTop - clientHeight <= AT_END_PX;
}

/**
 * Whether somebody has scrolled since a log was last looked at (`was`, see `lookOf`). Where it has another size since, the browser
 * may have moved it by itself.
 */
export function wasScrolled(log, was) {
  return Boolean(was) && was.top !== log.scrollTop && was.width === log.clientWidth && was.height === log.clientHeight;
}

export function lookOf(log) {
  return { top: log.scrollTop, width: log.clientWidth, height: log.clientHeight };
}

/**
 * @param {object} desk
 * @param {Element} desk.root
 * @param {any} desk.ui `below`: the talks whose newest line is out of sight; `from`: the first line that is drawn
 * @param {() => any} desk.state
 * @param {() => void} desk.draw
 * @param {() => void} desk.drawAtOnce
 */
export function createLogs({ root, ui, state, draw, drawAtOnce }) {
  const looked = new WeakMap(); // log → how it stood when it was last looked at
  const kept = new Map(); // log → how far from its end it is to stand after the next drawing
  const shown = () => [...root.querySelectorAll(".log")].filter((log) => log.offsetParent !== null);
  const logOf = (id) => root.querySelector(`.talk[data-talk="${id}"] .log`);

  /** Note whether the newest line is in sight; true where that is news. */
  function note(id, log) {
    looked.set(log, lookOf(log));
    const isBelow = !isAtEnd(log);
    if (isBelow === ui.below.has(id)) return false;
    if (isBelow) ui.below.add(id);
    else ui.below.delete(id);
    return true;
  }

  function toEnd(id) {
    ui.below.delete(id);
    looked.delete(logOf(id)); // where it stands now does not count any more
  }

  /** Draw earlier lines above; what is on the screen stays where it is. */
  function earlier(id) {
    const from = firstShown(state().talks[id], ui.from.get(id));
    if (!from) return;
    const log = logOf(id);
    ui.from.set(id, earlierThan(from));
    ui.below.add(id);
    kept.set(log, log.scrollHeight - log.scrollTop);
    drawAtOnce();
    kept.delete(log);
  }

  return {
    toEnd,
    /** Before a drawing: somebody may have scrolled, and the browser not told of it yet. */
    beforeDrawing() {
      for (const log of shown()) if (wasScrolled(log, looked.get(log))) note(idOf(log), log);
    },
    /** After it: each stands where it should, and what is out of sight costs nothing from now on. All is measured, then changed:
     * the page is laid out once. */
    drawn() {
      forgetHidden();
      const logs = shown();
      for (const log of logs) {
        if (kept.has(log)) log.scrollTop = log.scrollHeight - kept.get(log);
        else if (!ui.below.has(idOf(log))) log.scrollTop = log.scrollHeight;
        looked.set(log, lookOf(log));
      }
      for (const [chunk, height] of logs.flatMap(sizes)) keepSize(chunk, height);
    },
    acts: {
      earlier,
      scrolled(id, log) {
        if (log.offsetParent === null) return;
        const isNews = note(id, log);
        if (ui.below.has(id) && log.scrollTop < log.clientHeight * AHEAD) earlier(id);
        if (isNews) draw();
      },
      toNewest(id) {
        toEnd(id);
        draw();
      },
    },
  };

  /** A talk that is no column any more is drawn anew when it is one again: then from its end. */
  function forgetHidden() {
    const ids = new Set(columns(state(), ui.room).map((talk) => talk.id));
    for (const id of [...ui.below, ...ui.from.keys()]) {
      if (ids.has(id)) continue;
      ui.below.delete(id);
      ui.from.delete(id);
    }
  }
}

const idOf = (log) => log.closest(".talk").dataset.talk;

/**
 * The chunks that are far from what is in sight and whose height is not kept yet, with it. Not the near ones: the browser would
 * leave each out and lay it out anew at once.
 */
function sizes(log) {
  const [from, to] = [log.scrollTop - log.clientHeight * FAR, log.scrollTop + log.clientHeight * (1 + FAR)];
  return [...log.children]
    .filter((one) => one.classList.contains("chunk") && !one.dataset.kept)
    .map((one) => [one, one.offsetHeight])
    .filter(([one, height]) => one.offsetTop + height < from || one.offsetTop > to);
}

/** Let the browser leave a chunk out that is not in sight (`content-visibility`; find in page and screen readers still have it). */
function keepSize(chunk, height) {
  chunk.style.containIntrinsicBlockSize = `auto ${height}px`;
  chunk.dataset.kept = "yes";
}
