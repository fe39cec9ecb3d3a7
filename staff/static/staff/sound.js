/** Two soft notes, made by WebAudio: no file to load. Browsers allow it after the first touch or key. */

const SWITCH_KEY = "staff.sound";

/** Make the sound and its switch, which this browser remembers. */
export function createSound() {
  let context = null;
  let isLoud = localStorage.getItem(SWITCH_KEY) !== "off";
  const unlock = () => {
    context ??= new AudioContext();
    if (context.state === "suspended") context.resume();
  };
  for (const gesture of ["pointerdown", "keydown"]) {
    addEventListener(gesture, unlock, { once: true, capture: true });
  }
  return {
    isLoud: () => isLoud,
    toggle() {
      isLoud = !isLoud;
      localStorage.setItem(SWITCH_KEY, isLoud ? "on" : "off");
      if (isLoud) this.play();
    },
    play() {
      if (!isLoud || !context) return;
      unlock();
      note(context, 660, 0);
      note(context, 880, 0.18);
    },
  };
}

function note(context, hertz, afterS) {
  const start = context.currentTime + afterS;
  const tone = new OscillatorNode(context, { type: "sine", frequency: hertz });
  const volume = new GainNode(context, { gain: 0 });
  volume.gain.setValueAtTime(0, start);
  volume.gain.linearRampToValueAtTime(0.2, start + 0.02);
  volume.gain.exponentialRampToValueAtTime(0.001, start + 0.5);
  tone.connect(volume).connect(context.destination);
  tone.start(start);
  tone.stop(start + 0.55);
}
