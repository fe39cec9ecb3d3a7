/** Tells that one writes: at once, again every 4 s, and that one has stopped after 5 s of rest. */

const AGAIN_MS = 4_000;
const REST_MS = 5_000;

/** `tell(conversation, on)` sends the frame. */
export function createTypist(tell) {
  const toldAt = new Map();
  const rests = new Map();
  const stop = (id) => {
    clearTimeout(rests.get(id));
    rests.delete(id);
    if (toldAt.delete(id)) tell(id, false);
  };
  return {
    typed(id, hasText) {
      if (!hasText) return stop(id);
      if (performance.now() - (toldAt.get(id) ?? -Infinity) > AGAIN_MS) {
        toldAt.set(id, performance.now());
        tell(id, true);
      }
      clearTimeout(rests.get(id));
      rests.set(id, setTimeout(() => stop(id), REST_MS));
    },
    sent: stop,
  };
}
